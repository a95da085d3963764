#include "workers/reading/decide.h"

#include <stdio.h>
#include <string.h>

static const uint64_t removing = ACT_BIT(ACT_CANCEL) | ACT_BIT(ACT_DROP) | ACT_BIT(ACT_NOT_WANTED);

static bool has(const struct scene *s, enum act a)
{
    return (s->drafts->acts & ACT_BIT(a)) != 0;
}

static bool pending_is(const struct scene *s, const char *slot)
{
    return s->ctx->pending_slot != NULL && strcmp(s->ctx->pending_slot, slot) == 0;
}

static void add_line(const struct scene *s, const struct draft *d)
{
    struct reading_item *it = item_new(s->out, ACTION_ADD);
    if (it == NULL)
        return;
    item_goods(it, d);
    bool reading = d->category != NULL && it->product[0] == '\0' && d->form == NULL && d->quantity != NULL &&
                   d->quantity->unit < 0 && d->unit < 0; /* "sugar 250 aayi hai" */
    if (d->quantity != NULL && !reading)
        item_quantity(it, s->m, d);
    else if (d->unit >= 0)
        (void)snprintf(it->unit, sizeof it->unit, "%s", s->m->l->units[d->unit].name);
    item_in_contract_units(it);
    item_ask(s, it, d);
}

/* Values for a known line: what it has, and on top what the message says. */
static void set_line(const struct scene *s, const struct draft *d, const struct reading_cart_line *line)
{
    struct reading_item *it = item_new(s->out, ACTION_SET);
    if (it == NULL)
        return;
    static const struct span twice = {.number = {.u = 2000000, .min_u = -1, .max_u = -1}, .unit = -1},
                             thrice = {.number = {.u = 3000000, .min_u = -1, .max_u = -1}, .unit = -1};
    bool doubled = d->quantity == NULL && (d->act == ACT_TIMES || d->act == ACT_THRICE);
    const struct span *q = !doubled ? d->quantity : d->act == ACT_TIMES ? &twice : &thrice;
    item_from_line(it, s, line, q == NULL);
    item_goods(it, d);
    struct span changed;
    struct draft from_to = *d;
    if (q != NULL && q->number.u < 0 && q->number.first_u > 0 && q->number.first_u == line_has_u(line)) {
        changed = *q; /* "30 se 25 kar do": from what the line has */
        changed.number.u = q->number.last_u;
        changed.number.min_u = changed.number.max_u = -1;
        from_to.quantity = q = &changed;
        d = &from_to;
    }
    bool share = q != NULL && q->unit < 0 && !q->number.digits && q->number.u > 0 && q->number.u < 1000000 &&
                 d->act == ACT_SET && line_pending(s) == NULL; /* "polyester aadha kar do" */
    doubled = doubled || share;
    int sign = q == NULL ? 0 : q->sign != 0 ? q->sign : d->act == ACT_MORE ? 1 : d->act == ACT_LESS ? -1 : 0;
    if (doubled || (q != NULL && sign != 0)) {
        item_relative(it, s, line, q, sign);
    } else if (q != NULL) {
        item_quantity(it, s->m, d);
        if (it->unit[0] == '\0' && line->unit != NULL)
            (void)memcpy(it->unit, line->unit, strnlen(line->unit, READING_WORD - 1));
        else if (it->unit[0] == '\0' && line->length_um > 0)
            it->unit[0] = 'm';
        if (line->unit != NULL)
            item_in_singles(it, s->m->l, line->unit);
        item_length(it, s->m->l);
        if (it->quantity_u < 0)
            reading_clarify(s->out, "quantity");
    } else if (d->open_quantity || pending_is(s, "quantity")) {
        reading_clarify(s->out, "quantity");
    }
    if (d->open_color)
        reading_clarify(s->out, "color");
    if (d->open_material)
        reading_clarify(s->out, pending_is(s, "product") ? "product" : "material");
}

static void replace_line(const struct scene *s, const struct draft *d, const struct reading_cart_line *line)
{
    struct reading_item *it = item_new(s->out, ACTION_REPLACE);
    if (it == NULL)
        return;
    item_from_line(it, s, line, true);
    if (d->product != NULL || d->material != NULL)
        it->product[0] = it->material[0] = '\0';
    item_goods(it, d);
    if (d->quantity != NULL)
        item_quantity(it, s->m, d);
}

/* "change white cotton to black": of two goods under one verb, the one in the cart gives way to the one that is not. */
static bool gives_way(const struct scene *s, size_t k)
{
    bool several;
    const struct draft *d = &s->drafts->d[k], *next = k + 1 < s->drafts->n ? d + 1 : NULL;
    bool verb_last = next != NULL && d->act == ACT_NONE && next->act == ACT_SET && next->first == d->last + 1;
    if (next == NULL || (d->act != ACT_SET && !verb_last) || d->quantity != NULL || !draft_has_goods(d) ||
        !draft_has_goods(next) || next->quantity != NULL || line_of(s, d, &several) == NULL)
        return false;
    return (next->act == ACT_SET || next->act == ACT_NONE) && line_of(s, next, &several) == NULL && !several;
}

/* The draft that tells what is replaced ("blue ki jagah"), or is ruled out before this one ("blue nahi red"). */
static const struct reading_cart_line *replaced(const struct scene *s, size_t k)
{
    bool several;
    for (size_t i = 0; i < s->drafts->n; i++) {
        const struct draft *d = &s->drafts->d[i];
        if (i != k && (d->old || d->negated || (i + 1 == k && gives_way(s, i))) && draft_has_goods(d))
            return line_of(s, d, &several);
    }
    return NULL;
}

/* What was asked for, or is the item asked about anyhow. */
static bool answers(const struct scene *s, const struct draft *d)
{
    const struct reading_cart_line *p = line_pending(s);
    bool corrects = false; /* "green nahi red chahiye": what is ruled out is the item's */
    for (size_t k = 0; p != NULL && k < s->drafts->n; k++)
        corrects = corrects ||
                   (s->drafts->d[k].negated && draft_has_goods(&s->drafts->d[k]) && line_fits(&s->drafts->d[k], p));
    if (p == NULL || (line_contradicts(d, p) && !corrects) || d->open_quantity)
        return false;
    if (d->outlet != NULL && pending_is(s, "outlet"))
        return true;
    return d->form != NULL || d->quantity != NULL || draft_has_goods(d) || d->any_color || d->open_color ||
           d->open_material || d->mixed;
}

/* A draft without goods: "nahi 30 karo", "20 metre". */
static void quantity_alone(const struct scene *s, const struct draft *d)
{
    bool several = false;
    const struct reading_cart_line *line = line_alone(s);
    const struct span *q = d->quantity;
    if (line == NULL && d->outlet != NULL)
        line = line_of(s, d, &several);
    if (line == NULL && q != NULL && d->outlet == NULL)
        line = line_with_available(s, q->number.u);
    bool plain = q != NULL && q->sign == 0 && d->act != ACT_MORE && d->act != ACT_LESS;
    struct draft more = *d;
    bool wants = d->act == ACT_NONE || d->act == ACT_WANT || d->act == ACT_DO;
    if (plain && wants && line_pending(s) == NULL && d->first == 1 && cue_at(s->m, s->m->spans[0].at, CUE_MORE_LAST)) {
        more.act = ACT_MORE; /* "aur 5 meter" */
        d = &more;
        plain = false;
    }
    bool all = q != NULL && d->each && q->number.u > 0 && s->ctx->n_cart > 1 && line_pending(s) == NULL;
    for (size_t i = 0; all && i < s->ctx->n_cart; i++)
        set_line(s, d, &s->ctx->cart[i]);
    if (all)
        return;
    if (plain && line != NULL && line->short_of_stock && q->number.u > 0 && q->number.u == line->available_um) {
        line_accept(s, line);
        return;
    }
    if (s->ctx->n_cart == 0 && line == NULL) {
        if (q != NULL && d->act != ACT_LESS) /* "3 mahine me 5 kilo kam": of nothing there is no less */
            add_line(s, d);
    } else if (line != NULL) {
        bool same = plain && q->number.u == line_has_u(line) && line_pending(s) == NULL && !line->short_of_stock;
        if (!same || (!has(s, ACT_YES) && !has(s, ACT_CONFIRM) &&
                      s->drafts->n == 1)) /* "haan 8 meter theek hai" changes nothing */
            set_line(s, d, line);
    } else {
        struct reading_item *it = item_new(s->out, ACTION_SET);
        if (it == NULL)
            return;
        if (plain)
            item_quantity(it, s->m, d);
        reading_clarify(s->out, "material");
    }
}

/* "pichla order, blue ki jagah red": the lines are not known here, only what changes in them. */
static bool recolor(const struct scene *s, const struct draft *d)
{
    const struct goods *from = NULL;
    for (size_t i = 0; i < s->drafts->n; i++)
        if (s->drafts->d[i].old || s->drafts->d[i].negated)
            from = s->drafts->d[i].color;
    if (!has(s, ACT_REPEAT) || from == NULL || d->color == NULL)
        return false;
    struct reading_item *it = item_new(s->out, ACTION_REPLACE_COLOR);
    if (it == NULL)
        return true;
    item_goods(it, d);
    (void)snprintf(it->from_color, sizeof it->from_color, "%s", from->name);
    return true;
}

/* "pizza box 12 inch kar do", "cotton ko red kar do": the one line of these goods, in another size or colour. */
static const struct reading_cart_line *other_article(const struct scene *s, const struct draft *d)
{
    const struct reading_cart_line *found = NULL;
    struct draft named = {.material = d->material, .product = d->product};
    bool differs = d->color != NULL || d->size != NULL || d->strength != NULL;
    if (d->act != ACT_SET || d->quantity != NULL || !differs || !draft_has_goods(&named))
        return NULL;
    for (size_t i = 0; i < s->ctx->n_cart; i++) {
        if (!line_fits(&named, &s->ctx->cart[i]))
            continue;
        if (found != NULL)
            return NULL;
        found = &s->ctx->cart[i];
    }
    return found;
}

static void change_line(const struct scene *s, const struct draft *d, size_t k)
{
    bool several = false;
    const struct reading_cart_line *line = line_of(s, d, &several), *old = replaced(s, k), *alone = line_alone(s);
    bool relative = d->quantity != NULL && (d->quantity->sign != 0 || d->act == ACT_MORE || d->act == ACT_LESS);
    bool waits = line != NULL && line->short_of_stock && d->quantity != NULL;
    bool follows = d->act == ACT_NONE && d->quantity != NULL && k > 0 && s->drafts->d[k - 1].act == ACT_SET;
    bool value_only = (d->size != NULL || d->strength != NULL) && d->color == NULL && d->quantity == NULL;
    value_only = value_only && d->material == NULL && d->product == NULL;
    bool color_only = d->color != NULL && d->material == NULL && d->product == NULL && d->quantity == NULL;
    follows = follows || (d->act == ACT_NONE && d->quantity != NULL && (has(s, ACT_YES) || has(s, ACT_CONFIRM)));
    const uint64_t edits = ACT_BIT(ACT_SET) | ACT_BIT(ACT_CANCEL) | ACT_BIT(ACT_DROP) | ACT_BIT(ACT_LESS);
    bool bare = d->act == ACT_NONE && d->quantity != NULL && line != NULL;
    bool final = strcmp(s->ctx->state, "FINAL_CUSTOMER_CONFIRMATION") == 0;
    follows = follows || (bare && (s->drafts->acts & edits) != 0) || (bare && final && d->quantity->unit < 0);
    follows = follows || (color_only && has(s, ACT_YES)) || (bare && has(s, ACT_CORRECT)); /* "actually, tussar 30 m" */
    follows =
        follows || (bare && has(s, ACT_OPTION) && d->material == NULL && d->product == NULL); /* "white wala 30" */
    for (size_t i = 0; bare && i < s->drafts->n; i++) /* "25 m cotton, not 30" */
        follows = follows ||
                  (s->drafts->d[i].negated && s->drafts->d[i].quantity != NULL && !draft_has_goods(&s->drafts->d[i]));
    bool agrees = has(s, ACT_YES) || has(s, ACT_CONFIRM);
    if (agrees && !relative && bare && !waits && d->quantity->number.u == line_has_u(line))
        return; /* "yes, confirm 30 m white cotton" */
    bool sets = waits || follows || d->act == ACT_SET || (d->act == ACT_KEEP && d->quantity != NULL) ||
                d->act == ACT_TIMES || d->act == ACT_THRICE || has(s, ACT_NO) || relative;
    if (recolor(s, d))
        return;
    old = old == NULL && line == NULL && !several ? other_article(s, d) : old;
    bool gone = alone != NULL && alone->short_of_stock && alone->available_um <= 0 && d->quantity == NULL;
    if (old == NULL && line == NULL && gone && draft_has_goods(d) && d->category == NULL)
        old = alone; /* nothing of it can be had: what is named instead takes its place */
    if (waits && !relative && d->quantity->number.u > 0 && d->quantity->number.u == line->available_um)
        line_name(s, d, ACTION_ACCEPT); /* exactly what there is */
    else if (old != NULL)
        replace_line(s, d, old);
    else if (sets && line != NULL)
        set_line(s, d, line);
    else if (sets && several) {
        struct reading_item *it = item_new(s->out, ACTION_SET);
        if (it == NULL)
            return;
        item_goods(it, d);
        if (d->quantity != NULL && !relative)
            item_quantity(it, s->m, d);
        reading_clarify(s->out, line_open_slot(s, d));
    } else if (sets && (color_only || value_only) && alone != NULL) {
        replace_line(s, d, alone);
    } else {
        add_line(s, d);
    }
}

static enum intent intent_of_action(const struct scene *s, enum item_action a)
{
    switch (a) {
    case ACTION_ADD:
        return s->ctx->n_cart == 0 ? INTENT_PLACE_ORDER : INTENT_ADD_ITEM;
    case ACTION_REMOVE:
        return INTENT_CANCEL_ITEM;
    case ACTION_ACCEPT:
        return INTENT_ACCEPT_AVAILABLE;
    case ACTION_ALTERNATIVE:
        return INTENT_REQUEST_ALTERNATIVE;
    case ACTION_RETURN:
        return INTENT_COMPLAINT;
    case ACTION_REPLACE_COLOR:
        return INTENT_REPEAT_ORDER;
    default:
        return INTENT_EDIT_ITEM;
    }
}

static void read_draft(const struct scene *s, size_t k, bool *answered)
{
    const struct draft *d = &s->drafts->d[k];
    struct draft less = *d;
    if (draft_passes(s, d))
        return;
    if (draft_takes_off(s, d)) {
        less.act = ACT_LESS;
        d = &less;
    }
    if (d->negated && (ACT_BIT(d->act) & removing) == 0 && draft_wants_other(s, d))
        line_name(s, d, ACTION_ALTERNATIVE);
    else if ((ACT_BIT(d->act) & removing) != 0 || d->negated)
        line_name(s, d, ACTION_REMOVE);
    else if (d->act == ACT_ALTERNATIVE)
        line_name(s, d, ACTION_ALTERNATIVE);
    else if (draft_accepts(s, d))
        line_name(s, d, ACTION_ACCEPT);
    else if (d->act == ACT_RETURN && !draft_has_goods(d) && d->quantity == NULL && s->drafts->n > 1) {
        ; /* "returning 14 m satin, it has holes" */
    } else if (d->act == ACT_RETURN) {
        add_line(s, d);
        s->out->items[s->out->n_items - 1].action = ACTION_RETURN;
        s->out->n_clarify = 0;
    } else if (!*answered && answers(s, d)) {
        *answered = true;
        set_line(s, d, line_pending(s));
    } else if (!draft_has_goods(d) && !d->open_color && !d->open_material) {
        quantity_alone(s, d);
    } else {
        change_line(s, d, k);
    }
}

/* Whether the quantity that was asked for had never been told: nothing of it can be changed. */
static bool first_told(const struct scene *s)
{
    const struct reading_cart_line *p = line_pending(s);
    return p != NULL && pending_is(s, "quantity") && line_has_u(p) <= 0;
}

bool orders_read(const struct scene *s)
{
    if (parts_read(s))
        return true;
    const struct drafts *o = s->drafts;
    bool answered = false, mixed = false, ruled = o->corrected;
    for (size_t k = 0; k < o->n; k++) {
        const struct draft *d = &o->d[k];
        bool replaces = (d->negated || d->old || gives_way(s, k)) && o->n > 1;
        bool answer = line_pending(s) != NULL && !answered && answers(s, d);
        ruled = ruled || d->negated;
        if (replaces || (!answer && draft_idle(s, d)))
            continue;
        read_draft(s, k, &answered);
    }
    struct reading *r = s->out;
    if (r->n_items == 0)
        return false;
    r->intent = intent_of_action(s, r->items[0].action);
    for (size_t i = 1; i < r->n_items; i++)
        mixed = mixed || intent_of_action(s, r->items[i].action) != r->intent;
    if (mixed)
        r->intent = INTENT_MULTI;
    else if (answered && r->n_items == 1 && (!has(s, ACT_NO) || ruled || first_told(s)))
        r->intent = INTENT_PROVIDE_VALUE;
    return true;
}
