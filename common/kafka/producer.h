/* A librdkafka producer on the loop: acks=all, idempotent, linger 0, murmur2_random; its queue descriptor wakes the
 * loop. A fatal idempotence error is routine (librdkafka #4438): the instance is replaced, what was in flight is
 * reported as failed with RETRY. */
#ifndef MUNIM_KAFKA_PRODUCER_H
#define MUNIM_KAFKA_PRODUCER_H

#include "common/base/fault.h"
#include "common/config/settings.h"

#include <event2/event.h>
#include <librdkafka/rdkafka.h>
#include <stddef.h>

struct producer;

struct producer_options {
    int message_timeout_ms; /* 0: for ever (the relay); ingress: below the webhook's deadline */
    int queue_messages;     /* at most this many waiting; a full queue is RETRY */
};

/* One call per record handed over, from the loop, never from inside producer_send. fault is NULL when acknowledged. */
typedef void producer_report_fn(void *arg, void *opaque, const struct fault *f);
/* After the last report of one wake-up: ingress answers and starts its next burst here. May be NULL. */
typedef void producer_drained_fn(void *arg);

struct producer *producer_new(struct event_base *base, const struct settings *s, const struct producer_options *o,
                              producer_report_fn *on_report, producer_drained_fn *on_drained, void *arg,
                              struct fault *f);
void producer_free(struct producer **p); /* without waiting; unreported records get no report */

/* Key and payload are copied; headers are taken when it returns 0 and stay the caller's when it returns -1.
 * payload NULL is a tombstone. */
int producer_send(struct producer *p, const char *topic, const void *key, size_t key_len, const void *payload,
                  size_t len, rd_kafka_headers_t *headers, void *opaque, struct fault *f);

size_t producer_waiting(const struct producer *p); /* handed over and not reported */

#endif
