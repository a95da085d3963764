#include "workers/turn/publish.h"

#include "common/base/failpoint.h"
#include "common/base/json.h"
#include "common/kafka/envelope.h"
#include "common/kafka/lines.h"
#include "common/log/log.h"
#include "common/metrics/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

static struct metric published = {.name = "munim_worker_published_total",
                                  .help = "Records handed to Kafka, by topic and by what asked for it.",
                                  .type = METRIC_COUNTER,
                                  .labels = {"topic", "cause"}};

struct publisher {
    struct event_base *base;
    struct pg *pg;
    const struct topics *topics;
    struct lines *lines;
    struct approval_sent *on_the_way; /* handed to Kafka, not reported yet */
    bool sweeping, approving, approve_again;
    char republish[32]; /* an interval for Postgres */
};

/* The mark is cleared at the delivery report, and only while what was sent is still current: the order's version, and
 * publish_after as this worker set it, which changes when a decision is answered or another worker publishes. */
struct approval_sent {
    char order_id[UUID_TEXT];
    char version[24];
    char publish_after[40];
    struct approval_sent *prev, *next;
};

static const char sql_claim_outbox[] =
    "WITH due AS (SELECT dedupe_key FROM munim.outbox WHERE taken_at IS NULL AND publish_after <= now()"
    "  ORDER BY publish_after LIMIT 500 FOR UPDATE SKIP LOCKED),"
    " u AS (UPDATE munim.outbox o SET publish_count = o.publish_count + 1, publish_after = now()"
    "  + $1::interval * (2 ^ least(o.publish_count, 8)) FROM due WHERE o.dedupe_key = due.dedupe_key"
    "  RETURNING o.conversation_id, o.seq, o.dedupe_key, o.key, o.payload, o.traceparent)"
    " SELECT dedupe_key, key, payload, traceparent FROM u ORDER BY conversation_id, seq";

/* The whole present state of each marked order, as docs/schema.md tells it. FOR UPDATE SKIP LOCKED shares the work
 * among workers; publish_after keeps a state that is on its way from being sent again at once. */
static const char sql_claim_approvals[] =
    "WITH due AS (SELECT order_id FROM munim.approval WHERE dirty AND publish_after <= now() ORDER BY publish_after"
    "  LIMIT 100 FOR UPDATE SKIP LOCKED),"
    " u AS (UPDATE munim.approval a SET publish_count = a.publish_count + 1, publish_after = now() + $1::interval"
    "  * (2 ^ least(a.publish_count, 8)) FROM due WHERE a.order_id = due.order_id"
    "  RETURNING a.order_id, a.publish_after)"
    " SELECT o.order_id, o.version, u.publish_after, json_build_object('order_id', o.order_id, 'tenant_id', "
    "o.tenant_id, 'state', "
    "o.state,"
    "  'version', o.version, 'conversation', o.conversation_id, 'customer', coalesce(ct.name || ' ', '') || c.address,"
    "  'route', json_build_object('channel', c.channel, 'account_id', c.account_id, 'key', c.key),"
    "  'lines', (SELECT coalesce(json_agg(json_build_object('line_no', l.line_no, 'product', v.color || ' ' || p.name,"
    "    'quantity', trim_scale(l.quantity_um / 1000000.0)::text, 'unit', 'm', 'batch', b.dye_lot,"
    "    'amount_paise', l.amount_paise) ORDER BY l.line_no), '[]'::json) FROM munim.order_line l"
    "    JOIN munim.variant v USING (variant_id) JOIN munim.product p ON p.product_id = l.product_id"
    "    LEFT JOIN munim.batch b ON b.batch_id = l.batch_id WHERE l.order_id = o.order_id AND l.status = 'ACCEPTED'),"
    "  'taxable_paise', o.taxable_paise, 'tax_paise', o.tax_paise, 'total_paise', o.total_paise,"
    "  'asked_at', to_char(o.asked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),"
    "  'expires_at', to_char(o.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),"
    "  'invoice_number', i.number, 'closure_reason', o.closure_reason,"
    "  'answers', (SELECT coalesce(json_object_agg(d.decision_id, json_build_object('verb', d.verb, 'outcome', "
    "d.outcome,"
    "    'reason', d.reason, 'invoice_number', i.number, 'by', d.by_whom,"
    "    'at', to_char(d.at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'))), '{}'::json)"
    "    FROM (SELECT * FROM munim.decision x WHERE x.order_id = o.order_id"
    "     AND x.tenant_id = o.tenant_id ORDER BY n DESC LIMIT 8) d))"
    " FROM u JOIN munim.orders o USING (order_id) JOIN munim.conversation c ON c.conversation_id = o.conversation_id"
    " JOIN munim.contact ct ON ct.contact_id = o.contact_id LEFT JOIN munim.invoice i ON i.order_id = o.order_id";

/* A state that is current no more may stand behind a newer one in the topic, so it is followed by the present one. */
static const char sql_approval_sent[] =
    "WITH s AS (SELECT a.order_id, a.publish_after = $3::timestamptz AND o.version = $2::bigint AS current"
    "  FROM munim.approval a JOIN munim.orders o USING (order_id) WHERE a.order_id = $1::uuid FOR UPDATE OF a)"
    " UPDATE munim.approval a SET dirty = NOT s.current,"
    "  publish_after = CASE WHEN s.current THEN a.publish_after ELSE now() END FROM s WHERE a.order_id = s.order_id";

static void on_sent_end(void *arg, enum pg_end end, const struct fault *f)
{
    (void)arg;
    if (end != PG_DONE && end != PG_UNSENT)
        log_fault(LOG_WARN, "an approval's mark was not cleared; it is published again", f);
}

static void on_report(void *arg, void *opaque, const struct fault *f)
{
    struct publisher *p = arg;
    struct approval_sent *sent = opaque;
    if (f == NULL)
        FAILPOINT(sent == NULL ? "turn.published" : "turn.approval", NULL);
    if (sent == NULL)
        return; /* an outbox row: done when the sender takes it, whatever the broker says */
    if (f == NULL && pg_ready(p->pg)) {
        struct pg_batch *b = pg_batch_new(p->pg);
        const char *v[] = {sent->order_id, sent->version, sent->publish_after};
        pg_add(b, sql_approval_sent, 3, v, NULL, NULL);
        pg_send(b, on_sent_end, p);
    }
    DL_DELETE(p->on_the_way, sent);
    free(sent);
}

static int hand_over(struct publisher *p, enum topic topic, const char *type, const char *key, const char *payload,
                     const char *traceparent, void *opaque)
{
    rd_kafka_headers_t *h = envelope_headers(type, "munim/worker", traceparent);
    struct fault f;
    if (lines_send(p->lines, p->topics->name[topic], key, strlen(key), payload, strlen(payload), h, opaque, &f) == 0)
        return 0;
    rd_kafka_headers_destroy(h);
    log_fault(LOG_WARN, "a record waits for the next sweep", &f);
    return -1;
}

void publisher_fresh(struct publisher *p, const struct fresh_row *rows)
{
    for (const struct fresh_row *r = rows; r != NULL; r = r->next) {
        if (hand_over(p, TOPIC_OUTBOUND, CE_OUTBOUND_MESSAGE, r->key, r->payload, r->traceparent, NULL) == 0)
            metric_add(&published, "outbound", "commit", 1);
    }
}

static void on_due(void *arg, const PGresult *r)
{
    struct publisher *p = arg;
    for (int i = 0; i < PQntuples(r); i++) {
        if (hand_over(p, TOPIC_OUTBOUND, CE_OUTBOUND_MESSAGE, pg_text(r, i, 1), pg_text(r, i, 2), pg_text(r, i, 3),
                      NULL) == 0)
            metric_add(&published, "outbound", "sweep", 1);
    }
}

static void on_sweep_end(void *arg, enum pg_end end, const struct fault *f)
{
    struct publisher *p = arg;
    p->sweeping = false;
    if (end == PG_FAILED)
        log_fault(LOG_WARN, "the outbox sweep failed; the next one tries again", f);
}

static void on_approvals(void *arg, const PGresult *r)
{
    struct publisher *p = arg;
    for (int i = 0; i < PQntuples(r); i++) {
        struct approval_sent *sent = calloc(1, sizeof *sent);
        if (sent == NULL)
            abort();
        (void)snprintf(sent->order_id, sizeof sent->order_id, "%s", pg_text(r, i, 0));
        (void)snprintf(sent->version, sizeof sent->version, "%s", pg_text(r, i, 1));
        (void)snprintf(sent->publish_after, sizeof sent->publish_after, "%s", pg_text(r, i, 2));
        if (hand_over(p, TOPIC_APPROVAL, CE_APPROVAL_STATE, sent->order_id, pg_text(r, i, 3), NULL, sent) != 0) {
            free(sent);
            continue;
        }
        DL_APPEND(p->on_the_way, sent);
        metric_add(&published, "approval", "mark", 1);
    }
}

static void on_approvals_end(void *arg, enum pg_end end, const struct fault *f)
{
    struct publisher *p = arg;
    p->approving = false;
    if (end == PG_FAILED)
        log_fault(LOG_WARN, "orders' states were not published; the next sweep tries again", f);
    if (p->approve_again && end == PG_DONE)
        publisher_approvals(p);
}

void publisher_approvals(struct publisher *p)
{
    p->approve_again = p->approving;
    if (p->approving || !pg_ready(p->pg))
        return;
    p->approving = true;
    struct pg_batch *b = pg_batch_new(p->pg);
    const char *v[] = {p->republish};
    pg_add(b, sql_claim_approvals, 1, v, on_approvals, p);
    pg_send(b, on_approvals_end, p);
}

void publisher_sweep(struct publisher *p)
{
    if (p->sweeping || !pg_ready(p->pg))
        return;
    p->sweeping = true;
    struct pg_batch *b = pg_batch_new(p->pg);
    const char *v[] = {p->republish};
    pg_add(b, sql_claim_outbox, 1, v, on_due, p);
    pg_send(b, on_sweep_end, p);
    publisher_approvals(p);
}

struct publisher *publisher_new(struct event_base *base, const struct settings *s, const struct topics *topics,
                                struct pg *pg, struct fault *f)
{
    struct publisher *p = calloc(1, sizeof *p);
    if (p == NULL)
        abort();
    *p = (struct publisher){.base = base, .pg = pg, .topics = topics};
    (void)snprintf(p->republish, sizeof p->republish, "%lld ms", (long long)settings_int(s, "worker", "republish"));
    metric_register(&published);
    struct producer_options o = {.message_timeout_ms = 0, .queue_messages = 100000};
    p->lines = lines_new(base, s, &o, on_report, NULL, p, f);
    if (p->lines == NULL)
        publisher_free(&p);
    return p;
}

void publisher_free(struct publisher **pp)
{
    struct publisher *p = *pp;
    if (p == NULL)
        return;
    lines_free(&p->lines);
    struct approval_sent *sent, *tmp;
    DL_FOREACH_SAFE(p->on_the_way, sent, tmp)
    {
        DL_DELETE(p->on_the_way, sent);
        free(sent);
    }
    free(p);
    *pp = NULL;
}
