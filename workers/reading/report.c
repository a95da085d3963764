#include "workers/reading/report.h"

#include <string.h>

#include "workers/reading/fields.h"

/* What one reader began and gave up is taken back. */
static bool none(struct reading *r, const struct reading_fields *before)
{
    r->fields = *before;
    return false;
}

static bool has(const struct scene *s, enum act a)
{
    return (s->drafts->acts & ACT_BIT(a)) != 0;
}

/* "pakka putty": a word inside the name of goods. */
static bool of_product(const struct message *m, size_t at)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->spans[i].kind == SPAN_GOODS && m->spans[i].goods->slot == SLOT_PRODUCT && m->spans[i].at <= at &&
            at < m->spans[i].end)
            return true;
    return match_at(m, at, SLOT_PRODUCT, ACT_NONE) != NULL;
}

bool report_orders(const struct scene *s)
{
    const struct message *m = s->m;
    size_t at, end;
    bool goods = false;
    bool asks = has(s, ACT_QUESTION) && (has(s, ACT_STOCK) || has(s, ACT_EXISTS)); /* "is there cement in stock?" */
    if (m->domain != DOMAIN_CONSTRUCTION || (cue_from(m, 0, CUE_LEFT, &at) != NULL && !asks) ||
        cue_from(m, 0, CUE_PER_CENT, &at) != NULL || cue_from(m, 0, CUE_BLOCKED, &at) != NULL)
        return false;
    for (size_t k = 0; k < s->drafts->n; k++)
        goods = goods || s->drafts->d[k].product != NULL;
    for (size_t i = 0; goods && i < m->text.n; i++)
        if (value_at(m, i, SLOT_LEVEL, &end) != NULL || value_at(m, i, SLOT_ROLE, &end) != NULL ||
            (value_at(m, i, SLOT_TASK, &end) != NULL && !of_product(m, i)))
            return false;
    return goods;
}

bool report_read(const struct scene *s)
{
    const enum domain d = s->m->domain;
    if (report_orders(s))
        return false;
    if (d == DOMAIN_TEXTILE || d == DOMAIN_PHARMACY || d == DOMAIN_PACKAGING || s->ctx->n_cart > 0)
        return false;
    if (has(s, ACT_OPT_OUT) || has(s, ACT_PAYMENT) || (has(s, ACT_COMPLAINT) && d != DOMAIN_CONSTRUCTION))
        return false;
    const struct reading_fields before = s->out->fields;
    if (d == DOMAIN_CONSTRUCTION)
        return progress_read(s) || none(s->out, &before);
    if (d == DOMAIN_SERVICES)
        return lead_read(s) || none(s->out, &before);
    if (lead_read(s))
        return true;
    (void)none(s->out, &before);
    bool told = progress_read(s);
    const struct reading_fields *f = &s->out->fields;
    if (told && f->task[0] != '\0' && (f->percent_u >= 0 || f->level[0] != '\0' || f->masons_u >= 0 || f->blocked))
        return true;
    s->out->intent = INTENT_UNKNOWN;
    return none(s->out, &before);
}
