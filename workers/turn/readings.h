/* The model's answers in Postgres, each under its event: written when a call has ended, found again by a turn that is
 * done again. None of this runs where the word lists read alone. */
#ifndef MUNIM_TURN_READINGS_H
#define MUNIM_TURN_READINGS_H

#include "workers/turn/commit.h"
#include "workers/turn/hydrate.h"

/* Adds the query of what is stored for the turns' texts; its results fill their answers. h lives until the batch ends.
 */
void readings_find(struct pg_batch *b, struct hydrate *h);

/* Adds the rows of calls that have ended. */
void readings_store(struct pg_batch *b, struct turn *const *turns, size_t n, const struct model *model);

/* Adds, for every text of the group, who read it in the end. */
void commit_readings(struct pg_batch *b, const struct commit *c);

#endif
