/* The turn engine: from a Kafka record to a committed turn, exactly once in effect (docs/schema.md, "delivery").
 * One event is one turn. Turns of a conversation run one after another, turns of different conversations together; what
 * is planned commits as a group, at most one turn of a conversation in a group. */
#ifndef MUNIM_TURN_ENGINE_H
#define MUNIM_TURN_ENGINE_H

#include "common/base/fault.h"
#include "common/config/settings.h"

#include <event2/event.h>
#include <stdbool.h>

struct engine;

struct engine *engine_new(struct event_base *base, const struct settings *s, struct fault *f);
void engine_free(struct engine **e);

bool engine_ready(const struct engine *e, struct fault *f); /* claimed and connected */
void engine_metrics(struct engine *e);                      /* gauges before a scrape */
void engine_tick(struct engine *e);                         /* every [worker] sweep_every */

/* No new turns; on_idle (once, from the loop) when the transaction in flight has ended. */
void engine_drain(struct engine *e, void (*on_idle)(void *arg), void *arg);

#endif
