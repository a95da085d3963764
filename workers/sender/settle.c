/* Outcomes wait here until one batch has written them: the guard rows' states and the gate, in one transaction. A batch
 * that is lost is written again; a row that moved on meanwhile is not touched, because an outcome belongs to one
 * SENDING (attempt and epoch), not to the message. */
#include "workers/sender/counts.h"
#include "workers/sender/gate_sql.h"
#include "workers/sender/sender.h"
#include "workers/sender/settle.h"

#include "common/log/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

struct settle_queue {
    struct outcome *waiting, *writing;
    struct pgarray conversations;   /* of `writing` */
    size_t sent, failed, uncertain; /* rows that `writing` changed */
};

/* The gates first: who settles another message of the same conversation meanwhile waits, and then sees this one. */
static const char lock_sql[] =
    "SELECT count(*) FROM (SELECT 1 FROM munim.gate WHERE conversation_id = ANY ($1::uuid[]) ORDER BY conversation_id"
    " FOR UPDATE) AS locked";

static const char settle_sql[] =
    "UPDATE munim.guard g SET state = r.state, provider_id = coalesce(r.id, g.provider_id), error_code = r.code,"
    " error = r.words, not_before = CASE WHEN r.state = 'PENDING' THEN now() + r.wait * interval '1 millisecond'"
    " ELSE g.not_before END, uncertain_since = CASE WHEN r.state = 'UNCERTAIN' THEN now() ELSE g.uncertain_since END,"
    " settled_by = CASE WHEN r.state IN ('SENT', 'FAILED') THEN 'answer' END,"
    " settled_at = CASE WHEN r.state IN ('SENT', 'FAILED') THEN now() END"
    " FROM unnest($1::text[], $2::int[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[])"
    " AS r (key, attempt, epoch, state, id, code, words, wait) WHERE g.dedupe_key = r.key AND g.attempt = r.attempt"
    " AND g.epoch = r.epoch AND (g.state = 'SENDING' OR (g.state = 'UNCERTAIN' AND r.state <> 'UNCERTAIN')) RETURNING "
    "r.state";

static const char advance_sql[] = GATE_ADVANCE_SQL("= ANY ($1::uuid[])");

void gate_lock_add(struct pg_batch *b, const char *ids)
{
    pg_add(b, lock_sql, 1, &ids, NULL, NULL);
}

void gate_advance_add(struct pg_batch *b, const char *ids)
{
    pg_add(b, advance_sql, 1, &ids, NULL, NULL);
}

struct settle_queue *settle_new(void)
{
    struct settle_queue *q = calloc(1, sizeof *q);
    if (q == NULL)
        abort();
    pgarray_init(&q->conversations);
    return q;
}

static void drop_all(struct outcome **list)
{
    struct outcome *o, *next;
    DL_FOREACH_SAFE(*list, o, next)
    {
        DL_DELETE(*list, o);
        free(o);
    }
}

void settle_free(struct settle_queue **q)
{
    if (*q == NULL)
        return;
    drop_all(&(*q)->waiting);
    drop_all(&(*q)->writing);
    pgarray_done(&(*q)->conversations);
    free(*q);
    *q = NULL;
}

void settle_put(struct sender *s, const struct outcome *o)
{
    struct outcome *copy = malloc(sizeof *copy);
    if (copy == NULL)
        abort();
    *copy = *o;
    DL_APPEND(s->settling->waiting, copy);
    sender_wake(s);
}

bool settle_idle(const struct sender *s)
{
    return s->settling->waiting == NULL && s->settling->writing == NULL;
}

static void on_settled(void *arg, const PGresult *r)
{
    struct settle_queue *q = arg;
    for (int i = 0; i < PQntuples(r); i++) {
        const char *state = pg_text(r, i, 0);
        q->sent += strcmp(state, "SENT") == 0 ? 1 : 0;
        q->failed += strcmp(state, "FAILED") == 0 ? 1 : 0;
        q->uncertain += strcmp(state, "UNCERTAIN") == 0 ? 1 : 0;
    }
}

static void written(struct sender *s)
{
    struct settle_queue *q = s->settling;
    const struct outcome *o;
    DL_FOREACH(q->writing, o)
    {
        gate_block(&s->gate, o->conversation_id);
    }
    drop_all(&q->writing);
    metric_add(&count_messages, "SENT", NULL, (double)q->sent);
    metric_add(&count_messages, "FAILED", NULL, (double)q->failed);
    metric_add(&count_settled, "answer", NULL, (double)(q->sent + q->failed));
    metric_add(&count_uncertain, NULL, NULL, (double)q->uncertain);
    refresh_conversations(s, pgarray_text(&q->conversations));
}

static void on_settle_end(void *arg, enum pg_end end, const struct fault *f)
{
    struct sender *s = arg;
    struct settle_queue *q = s->settling;
    if (end == PG_DONE) {
        written(s);
        sender_wake(s);
        return;
    }
    DL_CONCAT(q->writing, q->waiting);
    q->waiting = q->writing;
    q->writing = NULL;
    if (end == PG_FAILED && sender_may_retry(f))
        event_add(s->again, &(struct timeval){.tv_usec = 100000});
}

static void add_rows(struct settle_queue *q, struct pg_batch *b)
{
    struct pgarray columns[8];
    for (size_t i = 0; i < 8; i++)
        pgarray_init(&columns[i]);
    const struct outcome *o;
    DL_FOREACH(q->writing, o)
    {
        pgarray_str(&columns[0], o->key);
        pgarray_i64(&columns[1], o->attempt);
        pgarray_i64(&columns[2], o->epoch);
        pgarray_str(&columns[3], o->state);
        pgarray_str(&columns[4], o->provider_id[0] != '\0' ? o->provider_id : NULL);
        pgarray_str(&columns[5], o->code[0] != '\0' ? o->code : NULL);
        pgarray_str(&columns[6], o->words[0] != '\0' ? o->words : NULL);
        pgarray_i64(&columns[7], o->wait_ms);
        pgarray_str(&q->conversations, o->conversation_id);
    }
    const char *values[8];
    for (size_t i = 0; i < 8; i++)
        values[i] = pgarray_text(&columns[i]);
    gate_lock_add(b, pgarray_text(&q->conversations));
    pg_add(b, settle_sql, 8, values, on_settled, q);
    gate_advance_add(b, pgarray_text(&q->conversations));
    for (size_t i = 0; i < 8; i++)
        pgarray_done(&columns[i]);
}

void settle_pump(struct sender *s)
{
    struct settle_queue *q = s->settling;
    if (q->waiting == NULL || q->writing != NULL || !pg_ready(s->pg) || event_pending(s->again, EV_TIMEOUT, NULL))
        return;
    for (size_t n = 0; n < SETTLE_MAX && q->waiting != NULL; n++) {
        struct outcome *o = q->waiting;
        DL_DELETE(q->waiting, o);
        DL_APPEND(q->writing, o);
    }
    pgarray_clear(&q->conversations);
    q->sent = q->failed = q->uncertain = 0;
    struct pg_batch *b = pg_batch_new(s->pg);
    add_rows(q, b);
    pg_send(b, on_settle_end, s);
}
