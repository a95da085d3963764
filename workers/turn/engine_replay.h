/* How a redrive works through what is parked, one ordinary turn after another. */
#ifndef MUNIM_TURN_ENGINE_REPLAY_H
#define MUNIM_TURN_ENGINE_REPLAY_H

#include "common/pg/pg.h"
#include "workers/turn/turn.h"

#include <stdbool.h>

/* The parked rows behind a redrive. replay_add asks for the next of them; after the answer replay_next
 * is true when the turn now stands for a parked event that must be hydrated itself. replay_give_up ends a redrive whose
 * event failed again: that event stays parked. */
void replay_add(struct pg_batch *b, struct turn *t);
bool replay_next(struct turn *t);
void replay_give_up(struct turn *t);

#endif
