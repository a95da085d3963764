/* Parts of a commit, by what they write; each adds its statements in the lock order. Private to the commit. */
#ifndef MUNIM_TURN_COMMIT_PART_H
#define MUNIM_TURN_COMMIT_PART_H

#include "workers/turn/commit.h"

void commit_conversations(struct pg_batch *b, const struct commit *c);
void commit_inbox(struct pg_batch *b, const struct commit *c);
void commit_parked(struct pg_batch *b, const struct commit *c);
void commit_orders(struct pg_batch *b, const struct commit *c);
void commit_stock(struct pg_batch *b, const struct turn *t);
void commit_books(struct pg_batch *b, const struct turn *t);
void commit_decisions(struct pg_batch *b, const struct commit *c);
void commit_messages(struct pg_batch *b, struct commit *c);

#endif
