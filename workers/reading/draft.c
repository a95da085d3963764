#include "workers/reading/draft.h"

#include <string.h>

static const uint64_t line_acts = ACT_BIT(ACT_CANCEL) | ACT_BIT(ACT_DROP) | ACT_BIT(ACT_NOT_WANTED) | ACT_BIT(ACT_SET) |
                                  ACT_BIT(ACT_WANT) | ACT_BIT(ACT_DO) | ACT_BIT(ACT_ACCEPT) | ACT_BIT(ACT_ALTERNATIVE) |
                                  ACT_BIT(ACT_MORE) | ACT_BIT(ACT_LESS) | ACT_BIT(ACT_KEEP) | ACT_BIT(ACT_RETURN) |
                                  ACT_BIT(ACT_TIMES) | ACT_BIT(ACT_THRICE);
/* These may be said once for several lines without a quantity. */
static const uint64_t shared_acts = ACT_BIT(ACT_CANCEL) | ACT_BIT(ACT_DROP) | ACT_BIT(ACT_NOT_WANTED) |
                                    ACT_BIT(ACT_ACCEPT) | ACT_BIT(ACT_ALTERNATIVE) | ACT_BIT(ACT_KEEP) |
                                    ACT_BIT(ACT_RETURN);

static bool fits(const struct message *m, const struct draft *d, size_t i)
{
    const struct span *s = &m->spans[i];
    if (s->kind == SPAN_QUANTITY)
        return d->quantity == NULL;
    if (s->kind == SPAN_VALUE && d->open_material && d->strength != NULL && strcmp(d->strength, s->value) == 0)
        return true; /* "dolo 650 ya crocin 650" */
    if (s->kind == SPAN_VALUE)
        return s->slot == SLOT_IN_SIZE ? d->size == NULL : d->strength == NULL;
    if (s->kind != SPAN_GOODS)
        return true;
    switch (s->goods->slot) {
    case SLOT_COLOR: {
        bool goods_next = span_is(m, i + 1, SPAN_GOODS) && m->spans[i + 1].goods->slot != SLOT_COLOR;
        bool complete = d->quantity != NULL && (d->material != NULL || d->product != NULL);
        bool own = complete && span_is(m, i + 1, SPAN_QUANTITY) && !span_is(m, i + 2, SPAN_GOODS);
        return d->color == NULL && !(complete && goods_next) && !own;
    }
    case SLOT_MATERIAL:
        return d->material == NULL;
    case SLOT_FORM:
        return d->form == NULL;
    case SLOT_CATEGORY:
        return d->category == NULL;
    default:
        return d->product == NULL;
    }
}

static void take(struct draft *d, const struct message *m, size_t i)
{
    const struct span *s = &m->spans[i];
    if (s->kind == SPAN_QUANTITY)
        d->quantity = s;
    else if (s->kind == SPAN_GOODS && s->goods->slot == SLOT_COLOR)
        d->color = s->goods;
    else if (s->kind == SPAN_GOODS && s->goods->slot == SLOT_MATERIAL)
        d->material = s->goods;
    else if (s->kind == SPAN_GOODS && s->goods->slot == SLOT_FORM)
        d->form = s->goods;
    else if (s->kind == SPAN_GOODS && s->goods->slot == SLOT_CATEGORY)
        d->category = s->goods;
    else if (s->kind == SPAN_GOODS)
        d->product = s->goods;
    else if (s->kind == SPAN_VALUE && s->slot == SLOT_IN_SIZE)
        d->size = s->value;
    else if (s->kind == SPAN_VALUE)
        d->strength = s->value;
    else if (s->kind == SPAN_UNCLEAR && s->slot == SLOT_COLOR)
        d->open_color = true;
    else if (s->kind == SPAN_UNCLEAR)
        d->open_material = true;
    else if (s->act == ACT_ANY_COLOR)
        d->any_color = true;
    else if (s->act == ACT_MIXED)
        d->mixed = true;
    else if (s->act == ACT_SAME_LOT)
        d->same_lot = true;
    else
        d->that = true;
    d->last = i;
}

/* Where building stands. */
struct build {
    struct message *m;
    struct drafts *out;
    struct draft *now; /* NULL: the next word begins a line */
    bool after_act;    /* a verb came since the line's last word */
    bool after_split;  /* a comma or "and" did */
    bool outlet_first; /* outlets stand before their lines */
    bool asks;         /* the message is a question: "blue or red" are two things asked about */
};

static void begin(struct build *b, size_t i)
{
    b->now = NULL;
    if (b->out->n == READING_ITEMS) {
        b->out->overflow = true;
        return;
    }
    b->now = &b->out->d[b->out->n++];
    *b->now = (struct draft){.first = i, .last = i, .unit = -1, .parts = 1};
}

/* "blue ya red": the customer leaves it open, so the clerk asks. */
static bool alternative_to(struct build *b, size_t i)
{
    const struct span *s = &b->m->spans[i];
    if (b->now == NULL || i == 0 || !span_is(b->m, i - 1, SPAN_OR) || s->kind != SPAN_GOODS || b->asks)
        return false;
    if (s->goods->slot == SLOT_COLOR && b->now->color != NULL) {
        b->now->open_color = true;
        b->now->color = NULL;
        return true;
    }
    if (s->goods->slot != SLOT_COLOR && (b->now->material != NULL || b->now->product != NULL)) {
        b->now->open_material = true;
        b->now->material = b->now->product = NULL;
        return true;
    }
    return false;
}

/* "linen nahi, lining": the goods before a "no", or after a "not", are ruled out. */
static bool ruled_out(const struct message *m, const struct draft *d)
{
    bool before = d->first > 0 && span_acts(m, d->first - 1, ACT_BIT(ACT_NOT));
    bool next = span_is(m, d->last + 2, SPAN_GOODS) || span_is(m, d->last + 2, SPAN_QUANTITY); /* "black, not red" */
    bool after = span_acts(m, d->last + 1, ACT_BIT(ACT_NO) | (next ? 0 : ACT_BIT(ACT_NOT)));
    return before || after;
}

/* "cotton ke saath 20 metre lining": after a split, a quantity is the goods' that follow it, where those are others. */
static bool belongs_to_next(const struct build *b, size_t i)
{
    const struct message *m = b->m;
    if (m->spans[i].kind != SPAN_QUANTITY || !b->after_split || !draft_has_goods(b->now))
        return false;
    for (size_t k = i + 1; span_is(m, k, SPAN_GOODS); k++)
        if (!fits(m, b->now, k))
            return true;
    return false;
}

/* "instead of maroon silk give 20 m navy silk": what goes is named; the verb behind it begins what comes. */
static bool replaced_before(const struct build *b)
{
    return b->after_act && b->now->first > 0 && draft_has_goods(b->now) &&
           span_acts(b->m, b->now->first - 1, ACT_BIT(ACT_OLD_AFTER));
}

static void put_word(struct build *b, size_t i)
{
    if (alternative_to(b, i))
        return;
    bool goods = b->m->spans[i].kind == SPAN_GOODS;
    bool fresh = b->now == NULL || !fits(b->m, b->now, i);
    fresh = fresh || (goods && b->after_act && draft_has_goods(b->now));
    fresh = fresh || ruled_out(b->m, b->now) || belongs_to_next(b, i) || replaced_before(b);
    if (fresh)
        begin(b, i);
    b->after_act = b->after_split = false;
    if (b->now != NULL)
        take(b->now, b->m, i);
}

/* "two daughters": a bare number right before a word that is neither goods nor verb counts that, whatever it is. */
static bool counts_others(const struct message *m, size_t i)
{
    size_t numbers = 0;
    for (size_t k = 0; k < m->n; k++)
        numbers += m->spans[k].kind == SPAN_QUANTITY ? 1 : 0;
    if (m->asked_number && numbers == 1)
        return false; /* it is the answer, whatever stands around it */
    return m->spans[i].kind == SPAN_QUANTITY && m->spans[i].unit < 0 && span_is(m, i + 1, SPAN_OTHER) &&
           !(i > 0 && span_is(m, i - 1, SPAN_GOODS));
}

/* "100 pizza box Juhu 10 inch": a size, strength or form that comes after its line was closed by an outlet. */
static bool late_value(const struct build *b, size_t i)
{
    const struct span *s = &b->m->spans[i];
    bool value = s->kind == SPAN_VALUE || (s->kind == SPAN_GOODS && s->goods->slot == SLOT_FORM);
    return b->now == NULL && value && i > 0 && span_is(b->m, i - 1, SPAN_OUTLET) && b->out->n > 0 &&
           !span_is(b->m, i + 1, SPAN_GOODS) && fits(b->m, &b->out->d[b->out->n - 1], i);
}

/* "ek kodi safed cotton thaan": dozens of what stands behind the goods. */
bool unit_of_dozens(const struct lexicon *l, int dozens, int unit)
{
    const struct unit *d = &l->units[dozens], *u = &l->units[unit];
    return d->kind == UNIT_COUNT && d->factor > 1 &&
           (u->kind == UNIT_PACKAGE || (u->kind == UNIT_COUNT && u->factor == 1));
}

/* "one benadryl syrup bottle", "pan 40 ka patta": the unit after its goods. */
static bool late_unit(const struct build *b, const struct span *s)
{
    const struct draft *d = b->now;
    if (s->unit >= 0 && d != NULL && d->unit < 0 && d->quantity != NULL && d->quantity->unit >= 0 &&
        unit_of_dozens(b->m->l, d->quantity->unit, s->unit))
        return true;
    return s->unit >= 0 && d != NULL && (d->product != NULL || d->category != NULL) && d->unit < 0 &&
           b->m->l->units[s->unit].kind != UNIT_LENGTH && b->m->l->units[s->unit].kind != UNIT_WEIGHT &&
           (d->quantity == NULL || d->quantity->unit < 0);
}

static bool outlet_first(const struct message *m)
{
    for (size_t i = 0; i < m->n; i++) {
        if (m->spans[i].kind == SPAN_OUTLET)
            return true;
        if (m->spans[i].kind == SPAN_QUANTITY || m->spans[i].kind == SPAN_GOODS || m->spans[i].kind == SPAN_VALUE)
            return false;
    }
    return false;
}

/* "white, aur 5 m silk bhi": the colour that was asked for, and behind it a line of its own. */
static bool answers_color(const struct build *b, size_t i)
{
    const struct message *m = b->m;
    const struct draft *d = b->now;
    const char *asked = m->ctx->pending_slot;
    bool quantity = false, cloth = false;
    if (asked == NULL || strcmp(asked, "color") != 0 || d == NULL || d != &b->out->d[0] || d->color == NULL ||
        d->material != NULL || d->product != NULL || d->quantity != NULL)
        return false;
    for (size_t k = i + 1; k < m->n; k++) {
        quantity = quantity || m->spans[k].kind == SPAN_QUANTITY;
        if (m->spans[k].kind != SPAN_GOODS || m->spans[k].goods->slot == SLOT_COLOR)
            continue;
        const struct reading_cart_line *item = m->ctx->pending_item;
        const char *name = m->spans[k].goods->name, *has = item == NULL ? NULL : item->material;
        has = has == NULL && item != NULL ? item->product : has;
        cloth = cloth || has == NULL || strcmp(has, name) != 0;
    }
    return quantity && cloth;
}

static void build(struct message *m, struct drafts *out)
{
    const uint64_t traits =
        ACT_BIT(ACT_ANY_COLOR) | ACT_BIT(ACT_MIXED) | ACT_BIT(ACT_SAME_LOT) | ACT_BIT(ACT_THAT) | ACT_BIT(ACT_THOSE);
    struct build b = {.m = m, .out = out, .outlet_first = outlet_first(m)};
    for (size_t i = 0; i < m->n; i++)
        b.asks = b.asks ||
                 span_acts(m, i, ACT_BIT(ACT_ADVICE) | ACT_BIT(ACT_PRICE) | ACT_BIT(ACT_STOCK) | ACT_BIT(ACT_QUESTION));
    b.asks = b.asks && (m->ctx->pending_slot == NULL || *m->ctx->pending_slot == '\0');
    for (size_t i = 0; i < m->n; i++) {
        const struct span *s = &m->spans[i];
        bool complete = b.now != NULL && b.now->quantity != NULL && draft_has_goods(b.now);
        if (counts_others(m, i))
            out->others++;
        else if (late_value(&b, i))
            take(&out->d[out->n - 1], m, i);
        else if (s->kind == SPAN_GOODS || s->kind == SPAN_QUANTITY || s->kind == SPAN_UNCLEAR ||
                 s->kind == SPAN_VALUE || span_acts(m, i, traits))
            put_word(&b, i);
        else if (s->kind == SPAN_OUTLET && b.now != NULL && (b.now->quantity != NULL || b.outlet_first))
            b.now = NULL;
        else if ((s->kind == SPAN_SPLIT || span_acts(m, i, ACT_BIT(ACT_WANT))) && answers_color(&b, i))
            b.now->answer = true, b.now = NULL;
        else if (s->kind == SPAN_SPLIT && (s->strong || complete))
            b.now = NULL;
        else if (s->kind == SPAN_SPLIT)
            b.after_split = true;
        else if (span_acts(m, i, ACT_BIT(ACT_OLD_BEFORE)) && out->n > 0) /* "crepe nikal do aur uski jagah..." too */
            out->d[out->n - 1].old = true, b.now = NULL;
        else if (span_acts(m, i, line_acts) ||
                 (span_acts(m, i, ACT_BIT(ACT_NONE)) && span_acts(m, i + 1, ACT_BIT(ACT_NONE))))
            b.after_act = true; /* or a verb that was negated */
        else if (s->kind == SPAN_OTHER && late_unit(&b, s))
            b.now->unit = s->unit;
        else if (s->kind == SPAN_OTHER)
            out->others++;
        else if (s->kind == SPAN_PRICE && s->bid)
            out->acts |= ACT_BIT(ACT_BARGAIN);
        if (s->kind == SPAN_ACT)
            out->acts |= ACT_BIT(s->act);
    }
    for (size_t k = 0; k < out->n; k++) {
        struct draft *d = &out->d[k];
        d->negated = ruled_out(m, d) && (draft_has_goods(d) || d->quantity != NULL);
        d->old = d->old || (d->first > 0 && span_acts(m, d->first - 1, ACT_BIT(ACT_OLD_AFTER)));
    }
    out->acts &= ~ACT_BIT(ACT_NONE);
}

/* The verb in [from, to), the last one where `last`; nothing beyond a split when `near`. */
static enum act verb(const struct message *m, size_t from, size_t to, bool near, bool last)
{
    enum act found = ACT_NONE;
    for (size_t i = from; i < to; i++) {
        if (near && span_is(m, i, SPAN_SPLIT))
            break;
        bool multiplies = found == ACT_TIMES || found == ACT_THRICE; /* "teen guna kar do" */
        if (span_acts(m, i, line_acts) && !multiplies &&
            (found == ACT_NONE || last || found == ACT_WANT || found == ACT_SET))
            found = m->spans[i].act == ACT_DO ? ACT_WANT : m->spans[i].act;
    }
    return found;
}

/* Hindi puts the verb after its line, English before. A verb before the first line tells which it is; then a line
 * without a verb of its own shares its neighbour's, if it names no quantity. */
static void govern(const struct message *m, struct drafts *out)
{
    bool verb_first = out->n > 0 && verb(m, 0, out->d[0].first, false, true) != ACT_NONE;
    for (size_t k = 0; k < out->n; k++) {
        struct draft *d = &out->d[k];
        size_t begin_at = k > 0 ? out->d[k - 1].last + 1 : 0;
        size_t end_at = k + 1 < out->n ? out->d[k + 1].first : m->n;
        enum act inside = verb(m, d->first, d->last, false, false);
        enum act before = verb(m, begin_at, d->first, false, true), after = verb(m, d->last + 1, end_at, true, false);
        size_t clause = d->first;
        while (clause > begin_at && !span_is(m, clause - 1, SPAN_SPLIT))
            clause--;
        bool own_clause = k > 0 && clause > begin_at;
        if (inside == ACT_NONE && after == ACT_NONE && own_clause)
            inside = verb(m, clause, d->first, false, true); /* "linen is ok and remove poplin" */
        if (inside != ACT_NONE)
            d->act = inside;
        else if (verb_first)
            d->act = before != ACT_NONE ? before : after;
        else
            d->act = after;
        if (k > 0 && d->act == ACT_NONE && verb_first && (ACT_BIT(out->d[k - 1].act) & shared_acts) != 0 &&
            !d->quantity)
            d->act = out->d[k - 1].act;
        if (d->act == ACT_NONE && out->n > 1 && d->quantity == NULL &&
            (span_acts(m, d->last + 1, ACT_BIT(ACT_YES)) ||
             (m->ctx->n_cart > 0 && d->first > 0 && span_acts(m, d->first - 1, ACT_BIT(ACT_CONFIRM)))))
            d->act = ACT_KEEP; /* "modal theek hai, crepe cancel" */
    }
    for (size_t k = 1; m->ctx->n_cart > 0 && k < out->n; k++) { /* "kulhad nikal do aur film bhi" */
        struct draft *d = &out->d[k];
        size_t end = k + 1 < out->n ? m->spans[out->d[k + 1].first].at : m->text.n;
        bool also = false;
        for (size_t i = m->spans[d->first].at; i < end; i++)
            also = also || cue_at(m, i, CUE_ALSO);
        if (also && d->act == ACT_NONE && d->quantity == NULL && draft_has_goods(d))
            d->act = (ACT_BIT(out->d[k - 1].act) & shared_acts) != 0 ? out->d[k - 1].act : ACT_NONE;
    }
    for (size_t k = out->n; !verb_first && k-- > 1;) {
        struct draft *d = &out->d[k - 1];
        bool joined = true;
        for (size_t i = d->last; i < out->d[k].first; i++)
            joined = joined && !(span_is(m, i, SPAN_SPLIT) && m->spans[i].strong) &&
                     !span_acts(m, i, ACT_BIT(ACT_NONE)); /* a verb of its own that was negated */
        if (d->act == ACT_NONE && joined && !d->quantity && (ACT_BIT(out->d[k].act) & shared_acts) != 0)
            d->act = out->d[k].act;
    }
}

/* "tussar 35 chalega, ikat ke badle kuch aur dikhao": nothing comes in its place, so that another is asked for. */
static void ask_other(struct drafts *out)
{
    struct draft *last = out->n > 0 ? &out->d[out->n - 1] : NULL;
    if (last == NULL || !last->old || (out->acts & ACT_BIT(ACT_ALTERNATIVE)) == 0 || !draft_has_goods(last))
        return;
    last->old = false;
    last->act = ACT_ALTERNATIVE;
}

/* "2 strip Dolo expired nikli, wapas lo": what goes back was named before, and nothing else is done. */
static void give_back(struct drafts *out)
{
    bool other = false;
    for (size_t k = 0; k < out->n; k++)
        other = other || out->d[k].act != ACT_NONE || out->d[k].negated;
    for (size_t k = 0; !other && (out->acts & ACT_BIT(ACT_RETURN)) != 0 && k < out->n; k++)
        out->d[k].act = ACT_RETURN;
}

void drafts_read(struct message *m, struct drafts *out)
{
    out->n = 0;
    out->acts = out->negated = 0;
    out->others = 0;
    out->line = 0;
    out->overflow = out->corrected = false;
    drafts_settle(m, out);
    build(m, out);
    govern(m, out);
    ask_other(out);
    give_back(out);
    if (out->n == 0 && (out->acts & (ACT_BIT(ACT_TIMES) | ACT_BIT(ACT_THRICE))) != 0)
        out->d[out->n++] = (struct draft){
            .unit = -1, .parts = 1, .act = (out->acts & ACT_BIT(ACT_TIMES)) != 0 ? ACT_TIMES : ACT_THRICE};
    drafts_share(m, out);
}
