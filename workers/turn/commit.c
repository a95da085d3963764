#include "workers/turn/commit_part.h"

#include "common/base/failpoint.h"
#include "workers/turn/readings.h"
#include "workers/turn/rows.h"

#include <stdlib.h>

static const char sql_fence[] =
    "WITH p AS (SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],"
    "  $7::text[]) AS p(topic, partition, epoch, expected, next, last, digest)),"
    " u AS (UPDATE munim.part t SET next_offset = p.next, last_offset = coalesce(p.last, t.last_offset),"
    "  last_digest = coalesce(p.digest, t.last_digest),"
    "  claims = CASE WHEN p.next <> p.expected THEN 0 ELSE t.claims END,"
    "  attempts = CASE WHEN p.next <> p.expected THEN 0 ELSE t.attempts END,"
    "  moved_at = CASE WHEN p.next <> p.expected THEN now() ELSE t.moved_at END"
    "  FROM p WHERE t.topic = p.topic AND t.partition = p.partition AND t.epoch = p.epoch"
    "  AND t.next_offset = p.expected RETURNING 1)"
    " SELECT munim.require(count(*), $8::bigint, 'MU001', 'the partition has a later owner') FROM u";

/* The whole transaction has been sent by the time its first answer comes. */
static void on_fence(void *arg, const PGresult *r)
{
    (void)arg;
    (void)r;
    FAILPOINT("turn.sent", NULL);
}

void commit_fence(struct pg_batch *b, const struct commit *c)
{
    struct rows r;
    rows_init(&r, 7);
    for (size_t i = 0; i < c->n_positions; i++) {
        const struct position *p = &c->positions[i];
        row_str(&r, p->topic);
        row_i64(&r, p->partition);
        row_i64(&r, p->epoch);
        row_i64(&r, p->expected);
        row_i64(&r, p->next);
        row_i64_or_null(&r, p->last, -1);
        row_str(&r, p->digest);
    }
    rows_send(&r, b, sql_fence, on_fence, NULL);
    rows_done(&r);
}

bool commit_shares(const struct turn *t)
{
    return t->fate == FATE_PLAN && (t->plan->stock != PLAN_STOCK_NONE || t->plan->has_invoice);
}

void commit_add(struct pg_batch *b, struct commit *c)
{
    commit_fence(b, c);
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
