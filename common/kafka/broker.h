/* Blocking questions to the cluster, for start-up and operators' commands only: what topics there are, creating some.
 * One short-lived client a question. */
#ifndef MUNIM_KAFKA_BROKER_H
#define MUNIM_KAFKA_BROKER_H

#include "common/base/fault.h"
#include "common/config/settings.h"
#include "common/kafka/topics_contract.h"

#include <librdkafka/rdkafka.h>
#include <stddef.h>

enum { BROKER_ASK_MS = 10000 };

struct broker {
    rd_kafka_t *rk; /* a producer */
    rd_kafka_queue_t *queue;
    const char *addresses; /* for words */
};

struct broker_topic {
    const char *name;
    int partitions;
    const struct topic_spec *spec;
};

/* Makes a client of [kafka] bootstrap. -1 and a STOP fault; broker_done is due in either case. */
int broker_open(struct broker *b, const struct settings *s, struct fault *f);
void broker_done(struct broker *b);

/* Every topic, so that asking for one that is missing does not create it; the caller destroys the answer
 * (rd_kafka_metadata_destroy). NULL and a RETRY fault when nobody answers. */
const struct rd_kafka_metadata *broker_metadata(struct broker *b, struct fault *f);

/* NULL when md has no such topic. */
const struct rd_kafka_metadata_topic *broker_topic_in(const struct rd_kafka_metadata *md, const char *name);

rd_kafka_AdminOptions_t *broker_options(struct broker *b, rd_kafka_admin_op_t op);
/* Waits for the answer to the admin request that went to b->queue; the caller destroys the event. NULL and a fault
 * when it failed; what names the request in words. */
rd_kafka_event_t *broker_answer(struct broker *b, const char *what, struct fault *f);

/* Creates those of the topics that are missing, three replicas where there are brokers for it, and waits until each
 * partition of all of them has a leader. Whoever creates at the same time does no harm. */
int broker_create(struct broker *b, const struct broker_topic *topics, size_t n, struct fault *f);

#endif
