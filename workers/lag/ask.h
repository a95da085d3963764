/* Asks Kafka what waits, on the loop, with clients of its own that never join: they see the groups whether or not any
 * of their members lives.
 *
 * A round begins with a question that is answered by event and goes no further until a broker has answered it. What
 * follows blocks in librdkafka 2.0.2: the groups' states, their committed offsets, the logs' ends and starts
 * (rd_kafka_offsets_for_times with -1 and -2). Each takes a turn of the loop to itself and the first that fails ends
 * the round, so that the loop stands still for ASK_BLOCK_MS a round at most, and not at all while Kafka is away. Last
 * comes the time of the oldest uncommitted record, by a small fetch only where something waits and its position has
 * moved.
 *
 * The admin requests that answer by event for groups (DescribeConsumerGroups, ListConsumerGroupOffsets) are not used:
 * librdkafka aborts the process when the coordinator's connection breaks under one (issue 4605). */
#ifndef MUNIM_LAG_ASK_H
#define MUNIM_LAG_ASK_H

#include "common/base/fault.h"
#include "common/config/settings.h"
#include "workers/lag/view.h"

#include <event2/event.h>

enum { ASK_BLOCK_MS = 1500, ASK_ANSWER_MS = 4000, ASK_OLDEST_MS = 2000 };

struct ask;

/* v lives until the end of the next round; NULL with a fault when the round failed: RETRY when Kafka does not answer,
 * STOP when a topic is missing or an answer will not change by itself. */
typedef void ask_done_fn(void *arg, const struct lag_view *v, const struct fault *f);

/* Connects in the background. NULL and a STOP fault when [kafka] is wrong. */
struct ask *ask_new(struct event_base *base, const struct settings *s, ask_done_fn *on_done, void *arg,
                    struct fault *f);
void ask_free(struct ask **a);

/* Begins a round; ignored while one is under way. */
void ask_begin(struct ask *a);

#endif
