/* Lines of the cart that a message names, or does not: "cancel the silk", "only keep the silk", "cotton rakho, baki
 * hata do". */
#include "workers/reading/decide.h"
#include "workers/reading/fields.h"

#include <stdio.h>
#include <string.h>

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

bool rest_told(const struct scene *s)
{
    size_t at;
    return rest_at(s, &at);
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

/* What tells the lines apart that a draft fits alike: the slot a clerk asks for. */
const char *line_open_slot(const struct scene *s, const struct draft *d)
{
    const struct reading_cart_line *first = NULL;
    bool color = false, size = false, strength = false, outlet = false, form = false;
    for (size_t i = 0; i < s->ctx->n_cart; i++) {
        const struct reading_cart_line *line = &s->ctx->cart[i];
        if (!line_fits(d, line))
            continue;
        first = first != NULL ? first : line;
        color = color || line_differs(first->color, line->color);
        size = size || line_differs(first->size, line->size);
        strength = strength || line_differs(first->strength, line->strength);
        form = form || line_differs(first->form, line->form);
        outlet = outlet || line_differs(first->outlet, line->outlet);
    }
    bool goods = d->material != NULL || d->product != NULL;
    if (!goods)
        return s->m->domain == DOMAIN_PHARMACY || s->m->domain == DOMAIN_PACKAGING ? "product" : "material";
    return strength ? "strength" : size ? "size" : form ? "form" : color ? "color" : outlet ? "outlet" : "color";
}

static void each_that_fits(const struct scene *s, const struct draft *d, enum item_action action)
{
    for (size_t i = 0; i < s->ctx->n_cart; i++) {
        const struct reading_cart_line *line = &s->ctx->cart[i];
        struct reading_item *it = line_fits(d, line) ? item_new(s->out, action) : NULL;
        if (it == NULL)
            continue;
        item_from_line(it, s, line, false);
        if (action == ACTION_ACCEPT)
            item_available(it, s, line);
    }
}

/* Remove, accept, alternative: the line is named, nothing is counted. */
void line_name(const struct scene *s, const struct draft *d, enum item_action action)
{
    bool several = false;
    bool named = draft_has_goods(d) || d->outlet != NULL;
    const struct reading_cart_line *line = named ? line_of(s, d, &several) : line_alone(s);
    if (several && ((s->drafts->acts & ACT_BIT(ACT_EACH)) != 0 ||
                    (s->drafts->acts & ACT_BIT(ACT_THOSE)) != 0)) { /* "black wale dono hata do" */
        each_that_fits(s, d, action);
        return;
    }
    struct reading_item *it = item_new(s->out, action);
    if (it == NULL)
        return;
    if (line != NULL)
        item_from_line(it, s, line, false);
    item_goods(it, d);
    if (several)
        reading_clarify(s->out, line_open_slot(s, d));
    if (line == NULL && !draft_has_goods(d) && !several)
        reading_clarify(s->out, "product");
    if (action == ACTION_ACCEPT && line != NULL)
        item_available(it, s, line);
}

const struct reading_cart_line *line_with_available(const struct scene *s, int64_t u)
{
    const struct reading_cart_line *found = NULL;
    for (size_t i = 0; i < s->ctx->n_cart; i++)
        if (s->ctx->cart[i].short_of_stock && s->ctx->cart[i].available_um == u && u > 0) {
            if (found != NULL)
                return NULL;
            found = &s->ctx->cart[i];
        }
    return found;
}

void line_accept(const struct scene *s, const struct reading_cart_line *line)
{
    struct reading_item *it = item_new(s->out, ACTION_ACCEPT);
    if (it == NULL)
        return;
    item_from_line(it, s, line, false);
    item_available(it, s, line);
}

/* Whether a draft tells nothing but the slot that was asked for, and how much of it. */
static bool answers_slot(const struct draft *d, bool outlet)
{
    return draft_adds(d) && d->material == NULL && d->product == NULL &&
           (outlet ? d->outlet != NULL && d->color == NULL : d->color != NULL);
}

bool parts_read(const struct scene *s)
{
    const struct drafts *o = s->drafts;
    const struct reading_cart_line *p = line_pending(s);
    const char *slot = s->ctx->pending_slot != NULL ? s->ctx->pending_slot : "";
    bool outlet = strcmp(slot, "outlet") == 0;
    if (p == NULL || o->n < 2 || (!outlet && strcmp(slot, "color") != 0))
        return false;
    for (size_t k = 0; k < o->n; k++)
        if (!answers_slot(&o->d[k], outlet))
            return false;
    for (size_t k = 0; k < o->n; k++) {
        const struct draft *d = &o->d[k];
        struct reading_item *it = item_new(s->out, k == 0 ? ACTION_SET : ACTION_ADD);
        if (it == NULL)
            break;
        item_from_line(it, s, p, false);
        it->line = k == 0 ? p->n : 0;
        item_goods(it, d);
        if (d->quantity != NULL)
            item_quantity(it, s->m, d);
        if (d->quantity != NULL && it->unit[0] == '\0')
            (void)snprintf(it->unit, sizeof it->unit, "%s", p->unit != NULL ? p->unit : p->length_um > 0 ? "m" : "");
        item_length(it, s->m->l);
        if (it->quantity_u < 0)
            reading_clarify(s->out, "quantity");
    }
    s->out->intent = INTENT_PROVIDE_VALUE;
    return true;
}
