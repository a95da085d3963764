/* Outbound records become guard rows: the row, not the record, is the to-do from then on. */
#include "workers/sender/flight.h"
#include "workers/sender/outbound.h"
#include "workers/sender/settle.h"
#include "workers/sender/sender.h"
#include "workers/sender/start.h"
#include "workers/sender/take.h"

#include "common/kafka/envelope.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum column {
    COL_KEY,
    COL_TENANT,
    COL_CONVERSATION,
    COL_SEQ,
    COL_CHANNEL,
    COL_ACCOUNT,
    COL_CLASS,
    COL_PAYLOAD,
    COL_ERROR,
    COL_PARTITION,
    COLUMNS
};

static const char gates_sql[] = "INSERT INTO munim.gate (conversation_id) SELECT DISTINCT unnest($1::uuid[]) AS id "
                                "ORDER BY id ON CONFLICT DO NOTHING";

/* A row with an error is FAILED from birth: it can never be sent, and the messages after it must not wait. */
static const char guard_sql[] =
    "INSERT INTO munim.guard (dedupe_key, tenant_id, conversation_id, seq, partition, channel, account_id, class, "
    "payload,"
    " state, error_code, error, settled_by, settled_at, resend_of)"
    " SELECT u.k, u.t, u.c, u.s, u.pa, u.ch, u.ac, u.cl, u.p,"
    " CASE WHEN u.e IS NULL THEN 'PENDING' ELSE 'FAILED' END, CASE WHEN u.e IS NULL THEN NULL ELSE 'record' END, u.e,"
    " CASE WHEN u.e IS NULL THEN NULL ELSE 'record' END, CASE WHEN u.e IS NULL THEN NULL ELSE now() END, o.resend_of"
    " FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[],"
    " $9::text[], $10::int[]) AS u (k, t, c, s, ch, ac, cl, p, e, pa) LEFT JOIN munim.outbox o ON o.dedupe_key = u.k"
    " ON CONFLICT DO NOTHING";

/* Another key may have the sequence already (a record of a commit that a failover has lost): then there is no guard
 * row, and the answer must not count as taken. */
static const char taken_sql[] =
    "UPDATE munim.outbox o SET taken_at = now() WHERE o.dedupe_key = ANY ($1::text[]) AND o.taken_at IS NULL"
    " AND (SELECT true FROM munim.guard g WHERE g.dedupe_key = o.dedupe_key)";

static void put(struct pgarray *columns, const struct outbound *o, const rd_kafka_message_t *m, const char *error)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): what was read as an object is not empty */
    char *payload = strndup(m->payload, m->len);
    pgarray_str(&columns[COL_KEY], o->dedupe_key);
    pgarray_str(&columns[COL_TENANT], o->tenant_id);
    pgarray_str(&columns[COL_CONVERSATION], o->conversation_id);
    pgarray_i64(&columns[COL_SEQ], o->seq);
    pgarray_str(&columns[COL_CHANNEL], o->channel);
    pgarray_str(&columns[COL_ACCOUNT], o->account_id);
    pgarray_str(&columns[COL_CLASS], o->cls);
    pgarray_str(&columns[COL_PAYLOAD], payload);
    pgarray_str(&columns[COL_ERROR], error);
    pgarray_i64(&columns[COL_PARTITION], m->partition);
    free(payload);
}

/* A message that nobody waits before and whose account is not stopped goes out as soon as this batch is committed. */
static void want(struct take *t, const struct outbound *o, int64_t epoch)
{
    char account[2 * ROUTE_MAX];
    (void)snprintf(account, sizeof account, "%s/%s", o->channel, o->account_id);
    if (start_has_room(t->s) && flight_account_stopped(t->s, account) == 0)
        start_want(t->start, &(struct start_row){.key = o->dedupe_key,
                                                 .conversation_id = o->conversation_id,
                                                 .account = account,
                                                 .epoch = epoch});
}

static void read_record(struct take *t, const struct share *h, const rd_kafka_message_t *m, struct pgarray *columns,
                        struct refusals *refused)
{
    struct envelope e;
    if (!envelope_read(m, &e) || strcmp(e.type, CE_OUTBOUND_MESSAGE) != 0) {
        t->refused++;
        refusals_put(refused, m, "ce_type is not " CE_OUTBOUND_MESSAGE);
        return;
    }
    struct fault f = {0};
    struct outbound o;
    switch (outbound_read(&o, m->payload != NULL ? m->payload : "", m->len, &f)) {
    case OUTBOUND_SEND:
        put(columns, &o, m, NULL);
        want(t, &o, h->lane->epoch);
        break;
    case OUTBOUND_FAILED:
        t->failed++;
        put(columns, &o, m, f.text);
        break;
    case OUTBOUND_REFUSED:
        t->refused++;
        refusals_put(refused, m, f.text);
        break;
    }
    if (o.conversation_id[0] != '\0')
        pgarray_str(&t->conversations, o.conversation_id);
    outbound_done(&o);
}

void take_outbound(struct take *t, struct pg_batch *b)
{
    struct pgarray columns[COLUMNS];
    struct refusals refused;
    for (size_t i = 0; i < COLUMNS; i++)
        pgarray_init(&columns[i]);
    refusals_init(&refused);
    for (size_t i = 0; i < t->n; i++) {
        const struct share *h = &t->shares[i];
        for (size_t k = 0; k < h->n; k++)
            read_record(t, h, h->lane->records[k], columns, &refused);
    }
    if (columns[COL_KEY].n > 0) {
        const char *conversations = pgarray_text(&columns[COL_CONVERSATION]);
        const char *values[COLUMNS];
        for (size_t i = 0; i < COLUMNS; i++)
            values[i] = pgarray_text(&columns[i]);
        pg_add(b, gates_sql, 1, &conversations, NULL, NULL);
        if (t->failed > 0)
            gate_lock_add(b, conversations);
        pg_add(b, guard_sql, COLUMNS, values, NULL, NULL);
        pg_add(b, taken_sql, 1, values, NULL, NULL);
        if (t->failed > 0)
            gate_advance_add(b, conversations);
        start_add(t->start, b);
    }
    refusals_add(&refused, t->shares[0].lane->topic, b);
    for (size_t i = 0; i < COLUMNS; i++)
        pgarray_done(&columns[i]);
}
