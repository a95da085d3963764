/* "Only keep the silk", "cotton rakho, baki hata do": the lines of the cart that are not named are dropped. */
#include "workers/reading/decide.h"
#include "workers/reading/fields.h"

static const uint64_t removing = ACT_BIT(ACT_CANCEL) | ACT_BIT(ACT_DROP) | ACT_BIT(ACT_NOT_WANTED);
static const uint64_t other = ACT_BIT(ACT_MORE) | ACT_BIT(ACT_LESS) | ACT_BIT(ACT_ALTERNATIVE) | ACT_BIT(ACT_TIMES) |
                              ACT_BIT(ACT_THRICE) | ACT_BIT(ACT_OLD_BEFORE) | ACT_BIT(ACT_OLD_AFTER) | ACT_BIT(ACT_NO) |
                              ACT_BIT(ACT_RETURN) | ACT_BIT(ACT_COMPLAINT);

static bool says(const struct scene *s, enum cue cue)
{
    size_t at;
    return cue_from(s->m, 0, cue, &at) != NULL;
}

/* The token where the words for what was not named begin; false when there are none. */
static bool rest_at(const struct scene *s, size_t *at)
{
    return cue_from(s->m, 0, CUE_REST, at) != NULL ||
           (s->m->domain != DOMAIN_CONSTRUCTION && cue_from(s->m, 0, CUE_LEFT, at) != NULL);
}

/* Whether the rest is what goes: the verb behind it says so, or, where none is behind it, the one right before. */
static bool rest_goes(const struct scene *s)
{
    const struct message *m = s->m;
    size_t at, before = m->n;
    if (!rest_at(s, &at))
        return false;
    for (size_t i = 0; i < m->n; i++) {
        const struct span *span = &m->spans[i];
        if (span->at < at)
            before = i;
        else if (span->kind == SPAN_ACT)
            return (ACT_BIT(span->act) & removing) != 0;
        else if (span->kind == SPAN_GOODS)
            return false;
    }
    bool keeps = (s->drafts->acts & ACT_BIT(ACT_KEEP)) != 0 || says(s, CUE_ONLY);
    return keeps && before < m->n && m->spans[before].kind == SPAN_ACT &&
           (ACT_BIT(m->spans[before].act) & removing) != 0;
}

/* Which lines the message names; false when it says of one of them more than its name, or names what is in no line. */
static bool named_lines(const struct scene *s, bool named[READING_ITEMS])
{
    size_t n = 0;
    for (size_t k = 0; k < s->drafts->n; k++) {
        const struct draft *d = &s->drafts->d[k];
        bool found = false;
        if (d->negated)
            continue; /* "only linen, no silk" */
        if (!draft_has_goods(d) || d->quantity != NULL || d->old)
            return false;
        for (size_t i = 0; i < s->ctx->n_cart && i < READING_ITEMS; i++)
            if (line_fits(d, &s->ctx->cart[i])) {
                n += named[i] ? 0 : 1;
                found = named[i] = true;
            }
        if (!found)
            return false;
    }
    return n > 0 && n < s->ctx->n_cart;
}

bool rest_read(const struct scene *s)
{
    bool named[READING_ITEMS] = {false}, accepts = false;
    uint64_t acts = s->drafts->acts;
    bool only = says(s, CUE_ONLY) && (acts & removing) == 0;
    if (s->ctx->n_cart < 2 || line_pending(s) != NULL || (acts & other) != 0)
        return false;
    bool except = says(s, CUE_EXCEPT) && (acts & removing) != 0;
    if ((!only && !except && !rest_goes(s)) || !named_lines(s, named))
        return false;
    for (size_t i = 0; i < s->ctx->n_cart && i < READING_ITEMS; i++) {
        const struct reading_cart_line *line = &s->ctx->cart[i];
        if (named[i] && !line->short_of_stock)
            continue;
        struct reading_item *it = item_new(s->out, named[i] ? ACTION_ACCEPT : ACTION_REMOVE);
        if (it == NULL)
            break;
        accepts = accepts || named[i];
        item_from_line(it, s, line, false);
        if (named[i])
            item_available(it, s, line);
    }
    s->out->intent = accepts ? INTENT_MULTI : INTENT_CANCEL_ITEM;
    return true;
}
