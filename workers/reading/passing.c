/* What one draft means for the cart by itself: nothing at all, what there is, or less of a line. */
#include "workers/reading/decide.h"

#include <string.h>

static const uint64_t removing = ACT_BIT(ACT_CANCEL) | ACT_BIT(ACT_DROP) | ACT_BIT(ACT_NOT_WANTED);

static bool has(const struct scene *s, enum act a)
{
    return (s->drafts->acts & ACT_BIT(a)) != 0;
}

/* "Kohli in blue jersey on 112": cloth and a bare number that other words part. */
static bool scattered(const struct scene *s, const struct draft *d)
{
    const struct message *m = s->m;
    const struct span *q = d->quantity;
    if (q == NULL || q->unit >= 0 || d->unit >= 0 || d->product != NULL || !draft_has_goods(d))
        return false;
    for (size_t i = d->first; i <= d->last && i < m->n; i++)
        if (m->spans[i].kind == SPAN_GOODS && (m->spans[i].end == q->at || m->spans[i].at == q->end))
            return false;
    return true;
}

/* Nothing but a passing word: no quantity, no verb, and most of the message is about something else. */
bool draft_idle(const struct scene *s, const struct draft *d)
{
    bool goods = draft_has_goods(d) || d->open_color || d->open_material;
    bool wanted = d->act != ACT_NONE || has(s, ACT_WANT) || has(s, ACT_DO);
    for (size_t k = 0; has(s, ACT_REPEAT) && goods && k < s->drafts->n; k++)
        if (s->drafts->d[k].old && &s->drafts->d[k] != d)
            return false; /* "last time's order, lemon in place of wine" */
    bool bare = d->color != NULL && d->material == NULL && d->product == NULL && d->quantity == NULL;
    if (bare && d->act == ACT_SET && s->ctx->n_cart == 0 && s->drafts->others > CHATTER)
        return true; /* "kaafi toofan aaya" where a colour is called so */
    if (bare && s->ctx->n_cart == 0 && s->drafts->others > 0 && s->drafts->n > 1 && line_pending(s) == NULL)
        return true; /* "green tea pila do": colours, and words of something else */
    if (!goods && d->quantity == NULL && d->outlet != NULL && s->ctx->n_cart > 0)
        return false;
    if (!goods && d->quantity == NULL)
        return d->act == ACT_NONE || d->act == ACT_SET || d->act == ACT_WANT || d->act == ACT_CANCEL ||
               (!d->any_color && d->act == ACT_NOT_WANTED);
    if (!goods && d->quantity->unit < 0 && s->ctx->n_cart == 0)
        return true;
    if (!goods && s->drafts->others > 0 && !wanted)
        return true;
    if (!goods && d->quantity->unit < 0 && !wanted && !has(s, ACT_NO) && !has(s, ACT_NOT) && d->quantity->sign == 0)
        return true;
    bool figure =
        d->category != NULL && d->product == NULL && d->form == NULL && d->quantity != NULL && d->quantity->unit < 0;
    bool beside = false; /* "sugar 180 aayi, dolo 2 patta bhej do" */
    for (size_t k = 0; k < s->drafts->n; k++)
        beside = beside || s->drafts->d[k].product != NULL;
    if (figure && (beside || (d->unit < 0 && !wanted && s->drafts->others + s->drafts->n > 2)))
        return true; /* "my bp was fine and sugar 110 today" */
    if (s->ctx->n_cart == 0 && !wanted && s->drafts->others > CHATTER && scattered(s, d))
        return true;
    bool exact = d->color != NULL ? d->material != NULL || d->product != NULL
                                  : d->product != NULL && (d->size != NULL || d->strength != NULL);
    if (goods && d->quantity == NULL && !wanted && has(s, ACT_QUESTION) && s->ctx->n_cart == 0 && s->drafts->others > 1)
        return true; /* "coffee at 5? I'll wear the wine top" */
    if (goods && d->open_quantity)
        return false; /* it is told, but not whose */
    size_t chatter = exact ? 2 : 0;
    return goods && d->quantity == NULL && !wanted && s->drafts->others > chatter;
}

/* "jitna hai utna de do", or "blue rakho" of a line that waits for the customer's word. */
bool draft_accepts(const struct scene *s, const struct draft *d)
{
    bool several;
    const struct reading_cart_line *line = draft_has_goods(d) ? line_of(s, d, &several) : NULL;
    bool waiting = line != NULL && line->short_of_stock;
    if (d->quantity != NULL)
        return false;
    return d->act == ACT_ACCEPT || d->act == ACT_KEEP || (waiting && d->act == ACT_NONE && has(s, ACT_YES)) ||
           ((d->act == ACT_SET || d->act == ACT_WANT) && waiting);
}

/* What changes nothing: a line kept that was never in doubt, goods refused that nobody ordered. */
bool draft_passes(const struct scene *s, const struct draft *d)
{
    bool several;
    const struct reading_cart_line *line = draft_has_goods(d) ? line_of(s, d, &several) : NULL;
    if (d->act == ACT_NONE && d->quantity == NULL && line != NULL && (s->drafts->negated & removing) != 0)
        return true; /* "don't remove the silk" */
    bool wants = d->act == ACT_WANT || d->act == ACT_DO || d->act == ACT_NONE || d->act == ACT_SET;
    bool settled = line != NULL && !line->short_of_stock && d->quantity == NULL && !d->any_color && !d->same_lot;
    bool others_go = s->drafts->n > 1 && (s->drafts->acts & removing) != 0;
    bool last_word = s->drafts->n == 1 && strcmp(s->ctx->state, "FINAL_CUSTOMER_CONFIRMATION") == 0;
    if (wants && settled && line_pending(s) == NULL &&
        (others_go || (last_word && (d->act == ACT_WANT || d->act == ACT_DO))))
        return true; /* "cotton chhodo, silk hi bhej do" */
    if (d->act == ACT_KEEP && d->quantity == NULL)
        return line != NULL && !line->short_of_stock && s->drafts->n > 1;
    return (ACT_BIT(d->act) & removing) != 0 && s->ctx->n_cart == 0 && s->drafts->n > 1 && line_pending(s) == NULL;
}

/* "remove 10 m from the poplin": less of a line, where it has more than that. */
bool draft_takes_off(const struct scene *s, const struct draft *d)
{
    bool several;
    const struct reading_cart_line *line = draft_has_goods(d) ? line_of(s, d, &several) : line_alone(s);
    return d->act == ACT_DROP && d->quantity != NULL && d->quantity->number.u > 0 && line != NULL &&
           d->quantity->number.u < line_has_u(line);
}

/* "silk nahi hai to kuch aur dikhao": of a line that cannot be had. */
bool draft_wants_other(const struct scene *s, const struct draft *d)
{
    bool several;
    const struct reading_cart_line *line = draft_has_goods(d) ? line_of(s, d, &several) : NULL;
    return has(s, ACT_ALTERNATIVE) && line != NULL && line->short_of_stock && d->quantity == NULL;
}
