/* The check of an order: what is still to be asked, what the shelf has, what it costs. */
#include "workers/flows/order_core.h"

#include <stdio.h>
#include <string.h>

static const int64_t MOST_PRICE_PAISE = 1000000000; /* a price above it is a slip of the catalogue and is not quoted */

static bool sellable(const struct variant *v)
{
    return v != NULL && v->price_paise > 0 && v->price_paise <= MOST_PRICE_PAISE && v->gst_bp >= 0 &&
           v->gst_bp <= 10000;
}

/* The first quote stands: a later change of the catalogue's price does not reach this line. */
static void line_price(struct order_line *l, const struct variant *v)
{
    if (l->price_paise < 0) {
        l->price_paise = v->price_paise;
        l->gst_bp = v->gst_bp;
        (void)snprintf(l->hsn, sizeof l->hsn, "%s", v->hsn);
    }
    l->amount_paise = amount_of(l->price_paise, l->quantity_um);
}

static void line_check(struct walk *w, struct order_line *l)
{
    const struct variant *v = variant_by_id(w->s->catalogue, l->variant_id);
    struct allocation a = {0};
    l->stock = sellable(v) ? stock_allocate(w->stock, l->variant_id, l->quantity_um, &a) : STOCK_OUT;
    l->available_um = a.length_um;
    l->status = l->stock == STOCK_FULL ? LINE_ACCEPTED : LINE_NEGOTIATING;
    (void)snprintf(l->batch_id, sizeof l->batch_id, "%s", a.batch_id);
    l->amount_paise = -1;
    if (l->stock != STOCK_FULL)
        return;
    line_price(l, v);
    stock_take_off(w->stock, &a);
    w->out->holds[w->out->n_holds++] = (struct plan_hold){.line_no = l->line_no, .allocation = a};
}

int order_invoice(struct walk *w, struct fault *f)
{
    const struct order *o = &w->out->order;
    struct invoice *inv = &w->out->invoice;
    memset(inv, 0, sizeof *inv);
    for (size_t i = 0; i < o->n_lines; i++) {
        const struct order_line *l = &o->lines[i];
        if (l->status != LINE_ACCEPTED)
            continue;
        struct invoice_line *to = &inv->lines[inv->n_lines++];
        UT_string goods;
        utstring_init(&goods);
        put_goods(&goods, variant_by_id(w->s->catalogue, l->variant_id));
        to->line_no = (int)inv->n_lines;
        text_cut(to->description, sizeof to->description, utstring_body(&goods));
        utstring_done(&goods);
        (void)snprintf(to->hsn, sizeof to->hsn, "%s", l->hsn);
        to->quantity_um = l->quantity_um;
        to->price_paise = l->price_paise;
        to->gst_bp = l->gst_bp;
    }
    return invoice_compute(inv, w->s->shop->state_code, w->s->shop->state_code, f);
}

/* Sums of the accepted lines, as the invoice will have them; nothing while there is none. */
static void order_sums(struct walk *w)
{
    struct order *o = &w->out->order;
    const struct invoice *inv = &w->out->invoice;
    o->taxable_paise = o->tax_paise = o->total_paise = 0;
    if (order_invoice(w, NULL) != 0)
        return;
    o->taxable_paise = inv->taxable_paise;
    o->tax_paise = inv->cgst_paise + inv->sgst_paise + inv->igst_paise;
    o->total_paise = inv->total_paise;
}

/* The first line with an open detail, in the order in which a clerk would ask: which colour, then how much. */
static enum order_input open_detail(const struct order *o, int *line_no)
{
    for (size_t i = 0; i < o->n_lines; i++) {
        const struct order_line *l = &o->lines[i];
        if (!line_live(l) || (l->variant_id[0] != '\0' && l->quantity_um > 0))
            continue;
        *line_no = l->line_no;
        return l->variant_id[0] == '\0' ? IN_COLOR_MISSING : IN_QUANTITY_MISSING;
    }
    return IN_NOTHING;
}

enum order_input order_check(struct walk *w)
{
    struct order *o = &w->out->order;
    size_t live = 0;
    bool all_full = true;
    for (size_t i = 0; i < o->n_lines; i++)
        live += line_live(&o->lines[i]) ? 1 : 0;
    o->pending_slot[0] = '\0';
    o->pending_line = 0;
    if (w->unplaced > 0)
        return IN_PRODUCT_MISSING;
    if (live == 0)
        return IN_NOTHING_LEFT;
    enum order_input missing = open_detail(o, &o->pending_line);
    if (missing != IN_NOTHING)
        return missing;
    for (size_t i = 0; i < o->n_lines; i++) {
        if (!line_live(&o->lines[i]))
            continue;
        line_check(w, &o->lines[i]);
        all_full = all_full && o->lines[i].stock == STOCK_FULL;
    }
    order_sums(w);
    return all_full ? IN_STOCK_FULL : IN_STOCK_SHORT;
}
