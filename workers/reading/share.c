/* What lines of one message share: "20-20 metre laal, hara cotton", "red aur blue cotton 10 metre", "total 30 metre,
 * half red half blue". Where it is not plain whose a quantity is, it is nobody's and asked for. */
#include "workers/reading/draft.h"

/* A colour takes the cloth named last before it, else the first one after it. */
static void share_material(struct drafts *o)
{
    for (size_t k = 0; k < o->n; k++) {
        struct draft *d = &o->d[k];
        if (d->answer || d->color == NULL || d->material != NULL || d->product != NULL || d->open_material ||
            !draft_adds(d))
            continue;
        const struct draft *from = NULL;
        for (size_t i = k; i-- > 0 && from == NULL;)
            if (draft_adds(&o->d[i]) && (o->d[i].material != NULL || o->d[i].product != NULL))
                from = &o->d[i];
        for (size_t i = k + 1; i < o->n && from == NULL; i++)
            if (draft_adds(&o->d[i]) && (o->d[i].material != NULL || o->d[i].product != NULL))
                from = &o->d[i];
        if (from != NULL) {
            d->material = from->material;
            d->product = from->product;
            d->lent = true;
        }
    }
}

/* "linen chahiye. 10 m white": a cloth alone that heads the lines after it is none itself. */
static void drop_heading(const struct message *m, struct drafts *o)
{
    for (size_t k = 0; k + 1 < o->n && m->ctx->n_cart == 0; k++) {
        const struct draft *d = &o->d[k], *next = d + 1;
        while (next + 1 < o->d + o->n && next->negated)
            next++;
        bool heads = draft_adds(d) && d->quantity == NULL && d->color == NULL && !d->any_color && !d->mixed &&
                     d->product == NULL && d->material != NULL;
        if (!heads || !next->lent || next->material != d->material || next->quantity == NULL || !draft_adds(next))
            continue;
        for (size_t i = k + 1; i < o->n; i++)
            o->d[i - 1] = o->d[i];
        o->n--;
        return;
    }
}

/* "cotton 20-20 metre, red blue": a cloth without colour before colours without cloth is theirs, and no line itself. */
static void lift_cloth(struct drafts *o)
{
    struct draft *whole = &o->d[0];
    bool bare = o->n > 2 && whole->color == NULL && whole->size == NULL && whole->strength == NULL &&
                !whole->any_color && !whole->mixed && draft_has_goods(whole);
    for (size_t k = 1; k < o->n; k++)
        bare = bare && o->d[k].color != NULL && o->d[k].material == NULL && o->d[k].product == NULL;
    if (!bare)
        return;
    for (size_t k = 1; k < o->n; k++) {
        o->d[k].material = whole->material;
        o->d[k].product = whole->product;
    }
    whole->material = whole->product = NULL;
}

/* "20-20", "each", "dono": the only quantity of the message goes to every line without one; "half half" shares it out.
 */
static void share_each(const struct message *m, struct drafts *o)
{
    const struct span *only = NULL;
    size_t quantities = 0, lines = 0;
    for (size_t i = 0; i < m->n; i++)
        if (m->spans[i].kind == SPAN_QUANTITY) {
            only = &m->spans[i];
            quantities++;
        }
    bool split = (o->acts & ACT_BIT(ACT_SPLIT)) != 0;
    bool each = only != NULL && (only->number.each || split || (o->acts & ACT_BIT(ACT_EACH)) != 0);
    if (quantities != 1 || !each)
        return;
    lift_cloth(o);
    for (size_t k = 0; k < o->n; k++)
        lines += draft_has_goods(&o->d[k]) && !o->d[k].negated ? 1 : 0;
    size_t kept = 0;
    for (size_t k = 0; k < o->n; k++) {
        struct draft *d = &o->d[k];
        if (!draft_has_goods(d) && d->quantity != NULL && lines > 0)
            continue; /* the quantity stood apart from the lines it is for */
        if (draft_has_goods(d) && !d->negated && d->quantity == NULL)
            d->quantity = only;
        d->each = true;
        d->parts = split && lines > 0 ? (int64_t)lines : 1;
        o->d[kept++] = *d;
    }
    o->n = kept;
}

/* "red aur blue cotton 10 metre": colours of one cloth with one quantity, which may be each one's or all of it. */
static void doubt_shared(const struct message *m, struct drafts *o)
{
    size_t with = 0, without = 0;
    if ((o->acts & (ACT_BIT(ACT_EACH) | ACT_BIT(ACT_TOTAL))) != 0 || o->n < 2)
        return;
    for (size_t k = 0; k < o->n; k++) {
        const struct draft *d = &o->d[k];
        if (!draft_adds(d) || d->color == NULL || d->material != o->d[0].material || d->product != o->d[0].product ||
            d->each)
            return;
        with += d->quantity != NULL ? 1 : 0;
        without += d->quantity == NULL ? 1 : 0;
        for (size_t i = d->first; i < d->last; i++)
            if (m->spans[i].kind == SPAN_SPLIT && m->spans[i].strong)
                return;
    }
    if (m->spans[o->d[o->n - 1].first].kind == SPAN_QUANTITY)
        return; /* "blue cotton, and 10 m black": its own */
    bool at_an_end = o->d[0].quantity != NULL || o->d[o->n - 1].quantity != NULL;
    bool complete = o->d[0].quantity != NULL && !o->d[0].lent; /* "10 m red cotton, same in blue" */
    if (with != 1 || without == 0 || !at_an_end || complete)
        return;
    for (size_t k = 0; k < o->n; k++) {
        o->d[k].quantity = NULL;
        o->d[k].open_quantity = true;
    }
}

/* Whether the draft is one colour of the whole that stands before it. */
static bool part_of(const struct draft *part, const struct draft *whole)
{
    const struct span *q = part->quantity;
    bool own = (part->color != NULL && part->product == NULL) || (part->outlet != NULL && part->lent);
    return draft_adds(part) && own && q != NULL && q->number.u > 0 && q->number.u <= whole->quantity->number.u &&
           (q->unit < 0 || q->unit == whole->quantity->unit) &&
           (part->material == NULL || part->material == whole->material);
}

/* "baaki rust": a colour that gets what the others leave. */
static bool is_rest(const struct message *m, const struct drafts *o, size_t k)
{
    const struct draft *d = &o->d[k];
    if (d->quantity != NULL || d->color == NULL || d->material != NULL || d->product != NULL || !draft_adds(d))
        return false;
    for (size_t i = m->spans[o->d[k - 1].last].end; i < m->spans[d->first].at; i++)
        if (cue_at(m, i, CUE_REST) || cue_at(m, i, CUE_LEFT))
            return true;
    return false;
}

/* "100 metre cotton, 50 blue 50 red": colours that add up to a total are its parts, and the total is no line. */
static void break_down(const struct message *m, struct drafts *o)
{
    for (size_t k = 0; k + 2 < o->n; k++) {
        struct draft whole = o->d[k];
        bool total =
            whole.quantity != NULL && whole.quantity->number.u > 0 && whole.color == NULL && draft_adds(&whole);
        for (size_t i = whole.first; i < o->d[k + 1].first; i++) /* "500 juhu, 300 andheri, 200 bandra" */
            total = total && m->spans[i].kind != SPAN_OUTLET;
        int64_t sum = 0;
        size_t end = k + 1;
        while (total && end < o->n && sum < whole.quantity->number.u && part_of(&o->d[end], &whole))
            sum += o->d[end++].quantity->number.u;
        if (total && end > k + 1 && end < o->n && sum < whole.quantity->number.u && is_rest(m, o, end)) {
            o->d[end].quantity = whole.quantity;
            o->d[end].less_u = sum;
            sum = whole.quantity->number.u;
            end++;
        }
        if (!total || sum != whole.quantity->number.u || end < k + 3)
            continue;
        for (size_t i = k + 1; i < o->n; i++) {
            o->d[i - 1] = o->d[i];
            if (i >= end)
                continue;
            o->d[i - 1].material = whole.material;
            o->d[i - 1].product = whole.product;
            o->d[i - 1].unit = whole.quantity->unit;
        }
        o->n--;
        return;
    }
}

/* "total 40 metre cotton, aadha neela aadha safed": fractions that make a whole are parts of the quantity before them.
 */
static void share_fractions(struct drafts *o)
{
    const struct draft *whole = &o->d[0];
    int64_t sum = 0;
    if (o->n < 3 || whole->quantity == NULL || whole->quantity->number.u <= 0 || whole->color != NULL ||
        !draft_adds(whole))
        return;
    for (size_t k = 1; k < o->n; k++) {
        const struct span *q = o->d[k].quantity;
        if (q == NULL || q->unit >= 0 || q->number.digits || q->number.u <= 0 || q->number.u >= 1000000 ||
            1000000 % q->number.u != 0 || (o->d[k].color == NULL && o->d[k].outlet == NULL) || !draft_adds(&o->d[k]))
            return;
        sum += q->number.u;
    }
    if (sum != 1000000)
        return;
    for (size_t k = 1; k < o->n; k++) {
        struct draft *d = &o->d[k];
        d->parts = 1000000 / d->quantity->number.u;
        d->quantity = whole->quantity;
        d->material = d->material != NULL ? d->material : whole->material;
        d->product = d->product != NULL ? d->product : whole->product;
    }
    for (size_t k = 1; k < o->n; k++)
        o->d[k - 1] = o->d[k];
    o->n--;
}

/* "green 10 meter daal do, linen me": a cloth named last, for the line before it that has none. */
static void lend_back(struct drafts *o)
{
    struct draft *last = o->n > 1 ? &o->d[o->n - 1] : NULL, *before = last != NULL ? last - 1 : NULL;
    if (last == NULL || !draft_adds(last) || !draft_adds(before) || last->color != NULL || last->quantity != NULL ||
        last->that || last->material == NULL || before->quantity == NULL || before->color == NULL ||
        before->material != NULL || before->product != NULL)
        return;
    before->material = last->material;
    o->n--;
}

/* Matching goods take the colour of what they match: the line before, or after the first. */
static void match_colors(const struct message *m, struct drafts *o)
{
    for (size_t k = 0; k < o->n && o->n > 1; k++) {
        struct draft *d = &o->d[k];
        size_t from = k > 0 ? m->spans[o->d[k - 1].first].at : 0,
               to = k > 0 && k + 1 == o->n ? m->text.n : m->spans[d->last].end;
        bool matching = false;
        for (size_t i = from; i < to; i++)
            for (size_t j = 0; j < m->n_matches[i]; j++)
                matching = matching ||
                           (m->matches[i][j].sense->slot == SLOT_CUE && m->matches[i][j].sense->value == CUE_MATCHING);
        if (matching && d->color == NULL && !d->any_color && !d->mixed)
            d->color = k > 0 ? o->d[k - 1].color : o->d[1].color; /* "matching astar 5 m, 5 m navy silk" */
    }
}

/* "lal 10, hara 20, neela 30 metre": the one unit that a list ends with is that of the whole list. */
static void share_unit(struct drafts *o)
{
    int unit = -1;
    for (size_t k = 1; k < o->n; k++) { /* "dolo 500 ke do patte aur dolo 650 ka ek" */
        const struct draft *was = &o->d[k - 1];
        struct draft *d = &o->d[k];
        bool alike = d->product != NULL && d->product == was->product && draft_adds(d) && draft_adds(was);
        if (alike && d->quantity != NULL && d->quantity->unit < 0 && d->unit < 0 && was->quantity != NULL)
            d->unit = was->quantity->unit >= 0 ? was->quantity->unit : was->unit;
    }
    for (size_t k = o->n; k-- > 0;) {
        struct draft *d = &o->d[k];
        if (d->quantity == NULL || !draft_adds(d) || !draft_has_goods(d))
            return;
        if (d->quantity->unit < 0 && d->product != NULL && d->product->unit >= 0)
            continue; /* goods counted in a way of their own */
        if (d->quantity->unit < 0)
            d->unit = d->unit >= 0 ? d->unit : unit;
        else if (unit >= 0 && d->quantity->unit != unit)
            return;
        else
            unit = d->quantity->unit;
    }
}

/* "red & white cotton 10 m each, black silk 5 m": where there are more quantities, one that is told for each goes to
 * the lines without any that stand beside it. */
static void share_near(const struct message *m, struct drafts *o)
{
    size_t quantities = 0;
    for (size_t k = 0; k < o->n; k++)
        quantities += o->d[k].quantity != NULL ? 1 : 0;
    for (size_t k = 0; quantities > 1 && k < o->n; k++) {
        const struct span *q = o->d[k].quantity;
        const struct span *after = q != NULL ? q + 1 : NULL;
        if (q == NULL || after >= m->spans + m->n || after->kind != SPAN_ACT || after->act != ACT_EACH)
            continue;
        for (size_t i = k; i-- > 0 && o->d[i].quantity == NULL && draft_has_goods(&o->d[i]) && draft_adds(&o->d[i]);)
            o->d[i].quantity = q, o->d[i].each = true;
        o->d[k].each = true;
        for (size_t i = k + 1; draft_has_goods(&o->d[k]) && i < o->n && o->d[i].quantity == NULL &&
                               draft_has_goods(&o->d[i]) && draft_adds(&o->d[i]);
             i++)
            o->d[i].quantity = q, o->d[i].each = true;
    }
}

/* "100 meter rayon, 50-50 black aur white": each of the colours behind it, where a total went before. */
static void share_parts(struct drafts *o)
{
    for (size_t k = 1; k < o->n; k++) {
        const struct span *q = o->d[k].quantity;
        if (q == NULL || !q->number.each || o->d[k].color == NULL || o->d[0].quantity == NULL)
            continue;
        for (size_t i = k + 1; i < o->n && o->d[i].quantity == NULL && o->d[i].color != NULL && draft_adds(&o->d[i]);
             i++)
            o->d[i].quantity = q;
        return;
    }
}

/* "20 m white cotton, same quantity black": as much as of the line before. */
static void share_same(const struct message *m, struct drafts *o)
{
    for (size_t k = 1; k < o->n; k++) {
        struct draft *d = &o->d[k];
        const struct draft *was = d - 1;
        if (d->quantity != NULL || was->quantity == NULL || !draft_adds(d) || !draft_adds(was) || !draft_has_goods(d))
            continue;
        for (size_t i = m->spans[was->last].end; i < m->spans[d->last].end; i++)
            if (cue_at(m, i, CUE_SAME)) {
                d->quantity = was->quantity;
                d->unit = was->unit;
            }
    }
}

/* "1 thaan aur 5 meter white cotton": a quantity without goods before one of another unit that has them. */
static void share_goods(const struct message *m, struct drafts *o)
{
    for (size_t k = 0; k + 1 < o->n; k++) {
        struct draft *d = &o->d[k];
        const struct draft *next = d + 1;
        if (draft_has_goods(d) || d->quantity == NULL || d->quantity->unit < 0 || !draft_adds(d) || d->that ||
            !draft_adds(next) || next->quantity == NULL || next->quantity->unit < 0 || !draft_has_goods(next) ||
            next->quantity->unit == d->quantity->unit || m->ctx->n_cart > 0)
            continue;
        d->color = next->color;
        d->material = next->material;
        d->product = next->product;
    }
}

void drafts_share(const struct message *m, struct drafts *out)
{
    drafts_mend(m, out);
    drafts_outlets(m, out);
    lend_back(out);
    match_colors(m, out);
    share_fractions(out);
    share_parts(out);
    break_down(m, out);
    share_near(m, out);
    share_each(m, out);
    share_material(out);
    drop_heading(m, out);
    share_unit(out);
    share_same(m, out);
    share_goods(m, out);
    doubt_shared(m, out);
}
