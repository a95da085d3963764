/* The marks of the sentences ("{lines}") and what each stands for in a walk. */
#include "workers/flows/order_core.h"

#include <string.h>

enum { NAMES_SHOWN = 12 };

/* In a chat whole rupees stand without paise: ₹2,400. */
static void put_money(UT_string *out, int64_t paise)
{
    char text[40];
    rupees(paise, text);
    size_t n = strlen(text);
    utstring_printf(out, "%.*s", (int)(paise % 100 == 0 ? n - 3 : n), text);
}

static void put_list(UT_string *out, const char *name)
{
    utstring_printf(out, "%s%s", utstring_len(out) > 0 ? ", " : "", name);
}

static void shop(struct walk *w, UT_string *out)
{
    utstring_printf(out, "%s", w->s->shop->name);
}

static void example(struct walk *w, UT_string *out)
{
    utstring_printf(out, "20 m ");
    if (w->s->catalogue->n_variants > 0)
        put_goods(out, &w->s->catalogue->variants[0]);
    else
        utstring_printf(out, "blue cotton");
}

static void products(struct walk *w, UT_string *out)
{
    const struct catalogue *c = w->s->catalogue;
    UT_string list;
    utstring_init(&list);
    for (size_t i = 0, shown = 0; i < c->n_variants && shown < NAMES_SHOWN; i++) {
        if (variant_of_product(c, c->variants[i].product_id) != &c->variants[i])
            continue;
        put_list(&list, c->variants[i].name);
        shown++;
    }
    utstring_concat(out, &list);
    utstring_done(&list);
}

static void colors(struct walk *w, UT_string *out)
{
    const struct catalogue *c = w->s->catalogue;
    UT_string list;
    utstring_init(&list);
    for (size_t i = 0, shown = 0; w->line != NULL && i < c->n_variants && shown < NAMES_SHOWN; i++) {
        if (strcmp(c->variants[i].product_id, w->line->product_id) != 0)
            continue;
        put_list(&list, c->variants[i].color);
        shown++;
    }
    utstring_concat(out, &list);
    utstring_done(&list);
}

static void item(struct walk *w, UT_string *out)
{
    const struct variant *v = variant_by_id(w->s->catalogue, w->line->variant_id);
    const struct variant *any = variant_of_product(w->s->catalogue, w->line->product_id);
    if (v != NULL)
        put_goods(out, v);
    else if (any != NULL)
        utstring_printf(out, "%s", any->name);
}

static void number(struct walk *w, UT_string *out)
{
    utstring_printf(out, "%d", w->line->line_no);
}

static void wanted(struct walk *w, UT_string *out)
{
    put_length(out, w->line->quantity_um);
}

static void available(struct walk *w, UT_string *out)
{
    put_length(out, w->line != NULL ? w->line->available_um : w->goods_free_um);
}

static void goods(struct walk *w, UT_string *out)
{
    put_goods(out, w->goods);
}

static size_t alternatives_of(struct walk *w, const struct variant *found[ALTERNATIVES])
{
    const struct variant *v = variant_by_id(w->s->catalogue, w->line->variant_id);
    return v == NULL ? 0 : match_alternatives(w->s->catalogue, w->stock, v, w->line->quantity_um, found);
}

static void alternatives(struct walk *w, UT_string *out)
{
    const struct variant *found[ALTERNATIVES];
    size_t n = alternatives_of(w, found);
    for (size_t i = 0; i < n; i++) {
        utstring_printf(out, "%s", i > 0 ? ", " : "");
        put_goods(out, found[i]);
    }
}

/* Calls part() for a line, with the line as what the sentence speaks of. */
static void part_of_line(struct walk *w, struct order_line *l, enum sentence id, UT_string *out)
{
    struct order_line *was = w->line;
    w->line = l;
    order_part(w, id, out);
    w->line = was;
}

static void offers(struct walk *w, UT_string *out)
{
    struct order *o = &w->out->order;
    struct order_line *was = w->line;
    bool first = true;
    for (size_t i = 0; i < o->n_lines; i++) {
        struct order_line *l = &o->lines[i];
        const struct variant *found[ALTERNATIVES];
        if (!line_short(l))
            continue;
        utstring_printf(out, "%s", first ? "" : "\n");
        first = false;
        w->line = l;
        if (l->stock == STOCK_PARTIAL)
            part_of_line(w, l, SAY_OFFER_PARTIAL, out);
        else
            part_of_line(w, l, alternatives_of(w, found) > 0 ? SAY_OFFER_INSTEAD : SAY_OFFER_OUT, out);
    }
    w->line = was;
}

static void how(struct walk *w, UT_string *out)
{
    const struct order *o = &w->out->order;
    bool out_of_some = false;
    for (size_t i = 0; i < o->n_lines; i++)
        out_of_some = out_of_some || line_out(&o->lines[i]);
    if (!out_of_some)
        order_part(w, SAY_HOW_PARTIAL, out);
    else
        order_part(w, order_stands_without(o) ? SAY_HOW_WITHOUT : SAY_HOW_OUT, out);
}

/* Live lines; without those that an offer has just spoken of when short ones are skipped. */
static void put_lines(struct walk *w, bool skip_short, UT_string *out)
{
    struct order *o = &w->out->order;
    struct order_line *was = w->line;
    bool first = true;
    for (size_t i = 0; i < o->n_lines; i++) {
        struct order_line *l = &o->lines[i];
        if (!line_live(l) || (skip_short && line_short(l)))
            continue;
        utstring_printf(out, "%s%d. ", first ? "" : "\n", l->line_no);
        first = false;
        w->line = l;
        item(w, out);
        if (l->quantity_um > 0) {
            utstring_printf(out, ", ");
            put_length(out, l->quantity_um);
        }
        if (l->amount_paise >= 0) {
            utstring_printf(out, " x ");
            put_money(out, l->price_paise);
            utstring_printf(out, "/m = ");
            put_money(out, l->amount_paise);
        }
    }
    w->line = was;
}

static void lines(struct walk *w, UT_string *out)
{
    put_lines(w, false, out);
}

static void standing(struct walk *w, UT_string *out)
{
    put_lines(w, true, out);
}

static void rest(struct walk *w, UT_string *out)
{
    const struct order *o = &w->out->order;
    for (size_t i = 0; i < o->n_lines; i++) {
        if (!line_live(&o->lines[i]) || line_short(&o->lines[i]))
            continue;
        order_part(w, SAY_REST, out);
        return;
    }
}

static void taxable(struct walk *w, UT_string *out)
{
    put_money(out, w->out->order.taxable_paise);
}

static void tax(struct walk *w, UT_string *out)
{
    put_money(out, w->out->order.tax_paise);
}

static void total(struct walk *w, UT_string *out)
{
    put_money(out, w->out->order.total_paise);
}

static int64_t rounded_by(const struct order *o)
{
    return o->total_paise - o->taxable_paise - o->tax_paise;
}

static void round_off(struct walk *w, UT_string *out)
{
    put_money(out, rounded_by(&w->out->order));
}

static void round_line(struct walk *w, UT_string *out)
{
    if (rounded_by(&w->out->order) != 0)
        order_part(w, SAY_ROUND_OFF, out);
}

static void sums(struct walk *w, UT_string *out)
{
    order_part(w, SAY_SUMS, out);
}

static void note(struct walk *w, UT_string *out)
{
    if (w->metres_assumed)
        order_part(w, SAY_NOTE_METRES, out);
    if (w->order_full)
        order_part(w, SAY_NOTE_FULL, out);
    for (size_t i = 0; i < w->n_left_out; i++)
        part_of_line(w, line_numbered(&w->out->order, w->left_out[i]), SAY_NOTE_LEFT_OUT, out);
}

static void reason(struct walk *w, UT_string *out)
{
    if (w->in->kind == TURN_DECISION && w->in->decision->reason[0] != '\0')
        order_part(w, SAY_REASON, out);
}

static void why(struct walk *w, UT_string *out)
{
    utstring_printf(out, "%s", w->in->decision->reason);
}

/* Calls one() for all goods that the message's items speak of, each on a line of its own. */
static void each_asked(struct walk *w, UT_string *out, void (*one)(struct walk *w, UT_string *out))
{
    const struct reading *r = w->in->reading;
    const struct catalogue *c = w->s->catalogue;
    struct order_line *was = w->line;
    size_t shown = 0;
    w->line = NULL;
    for (size_t i = 0; i < r->n_items; i++) {
        struct match m = match_goods(c, r->items[i].product, r->items[i].material, r->items[i].color);
        for (size_t v = 0; m.product != NULL && v < c->n_variants && shown < NAMES_SHOWN; v++) {
            w->goods = &c->variants[v];
            bool meant =
                m.variant != NULL ? m.variant == w->goods : strcmp(m.product->product_id, w->goods->product_id) == 0;
            if (!meant)
                continue;
            utstring_printf(out, "%s", shown++ > 0 ? "\n" : "");
            one(w, out);
        }
    }
    w->line = was;
}

static void one_price(struct walk *w, UT_string *out)
{
    put_goods(out, w->goods);
    utstring_printf(out, ": ");
    put_money(out, w->goods->price_paise);
    utstring_printf(out, "/m");
}

static void one_stock(struct walk *w, UT_string *out)
{
    struct allocation a;
    (void)stock_allocate(w->stock, w->goods->variant_id, INT64_MAX, &a);
    w->goods_free_um = a.length_um;
    order_part(w, a.length_um > 0 ? SAY_STOCK_SOME : SAY_STOCK_NONE, out);
}

static void prices(struct walk *w, UT_string *out)
{
    each_asked(w, out, one_price);
}

static void stocks(struct walk *w, UT_string *out)
{
    each_asked(w, out, one_stock);
}

static enum sentence question(const struct order *o)
{
    if (strcmp(o->pending_slot, "color") == 0)
        return SAY_ASK_COLOR;
    if (strcmp(o->pending_slot, "quantity") == 0)
        return SAY_ASK_QUANTITY;
    return strcmp(o->pending_slot, "material") == 0 ? SAY_ASK_PRODUCT : SAY_NEXT_COLLECTING;
}

static void next(struct walk *w, UT_string *out)
{
    static const enum sentence by_state[ORDER_STATE_COUNT] = {
        [ORDER_NONE] = SAY_NEXT_NONE,      [ORDER_NEGOTIATION] = SAY_NEXT_NEGOTIATION,
        [ORDER_FINAL] = SAY_NEXT_FINAL,    [ORDER_WAITING] = SAY_NEXT_WAITING,
        [ORDER_COMPLETED] = SAY_NEXT_NONE, [ORDER_REJECTED] = SAY_NEXT_NONE,
        [ORDER_CANCELLED] = SAY_NEXT_NONE,
    };
    struct order *o = &w->out->order;
    struct order_line *asked = line_numbered(o, o->pending_line);
    enum sentence id = o->state == ORDER_COLLECTING ? question(o) : by_state[o->state];
    if ((id == SAY_ASK_COLOR || id == SAY_ASK_QUANTITY) && asked == NULL)
        id = SAY_NEXT_COLLECTING;
    if (id == SAY_NEXT_NEGOTIATION) /* begins a line of its own */
        while (utstring_len(out) > 0 && utstring_body(out)[utstring_len(out) - 1] == ' ')
            utstring_body(out)[--utstring_len(out)] = '\0';
    part_of_line(w, asked, id, out);
}

static const struct {
    const char *mark;
    void (*put)(struct walk *w, UT_string *out);
} marks[] = {
    {"shop", shop},
    {"example", example},
    {"products", products},
    {"colors", colors},
    {"item", item},
    {"n", number},
    {"wanted", wanted},
    {"available", available},
    {"goods", goods},
    {"lines", lines},
    {"standing", standing},
    {"rest", rest},
    {"offers", offers},
    {"alternatives", alternatives},
    {"how", how},
    {"taxable", taxable},
    {"tax", tax},
    {"total", total},
    {"round", round_line},
    {"sums", sums},
    {"round_off", round_off},
    {"note", note},
    {"reason", reason},
    {"why", why},
    {"prices", prices},
    {"stocks", stocks},
    {"next", next},
};

static bool mark_value(void *arg, const char *mark, UT_string *out)
{
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (strcmp(marks[i].mark, mark) != 0)
            continue;
        marks[i].put(arg, out);
        return true;
    }
    return false; /* INVOICE_MARK: the commit knows the number */
}

void order_part(struct walk *w, enum sentence id, UT_string *out)
{
    sentence_render(out, id, w->language, mark_value, w);
}
