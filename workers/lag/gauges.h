/* A view on /metrics, under the names that kafka_exporter made usual, with munim's own beside them. */
#ifndef MUNIM_LAG_GAUGES_H
#define MUNIM_LAG_GAUGES_H

#include "workers/lag/positions.h"
#include "workers/lag/view.h"

#include <stdbool.h>
#include <stdint.h>

void gauges_register(void);

/* Fills everything anew. v NULL: nothing is known of the queues, and nothing is told of them: no series is better than
 * an old one. p may be empty. */
void gauges_fill(const struct lag_view *v, const struct positions *p, int64_t now_ms);

/* After each round; answered: Kafka told everything. */
void gauges_count_round(bool answered, int64_t now_ms);

#endif
