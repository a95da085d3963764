/* librdkafka's waits are measured by a clock that nobody sets. */
#ifndef MUNIM_KAFKA_KAFKA_WAITS_H
#define MUNIM_KAFKA_KAFKA_WAITS_H

#include <stdbool.h>

/* True when they are in this build; kafka_conf_new asks, so that every program with a Kafka client holds them. */
bool kafka_waits_are_monotonic(void);

#endif
