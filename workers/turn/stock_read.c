#include "workers/turn/stock_read.h"

#include "common/pg/pgarray.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char sql_batches[] =
    "SELECT b.batch_id, b.variant_id, b.dye_lot, b.roll_um, b.rolls - b.rolls_sold - b.rolls_held + coalesce((SELECT"
    "  sum(h.rolls) FROM munim.hold h WHERE h.batch_id = b.batch_id AND h.state = 'held' AND h.piece_id IS NULL"
    "  AND h.expires_at <= now()), 0)"
    " FROM munim.batch b WHERE b.variant_id = ANY ($1::uuid[]) ORDER BY b.variant_id, b.received_at, b.batch_id";

static const char sql_pieces[] =
    "SELECT p.batch_id, p.piece_id, p.length_um - p.sold_um - p.held_um + coalesce((SELECT sum(h.length_um)"
    "  FROM munim.hold h WHERE h.piece_id = p.piece_id AND h.batch_id = p.batch_id AND h.state = 'held'"
    "  AND h.expires_at <= now()), 0) AS free"
    " FROM munim.piece p JOIN munim.batch b USING (batch_id) WHERE b.variant_id = ANY ($1::uuid[])"
    "  AND p.sold_um < p.length_um ORDER BY p.batch_id, p.piece_id";

static void on_batches(void *arg, const PGresult *r)
{
    struct stock *s = arg;
    s->n_batches = (size_t)PQntuples(r);
    s->batches = calloc(s->n_batches + 1, sizeof *s->batches);
    if (s->batches == NULL)
        abort();
    for (size_t i = 0; i < s->n_batches; i++) {
        struct stock_batch *b = &s->batches[i];
        (void)snprintf(b->batch_id, sizeof b->batch_id, "%s", pg_text(r, (int)i, 0));
        (void)snprintf(b->variant_id, sizeof b->variant_id, "%s", pg_text(r, (int)i, 1));
        (void)snprintf(b->dye_lot, sizeof b->dye_lot, "%s", pg_text(r, (int)i, 2));
        b->roll_um = pg_i64(r, (int)i, 3);
        b->rolls_free = (int)pg_i64(r, (int)i, 4);
    }
}

static void on_pieces(void *arg, const PGresult *r)
{
    struct stock *s = arg;
    for (int row = 0; row < PQntuples(r); row++) {
        for (size_t i = 0; i < s->n_batches; i++) {
            struct stock_batch *b = &s->batches[i];
            if (strcmp(b->batch_id, pg_text(r, row, 0)) != 0)
                continue;
            b->pieces = realloc(b->pieces, (b->n_pieces + 1) * sizeof *b->pieces);
            if (b->pieces == NULL)
                abort();
            struct stock_piece *p = &b->pieces[b->n_pieces++];
            (void)snprintf(p->piece_id, sizeof p->piece_id, "%s", pg_text(r, row, 1));
            p->free_um = pg_i64(r, row, 2);
            break;
        }
    }
}

static bool item_concerns(const struct reading_item *item, const struct variant *v)
{
    return strcmp(item->product, v->name) == 0 || strcmp(item->product, v->material) == 0 ||
           strcmp(item->material, v->material) == 0 || strcmp(item->color, v->color) == 0;
}

static bool line_concerns(const struct order_line *l, const struct catalogue *c, const struct variant *v)
{
    for (size_t k = 0; k < c->n_variants; k++) {
        const struct variant *mine = &c->variants[k];
        bool same_line = l->variant_id[0] != '\0' ? strcmp(mine->variant_id, l->variant_id) == 0
                                                  : strcmp(mine->product_id, l->product_id) == 0;
        if (same_line && (strcmp(mine->material, v->material) == 0 || strcmp(mine->color, v->color) == 0))
            return true;
    }
    return false;
}

/* Whether the turn may ask for this variant, or be offered it: what it names or has on the order, and whatever shares
 * the material or the colour with that. */
static bool concerns(const struct turn *t, const struct variant *v)
{
    for (size_t i = 0; i < t->reading->n_items; i++) {
        if (item_concerns(&t->reading->items[i], v))
            return true;
    }
    for (size_t i = 0; i < t->session->order.n_lines; i++) {
        if (line_concerns(&t->session->order.lines[i], t->session->catalogue, v))
            return true;
    }
    return false;
}

void stock_read_add(struct pg_batch *b, struct turn *const *turns, size_t n, struct stock *out)
{
    struct pgarray ids;
    pgarray_init(&ids);
    for (size_t i = 0; i < n; i++) {
        const struct catalogue *c = turns[i]->session->catalogue;
        for (size_t k = 0; k < c->n_variants; k++) {
            if (concerns(turns[i], &c->variants[k]))
                pgarray_str(&ids, c->variants[k].variant_id);
        }
    }
    const char *v[] = {pgarray_text(&ids)};
    stock_clear(out);
    pg_add(b, sql_batches, 1, v, on_batches, out);
    pg_add(b, sql_pieces, 1, v, on_pieces, out);
    pgarray_done(&ids);
}

void stock_clear(struct stock *s)
{
    for (size_t i = 0; i < s->n_batches; i++)
        free(s->batches[i].pieces);
    free(s->batches);
    memset(s, 0, sizeof *s);
}
