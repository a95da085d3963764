/* UNCERTAIN for longer than the window, by Postgres' clock, with every status that waits read: nobody will tell any
 * more. The row becomes UNKNOWN, which opens the gate. What then happens is its class's policy: a new message at the
 * conversation's end that repeats it, marked; nothing; or a person's decision. */
#include "workers/sender/counts.h"
#include "workers/sender/policy.h"
#include "workers/sender/resend.h"
#include "workers/sender/sender.h"
#include "workers/sender/settle.h"

#include "common/base/clock.h"
#include "common/log/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* After a claim, or a sleep of this process, the statuses of the meantime come first. */
enum { AWAKE_US = 2000000 };

static const char due_sql[] =
    "SELECT g.dedupe_key, g.conversation_id, g.payload, g.resend_of IS NOT NULL, g.class FROM munim.guard g"
    " JOIN unnest($1::int[], $2::bigint[]) AS l (partition, epoch) ON l.partition = g.partition"
    " JOIN munim.part p ON p.topic = $4 AND p.partition = g.partition AND p.epoch = l.epoch"
    " WHERE g.state = 'UNCERTAIN' AND g.uncertain_since < now() - $3::bigint * interval '1 millisecond'"
    " ORDER BY g.uncertain_since LIMIT 32";

/* Lock order: conversation, then gate. */
static const char conversation_sql[] = "SELECT 1 FROM munim.conversation WHERE conversation_id = $1::uuid FOR UPDATE";

static const char unknown_sql[] =
    "WITH u AS (UPDATE munim.guard SET state = 'UNKNOWN', settled_by = $3, settled_at = now()"
    " WHERE dedupe_key = $1 AND state = 'UNCERTAIN' AND uncertain_since < now() - $2::bigint * interval '1 millisecond'"
    " RETURNING 1) SELECT munim.require((SELECT count(*) FROM u), 1, 'MU007', 'settled meanwhile')";

/* The version moves too: a turn planned before this must see the new sequence. */
static const char resend_sql[] =
    "WITH c AS (UPDATE munim.conversation SET next_seq = next_seq + 1, version = version + 1"
    " WHERE conversation_id = $1::uuid RETURNING tenant_id, conversation_id, key, next_seq - 1 AS seq),"
    " o AS (INSERT INTO munim.outbox (dedupe_key, tenant_id, conversation_id, seq, key, class, payload, traceparent,"
    " resend_of, publish_after) SELECT $2, c.tenant_id, c.conversation_id, c.seq, c.key, g.class,"
    " ($3::jsonb || jsonb_build_object('seq', c.seq))::text, coalesce(b.traceparent, ''), g.dedupe_key, now()"
    " FROM c JOIN munim.guard g ON g.dedupe_key = $4 LEFT JOIN munim.outbox b ON b.dedupe_key = g.dedupe_key RETURNING "
    "1)"
    " SELECT munim.require((SELECT count(*) FROM o), 1, 'MU007', 'resend not written')";

struct expiry {
    struct sender *s;
    char key[DEDUPE_KEY_MAX];
    char conversation_id[UUID_TEXT];
    enum unknown_policy policy;
    char *payload; /* of the resend; NULL for none */
};

static void expiry_free(struct expiry *x)
{
    free(x->payload);
    free(x);
}

static void count(const struct expiry *x)
{
    static const char *const words[] = {"outcome stays unknown: sent again, marked",
                                        "outcome stays unknown: dropped, a greeting",
                                        "outcome stays unknown: held for a person, munim held list"};
    struct metric *of[] = {&count_resent, &count_dropped, &count_held};
    metric_add(&count_messages, "UNKNOWN", NULL, 1);
    metric_add(&count_settled, "window", NULL, 1);
    metric_add(of[x->policy], NULL, NULL, 1);
    log_event(x->policy == UNKNOWN_HOLD ? LOG_ERROR : LOG_WARN, words[x->policy], F_STR("key", x->key));
}

static void on_expired(void *arg, enum pg_end end, const struct fault *f)
{
    struct expiry *x = arg;
    struct sender *s = x->s;
    if (end == PG_DONE) {
        count(x);
        struct pgarray ids;
        pgarray_init(&ids);
        pgarray_str(&ids, x->conversation_id);
        refresh_conversations(s, pgarray_text(&ids));
        pgarray_done(&ids);
    } else if (end == PG_FAILED && strcmp(f->code, "MU007") != 0) {
        (void)sender_may_retry(f);
    }
    expiry_free(x);
}

static void expire(struct expiry *x)
{
    struct sender *s = x->s;
    char window[24], key[DIGEST_HEX];
    (void)snprintf(window, sizeof window, "%" PRId64, s->window_ms);
    resend_key(x->key, key);
    struct pgarray ids;
    pgarray_init(&ids);
    pgarray_str(&ids, x->conversation_id);
    struct pg_batch *b = pg_batch_new(s->pg);
    pg_add(b, conversation_sql, 1, (const char *[]){x->conversation_id}, NULL, NULL);
    gate_lock_add(b, pgarray_text(&ids));
    pg_add(b, unknown_sql, 3, (const char *[]){x->key, window, unknown_settled_by(x->policy)}, NULL, NULL);
    if (x->payload != NULL)
        pg_add(b, resend_sql, 4, (const char *[]){x->conversation_id, key, x->payload, x->key}, NULL, NULL);
    gate_advance_add(b, pgarray_text(&ids));
    pgarray_done(&ids);
    pg_send(b, on_expired, x);
}

static void on_due(void *arg, const PGresult *r)
{
    struct sender *s = arg;
    for (int i = 0; i < PQntuples(r); i++) {
        struct expiry *x = calloc(1, sizeof *x);
        if (x == NULL)
            abort();
        x->s = s;
        (void)snprintf(x->key, sizeof x->key, "%s", pg_text(r, i, 0));
        (void)snprintf(x->conversation_id, sizeof x->conversation_id, "%s", pg_text(r, i, 1));
        char key[DIGEST_HEX];
        resend_key(x->key, key);
        x->policy = unknown_policy(pg_text(r, i, 4), pg_bool(r, i, 3));
        if (x->policy == UNKNOWN_RESEND && (x->payload = resend_payload(pg_text(r, i, 2), key)) == NULL)
            x->policy = UNKNOWN_HOLD;
        expire(x);
    }
}

static void on_due_end(void *arg, enum pg_end end, const struct fault *f)
{
    struct sender *s = arg;
    s->windowing = false;
    if (end == PG_FAILED)
        (void)sender_may_retry(f);
}

void window_tick(struct sender *s)
{
    if (s->windowing || s->draining || !pg_ready(s->pg) || s->lanes == NULL)
        return;
    if (clock_mono_us() - s->awake_us < AWAKE_US || !lanes_receipts_read(s))
        return;
    struct pgarray partitions, epochs;
    pgarray_init(&partitions);
    pgarray_init(&epochs);
    const struct lane *l;
    DL_FOREACH(s->lanes, l)
    {
        if (l->receipts || l->fenced)
            continue;
        pgarray_i64(&partitions, l->partition);
        pgarray_i64(&epochs, l->epoch);
    }
    char window[24];
    (void)snprintf(window, sizeof window, "%" PRId64, s->window_ms);
    const char *values[] = {pgarray_text(&partitions), pgarray_text(&epochs), window, s->topics.name[TOPIC_OUTBOUND]};
    struct pg_batch *b = pg_batch_new(s->pg);
    pg_add(b, due_sql, 4, values, on_due, s);
    s->windowing = true;
    pg_send(b, on_due_end, s);
    pgarray_done(&partitions);
    pgarray_done(&epochs);
}
