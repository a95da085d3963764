#include "workers/turn/readings.h"

#include "workers/turn/rows.h"

#include <stdlib.h>
#include <string.h>

static const char sql_find[] =
    "SELECT t.i, r.outcome, r.answer, r.latency_us FROM unnest($1::int[], $2::text[], $3::text[], $4::text[])"
    "  AS t(i, channel, account_id, message_id)"
    " CROSS JOIN LATERAL (SELECT x.outcome, x.answer, x.latency_us FROM munim.reading x WHERE x.channel = t.channel"
    "  AND x.account_id = t.account_id AND x.message_id = t.message_id LIMIT 1) r WHERE $5::bigint > 0";

#define ROW_OF_READING                                                                                                 \
    "INSERT INTO munim.reading AS r (channel, account_id, message_id, tenant_id, reader, outcome, model, prompt_hash," \
    "  latency_us, answer) SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::uuid[], $5::text[],"           \
    "  $6::text[], $7::text[], $8::text[], $9::bigint[], $10::text[]) WHERE $11::bigint > 0"                           \
    " ON CONFLICT (channel, account_id, message_id) DO "

static const char sql_store[] = ROW_OF_READING "NOTHING";

/* The answer and what it cost stay as they were stored. */
static const char sql_commit[] = ROW_OF_READING "UPDATE SET reader = excluded.reader, outcome = excluded.outcome"
                                                " WHERE (r.reader, r.outcome) <> (excluded.reader, excluded.outcome)";

static void on_find(void *arg, const PGresult *r)
{
    struct hydrate *h = arg;
    for (int row = 0; row < PQntuples(r); row++) {
        size_t i = (size_t)pg_i64(r, row, 0);
        if (i >= h->n)
            continue;
        struct turn_answer *a = &h->turns[i]->answer;
        const char *content = pg_text(r, row, 2);
        free(a->content);
        a->content = content != NULL ? strdup(content) : NULL;
        if (content != NULL && a->content == NULL)
            abort();
        a->outcome = model_outcome_of(pg_text(r, row, 1));
        a->latency_us = pg_i64(r, row, 3);
        a->known = true;
    }
}

void readings_find(struct pg_batch *b, struct hydrate *h)
{
    struct rows r;
    rows_init(&r, 4);
    for (size_t i = 0; i < h->n; i++) {
        const struct event *e = &h->turns[i]->ev;
        if (e->text == NULL)
            continue;
        row_i64(&r, (int64_t)i);
        row_str(&r, e->inbox_channel);
        row_str(&r, e->inbox_account);
        row_str(&r, e->inbox_id);
    }
    rows_send(&r, b, sql_find, on_find, h);
    rows_done(&r);
}

static void add_row(struct rows *r, const struct turn *t, const struct model *model, const char *reader)
{
    row_str(r, t->ev.inbox_channel);
    row_str(r, t->ev.inbox_account);
    row_str(r, t->ev.inbox_id);
    row_id(r, t->session->shop->tenant_id);
    row_str(r, reader);
    row_str(r, model_outcome_name(t->answer.outcome));
    row_str(r, model_name(model));
    row_str(r, model_prompt_hash(model));
    row_i64(r, t->answer.latency_us);
    row_str(r, t->answer.content);
}

void readings_store(struct pg_batch *b, struct turn *const *turns, size_t n, const struct model *model)
{
    struct rows r;
    rows_init(&r, 10);
    for (size_t i = 0; i < n; i++)
        add_row(&r, turns[i], model, turns[i]->answer.outcome == MODEL_ANSWERED ? "model" : "words");
    rows_send(&r, b, sql_store, NULL, NULL);
    rows_done(&r);
}

void commit_readings(struct pg_batch *b, const struct commit *c)
{
    struct rows r;
    rows_init(&r, 10);
    for (size_t i = 0; i < c->n; i++) {
        const struct turn *t = c->turns[i];
        if (t->fate == FATE_PLAN && t->ev.kind == EVENT_MESSAGE && t->ev.text != NULL && !t->ev_seen)
            add_row(&r, t, c->model, t->reading->reader);
    }
    rows_send(&r, b, sql_commit, NULL, NULL);
    rows_done(&r);
}
