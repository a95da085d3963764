#include "workers/turn/hydrate.h"

#include "common/log/log.h"
#include "common/pg/pgarray.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEXT_CELL ", E'\\x1f', "

/* A decision finds its conversation through its order, if that was born at the account of the decision's route,
 * everything else through the contact's identities; the first of the event's identities that is known wins. Holds count
 * only while they live by Postgres' clock. */
static const char sql_hydrate[] =
    "SELECT t.i, a.tenant_id, a.catalogue_version, coalesce(ib.seen, false) AS seen,"
    " coalesce(c.contact_id, ci.contact_id), coalesce(ci.known, 0), c.conversation_id, c.version, c.next_seq, "
    "c.parked, c.language, c.key, c.address,"
    " o.order_id, o.state, o.version, coalesce(o.expires_at <= now(), false), coalesce(o.pending_slot, ''),"
    " coalesce(o.pending_line, 0), o.taxable_paise, o.tax_paise, o.total_paise, coalesce(inv.number, ''),"
    " coalesce(o.closure_reason, ''), (SELECT string_agg(concat(l.line_no" NEXT_CELL "l.product_id" NEXT_CELL
    "l.variant_id" NEXT_CELL "l.requested_um" NEXT_CELL "l.quantity_um" NEXT_CELL "l.status" NEXT_CELL
    "l.stock_status" NEXT_CELL "l.available_um" NEXT_CELL "l.batch_id" NEXT_CELL "l.price_paise" NEXT_CELL
    "l.gst_bp" NEXT_CELL "l.hsn" NEXT_CELL "l.amount_paise" NEXT_CELL "l.replaced_by), E'\\x1e' ORDER BY l.line_no)"
    "  FROM munim.order_line l WHERE l.order_id = o.order_id),"
    " o.state = 'WAITING_OWNER_CONFIRMATION' AND (SELECT coalesce(sum(h.length_um), 0) FROM munim.hold h"
    "  WHERE h.order_id = o.order_id AND h.state = 'held' AND h.expires_at > now())"
    "  IS DISTINCT FROM (SELECT sum(l.quantity_um) FROM munim.order_line l WHERE l.order_id = o.order_id"
    "  AND l.status = 'ACCEPTED') AS lapsed"
    " FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::uuid[],"
    "  $9::uuid[]) AS t(i, channel, account_id, in_channel, in_account, in_id, identities, order_id, conversation_id)"
    " LEFT JOIN LATERAL (SELECT ac.tenant_id, te.catalogue_version FROM munim.account ac JOIN munim.tenant te"
    "  ON te.tenant_id = ac.tenant_id WHERE ac.channel = t.channel AND ac.account_id = t.account_id LIMIT 1) a ON true"
    " LEFT JOIN LATERAL (SELECT true AS seen FROM munim.inbox x WHERE x.channel = t.in_channel"
    "  AND x.account_id = t.in_account AND x.message_id = t.in_id LIMIT 1) ib ON true"
    " LEFT JOIN LATERAL (SELECT x.order_id, x.tenant_id, x.conversation_id FROM munim.orders x"
    "  WHERE x.order_id = t.order_id LIMIT 1) named ON named.tenant_id = a.tenant_id AND EXISTS (SELECT 1"
    "   FROM munim.conversation x WHERE x.conversation_id = named.conversation_id AND x.channel = t.channel"
    "   AND x.account_id = t.account_id)"
    " LEFT JOIN LATERAL (SELECT (array_agg(x.contact_id ORDER BY w.n))[1] AS contact_id, count(*) AS known"
    "  FROM unnest(string_to_array(t.identities, E'\\n')) WITH ORDINALITY AS w(identity, n)"
    "  CROSS JOIN LATERAL (SELECT y.contact_id FROM munim.contact_identity y WHERE y.tenant_id = a.tenant_id"
    "   AND y.identity = w.identity LIMIT 1) x) ci ON true"
    " LEFT JOIN LATERAL ((SELECT * FROM munim.conversation x WHERE x.tenant_id = a.tenant_id"
    "   AND x.conversation_id = coalesce(t.conversation_id, named.conversation_id)"
    "   AND x.channel = t.channel AND x.account_id = t.account_id LIMIT 1)"
    "  UNION ALL (SELECT * FROM munim.conversation x WHERE t.order_id IS NULL AND t.conversation_id IS NULL"
    "   AND x.tenant_id = a.tenant_id AND x.channel = t.channel AND x.account_id = t.account_id"
    "   AND x.contact_id = ci.contact_id LIMIT 1)) c ON true"
    " LEFT JOIN LATERAL ((SELECT * FROM munim.orders x WHERE x.order_id = named.order_id LIMIT 1)"
    "  UNION ALL (SELECT * FROM munim.orders x WHERE t.order_id IS NULL AND x.tenant_id = a.tenant_id"
    "   AND x.contact_id = coalesce(ci.contact_id, c.contact_id) AND x.flow = 'order'"
    "   AND x.state NOT IN ('ORDER_COMPLETED','ORDER_REJECTED','ORDER_CANCELLED') LIMIT 1)) o ON true"
    " LEFT JOIN LATERAL (SELECT x.number FROM munim.invoice x WHERE x.order_id = o.order_id LIMIT 1) inv ON true";

enum { LINE_CELLS = 14 };

static void put(char *out, size_t room, const char *value)
{
    (void)snprintf(out, room, "%s", value != NULL ? value : "");
}

static int64_t number_of(const char *cell, int64_t otherwise)
{
    return cell[0] != '\0' ? strtoll(cell, NULL, 10) : otherwise;
}

/* A line's cells, each ended in place. The lines are one text with ASCII's separators, which no cell holds: as JSON the
 * server takes longer to write them than to find them. */
static void split(char *line, char *cell[LINE_CELLS])
{
    for (int i = 0; i < LINE_CELLS; i++) {
        cell[i] = line;
        line += strcspn(line, "\x1f");
        if (*line != '\0')
            *line++ = '\0';
    }
}

static void read_line(char *text, struct order_line *l)
{
    char *cell[LINE_CELLS];
    split(text, cell);
    l->line_no = (int)number_of(cell[0], 0);
    put(l->product_id, sizeof l->product_id, cell[1]);
    put(l->variant_id, sizeof l->variant_id, cell[2]);
    l->requested_um = number_of(cell[3], -1);
    l->quantity_um = number_of(cell[4], -1);
    l->status = line_status_of(cell[5]);
    l->stock = stock_status_of(cell[6]);
    l->available_um = number_of(cell[7], -1);
    put(l->batch_id, sizeof l->batch_id, cell[8]);
    l->price_paise = number_of(cell[9], -1);
    l->gst_bp = (int)number_of(cell[10], 0);
    put(l->hsn, sizeof l->hsn, cell[11]);
    l->amount_paise = number_of(cell[12], -1);
    l->replaced_by = (int)number_of(cell[13], 0);
}

static void read_lines(const char *text, struct order *o)
{
    char one[400]; /* more than its columns can take */
    while (text != NULL && *text != '\0' && o->n_lines < ORDER_LINES) {
        size_t n = strcspn(text, "\x1e");
        (void)snprintf(one, sizeof one, "%.*s", (int)n, text);
        read_line(one, &o->lines[o->n_lines++]);
        text += n + (text[n] != '\0');
    }
}

static void read_order(const PGresult *r, int row, struct order *o)
{
    o->state = ORDER_NONE;
    if (PQgetisnull(r, row, 13))
        return;
    put(o->order_id, sizeof o->order_id, pg_text(r, row, 13));
    o->state = order_state_of(pg_text(r, row, 14));
    o->version = pg_i64(r, row, 15);
    o->expired = pg_bool(r, row, 16);
    put(o->pending_slot, sizeof o->pending_slot, pg_text(r, row, 17));
    o->pending_line = (int)pg_i64(r, row, 18);
    o->taxable_paise = pg_i64(r, row, 19);
    o->tax_paise = pg_i64(r, row, 20);
    o->total_paise = pg_i64(r, row, 21);
    put(o->invoice_number, sizeof o->invoice_number, pg_text(r, row, 22));
    put(o->closure_reason, sizeof o->closure_reason, pg_text(r, row, 23));
    o->holds_lapsed = pg_bool(r, row, 25);
    read_lines(pg_text(r, row, 24), o);
}

static size_t count_identities(const char *identities)
{
    size_t n = identities[0] != '\0';
    for (const char *p = identities; *p != '\0'; p++)
        n += *p == '\n';
    return n;
}

static void read_conversation(const PGresult *r, int row, struct turn *t)
{
    struct session *s = t->session;
    t->contact_new = PQgetisnull(r, row, 4) != 0;
    put(s->contact_id, sizeof s->contact_id, pg_text(r, row, 4));
    t->identities_new = !t->contact_new && (size_t)pg_i64(r, row, 5) < count_identities(t->ev.identities);
    t->conversation_new = PQgetisnull(r, row, 6) != 0;
    put(s->conversation_id, sizeof s->conversation_id, pg_text(r, row, 6));
    s->version = pg_i64(r, row, 7);
    t->next_seq = t->conversation_new ? 1 : pg_i64(r, row, 8);
    t->parked = pg_bool(r, row, 9);
    put(s->language, sizeof s->language, pg_text(r, row, 10));
    put(t->conversation_key, sizeof t->conversation_key, pg_text(r, row, 11));
    put(t->address, sizeof t->address, pg_text(r, row, 12));
    if (t->conversation_new) {
        put(t->conversation_key, sizeof t->conversation_key, t->ev.key);
        put(t->address, sizeof t->address, t->ev.address);
    }
}

static void on_hydrate(void *arg, const PGresult *r)
{
    struct hydrate *h = arg;
    for (int row = 0; row < PQntuples(r); row++) {
        size_t i = (size_t)pg_i64(r, row, 0);
        if (i >= h->n)
            continue;
        struct turn *t = h->turns[i];
        struct hydrate_row *out = &h->rows[i];
        out->account_known = !PQgetisnull(r, row, 1);
        put(out->tenant_id, sizeof out->tenant_id, pg_text(r, row, 1));
        out->catalogue_version = pg_i64(r, row, 2);
        out->seen = pg_bool(r, row, 3);
        turn_open(t);
        read_conversation(r, row, t);
        read_order(r, row, &t->session->order);
    }
}

enum { COLUMNS = 9 };

void hydrate_add(struct pg_batch *b, struct hydrate *h)
{
    struct pgarray a[COLUMNS];
    for (int c = 0; c < COLUMNS; c++)
        pgarray_init(&a[c]);
    for (size_t i = 0; i < h->n; i++) {
        const struct event *e = &h->turns[i]->ev;
        pgarray_i64(&a[0], (int64_t)i);
        pgarray_str(&a[1], e->channel);
        pgarray_str(&a[2], e->account_id);
        pgarray_str(&a[3], e->inbox_channel);
        pgarray_str(&a[4], e->inbox_account);
        pgarray_str(&a[5], e->inbox_id);
        pgarray_str(&a[6], e->identities);
        pgarray_str(&a[7], e->kind == EVENT_DECISION ? e->decision.order_id : NULL);
        pgarray_str(&a[8], e->kind == EVENT_REDRIVE ? e->conversation_id : NULL);
    }
    memset(h->rows, 0, h->n * sizeof *h->rows);
    const char *v[COLUMNS];
    for (int c = 0; c < COLUMNS; c++)
        v[c] = pgarray_text(&a[c]);
    pg_add(b, sql_hydrate, COLUMNS, v, on_hydrate, h);
    for (int c = 0; c < COLUMNS; c++)
        pgarray_done(&a[c]);
}
