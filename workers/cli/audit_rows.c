/* What rows alone can tell: one query a check, each row of it one finding. The tables are those of docs/schema.md. */
#include "workers/cli/audit.h"

#include "common/kafka/envelope.h"

#include "common/pg/pg.h"

#include <stdio.h>

struct check {
    const char *name;
    const char *sql; /* gives (where, what) */
};

/* Rows older than the inbox's oldest may have outlived it: the chat and the decisions are kept longer. */
#define SINCE_INBOX " >= (SELECT coalesce(min(at), now()) FROM munim.inbox)"

static const struct check events[] = {
    {"event_twice", "SELECT format('%s %s %s', i.topic, i.partition, i.\"offset\"), 'taken, and ' || x.how || ' too'"
                    " FROM munim.inbox i JOIN (SELECT topic, partition, \"offset\", 'refused' AS how FROM munim.refused"
                    " UNION ALL SELECT topic, partition, \"offset\", state FROM munim.parked WHERE state = 'parked') x"
                    " USING (topic, partition, \"offset\")"},
    {"effect_missing",
     "SELECT 'message ' || i.message_id, 'taken, and not in the chat' FROM munim.inbox i"
     " WHERE i.channel NOT IN ('decision', 'operator') AND NOT EXISTS (SELECT 1 FROM munim.message m"
     " WHERE m.conversation_id = i.conversation_id AND m.direction = 'in' AND m.message_id = i.message_id)"},
    {"effect_twice", "SELECT format('%s %s', direction, message_id), format('%s times in the chat', count(*))"
                     " FROM munim.message GROUP BY conversation_id, direction, message_id HAVING count(*) > 1"},
    {"effect_without_event",
     "SELECT 'message ' || m.message_id, 'in the chat, and never taken' FROM munim.message m"
     " WHERE m.direction = 'in' AND m.at" SINCE_INBOX " AND NOT EXISTS (SELECT 1 FROM"
     " munim.inbox i WHERE i.conversation_id = m.conversation_id AND i.message_id = m.message_id)"},
    {"decision_without_end", "SELECT 'decision ' || i.message_id, 'taken, and no outcome' FROM munim.inbox i"
                             " WHERE i.channel = 'decision' AND NOT EXISTS"
                             " (SELECT 1 FROM munim.decision d WHERE d.decision_id = i.message_id) AND NOT EXISTS"
                             " (SELECT 1 FROM munim.parked p WHERE p.state = 'dropped' AND p.type = '" CE_DECISION_ORDER
                             "' AND convert_from(p.raw, 'UTF8')::json ->> 'decision_id' = i.message_id)"},
    {"decision_without_event", "SELECT 'decision ' || d.decision_id, 'has an outcome, and was never taken'"
                               " FROM munim.decision d WHERE d.at" SINCE_INBOX " AND NOT EXISTS (SELECT 1 FROM"
                               " munim.inbox i WHERE i.channel = 'decision' AND i.message_id = d.decision_id)"},
    {"decision_twice", "SELECT 'order ' || order_id, format('completed or rejected %s times', count(*))"
                       " FROM munim.decision WHERE outcome IN ('completed', 'rejected') GROUP BY order_id"
                       " HAVING count(*) > 1"},
    {"parked_flag",
     "SELECT 'conversation ' || c.conversation_id, CASE WHEN c.parked THEN 'stopped, and nothing of it is"
     " parked' ELSE 'has parked events, and goes on' END FROM munim.conversation c WHERE c.parked <> EXISTS"
     " (SELECT 1 FROM munim.parked p WHERE p.conversation_id = c.conversation_id AND p.state = 'parked')"},
    {NULL, NULL},
};

static const struct check messages[] = {
    {"answer_hole",
     "SELECT 'conversation ' || conversation_id, format('%s answers numbered from %s to %s, the next is %s',"
     " count(*), min(seq), max(seq), max(c.next_seq)) FROM munim.outbox JOIN munim.conversation c"
     " USING (conversation_id) GROUP BY conversation_id"
     " HAVING max(seq) - min(seq) + 1 <> count(*) OR max(seq) <> max(c.next_seq) - 1"},
    {"answer_lost",
     "SELECT 'answer ' || o.dedupe_key, CASE WHEN o.taken_at IS NULL THEN 'another message has its number'"
     " ELSE 'marked as taken, and no sender has it' END FROM munim.outbox o WHERE NOT EXISTS"
     " (SELECT 1 FROM munim.guard g WHERE g.dedupe_key = o.dedupe_key) AND (o.taken_at IS NOT NULL OR EXISTS"
     " (SELECT 1 FROM munim.guard g WHERE g.conversation_id = o.conversation_id AND g.seq = o.seq))"},
    {"answer_unplanned", "SELECT 'answer ' || g.dedupe_key, 'to be sent, and nobody has planned it' FROM munim.guard g"
                         " WHERE NOT EXISTS (SELECT 1 FROM munim.outbox o WHERE o.dedupe_key = g.dedupe_key)"},
    {"answer_differs", "SELECT 'answer ' || g.dedupe_key, 'taken with another place or text than it was planned with'"
                       " FROM munim.guard g JOIN munim.outbox o USING (dedupe_key) WHERE (g.conversation_id, g.seq,"
                       " g.payload) IS DISTINCT FROM (o.conversation_id, o.seq, o.payload)"},
    {"guard_state", "SELECT 'answer ' || dedupe_key, format('%s without what belongs to it', state) FROM munim.guard"
                    " WHERE (state = 'SENT' AND (provider_id IS NULL OR settled_at IS NULL))"
                    " OR (state IN ('FAILED', 'UNKNOWN') AND settled_at IS NULL)"
                    " OR (state IN ('UNCERTAIN', 'UNKNOWN') AND uncertain_since IS NULL)"
                    " OR (state IN ('SENDING', 'UNCERTAIN', 'UNKNOWN') AND attempt = 0)"
                    " OR (state IN ('PENDING', 'SENDING', 'UNCERTAIN') AND settled_at IS NOT NULL)"},
    {"resend_unfounded",
     "SELECT 'answer ' || g.dedupe_key, 'sent again, and the first is ' || coalesce(old.state, 'gone')"
     " FROM munim.guard g LEFT JOIN munim.guard old ON old.dedupe_key = g.resend_of"
     " WHERE g.resend_of IS NOT NULL AND old.state IS DISTINCT FROM 'UNKNOWN'"},
    {"resend_twice", "SELECT 'answer ' || resend_of, format('sent again %s times', count(*)) FROM munim.outbox"
                     " WHERE resend_of IS NOT NULL GROUP BY resend_of HAVING count(*) > 1"},
    {"gate_ahead", "SELECT 'conversation ' || t.conversation_id, format('the gate stands at %s, number %s is %s',"
                   " t.settled_through, g.seq, g.state) FROM munim.gate t JOIN munim.guard g USING (conversation_id)"
                   " WHERE g.seq <= t.settled_through AND g.state IN ('PENDING', 'SENDING', 'UNCERTAIN')"},
    {NULL, NULL},
};

static const struct check stock[] = {
    {"stock_rolls",
     "SELECT 'lot ' || b.dye_lot, format('%s rolls held and %s sold, by its holds %s and %s', b.rolls_held,"
     " b.rolls_sold, h.held, h.sold) FROM munim.batch b, LATERAL (SELECT"
     " coalesce(sum(rolls) FILTER (WHERE state = 'held'), 0) AS held,"
     " coalesce(sum(rolls) FILTER (WHERE state = 'sold'), 0) AS sold FROM munim.hold h"
     " WHERE h.batch_id = b.batch_id AND h.piece_id IS NULL) h"
     " WHERE (b.rolls_held, b.rolls_sold) IS DISTINCT FROM (h.held, h.sold)"},
    {"stock_piece",
     "SELECT 'piece ' || p.piece_id, format('%s um held, by its holds %s', p.held_um, h.held)"
     " FROM munim.piece p, LATERAL (SELECT coalesce(sum(length_um) FILTER (WHERE state = 'held'), 0) AS held"
     " FROM munim.hold h WHERE h.piece_id = p.piece_id) h WHERE p.held_um <> h.held"},
    {"stock_length", "SELECT 'lot ' || b.dye_lot, format('%s um sold by its holds, %s um gone from the shelf', h.sold,"
                     " (b.rolls_sold - p.cut) * b.roll_um + p.sold) FROM munim.batch b, LATERAL (SELECT"
                     " coalesce(sum(length_um), 0) AS sold FROM munim.hold h WHERE h.batch_id = b.batch_id"
                     " AND h.state = 'sold') h, LATERAL (SELECT count(*) FILTER (WHERE from_roll) AS cut,"
                     " coalesce(sum(sold_um), 0) AS sold FROM munim.piece p WHERE p.batch_id = b.batch_id) p"
                     " WHERE h.sold <> (b.rolls_sold - p.cut) * b.roll_um + p.sold"},
    {"stock_oversold", "SELECT 'lot ' || dye_lot, 'more promised and sold than there is' FROM munim.batch"
                       " WHERE rolls_held + rolls_sold > rolls OR rolls_held < 0 OR rolls_sold < 0"},
    {"order_goods",
     "SELECT 'order ' || o.order_id, format('%s: %s um sold, %s um held, %s um ordered', o.state, h.sold,"
     " h.held, l.wanted) FROM munim.orders o, LATERAL (SELECT"
     " coalesce(sum(length_um) FILTER (WHERE state = 'sold'), 0) AS sold,"
     " coalesce(sum(length_um) FILTER (WHERE state = 'held'), 0) AS held"
     " FROM munim.hold h WHERE h.order_id = o.order_id) h, LATERAL (SELECT"
     " coalesce(sum(quantity_um), 0) AS wanted FROM munim.order_line l WHERE l.order_id = o.order_id"
     " AND l.status = 'ACCEPTED') l WHERE h.sold <> CASE WHEN o.state = 'ORDER_COMPLETED' THEN l.wanted ELSE 0"
     " END OR (h.held <> 0 AND o.state <> 'WAITING_OWNER_CONFIRMATION')"},
    {NULL, NULL},
};

static const struct check orders[] = {
    {"order_steps", "SELECT 'order ' || o.order_id, format('is %s, its log ends with %s', o.state, coalesce(s.to_state,"
                    " 'nothing')) FROM munim.orders o LEFT JOIN LATERAL (SELECT to_state FROM munim.transition_log t"
                    " WHERE t.order_id = o.order_id AND t.ok ORDER BY transition_id DESC LIMIT 1) s ON true"
                    " WHERE s.to_state IS DISTINCT FROM o.state"},
    {"order_two_open",
     "SELECT 'contact ' || contact_id, format('%s open orders', count(*)) FROM munim.orders WHERE state NOT"
     " IN ('ORDER_COMPLETED', 'ORDER_REJECTED', 'ORDER_CANCELLED') GROUP BY tenant_id, contact_id, flow"
     " HAVING count(*) > 1"},
    {"approval_missing",
     "SELECT 'order ' || o.order_id, 'the owner was asked, and nothing tells him' FROM munim.orders o"
     " WHERE o.asked_at IS NOT NULL AND NOT EXISTS"
     " (SELECT 1 FROM munim.approval a WHERE a.order_id = o.order_id)"},
    {"approval_behind",
     "SELECT 'order ' || o.order_id, format('version %s, the owner is told of %s', o.version, a.version)"
     " FROM munim.orders o JOIN munim.approval a USING (order_id)"
     " WHERE NOT a.dirty AND a.version <> o.version"},
    {"invoice_missing",
     "SELECT 'order ' || o.order_id, 'completed, and not invoiced' FROM munim.orders o WHERE o.state ="
     " 'ORDER_COMPLETED' AND NOT EXISTS (SELECT 1 FROM munim.invoice i WHERE i.order_id = o.order_id)"},
    {"invoice_unfounded",
     "SELECT 'invoice ' || i.number, 'its order is ' || o.state FROM munim.invoice i JOIN munim.orders o"
     " USING (order_id) WHERE o.state <> 'ORDER_COMPLETED'"},
    {NULL, NULL},
};

static const struct check books[] = {
    {"invoice_gap",
     "SELECT format('series %s/%s', series, fy), format('%s invoices numbered from %s to %s, the next is %s',"
     " count(*), min(no), max(no), max(s.next_no)) FROM munim.invoice i LEFT JOIN munim.series s"
     " USING (tenant_id, series, fy) GROUP BY tenant_id, series, fy HAVING min(no) <> 1"
     " OR max(no) <> count(*) OR max(s.next_no) IS DISTINCT FROM max(no) + 1"},
    {"series_unused",
     "SELECT format('series %s/%s', series, fy), format('the next is %s, and there is no invoice', next_no)"
     " FROM munim.series s WHERE next_no <> 1 AND NOT EXISTS (SELECT 1 FROM munim.invoice i WHERE"
     " (i.tenant_id, i.series, i.fy) = (s.tenant_id, s.series, s.fy))"},
    {"invoice_sum",
     "SELECT 'invoice ' || i.number, format('%s paise, its lines %s, its order %s', i.total_paise,"
     " l.total + i.round_off_paise, o.total_paise) FROM munim.invoice i JOIN munim.orders o USING (order_id),"
     " LATERAL (SELECT coalesce(sum(total_paise), 0) AS total FROM munim.invoice_line l"
     " WHERE l.invoice_id = i.invoice_id) l"
     " WHERE i.total_paise <> o.total_paise OR i.total_paise <> l.total + i.round_off_paise"},
    {"invoice_unbooked", "SELECT 'invoice ' || i.number, 'not in the ledger with its total' FROM munim.invoice i"
                         " WHERE (SELECT sum(e.amount_paise) FROM munim.ledger_txn t JOIN munim.ledger_entry e"
                         " USING (txn_id) WHERE t.kind = 'invoice' AND t.ref_id = i.invoice_id AND e.account ="
                         " 'receivable') IS DISTINCT FROM i.total_paise"},
    {"ledger_unfounded",
     "SELECT 'transaction ' || t.txn_id, 'books an invoice that is not there' FROM munim.ledger_txn t"
     " WHERE t.kind = 'invoice' AND NOT EXISTS"
     " (SELECT 1 FROM munim.invoice i WHERE i.invoice_id = t.ref_id)"},
    {"ledger_unbalanced", "SELECT 'transaction ' || t.txn_id, format('%s entries, sum %s paise', count(e.n),"
                          " coalesce(sum(e.amount_paise), 0)) FROM munim.ledger_txn t LEFT JOIN munim.ledger_entry e"
                          " USING (txn_id) GROUP BY t.txn_id HAVING count(e.n) < 2 OR sum(e.amount_paise) <> 0"},
    {NULL, NULL},
};

static int run(struct audit *a, const struct check *c, struct fault *f)
{
    audit_begin(a, 1);
    PGresult *r = audit_ask(a, c->sql, 0, NULL, f);
    if (r == NULL)
        return -1;
    for (int i = 0; i < PQntuples(r); i++)
        audit_found(a, c->name, pg_text(r, i, 0), pg_text(r, i, 1));
    PQclear(r);
    audit_end(a);
    return 0;
}

int audit_rows(struct audit *a, struct fault *f)
{
    static const struct check *const all[] = {events, messages, stock, orders, books};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        for (const struct check *c = all[i]; c->name != NULL; c++) {
            char words[64];
            (void)snprintf(words, sizeof words, "%s", c->name);
            audit_progress(a, words);
            if (run(a, c, f) != 0)
                return -1;
        }
    }
    return 0;
}
