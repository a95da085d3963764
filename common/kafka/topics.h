/* Topics: names from the prefix, creation from and comparison with the contract in schema/contracts/topics.json. */
#ifndef MUNIM_KAFKA_TOPICS_H
#define MUNIM_KAFKA_TOPICS_H

#include "common/base/fault.h"
#include "common/config/settings.h"

enum topic { TOPIC_INBOUND, TOPIC_OUTBOUND, TOPIC_APPROVAL, TOPIC_DECISION, TOPIC_RECEIPT, TOPIC_DLQ, TOPIC_COUNT };

struct topics {
    char name[TOPIC_COUNT][128]; /* "munim.inbound.v1", ..., "munim.inbound.v1.dlq" */
    char group[3][128];          /* consumer groups: "munim-worker", "munim-sender", "munim-lag" */
};
enum { GROUP_WORKER, GROUP_SENDER, GROUP_LAG };

/* Fills the names from [kafka] prefix. A prefix outside [a-z0-9-]{1,40} is a STOP fault. */
int topics_names(const struct settings *s, struct topics *t, struct fault *f);

/* Blocking; only for `munim topics` and start-up. Compares each live topic (partitions, cleanup.policy, retention,
 * max.message.bytes, flush.messages or min.insync.replicas) with the contract. -1 and a fault naming the first topic
 * that is missing or differs, and how: RETRY when the broker does not answer, STOP when it differs. */
int topics_check(const struct settings *s, const struct topics *t, struct fault *f);

/* Blocking; creates what is missing, changes nothing that exists. Replication and durability follow the number of
 * brokers: 1 broker: flush.messages=1 on inbound, decision, receipt, approval; 3 or more: min.insync.replicas=2. */
int topics_create(const struct settings *s, const struct topics *t, struct fault *f);

#endif
