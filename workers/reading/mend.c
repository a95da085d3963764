/* What a message takes back or completes of its own lines: "bees nahi tees", "sorry, 12", "black not red", "all from
 * one lot". Pure: drafts to drafts. */
#include "workers/reading/draft.h"

#include <string.h>

/* "17 m ikat, 17 nahi 70": the quantity of a line is named again, ruled out and told anew. */
static void requantify(struct drafts *o)
{
    for (size_t k = 1; k + 1 < o->n; k++) {
        struct draft *was = &o->d[k - 1];
        const struct draft *out = &o->d[k], *now = &o->d[k + 1];
        bool bare = out->negated && out->quantity != NULL && !draft_has_goods(out);
        if (bare && was->quantity != NULL && !was->negated && !draft_has_goods(was) && now->quantity == NULL &&
            draft_has_goods(now) && draft_adds(now)) {
            const struct span *q = was->quantity; /* "30 m not 20 m blue cotton" */
            *was = *now;
            was->quantity = q;
            was->act = was->act == ACT_NONE ? ACT_SET : was->act;
            for (size_t i = k + 2; i < o->n; i++)
                o->d[i - 2] = o->d[i];
            o->n -= 2;
            return;
        }
        if (!out->negated || draft_has_goods(out) || out->quantity == NULL || was->quantity == NULL ||
            now->quantity == NULL || draft_has_goods(now) || was->quantity->number.u != out->quantity->number.u)
            continue;
        was->unit = now->quantity->unit < 0 && was->unit < 0 ? was->quantity->unit : was->unit;
        was->quantity = now->quantity;
        was->last = now->last;
        for (size_t i = k + 2; i < o->n; i++)
            o->d[i - 2] = o->d[i];
        o->n -= 2;
    }
}

/* "bees nahi tees": the quantity before the "no" is withdrawn with its draft; the goods stay with the one that follows.
 */
static void withdraw(struct drafts *o)
{
    size_t kept = 0;
    requantify(o);
    for (size_t k = 0; k < o->n; k++) {
        struct draft *d = &o->d[k];
        struct draft *next = k + 1 < o->n ? &o->d[k + 1] : NULL;
        if (d->negated && d->quantity != NULL && next != NULL && next->quantity != NULL && !draft_has_goods(next)) {
            next->color = d->color;
            next->material = d->material;
            next->product = d->product;
            next->strength = next->strength != NULL ? next->strength : d->strength;
            next->size = next->size != NULL ? next->size : d->size;
            next->form = next->form != NULL ? next->form : d->form;
            o->corrected = true;
            continue;
        }
        bool goods = d->material != NULL || d->product != NULL;
        if (d->negated && d->quantity != NULL && goods && next != NULL && next->quantity == NULL && draft_adds(next) &&
            next->first <= d->last + 2 && (next->material != NULL || next->product != NULL)) {
            next->quantity = d->quantity; /* "10 m white linen nahi lining" */
            next->color = next->color != NULL ? next->color : d->color;
            continue;
        }
        o->d[kept++] = *d;
    }
    o->n = kept;
}

/* "linen 28 ki jagah 38": the quantity that goes is told with its goods, the one that comes without. */
static void change_quantity(struct drafts *o)
{
    for (size_t k = 0; k + 1 < o->n; k++) {
        struct draft *was = &o->d[k], *now = was + 1;
        if (!was->old || was->quantity == NULL || now->quantity == NULL || draft_has_goods(now))
            continue;
        const struct span *q = now->quantity;
        enum act act = now->act != ACT_NONE ? now->act : ACT_SET;
        *now = *was;
        now->old = false;
        now->quantity = q;
        now->act = act;
        for (size_t i = k + 1; i < o->n; i++)
            o->d[i - 1] = o->d[i];
        o->n--;
        return;
    }
}

static bool act_between(const struct message *m, size_t from, size_t to, enum act a)
{
    for (size_t i = from; i < to && i < m->n; i++)
        if (m->spans[i].kind == SPAN_ACT && m->spans[i].act == a)
            return true;
    return false;
}

/* "nahi nahi", as two words or as one phrase. */
static bool no_twice(const struct message *m, size_t from, size_t to)
{
    const uint64_t no = ACT_BIT(ACT_NO) | ACT_BIT(ACT_NOT);
    for (size_t i = from; i < to; i++)
        if (span_acts(m, i, no) && (span_acts(m, i + 1, no) || m->spans[i].end - m->spans[i].at > 1))
            return true;
    return false;
}

/* "10 m white linen sorry make that 12": what follows the word takes the place of what it can take the place of. */
static void correct(const struct message *m, struct drafts *o)
{
    for (size_t k = 1; k < o->n; k++) {
        struct draft *was = &o->d[k - 1], now = o->d[k];
        bool halts = act_between(m, was->last + 1, now.first, ACT_DEFER); /* "20 m white, no wait, cream" */
        bool takes_back = act_between(m, was->last + 1, now.first, ACT_NO) && was->quantity != NULL && !was->negated &&
                          (now.quantity == NULL || (now.quantity->number.u == was->quantity->number.u &&
                                                    now.quantity->unit == was->quantity->unit)) &&
                          draft_has_goods(&now); /* "20 m blue cotton... nahi nahi green" */
        bool twice = no_twice(m, was->last + 1, now.first) && now.quantity != NULL; /* "5 m, nahi nahi 8 m" */
        if ((!halts && !takes_back && !twice && !act_between(m, was->last + 1, now.first, ACT_CORRECT)) || now.negated)
            continue;
        o->acts &= halts ? ~ACT_BIT(ACT_DEFER) : ~(uint64_t)0;
        was->unit = now.quantity == NULL                                               ? was->unit
                    : now.quantity->unit < 0 && was->quantity != NULL && was->unit < 0 ? was->quantity->unit
                                                                                       : was->unit;
        was->quantity = now.quantity != NULL ? now.quantity : was->quantity;
        was->color = now.color != NULL ? now.color : was->color;
        was->material = now.material != NULL ? now.material : was->material;
        was->size = now.size != NULL ? now.size : was->size;
        was->strength = now.strength != NULL || now.product != NULL ? now.strength : was->strength;
        was->product = now.product != NULL ? now.product : was->product;
        was->last = now.last;
        for (size_t i = k + 1; i < o->n; i++)
            o->d[i - 1] = o->d[i];
        o->n--;
        k--;
    }
}

/* "10 m red crepe, black not red": what is ruled out stands on a line before; what is left takes its place there. */
static void take_back(struct drafts *o)
{
    for (size_t k = 1; k < o->n; k++) {
        const struct draft *out = &o->d[k];
        struct draft *was = NULL, *now = NULL;
        if (!out->negated || out->quantity != NULL || (out->color == NULL && out->material == NULL))
            continue;
        for (size_t i = 0; i < k && was == NULL; i++)
            if (draft_adds(&o->d[i]) && o->d[i].quantity != NULL &&
                (out->color == NULL || o->d[i].color == out->color) &&
                (out->material == NULL || o->d[i].material == out->material))
                was = &o->d[i];
        for (size_t i = k > 0 ? k - 1 : k; i <= k + 1 && i < o->n && now == NULL; i++)
            if (i != k && draft_adds(&o->d[i]) && o->d[i].quantity == NULL && &o->d[i] != was &&
                (out->color == NULL || o->d[i].color != NULL) && (out->material == NULL || o->d[i].material != NULL))
                now = &o->d[i];
        if (was == NULL || now == NULL)
            continue;
        was->color = now->color != NULL ? now->color : was->color;
        was->material = now->material != NULL ? now->material : was->material;
        size_t first = now < out ? (size_t)(now - o->d) : k;
        for (size_t i = first + 2; i < o->n; i++)
            o->d[i - 2] = o->d[i];
        o->n -= 2;
        return;
    }
}

/* "maroon. 10 m silk": a colour alone and goods that lack one, when the message has nothing else, are one line. */
static void complete(const struct message *m, struct drafts *o)
{
    struct draft *color = NULL, *cloth = NULL;
    for (size_t k = 0; k < o->n; k++) {
        struct draft *d = &o->d[k];
        if (d->negated || d->old)
            continue;
        bool bare =
            draft_adds(d) && d->color != NULL && d->material == NULL && d->product == NULL && d->quantity == NULL;
        bool lacks = (draft_adds(d) || d->act == ACT_RETURN) && d->color == NULL &&
                     (d->material != NULL || d->product != NULL) && !d->any_color;
        if ((bare && color != NULL) || (lacks && cloth != NULL) || (!bare && !lacks))
            return;
        color = bare ? d : color;
        cloth = lacks ? d : cloth;
    }
    if (color == NULL || cloth == NULL)
        return;
    bool parted = false;
    for (size_t i = cloth->last; i < color->first; i++)
        parted = parted || m->spans[i].kind == SPAN_SPLIT;
    if (cloth->quantity == NULL && (parted || color < cloth))
        return; /* but "georgette chahiye black" */
    const char *asked = m->ctx->pending_slot;
    if (asked != NULL && strcmp(asked, "color") == 0 && color < cloth)
        return; /* "white, aur 5 m silk bhi": the answer, and another line */
    cloth->color = color->color;
    for (struct draft *d = color; d + 1 < o->d + o->n; d++)
        d[0] = d[1];
    o->n--;
}

/* "20 m navy georgette, single dye lot": a trait that stands alone is of the line before it. */
static void join_traits(struct drafts *o)
{
    size_t kept = 0;
    for (size_t k = 0; k < o->n; k++) {
        struct draft *d = &o->d[k], *was = kept > 0 ? &o->d[kept - 1] : NULL;
        bool trait = (d->same_lot || d->any_color || d->mixed) && !d->that && !draft_has_goods(d) &&
                     d->quantity == NULL && !d->open_color && !d->open_material;
        bool reason = d->category != NULL && d->color == NULL && d->material == NULL && d->product == NULL &&
                      d->quantity == NULL && d->form == NULL && was != NULL && was->product != NULL;
        bool value = (d->size != NULL || d->strength != NULL) && d->material == NULL && d->product == NULL &&
                     d->color == NULL && d->category == NULL && d->form == NULL && d->quantity == NULL && !d->that &&
                     !d->negated && !d->old;
        if (value && was != NULL && draft_adds(was) && was->product != NULL && was->quantity != NULL &&
            (d->size == NULL || was->size == NULL) && (d->strength == NULL || was->strength == NULL) && k + 1 == o->n) {
            was->size = was->size != NULL ? was->size : d->size; /* "2 sweet boxes, 500 g each" */
            was->strength = was->strength != NULL ? was->strength : d->strength;
            continue;
        }
        if (reason)
            continue; /* "benadryl chahiye khansi ke liye" */
        bool takes = was != NULL && draft_adds(was) && (d->same_lot || was->color == NULL);
        if (trait && takes) {
            was->same_lot = was->same_lot || d->same_lot;
            was->any_color = was->any_color || d->any_color;
            was->mixed = was->mixed || d->mixed;
            continue;
        }
        o->d[kept++] = *d;
    }
    o->n = kept;
}

/* "half red half blue" of a quantity that was told before: how much of each is asked. */
static void open_fractions(const struct message *m, struct drafts *o)
{
    bool asked = m->ctx->pending_slot != NULL && *m->ctx->pending_slot != '\0' && !m->asked_number;
    for (size_t k = 0; asked && k < o->n; k++) {
        const struct span *q = o->d[k].quantity;
        if (q == NULL || o->d[k].color == NULL || q->unit >= 0 || q->number.digits || q->number.u >= 1000000)
            continue;
        o->d[k].quantity = NULL;
        o->d[k].open_quantity = true;
    }
}

/* Whether a draft tells what was bought before: the verb stands behind it, or right before where it is no other's. */
static bool is_past(const struct message *m, const struct drafts *o, size_t k)
{
    size_t begin = k > 0 ? o->d[k - 1].last + 1 : 0, end = k + 1 < o->n ? o->d[k + 1].first : m->n;
    for (size_t i = o->d[k].last + 1; i < end; i++)
        if (m->spans[i].kind == SPAN_SPLIT || m->spans[i].kind == SPAN_ACT) {
            if (m->spans[i].kind == SPAN_ACT && m->spans[i].act == ACT_PAST)
                return true;
            break;
        }
    size_t first = o->d[k].first;
    return first > begin && m->spans[first - 1].kind == SPAN_ACT && m->spans[first - 1].act == ACT_PAST &&
           (k == 0 || !is_past(m, o, k - 1));
}

/* "kal jo 20 m cotton li thi, ab 10 m aur chahiye": told as history, it is no line; what it names may be the next
 * line's goods. With nothing but a wish behind it ("wahi bhej do") it is wished for again. */
static void forget_past(const struct message *m, struct drafts *o)
{
    const uint64_t wishes = ACT_BIT(ACT_WANT) | ACT_BIT(ACT_DO) | ACT_BIT(ACT_MORE) | ACT_BIT(ACT_REPEAT);
    bool past[READING_ITEMS] = {false};
    size_t n_past = 0, kept = 0;
    if ((o->acts & ACT_BIT(ACT_PAST)) == 0)
        return;
    for (size_t k = 0; k < o->n; k++)
        n_past += (past[k] = is_past(m, o, k)) ? 1 : 0;
    if (n_past == o->n && (o->acts & wishes) != 0)
        return;
    for (size_t k = 0; k < o->n; k++) {
        struct draft *next = k + 1 < o->n && !past[k + 1] ? &o->d[k + 1] : NULL;
        if (past[k] && next != NULL && next->quantity != NULL && !draft_has_goods(next)) {
            next->color = o->d[k].color;
            next->material = o->d[k].material;
            next->product = o->d[k].product;
        }
        if (!past[k])
            o->d[kept++] = o->d[k];
    }
    o->n = kept;
}

void drafts_mend(const struct message *m, struct drafts *out)
{
    forget_past(m, out);
    withdraw(out);
    open_fractions(m, out);
    change_quantity(out);
    correct(m, out);
    take_back(out);
    join_traits(out);
    complete(m, out);
}
