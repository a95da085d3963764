/* Which outlet each line is for: an outlet heads the lines after it where it is told first ("Juhu: 100 boxes, 50
 * cups"), else it closes the lines before it ("100 boxes for Juhu and 50 for Bandra"). */
#include "workers/reading/draft.h"

#include <string.h>

enum { OUTLETS_OF_LINE = 8 };

struct outlets {
    const char *name[OUTLETS_OF_LINE];
    size_t n;
};

/* The outlets in the spans [from, to) that follow one another with no line between. */
static struct outlets between(const struct message *m, size_t from, size_t to)
{
    struct outlets o = {.n = 0};
    for (size_t i = from; i < to && i < m->n; i++)
        if (m->spans[i].kind == SPAN_OUTLET && o.n < OUTLETS_OF_LINE &&
            (o.n == 0 || strcmp(o.name[o.n - 1], m->spans[i].goods->name) != 0))
            o.name[o.n++] = m->spans[i].goods->name;
    return o;
}

static struct outlets outlets_of(const struct message *m, const struct drafts *o, size_t k)
{
    size_t end = k + 1 < o->n ? o->d[k + 1].first : m->n;
    struct outlets all = between(m, 0, m->n), own = between(m, o->d[k].first, end);
    struct outlets before = between(m, k > 0 ? o->d[k - 1].last + 1 : 0, o->d[k].first);
    if (all.n == 0)
        return all;
    bool first = between(m, 0, o->d[0].first).n > 0;
    if (first) { /* the nearest before it */
        for (size_t i = k; before.n == 0 && i-- > 0;)
            before = between(m, i > 0 ? o->d[i - 1].last + 1 : 0, o->d[i].first);
        return before;
    }
    for (size_t i = k + 1; own.n == 0 && i < o->n; i++)
        own = between(m, o->d[i].first, i + 1 < o->n ? o->d[i + 1].first : m->n);
    return own.n > 0 || all.n > 1 ? own : all;
}

static bool insert(struct drafts *o, size_t at, const struct draft *d)
{
    if (o->n == READING_ITEMS) {
        o->overflow = true;
        return false;
    }
    for (size_t i = o->n++; i > at; i--)
        o->d[i] = o->d[i - 1];
    o->d[at] = *d;
    return true;
}

/* A line with an outlet and no goods of its own is of the goods before it, else of those after. */
static void share_product(struct drafts *o, size_t k)
{
    struct draft *d = &o->d[k];
    const struct draft *from = NULL;
    if (d->product != NULL || d->material != NULL || d->category != NULL || d->color != NULL)
        return;
    for (size_t i = k; i-- > 0 && from == NULL;)
        from = o->d[i].product != NULL ? &o->d[i] : NULL;
    for (size_t i = k + 1; i < o->n && from == NULL; i++)
        from = o->d[i].product != NULL ? &o->d[i] : NULL;
    if (from == NULL)
        return;
    bool own = d->size != NULL || d->strength != NULL;
    d->product = from->product;
    d->size = own ? d->size : from->size;
    d->strength = own ? d->strength : from->strength;
    d->form = d->form != NULL ? d->form : from->form;
    if (d->quantity != NULL && d->quantity->unit < 0 && from->quantity != NULL)
        d->unit = from->quantity->unit;
    d->lent = true;
}

/* "juhu ke badle bandra bhejo": where the one line of the cart shall go instead; NULL when that is not said. */
static const char *new_outlet(const struct message *m, const struct drafts *o)
{
    const uint64_t moves =
        ACT_BIT(ACT_SET) | ACT_BIT(ACT_WANT) | ACT_BIT(ACT_DO) | ACT_BIT(ACT_OLD_BEFORE) | ACT_BIT(ACT_OLD_AFTER);
    const char *own = m->ctx->n_cart == 1 ? m->ctx->cart[0].outlet : NULL, *other = NULL;
    if (own == NULL || *own == '\0' || (o->acts & moves) == 0)
        return NULL;
    for (size_t i = 0; i < m->n; i++)
        if (m->spans[i].kind == SPAN_OUTLET && strcmp(m->spans[i].goods->name, own) != 0) {
            if (other != NULL)
                return NULL;
            other = m->spans[i].goods->name;
        }
    return other;
}

/* "900 boxes, HSR me aadha aur Jayanagar me aadha": bare fractions behind a quantity, one for each outlet. */
static bool fraction_outlets(const struct message *m, struct drafts *o)
{
    struct outlets all = between(m, 0, m->n);
    if (o->n < 3 || all.n != o->n - 1 || o->d[0].quantity == NULL || !draft_has_goods(&o->d[0]))
        return false;
    for (size_t k = 1; k < o->n; k++) {
        const struct span *q = o->d[k].quantity;
        if (q == NULL || q->unit >= 0 || q->number.digits || q->number.u <= 0 || q->number.u >= 1000000 ||
            draft_has_goods(&o->d[k]))
            return false;
    }
    for (size_t k = 1; k < o->n; k++) {
        o->d[k].outlet = all.name[k - 1];
        share_product(o, k);
    }
    return true;
}

/* "900 boxes, 300 HSR, rest Jayanagar": the second outlet gets what the first leaves; without a total, how much is
 * asked.
 */
static bool rest_outlet(const struct message *m, struct drafts *o)
{
    struct outlets all = between(m, 0, m->n);
    size_t first = 0, at = 0;
    if (all.n != 2 || o->n == 0 || o->n > 2 || o->d[0].quantity == NULL || !draft_has_goods(&o->d[0]))
        return false;
    while (m->spans[first].kind != SPAN_OUTLET)
        first++;
    for (at = m->spans[first].end; at < m->text.n; at++)
        if (cue_at(m, at, CUE_REST) || cue_at(m, at, CUE_LEFT))
            break;
    size_t last = m->n;
    while (m->spans[--last].kind != SPAN_OUTLET)
        continue;
    if (at >= m->spans[last].at)
        return false;
    struct draft rest = o->d[0];
    if (o->n == 2) {
        const struct span *q = o->d[1].quantity;
        if (q == NULL || draft_has_goods(&o->d[1]) || q->number.u <= 0 || q->number.u >= rest.quantity->number.u)
            return false;
        o->d[1].outlet = all.name[0];
        share_product(o, 1);
        rest.less_u = q->number.u;
        o->d[0] = o->d[1];
    } else {
        o->d[0].outlet = all.name[0];
        rest.quantity = NULL;
        rest.open_quantity = true;
    }
    rest.outlet = all.name[1];
    o->d[1] = rest;
    o->n = 2;
    return true;
}

void drafts_outlets(const struct message *m, struct drafts *o)
{
    if (fraction_outlets(m, o) || rest_outlet(m, o))
        return;
    struct outlets told[READING_ITEMS];
    bool each = (o->acts & (ACT_BIT(ACT_EACH) | ACT_BIT(ACT_SPLIT))) != 0;
    if (o->n == 0 && m->asked_outlet && between(m, 0, m->n).n == 1) {
        o->d[o->n++] = (struct draft){.unit = -1, .parts = 1, .outlet = between(m, 0, m->n).name[0]};
        return;
    }
    const uint64_t goes = ACT_BIT(ACT_CANCEL) | ACT_BIT(ACT_DROP) | ACT_BIT(ACT_NOT_WANTED);
    if (o->n == 0 && m->ctx->n_cart > 0 && (o->acts & goes) != 0 && between(m, 0, m->n).n == 1) {
        o->d[o->n++] = (struct draft){
            .unit = -1, .parts = 1, .act = ACT_DROP, .that = true, .outlet = between(m, 0, m->n).name[0]};
        return;
    }
    const char *other = o->n == 0 ? new_outlet(m, o) : NULL;
    if (other != NULL) {
        o->d[o->n++] = (struct draft){.unit = -1, .parts = 1, .act = ACT_SET, .that = true, .outlet = other};
        return;
    }
    size_t lines = o->n;
    for (size_t k = 0; k < lines; k++)
        told[k] = outlets_of(m, o, k);
    for (size_t k = lines; k-- > 0;) {
        struct draft copy = o->d[k];
        if (told[k].n == 0)
            continue;
        o->d[k].outlet = told[k].name[0];
        bool shared = told[k].n > 1 && !each && copy.quantity != NULL;
        if (shared) { /* each outlet's, or all of it? */
            o->d[k].quantity = copy.quantity = NULL;
            o->d[k].open_quantity = copy.open_quantity = true;
        }
        for (size_t i = 1; i < told[k].n; i++) {
            copy.outlet = told[k].name[i];
            if (!insert(o, k + i, &copy))
                return;
        }
    }
    for (size_t k = 0; k < o->n; k++)
        if (o->d[k].outlet != NULL || o->d[k].size != NULL || o->d[k].strength != NULL)
            share_product(o, k);
}
