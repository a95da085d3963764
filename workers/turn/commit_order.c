/* Orders, their lines, the transition log and what must be published on the approval topic. */
#include "workers/turn/commit_part.h"

#include "workers/turn/rows.h"

static const char sql_order_new[] =
    "INSERT INTO munim.orders (order_id, tenant_id, conversation_id, contact_id, flow_version, state, version,"
    "  closure_reason, pending_slot, pending_line, taxable_paise, tax_paise, total_paise, asked_at, expires_at, "
    "closed_at)"
    " SELECT p.order_id, p.tenant_id, p.conversation_id, p.contact_id, p.flow_version, p.state, p.version,"
    "  p.closure_reason, p.pending_slot, p.pending_line, p.taxable, p.tax, p.total, CASE WHEN p.asks THEN now() END,"
    "  CASE WHEN p.asks THEN now() + t.approval_ttl END, CASE WHEN p.closed THEN now() END"
    " FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::int[], $6::text[], $7::bigint[], $8::text[],"
    "  $9::text[], $10::int[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bool[], $15::bool[], $16::bigint[])"
    "  AS p(order_id, tenant_id, conversation_id, contact_id, flow_version, state, version, closure_reason,"
    "   pending_slot, pending_line, taxable, tax, total, asks, closed, was)"
    " JOIN munim.tenant t ON t.tenant_id = p.tenant_id WHERE $17::bigint > 0";

/* IS NOT DISTINCT FROM serves no index: with "=" a plan made while the table was small goes by the tenant and reads all
 * its orders for each one. */
static const char sql_order[] =
    "WITH p AS (SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::int[], $6::text[],"
    "   $7::bigint[], $8::text[], $9::text[], $10::int[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bool[],"
    "   $15::bool[], $16::bigint[]) AS p(order_id, tenant_id, conversation_id, contact_id, flow_version, state, "
    "version,"
    "   closure_reason, pending_slot, pending_line, taxable, tax, total, asks, closed, was)),"
    " u AS (UPDATE munim.orders o SET state = p.state, version = p.version, flow_version = p.flow_version,"
    "   closure_reason = p.closure_reason, pending_slot = p.pending_slot, pending_line = p.pending_line,"
    "   taxable_paise = p.taxable, tax_paise = p.tax, total_paise = p.total, updated_at = now(),"
    "   asked_at = CASE WHEN p.asks THEN now() ELSE o.asked_at END,"
    "   expires_at = CASE WHEN p.asks THEN now() + (SELECT approval_ttl FROM munim.tenant t"
    "    WHERE t.tenant_id = p.tenant_id) ELSE o.expires_at END,"
    "   closed_at = CASE WHEN p.closed THEN now() ELSE o.closed_at END"
    "  FROM p WHERE o.order_id = p.order_id AND o.tenant_id IS NOT DISTINCT FROM p.tenant_id AND o.version = p.was"
    "  RETURNING 1)"
    " SELECT munim.require(count(*), $17::bigint, 'MU005', 'the order changed meanwhile') FROM u";

static const char sql_lines[] =
    "INSERT INTO munim.order_line AS l (order_id, line_no, tenant_id, product_id, variant_id, requested_um, "
    "quantity_um,"
    "  status, stock_status, available_um, batch_id, price_paise, gst_bp, hsn, amount_paise, replaced_by)"
    " SELECT * FROM unnest($1::uuid[], $2::int[], $3::uuid[], $4::uuid[], $5::uuid[], $6::bigint[], $7::bigint[],"
    "  $8::text[], $9::text[], $10::bigint[], $11::uuid[], $12::bigint[], $13::int[], $14::text[], $15::bigint[],"
    "  $16::int[]) WHERE $17::bigint > 0"
    " ON CONFLICT (order_id, line_no) DO UPDATE SET variant_id = excluded.variant_id,"
    "  requested_um = excluded.requested_um, quantity_um = excluded.quantity_um, status = excluded.status,"
    "  stock_status = excluded.stock_status, available_um = excluded.available_um, batch_id = excluded.batch_id,"
    "  price_paise = excluded.price_paise, gst_bp = excluded.gst_bp, hsn = excluded.hsn,"
    "  amount_paise = excluded.amount_paise, replaced_by = excluded.replaced_by";

static const char sql_transitions[] = "INSERT INTO munim.transition_log (tenant_id, order_id, from_state, to_state, "
                                      "input, ok, topic, partition, \"offset\")"
                                      " SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], "
                                      "$5::text[], $6::bool[], $7::text[], $8::int[],"
                                      "  $9::bigint[]) WHERE $10::bigint > 0";

static const char sql_approval[] =
    "INSERT INTO munim.approval AS a (order_id, tenant_id, version)"
    " SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) WHERE $4::bigint > 0"
    " ON CONFLICT (order_id) DO UPDATE SET version = excluded.version, dirty = true, publish_after = now(),"
    "  publish_count = 0";

static bool is_end(enum order_state s)
{
    return s == ORDER_COMPLETED || s == ORDER_REJECTED || s == ORDER_CANCELLED;
}

static const char *or_null(const char *s)
{
    return s[0] != '\0' ? s : NULL;
}

static void add_order(struct rows *r, const struct turn *t)
{
    const struct plan *p = t->plan;
    const struct order *o = &p->order;
    row_id(r, o->order_id);
    row_id(r, t->session->shop->tenant_id);
    row_id(r, t->session->conversation_id);
    row_id(r, t->session->contact_id);
    row_i64(r, ORDER_FLOW_VERSION);
    row_str(r, order_state_name(o->state));
    row_i64(r, o->version);
    row_str(r, or_null(p->closure_reason));
    row_str(r, or_null(o->pending_slot));
    row_i64_or_null(r, o->pending_line, 0);
    row_i64(r, o->taxable_paise);
    row_i64(r, o->tax_paise);
    row_i64(r, o->total_paise);
    row_bool(r, p->asks_owner);
    row_bool(r, is_end(o->state));
    row_i64(r, t->session->order.version);
}

static void add_line(struct rows *r, const struct turn *t, const struct order_line *l)
{
    row_id(r, t->plan->order.order_id);
    row_i64(r, l->line_no);
    row_id(r, t->session->shop->tenant_id);
    row_id(r, l->product_id);
    row_id(r, l->variant_id);
    row_i64_or_null(r, l->requested_um, -1);
    row_i64_or_null(r, l->quantity_um, -1);
    row_str(r, line_status_name(l->status));
    row_str(r, stock_status_name(l->stock));
    row_i64_or_null(r, l->available_um, -1);
    row_id(r, l->batch_id);
    row_i64_or_null(r, l->price_paise, -1);
    row_i64_or_null(r, l->gst_bp, l->price_paise == -1 ? l->gst_bp : -1);
    row_str(r, or_null(l->hsn));
    row_i64_or_null(r, l->amount_paise, -1);
    row_i64_or_null(r, l->replaced_by, 0);
}

static void add_transition(struct rows *r, const struct turn *t, const struct plan_transition *tr)
{
    const char *order_id = t->plan->order.order_id[0] != '\0' ? t->plan->order.order_id : t->session->order.order_id;
    if (order_id[0] == '\0')
        return; /* a message outside any order that moved nothing */
    row_id(r, t->session->shop->tenant_id);
    row_id(r, order_id);
    row_str(r, order_state_name(tr->from));
    row_str(r, order_state_name(tr->to));
    row_str(r, tr->input);
    row_bool(r, tr->ok);
    row_str(r, rd_kafka_topic_name(t->m->rkt));
    row_i64(r, t->m->partition);
    row_i64(r, t->offset);
}

static void add_approval(struct rows *r, const struct turn *t)
{
    const struct order *o = t->plan->order_changed ? &t->plan->order : &t->session->order;
    if (o->order_id[0] == '\0')
        return;
    row_id(r, o->order_id);
    row_id(r, t->session->shop->tenant_id);
    row_i64(r, o->version);
}

void commit_orders(struct pg_batch *b, const struct commit *c)
{
    struct rows born, moved, lines, steps, approvals;
    rows_init(&born, 16);
    rows_init(&moved, 16);
    rows_init(&lines, 16);
    rows_init(&steps, 9);
    rows_init(&approvals, 3);
    for (size_t i = 0; i < c->n; i++) {
        const struct turn *t = c->turns[i];
        if (t->fate != FATE_PLAN)
            continue;
        const struct plan *p = t->plan;
        if (p->order_changed) {
            add_order(p->order_new ? &born : &moved, t);
            for (size_t k = 0; k < p->order.n_lines; k++)
                add_line(&lines, t, &p->order.lines[k]);
        }
        for (size_t k = 0; k < p->n_transitions; k++)
            add_transition(&steps, t, &p->transitions[k]);
        if (p->approval)
            add_approval(&approvals, t);
    }
    rows_send(&born, b, sql_order_new, NULL, NULL);
    rows_send(&moved, b, sql_order, NULL, NULL);
    rows_send(&lines, b, sql_lines, NULL, NULL);
    rows_send(&steps, b, sql_transitions, NULL, NULL);
    rows_send(&approvals, b, sql_approval, NULL, NULL);
    rows_done(&born);
    rows_done(&moved);
    rows_done(&lines);
    rows_done(&steps);
    rows_done(&approvals);
}
