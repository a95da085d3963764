/* What a message's items do to the order's lines. Nothing here moves the state or looks at stock beyond roll lengths
 * and "any colour". */
#include "workers/flows/order_core.h"

#include <stdio.h>
#include <string.h>

bool line_live(const struct order_line *l)
{
    return l->status == LINE_NEGOTIATING || l->status == LINE_ACCEPTED;
}

bool line_short(const struct order_line *l)
{
    return l->status == LINE_NEGOTIATING && (l->stock == STOCK_PARTIAL || l->stock == STOCK_OUT);
}

bool line_out(const struct order_line *l)
{
    return line_short(l) && l->stock == STOCK_OUT;
}

bool order_stands_without(const struct order *o)
{
    for (size_t i = 0; i < o->n_lines; i++)
        if (line_live(&o->lines[i]) && !line_out(&o->lines[i]))
            return true;
    return false;
}

struct order_line *line_numbered(struct order *o, int line_no)
{
    for (size_t i = 0; i < o->n_lines; i++)
        if (o->lines[i].line_no == line_no)
            return &o->lines[i];
    return NULL;
}

/* A customer may go on speaking of a line by its old number after it was replaced. */
static const struct order_line *line_standing(const struct order *o, int line_no)
{
    for (size_t i = 0; i < o->n_lines; i++) {
        const struct order_line *l = &o->lines[i];
        if (l->line_no != line_no)
            continue;
        if (line_live(l))
            return l;
        line_no = l->status == LINE_REPLACED ? l->replaced_by : 0; /* a replacement always stands further down */
    }
    return NULL;
}

static bool names_goods(const struct reading_item *item)
{
    return item->product[0] != '\0' || item->material[0] != '\0';
}

/* Whether the item's words may stand for the goods: a name may be told as a material and the other way round. */
static bool words_fit(const struct variant *v, const struct reading_item *item)
{
    return v != NULL &&
           (item->product[0] == '\0' || strcmp(item->product, v->name) == 0 ||
            strcmp(item->product, v->material) == 0) &&
           (item->material[0] == '\0' || strcmp(item->material, v->material) == 0 ||
            strcmp(item->material, v->name) == 0);
}

static bool line_is(const struct catalogue *c, const struct order_line *l, const struct reading_item *item,
                    bool loosely)
{
    const struct variant *v = variant_by_id(c, l->variant_id);
    if (item->color[0] != '\0' && (v == NULL || strcmp(v->color, item->color) != 0))
        return false;
    if (!names_goods(item))
        return true;
    if (loosely)
        return words_fit(variant_of_product(c, l->product_id), item);
    struct match m = match_goods(c, item->product, item->material, item->color);
    return m.product != NULL && strcmp(m.product->product_id, l->product_id) == 0;
}

/* The one live line that the item's words describe (any line without words); where several do, the one line of them
 * that waits for a decision. */
static const struct order_line *line_described(const struct catalogue *c, const struct order *o,
                                               const struct reading_item *item)
{
    const struct order_line *found = NULL, *waiting = NULL;
    size_t n = 0, n_waiting = 0;
    for (int loosely = 0; loosely < 2 && n == 0; loosely++) {
        for (size_t i = 0; i < o->n_lines; i++) {
            const struct order_line *l = &o->lines[i];
            if (!line_live(l) || !line_is(c, l, item, loosely == 1))
                continue;
            n++;
            found = l;
            if (line_short(l)) {
                n_waiting++;
                waiting = l;
            }
        }
    }
    if (n == 1)
        return found;
    return n_waiting == 1 ? waiting : NULL;
}

/* The line its words describe, else the line in question, unless the words are of other goods. */
static const struct order_line *line_to_set(const struct catalogue *c, const struct order *o,
                                            const struct reading_item *item, const struct order_line *pending)
{
    static const struct reading_item no_words;
    bool worded = names_goods(item) || item->color[0] != '\0';
    const struct order_line *found = worded ? line_described(c, o, item) : NULL;
    if (found != NULL)
        return found;
    if (pending != NULL)
        return words_fit(variant_of_product(c, pending->product_id), item) ? pending : NULL;
    return names_goods(item) ? NULL : line_described(c, o, &no_words);
}

/* "Red instead of the blue one": the line is told by the colour it has. */
static const struct order_line *line_recolored(const struct catalogue *c, const struct order *o,
                                               const struct reading_item *item)
{
    struct reading_item was = *item;
    (void)snprintf(was.color, sizeof was.color, "%s", item->from_color);
    return line_described(c, o, &was);
}

static const struct order_line *line_meant(const struct catalogue *c, const struct order *o,
                                           const struct reading_item *item)
{
    static const struct reading_item no_words;
    const struct order_line *pending = o->pending_line > 0 ? line_standing(o, o->pending_line) : NULL;
    if (item->line > 0)
        return line_standing(o, item->line);
    switch (item->action) {
    case ACTION_ACCEPT:
    case ACTION_REMOVE:
        return line_described(c, o, item);
    case ACTION_REPLACE: /* its words are those of the new goods */
        return pending != NULL ? pending : line_described(c, o, &no_words);
    case ACTION_REPLACE_COLOR:
        return line_recolored(c, o, item);
    case ACTION_SET:
        return line_to_set(c, o, item, pending);
    case ACTION_ADD: /* "green, 5 metres" after a question or an offer speaks of the line in question */
        if (names_goods(item))
            return NULL;
        return pending != NULL || o->state != ORDER_NEGOTIATION ? pending : line_described(c, o, &no_words);
    case ACTION_ALTERNATIVE:
    case ACTION_ASK:
    case ACTION_RETURN:
        break;
    }
    return NULL;
}

bool item_has_place(const struct catalogue *c, const struct order *o, const struct reading_item *item)
{
    switch (item->action) {
    case ACTION_ACCEPT:
    case ACTION_REMOVE:
    case ACTION_REPLACE_COLOR:
        return o->state != ORDER_NONE;
    case ACTION_ADD:
    case ACTION_SET:
    case ACTION_REPLACE:
        return match_goods(c, item->product, item->material, item->color).product != NULL ||
               line_meant(c, o, item) != NULL;
    case ACTION_ALTERNATIVE:
    case ACTION_ASK:
    case ACTION_RETURN:
        break;
    }
    return false;
}

/* "Any colour": the first that has the whole length, else the first of all. */
static struct match any_color(const struct walk *w, struct match m, int64_t um)
{
    const struct catalogue *c = w->s->catalogue;
    struct allocation a;
    for (size_t i = 0; um > 0 && i < c->n_variants; i++) {
        const struct variant *v = &c->variants[i];
        if (strcmp(v->product_id, m.product->product_id) == 0 &&
            stock_allocate(w->stock, v->variant_id, um, &a) == STOCK_FULL)
            return (struct match){.product = v, .variant = v};
    }
    return (struct match){.product = m.product, .variant = m.product};
}

/* A changed line is checked anew before anything is said of it. */
static void line_reopen(struct order_line *l)
{
    l->status = LINE_NEGOTIATING;
    l->stock = STOCK_UNCHECKED;
    l->available_um = -1;
    l->batch_id[0] = '\0';
    l->amount_paise = -1;
}

static void line_quantity(struct walk *w, struct order_line *l, const struct reading_item *item, const struct match *m)
{
    int64_t um = -1;
    bool assumed = false;
    enum quantity_said said = match_quantity(item, m, w->stock, &um, &assumed);
    if (said == QUANTITY_UNSAID)
        return;
    l->quantity_um = said == QUANTITY_SAID ? um : -1;
    if (l->requested_um < 0)
        l->requested_um = l->quantity_um;
    bool answer = strcmp(w->s->order.pending_slot, "quantity") == 0; /* to "how many metres" */
    w->metres_assumed = w->metres_assumed || (assumed && !answer);
    line_reopen(l);
}

static struct order_line *line_new(struct walk *w, const struct match *m)
{
    struct order *o = &w->out->order;
    if (o->n_lines == ORDER_LINES) {
        w->order_full = true;
        return NULL;
    }
    struct order_line *l = &o->lines[o->n_lines++];
    *l = (struct order_line){.line_no = (int)o->n_lines, .requested_um = -1, .quantity_um = -1, .price_paise = -1};
    (void)snprintf(l->product_id, sizeof l->product_id, "%s", m->product->product_id);
    if (m->variant != NULL)
        (void)snprintf(l->variant_id, sizeof l->variant_id, "%s", m->variant->variant_id);
    line_reopen(l);
    return l;
}

static void line_replace(struct walk *w, struct order_line *old, const struct reading_item *item, const struct match *m)
{
    struct order_line *l = line_new(w, m);
    if (l == NULL)
        return;
    l->requested_um = l->quantity_um = old->quantity_um;
    line_quantity(w, l, item, m);
    line_reopen(old);
    old->status = LINE_REPLACED;
    old->replaced_by = l->line_no;
}

/* What the item makes of a line: the words said, over what the line was. No product: the words name no goods. */
static struct match line_target(const struct walk *w, const struct order_line *l, const struct reading_item *item)
{
    const struct catalogue *c = w->s->catalogue;
    struct match to = {.product = variant_of_product(c, l->product_id), .variant = variant_by_id(c, l->variant_id)};
    const char *color = to.variant != NULL ? to.variant->color : "";
    bool stays = !names_goods(item) || (item->action != ACTION_REPLACE && words_fit(to.product, item));
    if (!stays) {
        to = match_goods(c, item->product, item->material, item->color);
        if (to.product != NULL && to.variant == NULL &&
            item->color[0] == '\0') /* the colour goes over to the new goods */
            to.variant = variant_in_color(c, to.product->product_id, color);
    } else if (item->color[0] != '\0') {
        to.variant = variant_in_color(c, l->product_id, item->color);
    }
    return item->any_color && to.product != NULL ? any_color(w, to, l->quantity_um) : to;
}

static void line_set(struct walk *w, struct order_line *l, const struct reading_item *item)
{
    struct match to = line_target(w, l, item);
    if (to.product == NULL) {
        w->unplaced++;
        return;
    }
    const char *variant_id = to.variant != NULL ? to.variant->variant_id : "";
    bool same_product = strcmp(to.product->product_id, l->product_id) == 0;
    if (!same_product || (l->variant_id[0] != '\0' && strcmp(l->variant_id, variant_id) != 0)) {
        line_replace(w, l, item, &to);
        return;
    }
    if (l->variant_id[0] == '\0' && variant_id[0] != '\0') {
        (void)snprintf(l->variant_id, sizeof l->variant_id, "%s", variant_id);
        line_reopen(l);
    }
    line_quantity(w, l, item, &to);
}

/* An unfinished line of the same goods is what a full repetition ("20 m blue cotton") speaks of. */
static struct order_line *line_unfinished(struct order *o, const struct match *m)
{
    for (size_t i = 0; i < o->n_lines; i++) {
        struct order_line *l = &o->lines[i];
        bool open = l->variant_id[0] == '\0' || l->quantity_um < 0;
        bool fits =
            l->variant_id[0] == '\0' || (m->variant != NULL && strcmp(m->variant->variant_id, l->variant_id) == 0);
        if (line_live(l) && open && fits && strcmp(l->product_id, m->product->product_id) == 0)
            return l;
    }
    return NULL;
}

static void item_add(struct walk *w, const struct reading_item *item)
{
    struct match m = match_goods(w->s->catalogue, item->product, item->material, item->color);
    if (m.product == NULL) {
        w->unplaced++;
        return;
    }
    if (item->any_color && m.variant == NULL)
        m = any_color(w, m, item->length_um);
    struct order_line *l = line_unfinished(&w->out->order, &m);
    if (l != NULL) {
        line_set(w, l, item);
        return;
    }
    l = line_new(w, &m);
    if (l != NULL)
        line_quantity(w, l, item, &m);
}

static void line_cancel(struct order_line *l)
{
    line_reopen(l);
    l->status = LINE_CANCELLED;
}

/* Takes what there is, as the last check found it; more cannot be accepted, less can. Of which there is nothing, that
 * is left out as long as something remains: a "yes" must not be answered by the same offer again. */
static void line_accept(struct walk *w, struct order_line *l, int64_t wanted_um)
{
    if (line_out(l) && order_stands_without(&w->out->order)) {
        w->left_out[w->n_left_out++] = l->line_no;
        line_cancel(l);
    }
    if (!line_short(l) || l->available_um <= 0)
        return;
    l->quantity_um = wanted_um > 0 && wanted_um < l->available_um ? wanted_um : l->available_um;
    line_reopen(l);
}

void lines_accept_offer(struct walk *w)
{
    struct order *o = &w->out->order;
    for (size_t i = 0; i < o->n_lines; i++)
        line_accept(w, &o->lines[i], -1);
}

static void item_apply(struct walk *w, const struct reading_item *item)
{
    struct order *o = &w->out->order;
    const struct order_line *meant = line_meant(w->s->catalogue, o, item);
    struct order_line *l = meant != NULL ? line_numbered(o, meant->line_no) : NULL;
    bool pointed = item->line > 0 || names_goods(item) || item->color[0] != '\0';
    switch (item->action) {
    case ACTION_ADD:
    case ACTION_SET:
    case ACTION_REPLACE:
        if (l != NULL)
            line_set(w, l, item);
        else
            item_add(w, item);
        break;
    case ACTION_ACCEPT:
        if (l != NULL)
            line_accept(w, l, item->length_um);
        else if (!pointed)
            lines_accept_offer(w);
        else
            w->line_unclear = true;
        break;
    case ACTION_REPLACE_COLOR:
        w->line_unclear = w->line_unclear || l == NULL;
        if (l != NULL)
            line_set(w, l, item);
        break;
    case ACTION_REMOVE:
        w->line_unclear = w->line_unclear || l == NULL;
        if (l != NULL)
            line_cancel(l);
        break;
    case ACTION_ALTERNATIVE:
    case ACTION_ASK:
    case ACTION_RETURN:
        break;
    }
}

void lines_apply(struct walk *w, const struct reading *r)
{
    static const struct reading_item bare = {.action = ACTION_REMOVE, .length_um = -1, .quantity_u = -1};
    if (r->n_items == 0 && r->intent == INTENT_ACCEPT_AVAILABLE)
        lines_accept_offer(w);
    if (r->n_items == 0 && r->intent == INTENT_CANCEL_ITEM)
        item_apply(w, &bare);
    for (size_t i = 0; i < r->n_items; i++)
        item_apply(w, &r->items[i]);
}
