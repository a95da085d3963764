/* A librdkafka group consumer on the loop. The group only shares out partitions (range, eager): positions live in
 * Postgres, auto.offset.reset=error, nothing is committed but telemetry. Assignment is two steps, so that the owner
 * can claim the partitions in Postgres in between; polling goes on meanwhile. */
#ifndef MUNIM_KAFKA_CONSUMER_H
#define MUNIM_KAFKA_CONSUMER_H

#include "common/base/fault.h"
#include "common/config/settings.h"

#include <event2/event.h>
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

struct consumer;

struct consumer_hooks {
    /* The group gave these partitions; answer with consumer_start (now or later). The list is the callee's to copy. */
    void (*on_assign)(void *arg, const rd_kafka_topic_partition_list_t *parts);
    /* The group takes all partitions back; answer with consumer_release when the commit in flight has ended. lost: they
     * already belong to somebody else. */
    void (*on_revoke)(void *arg, bool lost);
    /* One record; the callee owns m and destroys it (rd_kafka_message_destroy). m->err is 0. */
    void (*on_record)(void *arg, rd_kafka_message_t *m);
    /* RETRY: told for the log, it goes on. STOP: the process must end (an offset is gone, a fatal client error). */
    void (*on_fault)(void *arg, const struct fault *f);
    void *arg;
};

struct consumer *consumer_new(struct event_base *base, const struct settings *s, const char *group,
                              const char *const *topics, const struct consumer_hooks *hooks, struct fault *f);
/* Leaves the group, waiting at most wait_ms (librdkafka 2.0.2 may never return from close), then frees. Records still
 * held must have been destroyed. A client that could not leave in time is given up, not freed: end the process. */
void consumer_free(struct consumer **c, int wait_ms);

/* After on_assign: begin reading, each element with the offset to start at; again later, to read anew from other
 * offsets. Ignored when the partitions were taken back meanwhile. Lifts all pauses. */
void consumer_start(struct consumer *c, const rd_kafka_topic_partition_list_t *at);
/* After on_revoke. */
void consumer_release(struct consumer *c);

/* Records already fetched may still come after a pause. A pause or resume too many is ignored, and so is one of a
 * partition that is not being read. */
void consumer_pause(struct consumer *c, const char *topic, int32_t partition);
void consumer_resume(struct consumer *c, const char *topic, int32_t partition);

/* Telemetry for lag dashboards: asynchronous, failures are not told. next is the next offset to read. */
void consumer_tell(struct consumer *c, const char *topic, int32_t partition, int64_t next);

/* Low and high watermark as the client knows them (-1 when unknown); no request. */
void consumer_watermarks(struct consumer *c, const char *topic, int32_t partition, int64_t *low, int64_t *high);
/* The same asked of the broker; blocks up to timeout_ms. Only at a claim. */
int consumer_query(struct consumer *c, const char *topic, int32_t partition, int timeout_ms, int64_t *low,
                   int64_t *high, struct fault *f);
/* The cluster's id, or "" while unknown. */
const char *consumer_cluster(struct consumer *c);

#endif
