/* Decisions' outcomes, the chat log and the outbox. */
#include "workers/turn/commit_part.h"

#include "common/base/json.h"
#include "workers/turn/rows.h"

#include <stdlib.h>
#include <string.h>

static const char sql_decision[] =
    "INSERT INTO munim.decision (order_id, decision_id, tenant_id, verb, outcome, reason, by_whom)"
    " SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[])"
    " WHERE $8::bigint > 0 ON CONFLICT DO NOTHING";

static const char sql_message[] =
    "INSERT INTO munim.message (conversation_id, tenant_id, direction, message_id, kind, body, order_id)"
    " SELECT p.conversation_id, p.tenant_id, p.direction, p.message_id, p.kind, CASE WHEN p.marked THEN replace(p.body,"
    "  '" INVOICE_MARK
    "', coalesce((SELECT number FROM munim.invoice i WHERE i.order_id = p.order_id), '')) ELSE p.body"
    "  END, p.order_id"
    " FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::bool[])"
    "  AS p(conversation_id, tenant_id, direction, message_id, kind, body, order_id, marked) WHERE $9::bigint > 0";

/* The invoice's number is known only here; it is plain ASCII without quotes, so that it can stand inside the JSON. */
static const char sql_outbox[] =
    "INSERT INTO munim.outbox (dedupe_key, tenant_id, conversation_id, seq, key, class, payload, traceparent,"
    "  publish_after)"
    " SELECT p.dedupe_key, p.tenant_id, p.conversation_id, p.seq, p.key, p.class, CASE WHEN p.marked THEN"
    "  replace(p.payload, '" INVOICE_MARK "',"
    "   coalesce((SELECT number FROM munim.invoice i WHERE i.order_id = p.order_id), '')) ELSE p.payload END,"
    "  p.traceparent, now() + p.republish::interval"
    " FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[],"
    "  $9::uuid[], $10::bool[], $11::text[]) AS p(dedupe_key, tenant_id, conversation_id, seq, key, class, payload,"
    "  traceparent, order_id, marked, republish) WHERE $12::bigint > 0"
    " RETURNING dedupe_key, key, payload, traceparent";

void commit_decisions(struct pg_batch *b, const struct commit *c)
{
    struct rows r;
    rows_init(&r, 7);
    for (size_t i = 0; i < c->n; i++) {
        const struct turn *t = c->turns[i];
        if (t->fate != FATE_PLAN || t->ev.kind != EVENT_DECISION || t->plan->outcome == DECISION_NONE)
            continue;
        row_id(&r, t->ev.decision.order_id);
        row_str(&r, t->ev.decision.decision_id);
        row_id(&r, t->session->shop->tenant_id);
        row_str(&r, t->ev.decision.approve ? "approve" : "reject");
        row_str(&r, decision_outcome_name(t->plan->outcome));
        row_str(&r, t->plan->outcome_reason);
        row_str(&r, t->ev.name);
    }
    rows_send(&r, b, sql_decision, NULL, NULL);
    rows_done(&r);
}

static bool all_digits(const char *s)
{
    return s[0] != '\0' && strspn(s, "0123456789") == strlen(s);
}

static char *outbound_payload(const struct turn *t, const struct plan_reply *reply, const char *dedupe_key, int64_t seq)
{
    cJSON *o = cJSON_CreateObject();
    json_put_str(o, "dedupe_key", dedupe_key);
    json_put_str(o, "tenant_id", t->session->shop->tenant_id);
    json_put_str(o, "conversation_id", t->session->conversation_id);
    json_put_i64(o, "seq", seq);
    json_put_str(o, "channel", t->ev.channel);
    json_put_str(o, "account_id", t->ev.account_id);
    json_put_str(o, "to", t->address);
    json_put_str(o, "to_kind", all_digits(t->address) ? "phone" : "user_id");
    json_put_str(o, "class", message_class_name(reply->cls));
    json_put_str(o, "type", "text");
    json_put_str(o, "text", reply->text);
    char *text = json_text(o);
    cJSON_Delete(o);
    return text;
}

static const char *order_of(const struct turn *t)
{
    return t->plan->order.order_id[0] != '\0' ? t->plan->order.order_id : t->session->order.order_id;
}

static void add_message(struct rows *r, const struct turn *t, const char *direction, const char *id, const char *kind,
                        const char *body)
{
    row_id(r, t->session->conversation_id);
    row_id(r, t->session->shop->tenant_id);
    row_str(r, direction);
    row_str(r, id);
    row_str(r, kind);
    row_str(r, body != NULL ? body : "");
    row_id(r, order_of(t));
    row_bool(r, strstr(body != NULL ? body : "", INVOICE_MARK) != NULL && direction[0] == 'o');
}

static void add_replies(struct rows *outbox, struct rows *messages, const struct turn *t, const char *republish)
{
    for (size_t k = 0; k < t->plan->n_replies; k++) {
        const struct plan_reply *reply = &t->plan->replies[k];
        char dedupe_key[65];
        event_dedupe_key(&t->ev, t->session->shop->tenant_id, (unsigned)k, dedupe_key);
        int64_t seq = t->next_seq + (int64_t)k;
        char *payload = outbound_payload(t, reply, dedupe_key, seq);
        row_str(outbox, dedupe_key);
        row_id(outbox, t->session->shop->tenant_id);
        row_id(outbox, t->session->conversation_id);
        row_i64(outbox, seq);
        row_str(outbox, t->conversation_key);
        row_str(outbox, message_class_name(reply->cls));
        row_str(outbox, payload);
        row_str(outbox, t->envelope.traceparent);
        row_id(outbox, order_of(t));
        row_bool(outbox, t->plan->has_invoice);
        row_str(outbox, republish);
        free(payload);
        add_message(messages, t, "out", dedupe_key, "text", reply->text);
    }
}

static char *copy_cell(const PGresult *r, int row, int col)
{
    char *c = strdup(PQgetvalue(r, row, col));
    if (c == NULL)
        abort();
    return c;
}

static void on_outbox(void *arg, const PGresult *r)
{
    struct commit *c = arg;
    for (int row = 0; row < PQntuples(r); row++) {
        struct fresh_row *f = calloc(1, sizeof *f);
        if (f == NULL)
            abort();
        f->dedupe_key = copy_cell(r, row, 0);
        f->key = copy_cell(r, row, 1);
        f->payload = copy_cell(r, row, 2);
        f->traceparent = copy_cell(r, row, 3);
        if (c->fresh_last != NULL)
            c->fresh_last->next = f;
        else
            c->fresh = f;
        c->fresh_last = f;
    }
}

void commit_messages(struct pg_batch *b, struct commit *c)
{
    struct rows outbox, messages;
    rows_init(&outbox, 11);
    rows_init(&messages, 8);
    for (size_t i = 0; i < c->n; i++) {
        const struct turn *t = c->turns[i];
        if (t->fate != FATE_PLAN || t->session->conversation_id[0] == '\0')
            continue;
        if (t->ev.kind == EVENT_MESSAGE && t->dropped) /* that there was one; its words may be what nobody could take */
            add_message(&messages, t, "in", t->ev.inbox_id, "dropped", "");
        else if (t->ev.kind == EVENT_MESSAGE && !t->ev_seen)
            add_message(&messages, t, "in", t->ev.inbox_id, t->ev.message_kind, t->ev.text);
        add_replies(&outbox, &messages, t, c->republish);
    }
    rows_send(&messages, b, sql_message, NULL, NULL);
    rows_send(&outbox, b, sql_outbox, on_outbox, c);
    rows_done(&outbox);
    rows_done(&messages);
}
