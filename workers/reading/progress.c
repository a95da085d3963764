#include "workers/reading/report.h"

#include <stdio.h>
#include <string.h>

#include "workers/reading/fields.h"

enum { WHOLE = 100 }; /* per cent */
static const int64_t one_u = 1000000;

/* Where the reading of a site's message stands. */
struct site_walk {
    const struct scene *s;
    const struct message *m;
    struct reading_fields *f;
    const struct goods *stock; /* named in this clause, its number still to come */
    const struct goods *last;  /* named last, in any clause */
    bool used;                 /* the clause tells what was used up */
    bool found;
    size_t task_at; /* behind the task named last */
};

static void put(char to[READING_WORD], const char *from)
{
    if (to[0] == '\0')
        (void)snprintf(to, READING_WORD, "%s", from);
}

static bool ends_clause(const struct message *m, size_t i)
{
    const struct match *join = match_at(m, i, SLOT_JOIN, ACT_NONE);
    return mark_at(m, i, ',') || mark_at(m, i, '.') || mark_at(m, i, ';') || mark_at(m, i, '\n') ||
           (join != NULL && join->sense->value != JOIN_RANGE);
}

static bool cue_in_clause(const struct message *m, size_t from, enum cue cue)
{
    size_t at, end = from;
    while (end < m->text.n && (end == from || !ends_clause(m, end)))
        end++;
    return cue_from(m, from, cue, &at) != NULL && at < end;
}

static bool used_up(const struct message *m, size_t from)
{
    return (cue_in_clause(m, from, CUE_USED) || cue_in_clause(m, from, CUE_GONE)) && !cue_in_clause(m, from, CUE_LEFT);
}

static void add_stock(struct site_walk *w, const struct goods *g, int64_t u)
{
    struct reading_fields *f = w->f;
    if (w->used || f->n_stock == READING_STOCK)
        return;
    for (size_t i = 0; i < f->n_stock; i++)
        if (strcmp(f->stock[i].name, g->name) == 0)
            return;
    (void)snprintf(f->stock[f->n_stock].name, READING_WORD, "%s", g->name);
    f->stock[f->n_stock++].u = u;
    w->found = true;
}

static void add_reason(struct reading_fields *f, const char *name)
{
    for (size_t i = 0; i < f->n_reasons; i++)
        if (strcmp(f->reasons[i], name) == 0)
            return;
    if (f->n_reasons < READING_REASONS)
        (void)snprintf(f->reasons[f->n_reasons++], READING_WORD, "%s", name);
}

static bool put_role(struct site_walk *w, size_t at, int64_t u, size_t *end)
{
    const struct goods *role = value_at(w->m, at, SLOT_ROLE, end);
    if (role == NULL)
        return false;
    int64_t *to = strcmp(role->name, "masons") == 0 ? &w->f->masons_u : &w->f->labour_u;
    *to = *to < 0 ? u : *to;
    w->found = true;
    return true;
}

/* What a number counts, by what stands after it; returns the token after all of it. */
static size_t put_number(struct site_walk *w, const struct number *n)
{
    const struct message *m = w->m;
    size_t end = n->end, at = n->end;
    for (size_t i = 0; at < m->text.n && i < m->n_matches[at]; i++)
        if (m->matches[at][i].sense->slot == SLOT_CUE && m->matches[at][i].sense->value == CUE_PER_CENT) {
            if (n->u <= WHOLE * one_u) { /* more than all of it is a slip, or no share at all */
                w->f->percent_u = n->u;
                w->found = true;
            }
            return at + m->matches[at][i].length;
        }
    if (put_role(w, at, n->u, &end))
        return end;
    const struct match *unit = at < m->text.n ? match_at(m, at, SLOT_UNIT, ACT_NONE) : NULL;
    size_t next = unit != NULL ? at + unit->length : at;
    const struct match *of = match_at(m, next, SLOT_OF, ACT_NONE);
    const struct goods *stock = value_at(m, of != NULL ? next + of->length : next, SLOT_STOCK, &end);
    enum unit_kind kind = unit != NULL ? m->l->units[unit->sense->value].kind : UNIT_COUNT;
    bool area = kind == UNIT_AREA || (kind == UNIT_LENGTH && !cue_in_clause(m, at, CUE_LEFT));
    if (stock != NULL && w->stock == NULL && !area) {
        add_stock(w, stock, n->u);
        return end;
    }
    if (w->stock == NULL && w->last != NULL && !area && cue_in_clause(m, at, CUE_LEFT))
        w->stock = w->last; /* "cement 30 bags used, 20 left" */
    if (w->stock != NULL && !area) {
        add_stock(w, w->stock, n->u);
        w->stock = NULL;
    } else if (unit != NULL && m->l->units[unit->sense->value].kind != UNIT_COUNT && w->f->quantity_u < 0) {
        w->f->quantity_u = n->u;
        put(w->f->unit, m->l->units[unit->sense->value].name);
        w->found = true;
    }
    return next;
}

/* A material that is missing: the word, and a "no" close behind or before it. */
static bool missing(const struct message *m, size_t at, size_t end)
{
    for (size_t i = at > 0 ? at - 1 : 0; i < end + 3 && i < m->text.n; i++) {
        if (i >= end && ends_clause(m, i))
            break;
        if (match_at(m, i, SLOT_ACT, ACT_NO) != NULL || match_at(m, i, SLOT_ACT, ACT_NOT) != NULL ||
            cue_at(m, i, CUE_GONE))
            return true;
    }
    return false;
}

static size_t put_value(struct site_walk *w, size_t at)
{
    const struct message *m = w->m;
    size_t end = at + 1;
    struct number n;
    const struct goods *g = value_at(m, at, SLOT_LEVEL, &end);
    if (g != NULL) {
        put(w->f->level, g->name);
        w->found = true;
        return end;
    }
    size_t role = at;
    const struct match *before = at > 0 ? match_at(m, at - 1, SLOT_BEFORE, ACT_NONE) : NULL;
    if (before != NULL &&
        (before->sense->value == ACT_PRICE_BEFORE || match_at(m, at - 1, SLOT_ACT, ACT_PRICE) != NULL) &&
        number_read(m, at, &n))
        return n.end; /* "cement ka rate 400" */
    if (number_read(m, at, &n) && n.u >= 0 && (n.weak == WEAK_NO || value_at(m, n.end, SLOT_ROLE, &role) != NULL))
        return put_number(w, &n);
    if ((g = value_at(m, at, SLOT_REASON, &end)) != NULL)
        add_reason(w->f, g->name);
    else if ((g = value_at(m, at, SLOT_STOCK, &end)) != NULL && missing(m, at, end))
        add_reason(w->f, g->name);
    else if (g != NULL)
        w->stock = w->last = g;
    if ((g = value_at(m, at, SLOT_SITE, &end)) != NULL) {
        put(w->f->site, g->name);
        w->found = true;
    }
    size_t task_end = at;
    size_t cue;
    g = value_at(m, at, SLOT_TASK, &task_end);
    bool stored = w->stock != NULL && task_end <= end && cue_from(m, 0, CUE_LEFT, &cue) != NULL;
    if (!stored && g != NULL) {
        for (size_t i = w->task_at; w->task_at > 0 && i < at; i++)
            if (cue_at(m, i, CUE_NOW))
                w->f->task[0] = '\0'; /* "slab kal daali thi, aaj curing" */
        w->task_at = task_end;
        put(w->f->task, g->name);
        w->found = true;
        end = task_end > end ? task_end : end;
    }
    size_t role_end = at;
    if (value_at(m, at, SLOT_ROLE, &role_end) != NULL) {
        role_end += mark_at(m, role_end, ':') || mark_at(m, role_end, '-') ? 1 : 0;
        if (number_read(m, role_end, &n) && n.u >= 0 && n.weak == WEAK_NO &&
            value_at(m, n.end, SLOT_ROLE, &end) == NULL && put_role(w, at, n.u, &end))
            return n.end;
    }
    return end;
}

bool progress_read(const struct scene *s)
{
    const struct message *m = s->m;
    struct reading_fields *f = &s->out->fields;
    struct site_walk w = {.s = s, .m = m, .f = f};
    size_t at;
    w.used = used_up(m, 0);
    for (size_t i = 0; i < m->text.n;) {
        if (ends_clause(m, i)) {
            w.stock = NULL;
            w.used = used_up(m, i);
            i++;
            continue;
        }
        i = put_value(&w, i);
    }
    w.found = site_told(m, f->site) || w.found;
    f->blocked = cue_from(m, 0, CUE_BLOCKED, &at) != NULL;
    for (size_t i = 0; f->percent_u < 0 && i < m->text.n; i++) {
        const struct match *k = match_at(m, i, SLOT_PERCENT, ACT_NONE);
        if (k != NULL && (f->task[0] != '\0' || f->level[0] != '\0') && f->quantity_u < 0)
            f->percent_u = k->sense->value * one_u;
    }
    f->n_reasons = f->blocked ? f->n_reasons : 0;
    bool share_alone = f->percent_u >= 0 && f->task[0] == '\0' && f->level[0] == '\0' && f->site[0] == '\0' &&
                       f->n_stock == 0 && !f->blocked && s->drafts->others >= OTHER_WORDS &&
                       cue_from(m, 0, CUE_WORK, &at) == NULL; /* of something else */
    bool level_alone = f->level[0] != '\0' && f->task[0] == '\0' && f->site[0] == '\0' && f->percent_u < 0 &&
                       f->n_stock == 0 && f->masons_u < 0 && f->labour_u < 0 && f->quantity_u < 0 && !f->blocked &&
                       s->drafts->others > OTHER_WORDS && cue_from(m, 0, CUE_WORK, &at) == NULL;
    if ((!w.found && !f->blocked) || share_alone || level_alone)
        return false;
    site_guess(m, f->site);
    s->out->intent = INTENT_PROGRESS_UPDATE;
    return true;
}
