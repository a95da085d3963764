/* Holds: placed at the customer's confirmation, sold at the owner's approval, released otherwise. Every mutator locks
 * the batches first, by id, so that counters and holds of a batch move under one lock. */
#include "workers/turn/commit_part.h"

#include "common/base/clock.h"
#include "workers/turn/rows.h"

#include <stdio.h>

static const char sql_lock[] =
    "SELECT 1 FROM munim.batch WHERE batch_id IN (SELECT unnest($1::uuid[]) UNION SELECT batch_id FROM munim.hold"
    "  WHERE order_id = $2::uuid AND state = 'held') ORDER BY batch_id FOR UPDATE";

#define GIVE_BACK                                                                                                      \
    " b AS (UPDATE munim.batch t SET rolls_held = t.rolls_held - s.n FROM (SELECT batch_id, sum(rolls) AS n FROM x"    \
    "   WHERE piece_id IS NULL GROUP BY batch_id) s WHERE t.batch_id = s.batch_id)"                                    \
    " UPDATE munim.piece t SET held_um = t.held_um - s.n FROM (SELECT piece_id, sum(length_um) AS n FROM x"            \
    "   WHERE piece_id IS NOT NULL GROUP BY piece_id) s WHERE t.piece_id = s.piece_id"

/* An expired hold counts for nothing; whoever needs the batch releases it here. */
static const char sql_release_expired[] =
    "WITH x AS (UPDATE munim.hold SET state = 'released' WHERE batch_id = ANY ($1::uuid[]) AND state = 'held'"
    "  AND expires_at <= now() RETURNING batch_id, piece_id, rolls, length_um)," GIVE_BACK;

static const char sql_release_own[] =
    "WITH x AS (UPDATE munim.hold SET state = 'released' WHERE order_id = $1::uuid AND state = 'held'"
    "  RETURNING batch_id, piece_id, rolls, length_um)," GIVE_BACK;

static const char sql_hold[] =
    "WITH h AS (INSERT INTO munim.hold (hold_id, tenant_id, order_id, line_no, batch_id, piece_id, rolls, length_um,"
    "   expires_at)"
    "  SELECT p.*, o.expires_at FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::int[], $5::uuid[], $6::uuid[],"
    "   $7::int[], $8::bigint[]) AS p(hold_id, tenant_id, order_id, line_no, batch_id, piece_id, rolls, length_um)"
    "  JOIN munim.orders o ON o.order_id = p.order_id RETURNING batch_id, piece_id, rolls, length_um),"
    " b AS (UPDATE munim.batch t SET rolls_held = t.rolls_held + s.n FROM (SELECT batch_id, sum(rolls) AS n FROM h"
    "   WHERE piece_id IS NULL GROUP BY batch_id) s WHERE t.batch_id = s.batch_id"
    "   AND t.rolls_held + t.rolls_sold + s.n <= t.rolls RETURNING 1),"
    " p AS (UPDATE munim.piece t SET held_um = t.held_um + s.n FROM (SELECT piece_id, sum(length_um) AS n FROM h"
    "   WHERE piece_id IS NOT NULL GROUP BY piece_id) s WHERE t.piece_id = s.piece_id"
    "   AND t.held_um + t.sold_um + s.n <= t.length_um RETURNING 1)"
    " SELECT munim.require((SELECT count(*) FROM h), $9::bigint, 'MU004', 'the order has no expiry'),"
    "  munim.require((SELECT count(*) FROM b), (SELECT count(DISTINCT batch_id) FROM h WHERE piece_id IS NULL), "
    "'MU004',"
    "   'fewer rolls than planned'),"
    "  munim.require((SELECT count(*) FROM p), (SELECT count(DISTINCT piece_id) FROM h), 'MU004',"
    "   'a loose piece is shorter than planned')";

/* A cut roll becomes a piece of its full length, of which the cut is sold. */
static const char sql_sell[] =
    "WITH x AS (UPDATE munim.hold SET state = 'sold' WHERE order_id = $1::uuid AND state = 'held' AND expires_at > "
    "now()"
    "   RETURNING tenant_id, batch_id, piece_id, rolls, length_um),"
    " b AS (UPDATE munim.batch t SET rolls_held = t.rolls_held - s.n, rolls_sold = t.rolls_sold + s.n"
    "   FROM (SELECT batch_id, sum(rolls) AS n FROM x WHERE piece_id IS NULL GROUP BY batch_id) s"
    "   WHERE t.batch_id = s.batch_id),"
    " p AS (UPDATE munim.piece t SET held_um = t.held_um - s.n, sold_um = t.sold_um + s.n"
    "   FROM (SELECT piece_id, sum(length_um) AS n FROM x WHERE piece_id IS NOT NULL GROUP BY piece_id) s"
    "   WHERE t.piece_id = s.piece_id),"
    " cut AS (INSERT INTO munim.piece (piece_id, tenant_id, batch_id, length_um, sold_um, from_roll)"
    "   SELECT gen_random_uuid(), x.tenant_id, x.batch_id, t.roll_um, x.length_um, true FROM x JOIN munim.batch t"
    "   USING (batch_id) WHERE x.piece_id IS NULL AND x.rolls = 1 AND x.length_um < t.roll_um)"
    " SELECT munim.require(coalesce(sum(length_um), 0)::bigint, $2::bigint, 'MU006', 'a hold has lapsed') FROM x";

static void add_lock(struct pg_batch *b, const struct turn *t, struct pgarray *batches)
{
    for (size_t i = 0; i < t->plan->n_holds; i++)
        pgarray_str(batches, t->plan->holds[i].allocation.batch_id);
    const char *v[] = {pgarray_text(batches), t->plan->order.order_id};
    pg_add(b, sql_lock, 2, v, NULL, NULL);
}

static void add_holds(struct pg_batch *b, const struct turn *t)
{
    struct rows r;
    rows_init(&r, 8);
    for (size_t i = 0; i < t->plan->n_holds; i++) {
        const struct plan_hold *h = &t->plan->holds[i];
        for (size_t k = 0; k < h->allocation.n_takes; k++) {
            const struct stock_take *take = &h->allocation.takes[k];
            char id[UUID_TEXT];
            uuid7(clock_wall_ms(), id);
            row_id(&r, id);
            row_id(&r, t->session->shop->tenant_id);
            row_id(&r, t->plan->order.order_id);
            row_i64(&r, h->line_no);
            row_id(&r, h->allocation.batch_id);
            row_id(&r, take->piece_id);
            row_i64(&r, take->rolls);
            row_i64(&r, take->length_um);
        }
    }
    rows_send(&r, b, sql_hold, NULL, NULL);
    rows_done(&r);
}

static void add_sale(struct pg_batch *b, const struct turn *t)
{
    int64_t accepted_um = 0;
    for (size_t i = 0; i < t->plan->order.n_lines; i++) {
        if (t->plan->order.lines[i].status == LINE_ACCEPTED)
            accepted_um += t->plan->order.lines[i].quantity_um;
    }
    char wanted[24];
    (void)snprintf(wanted, sizeof wanted, "%lld", (long long)accepted_um);
    const char *v[] = {t->plan->order.order_id, wanted};
    pg_add(b, sql_sell, 2, v, NULL, NULL);
}

void commit_stock(struct pg_batch *b, const struct turn *t)
{
    enum plan_stock what = t->plan->stock;
    if (what == PLAN_STOCK_NONE)
        return;
    struct pgarray batches;
    pgarray_init(&batches);
    add_lock(b, t, &batches);
    const char *own[] = {t->plan->order.order_id};
    const char *among[] = {pgarray_text(&batches)};
    if (what == PLAN_STOCK_RELEASE || what == PLAN_STOCK_REHOLD_SELL || what == PLAN_STOCK_HOLD)
        pg_add(b, sql_release_own, 1, own, NULL, NULL);
    if (what == PLAN_STOCK_HOLD || what == PLAN_STOCK_REHOLD_SELL) {
        pg_add(b, sql_release_expired, 1, among, NULL, NULL);
        add_holds(b, t);
    }
    if (what == PLAN_STOCK_SELL || what == PLAN_STOCK_REHOLD_SELL)
        add_sale(b, t);
    pgarray_done(&batches);
}
