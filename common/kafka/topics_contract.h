/* The contract of the topics as values; for topics.c. Pure. */
#ifndef MUNIM_KAFKA_TOPICS_CONTRACT_H
#define MUNIM_KAFKA_TOPICS_CONTRACT_H

#include "common/base/fault.h"
#include "common/kafka/topics.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct topic_spec {
    int partitions; /* 0: as [kafka] partitions says */
    bool compact;
    int64_t retention_ms;      /* -1: for ever; of a compacted topic without meaning and not compared */
    int64_t max_message_bytes; /* of one batch, as the broker counts it */
    bool synced;               /* an acknowledgement must outlive a power cut */
};

enum { TOPIC_SETTINGS = 5 };

struct topic_setting {
    const char *name; /* as Kafka calls it; NULL ends the list */
    char value[24];
};

/* The part of a topic's name after the prefix, "inbound.v1". */
const char *topic_suffix(enum topic t);

/* Reads the contract's JSON. STOP when a topic is missing, unknown, twice there, or has a value out of range. */
int topics_contract_read(const char *json, size_t n, struct topic_spec out[TOPIC_COUNT], struct fault *f);

/* What Kafka must be told for a topic that is kept on so many brokers: with three or more min.insync.replicas=2 makes
 * an acknowledgement durable, with fewer flush.messages=1 does where the contract asks for it. */
void topic_settings(const struct topic_spec *spec, int replicas, struct topic_setting out[TOPIC_SETTINGS]);

#endif
