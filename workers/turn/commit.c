#include "workers/turn/commit_part.h"

#include "common/base/failpoint.h"
#include "common/claim/fence.h"
#include "workers/turn/readings.h"
#include "workers/turn/rows.h"

#include <stdlib.h>

/* The whole transaction has been sent by the time its first answer comes. */
static void on_fence(void *arg, const PGresult *r)
{
    (void)arg;
    (void)r;
    FAILPOINT("turn.sent", NULL);
}

bool commit_shares(const struct turn *t)
{
    return t->fate == FATE_PLAN && (t->plan->stock != PLAN_STOCK_NONE || t->plan->has_invoice);
}

void commit_add(struct pg_batch *b, struct commit *c)
{
    fence_add(b, c->positions, c->n_positions, on_fence);
    commit_conversations(b, c);
    commit_inbox(b, c);
    commit_parked(b, c);
    commit_orders(b, c);
    for (size_t i = 0; i < c->n; i++) {
        if (c->turns[i]->fate == FATE_PLAN) {
            commit_stock(b, c->turns[i]);
            commit_books(b, c->turns[i]);
        }
    }
    commit_decisions(b, c);
    commit_messages(b, c);
    if (c->model != NULL)
        commit_readings(b, c);
}

void fresh_free(struct fresh_row **list)
{
    while (*list != NULL) {
        struct fresh_row *row = *list;
        *list = row->next;
        free(row->dedupe_key);
        free(row->key);
        free(row->payload);
        free(row->traceparent);
        free(row);
    }
}
