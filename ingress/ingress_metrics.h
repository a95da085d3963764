/* What munim-ingress counts. The busy counters are plain numbers, told to common/metrics when it is scraped. */
#ifndef MUNIM_INGRESS_INGRESS_METRICS_H
#define MUNIM_INGRESS_INGRESS_METRICS_H

#include "ingress/records.h"

#include <stddef.h>
#include <stdint.h>

enum outcome {
    OUTCOME_ACCEPTED,    /* 200, every record acknowledged */
    OUTCOME_HANDSHAKE,   /* 200 to a GET */
    OUTCOME_REFUSED,     /* 4xx */
    OUTCOME_UNAVAILABLE, /* 503 */
    OUTCOME_COUNT
};

void ingress_metrics_register(void);

void ingress_count_webhook(enum outcome outcome, int64_t took_us);
void ingress_count_record(const struct record *r); /* read from a webhook */
void ingress_count_acknowledged(enum topic topic); /* by Kafka */
void ingress_count_refused(const char *reason);    /* a fixed word */

/* Before a scrape. */
void ingress_metrics_publish(size_t connections, size_t waiting);

#endif
