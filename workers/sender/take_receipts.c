/* Delivery statuses: they settle what the sender could not know, and fill munim.delivery, a monotone set. Any sender
 * may settle any row; doing it twice changes nothing. Also a person's rulings on what nobody could settle. */
#include "workers/sender/counts.h"
#include "workers/sender/gate_sql.h"
#include "workers/sender/receipt.h"
#include "workers/sender/ruling.h"
#include "workers/sender/sender.h"
#include "workers/sender/take.h"

#include "common/kafka/envelope.h"

#include <string.h>

enum column { COL_CHANNEL, COL_ACCOUNT, COL_ID, COL_KEY, COL_KIND, COL_AT, COL_CODE, COLUMNS };

#define STATUSES                                                                                                       \
    " FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[])"               \
    " AS r (channel, account, id, key, kind, at, code)"

static const char lock_sql[] =
    "SELECT count(*) FROM (SELECT 1 FROM munim.gate WHERE conversation_id IN (SELECT conversation_id FROM munim.guard"
    " WHERE dedupe_key = ANY ($1::text[]) AND state IN ('SENDING', 'UNCERTAIN'))"
    " ORDER BY conversation_id FOR UPDATE) AS locked";

/* One row a key: anything but "failed" proves that the channel had accepted the message. */
static const char settle_sql[] =
    "WITH r AS (SELECT key, channel, account, min(id) AS id, bool_and(kind = 'failed') AS failed, max(code) AS "
    "code" STATUSES " WHERE key <> '' AND kind <> 'other' GROUP BY key, channel, account)"
    " UPDATE munim.guard g SET state = CASE WHEN r.failed THEN 'FAILED' ELSE 'SENT' END, provider_id = r.id,"
    " error_code = CASE WHEN r.failed THEN r.code ELSE NULL END,"
    " error = CASE WHEN r.failed THEN 'the channel said later that it failed' ELSE NULL END,"
    " settled_by = 'receipt', settled_at = now() FROM r WHERE g.dedupe_key = r.key AND g.channel = r.channel"
    " AND g.account_id = r.account AND g.state IN ('SENDING', 'UNCERTAIN') RETURNING g.conversation_id, g.state";

/* A word that comes after the window: it stays UNKNOWN, but nobody has to decide about it any more. */
static const char late_sql[] =
    "UPDATE munim.guard g SET settled_by = 'receipt' FROM (SELECT key, channel, account" STATUSES
    " WHERE key <> '' AND kind IN ('sent', 'delivered', 'read')) AS r WHERE g.dedupe_key = r.key"
    " AND g.channel = r.channel AND g.account_id = r.account AND g.state = 'UNKNOWN' AND g.settled_by = 'held'";

static const char advance_sql[] =
    GATE_ADVANCE_SQL("IN (SELECT conversation_id FROM munim.guard WHERE dedupe_key = ANY ($1::text[]))");

/* A status of a message that is not ours (sent by another program under the same number) is counted and left. */
static const char delivery_sql[] =
    "WITH r AS (SELECT channel, account, id, count(*) AS n, max(key) AS key,"
    " min(t) FILTER (WHERE kind = 'sent') AS sent, min(t) FILTER (WHERE kind = 'delivered') AS delivered,"
    " min(t) FILTER (WHERE kind = 'read') AS read, min(t) FILTER (WHERE kind = 'failed') AS failed,"
    " max(code) AS code FROM (SELECT channel, account, id, key, kind, nullif(code, '') AS code, CASE WHEN at > 0 THEN "
    "to_timestamp(at) ELSE now() END AS t" STATUSES
    ") AS s GROUP BY channel, account, id), ours AS (SELECT * FROM r WHERE EXISTS (SELECT 1 FROM munim.guard g"
    " WHERE g.dedupe_key = r.key) OR EXISTS (SELECT 1 FROM munim.guard g WHERE g.provider_id = r.id)),"
    " put AS (INSERT INTO munim.delivery AS d (channel, account_id, provider_id, dedupe_key, sent_at, delivered_at,"
    " read_at, failed_at, error_code) SELECT channel, account, id, nullif(key, ''), sent, delivered, read, failed, code"
    " FROM ours ORDER BY 1, 2, 3 ON CONFLICT (channel, account_id, provider_id) DO UPDATE SET"
    " dedupe_key = coalesce(d.dedupe_key, excluded.dedupe_key), sent_at = coalesce(d.sent_at, excluded.sent_at),"
    " delivered_at = coalesce(d.delivered_at, excluded.delivered_at), read_at = coalesce(d.read_at, excluded.read_at),"
    " failed_at = coalesce(d.failed_at, excluded.failed_at), error_code = coalesce(d.error_code, excluded.error_code))"
    " SELECT ((SELECT coalesce(sum(n), 0) FROM r) - (SELECT coalesce(sum(n), 0) FROM ours))::bigint";

static void put(struct pgarray *columns, const struct receipt *r)
{
    pgarray_str(&columns[COL_CHANNEL], r->channel);
    pgarray_str(&columns[COL_ACCOUNT], r->account_id);
    pgarray_str(&columns[COL_ID], r->provider_id);
    pgarray_str(&columns[COL_KEY], r->dedupe_key);
    pgarray_str(&columns[COL_KIND], receipt_kind_name(r->kind));
    pgarray_i64(&columns[COL_AT], r->at_s);
    pgarray_str(&columns[COL_CODE], r->error_code);
}

static void on_settled(void *arg, const PGresult *r)
{
    struct take *t = arg;
    for (int i = 0; i < PQntuples(r); i++) {
        pgarray_str(&t->conversations, pg_text(r, i, 0));
        if (strcmp(pg_text(r, i, 1), "SENT") == 0)
            t->settled_sent++;
        else
            t->settled_failed++;
    }
}

static void on_unknown(void *arg, const PGresult *r)
{
    struct take *t = arg;
    t->unknown_receipts = (size_t)pg_i64(r, 0, 0);
}

static void read_record(struct take *t, const rd_kafka_message_t *m, struct pgarray *columns, struct rulings *rulings,
                        struct refusals *refused)
{
    struct envelope e;
    struct receipt r;
    struct ruling ruling;
    struct fault f = {0};
    const char *value = m->payload != NULL ? m->payload : "";
    const char *type = envelope_read(m, &e) ? e.type : "";
    if (strcmp(type, CE_RECEIPT_RULING) == 0) {
        if (ruling_read(&ruling, value, m->len, &f) == 0) {
            rulings_put(rulings, &ruling);
            return;
        }
    } else if (strcmp(type, CE_RECEIPT_STATUS) != 0) {
        fault_set(&f, VERDICT_REJECT, "ce_type is neither " CE_RECEIPT_STATUS " nor " CE_RECEIPT_RULING);
    } else if (receipt_read(&r, value, m->len, &f) == 0) {
        metric_add(&count_receipts, receipt_kind_name(r.kind), NULL, 1);
        put(columns, &r);
        return;
    }
    t->refused++;
    refusals_put(refused, m, f.text);
}

void take_receipts(struct take *t, struct pg_batch *b)
{
    struct pgarray columns[COLUMNS];
    struct rulings rulings;
    struct refusals refused;
    for (size_t i = 0; i < COLUMNS; i++)
        pgarray_init(&columns[i]);
    rulings_init(&rulings);
    refusals_init(&refused);
    for (size_t i = 0; i < t->n; i++) {
        const struct share *h = &t->shares[i];
        for (size_t k = 0; k < h->n; k++)
            read_record(t, h->lane->records[k], columns, &rulings, &refused);
    }
    rulings_add(&rulings, b);
    if (columns[COL_ID].n > 0) {
        const char *values[COLUMNS];
        for (size_t i = 0; i < COLUMNS; i++)
            values[i] = pgarray_text(&columns[i]);
        pg_add(b, lock_sql, 1, &values[COL_KEY], NULL, NULL);
        pg_add(b, settle_sql, COLUMNS, values, on_settled, t);
        pg_add(b, late_sql, COLUMNS, values, NULL, NULL);
        pg_add(b, advance_sql, 1, &values[COL_KEY], NULL, NULL);
        pg_add(b, delivery_sql, COLUMNS, values, on_unknown, t);
    }
    refusals_add(&refused, t->shares[0].lane->topic, b);
    for (size_t i = 0; i < COLUMNS; i++)
        pgarray_done(&columns[i]);
}
