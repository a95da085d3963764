/* The commit: one transaction for a group of planned turns. Statement order is the lock order: part, conversation,
 * order, stock by id, series, ledger. Every guard is in the SQL, in sight: munim.require fails the transaction with its
 * code. */
#ifndef MUNIM_TURN_COMMIT_H
#define MUNIM_TURN_COMMIT_H

#include "common/claim/fence.h"
#include "common/pg/pg.h"
#include "workers/turn/turn.h"

#include <stddef.h>
#include <stdint.h>

/* Outbox rows as the transaction wrote them, for publishing after it. */
struct fresh_row {
    char *dedupe_key, *key, *payload, *traceparent;
    struct fresh_row *next;
};

struct commit {
    struct turn **turns;
    size_t n;
    const struct position *positions;
    size_t n_positions;
    const char *republish;                /* an interval for Postgres: when an untaken outbox row is published again */
    const struct model *model;            /* NULL: the word lists read alone, and readings are not kept */
    struct fresh_row *fresh, *fresh_last; /* filled by results; fresh_free frees */
};

/* Adds every statement to b. c and all it points to must live until the batch has ended. */
void commit_add(struct pg_batch *b, struct commit *c);
void fresh_free(struct fresh_row **list);

/* Whether a plan touches rows that turns of other conversations touch too: such a turn commits alone. */
bool commit_shares(const struct turn *t);

#endif
