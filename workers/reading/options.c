#include "workers/reading/options.h"
#include "workers/reading/decide.h"
#include "workers/reading/fields.h"

#include <stdio.h>
#include <string.h>

#include "workers/reading/decimal.h"

static bool said(const char *s)
{
    return s != NULL && *s != '\0';
}

enum { ORDINAL_LAST = 99 };

static int last_option(const struct scene *s)
{
    int last = 0;
    for (size_t i = 0; i < s->ctx->n_options; i++)
        last = s->ctx->options[i].n > last ? s->ctx->options[i].n : last;
    return last;
}

static bool is_split(const struct message *m, size_t i)
{
    return i < m->n && m->spans[i].kind == SPAN_SPLIT;
}

static const struct draft *namer(const struct scene *s)
{
    const struct draft *found = NULL;
    for (size_t k = 0; k < s->drafts->n; k++) {
        const struct draft *d = &s->drafts->d[k];
        if (!draft_has_goods(d) || d->negated)
            continue;
        if (found != NULL)
            return NULL;
        found = d;
    }
    return found;
}

int line_number(const struct scene *s)
{
    const struct message *m = s->m;
    if (s->ctx->n_options > 0 || s->ctx->n_cart < 2 || namer(s) != NULL)
        return 0;
    for (size_t i = 0; i < m->n; i++)
        if (m->spans[i].kind == SPAN_PRICE && m->spans[i].number.u > 0 && cue_at(m, m->spans[i].at, CUE_LINE))
            return (int)(m->spans[i].number.u / 1000000 % 1000);
    for (size_t i = 0; i < m->n; i++)
        if (m->spans[i].kind == SPAN_ORDINAL && m->spans[i].ordinal != ORDINAL_LAST &&
            cue_at(m, m->spans[i].end, CUE_LINE))
            return m->spans[i].ordinal; /* "pehli line hata do" */
    for (size_t i = 0; i < m->n; i++)
        if (m->spans[i].kind == SPAN_ORDINAL && m->spans[i].ordinal == ORDINAL_LAST)
            return s->ctx->cart[s->ctx->n_cart - 1].n;
    return option_number(s);
}

int option_number(const struct scene *s)
{
    const struct message *m = s->m;
    for (size_t i = 0; i < m->n; i++) {
        const struct span *p = &m->spans[i];
        bool other = i + 2 < m->n && p->kind == SPAN_ORDINAL && m->spans[i + 1].kind == SPAN_ACT &&
                     (ACT_BIT(m->spans[i + 1].act) & (ACT_BIT(ACT_NO) | ACT_BIT(ACT_NOT))) != 0;
        bool later = false; /* "pehla nahi dusra wala" */
        for (size_t k = i + 2; other && k < m->n; k++)
            later = later || m->spans[k].kind == SPAN_ORDINAL;
        if (later)
            continue;
        if (p->kind == SPAN_ORDINAL)
            return s->ctx->n_options == 0 && s->drafts->others > 0 ? 0
                   : p->ordinal == ORDINAL_LAST                    ? last_option(s)
                                                                   : p->ordinal;
        bool number = (p->kind == SPAN_QUANTITY || p->kind == SPAN_PRICE) && p->unit < 0 && p->number.u > 0 &&
                      p->number.u <= 9000000 && p->number.u % 1000000 == 0;
        number = number && (s->ctx->n_options > 0 || s->ctx->n_cart > 0 || s->drafts->others < 2);
        bool beside = (i + 1 < m->n && m->spans[i + 1].act == ACT_OPTION) ||
                      (i > 0 && m->spans[i - 1].act == ACT_OPTION) ||
                      (p->kind == SPAN_PRICE && match_at(m, p->number.end, SLOT_ACT, ACT_OPTION) != NULL);
        bool alone = s->ctx->n_options > 0 && s->drafts->n <= 1 && s->drafts->others == 0 &&
                     (m->n == 1 || (m->n == 2 && m->spans[1 - i].kind == SPAN_ACT));
        bool asked = said(s->ctx->pending_slot) && strcmp(s->ctx->pending_slot, "quantity") == 0;
        bool first = i == 0 && is_split(m, 1) && p->number.u / 1000000 <= last_option(s);
        if (number && (beside || ((alone || first) && !asked)))
            return (int)(p->number.u / 1000000);
    }
    return 0;
}

static bool names(const char *a, const char *b)
{
    return said(a) && said(b) && strcmp(a, b) == 0;
}

/* Whether the words of `part` follow one another in `whole`, in whatever case and spelling. */
static bool within(const char *part, const char *whole)
{
    struct text p, w;
    if (!said(part) || !said(whole) || !text_read(&p, part, strlen(part)) || !text_read(&w, whole, strlen(whole)))
        return false;
    for (size_t i = 0; i + p.n <= w.n; i++) {
        size_t k = 0;
        while (k < p.n && w.tokens[i + k].len == p.tokens[k].len &&
               memcmp(w.bytes + w.tokens[i + k].at, p.bytes + p.tokens[k].at, p.tokens[k].len) == 0)
            k++;
        if (k == p.n)
            return true;
    }
    return false;
}

/* The figure of "650 mg". */
static void figure(const char *value, char out[16])
{
    size_t n = strspn(value, "0123456789.");
    (void)snprintf(out, 16, "%.*s", (int)(n < 15 ? n : 15), value);
}

static bool value_fits(const char *value, const char *own, const char *name)
{
    char digits[16];
    if (value == NULL)
        return true;
    figure(value, digits);
    return names(value, own) || (!said(own) && within(digits, name));
}

/* Whether everything that the draft names is the option's. */
static bool fits(const struct draft *d, const struct reading_option *o)
{
    if (d->color != NULL && !names(d->color->name, o->color) && !within(d->color->name, o->product))
        return false;
    if (d->material != NULL && !names(d->material->name, o->material) && !within(d->material->name, o->product))
        return false;
    if (d->product != NULL && !names(d->product->name, o->product) && !within(d->product->name, o->product))
        return false;
    return value_fits(d->strength, o->strength, o->product) && value_fits(d->size, o->size, o->product);
}

/* The line that the option stands in for: told, else the one that waits for a word, else the only one. */
static const struct reading_cart_line *line_for(const struct scene *s, const struct reading_option *o)
{
    const struct reading_context *c = s->ctx;
    const struct reading_cart_line *found = NULL;
    for (size_t i = 0; i < c->n_cart; i++) {
        if (o->line > 0 && c->cart[i].n == o->line)
            return &c->cart[i];
        if (c->cart[i].short_of_stock && found != NULL)
            return NULL;
        if (c->cart[i].short_of_stock)
            found = &c->cart[i];
    }
    return found != NULL ? found : c->n_cart == 1 ? &c->cart[0] : NULL;
}

static void put(char to[READING_WORD], const char *from)
{
    if (said(from))
        (void)snprintf(to, READING_WORD, "%s", from);
}

static void choose(const struct scene *s, const struct reading_option *o)
{
    const struct reading_cart_line *pending = line_pending(s), *line = pending == NULL ? line_for(s, o) : NULL;
    struct reading_item *it = item_new(s->out, line != NULL ? ACTION_REPLACE : ACTION_SET);
    if (it == NULL)
        return;
    if (pending != NULL || line != NULL)
        item_from_line(it, s, pending != NULL ? pending : line, true);
    if (said(o->product) || said(o->material))
        it->product[0] = it->material[0] = '\0';
    put(it->product, o->product);
    put(it->material, o->material);
    put(it->color, o->color);
    put(it->strength, o->strength);
    put(it->form, o->form);
    put(it->size, o->size);
    it->option = o->n;
    for (size_t k = 0; k < s->drafts->n; k++) {
        const struct draft *d = &s->drafts->d[k];
        bool number = d->quantity != NULL && d->quantity->unit < 0 && !draft_has_goods(d);
        if (d->quantity == NULL || number)
            continue;
        it->quantity_u = -1;
        item_quantity(it, s->m, d);
    }
    s->out->intent = INTENT_CHOOSE_OPTION;
}

/* "650 wala": the option that has the figure in its name, its strength or its size. */
static bool has_figure(const struct reading_option *o, int64_t u)
{
    char text[DECIMAL_TEXT], own[16];
    decimal_text(u, text);
    for (int i = 0; i < 2; i++) {
        const char *value = i == 0 ? o->strength : o->size;
        figure(said(value) ? value : "", own);
        if (strcmp(own, text) == 0)
            return true;
    }
    return within(text, o->product);
}

/* A bare number with the word for an option beside it, larger than the options are numbered; 0 for none. */
static int64_t figure_told(const struct scene *s)
{
    const struct message *m = s->m;
    for (size_t i = 0; i < m->n; i++) {
        const struct span *p = &m->spans[i];
        bool bare = (p->kind == SPAN_QUANTITY || p->kind == SPAN_PRICE) && p->unit < 0 && p->number.u > 0;
        bool beside = m->n == 1 || (i + 1 < m->n && m->spans[i + 1].act == ACT_OPTION);
        if (bare && beside && p->number.u > (int64_t)last_option(s) * 1000000)
            return p->number.u;
    }
    return 0;
}

/* A yes, or "any", where nothing can be had but what is offered. */
static bool agrees(const struct scene *s)
{
    const uint64_t yes = ACT_BIT(ACT_YES) | ACT_BIT(ACT_CONFIRM) | ACT_BIT(ACT_ACCEPT) | ACT_BIT(ACT_ANY_COLOR);
    for (size_t i = 0; i < s->ctx->n_cart; i++)
        if (s->ctx->cart[i].short_of_stock && s->ctx->cart[i].available_um > 0)
            return false;
    for (size_t k = 0; k < s->drafts->n; k++)
        if (draft_has_goods(&s->drafts->d[k]) || s->drafts->d[k].quantity != NULL)
            return false;
    return (s->drafts->acts & yes) != 0 && (s->drafts->acts & (ACT_BIT(ACT_NO) | ACT_BIT(ACT_NOT))) == 0;
}

bool option_read(const struct scene *s)
{
    const uint64_t other = ACT_BIT(ACT_DROP) | ACT_BIT(ACT_NOT_WANTED) | ACT_BIT(ACT_ALTERNATIVE) | ACT_BIT(ACT_NO);
    const struct reading_context *c = s->ctx;
    const struct reading_option *found = NULL;
    int number = option_number(s);
    int64_t told = number == 0 ? figure_told(s) : 0;
    const struct draft *d = number == 0 && told == 0 ? namer(s) : NULL;
    bool any = d == NULL && number == 0 && told == 0 && agrees(s);
    size_t fit = 0;
    for (size_t i = 0; i < c->n_options; i++) {
        const struct reading_option *o = &c->options[i];
        bool this = number > 0 ? o->n == number : told > 0 ? has_figure(o, told) : d != NULL ? fits(d, o) : any;
        fit += this ? 1 : 0;
        found = this ? o : found;
    }
    bool plain = (s->drafts->acts & other) == 0 && (d == NULL || d->quantity == NULL);
    size_t at;
    if (fit == 0 && c->n_options > 1 && d == NULL && cue_from(s->m, 0, CUE_PICK, &at) != NULL)
        fit = c->n_options; /* "the cheaper one" */
    if (fit > 1 && plain) { /* which of them? */
        s->out->intent = INTENT_CHOOSE_OPTION;
        reading_clarify(s->out, "option");
        return true;
    }
    if (fit != 1)
        return false;
    choose(s, found);
    return true;
}

bool unit_answered(const struct scene *s)
{
    const struct reading_cart_line *line = line_pending(s);
    const struct message *m = s->m;
    const struct match *unit = NULL;
    if (line == NULL || strcmp(s->ctx->pending_slot, "unit") != 0)
        return false;
    for (size_t i = 0; i < m->text.n; i++) {
        const struct match *k = match_at(m, i, SLOT_UNIT, ACT_NONE);
        if (k != NULL && unit != NULL && k->sense->value != unit->sense->value)
            return false; /* two units: "strip ya goli" */
        unit = k != NULL ? k : unit;
    }
    struct reading_item *it = unit != NULL ? item_new(s->out, ACTION_SET) : NULL;
    if (it == NULL)
        return false;
    item_from_line(it, s, line, true);
    (void)snprintf(it->unit, sizeof it->unit, "%s", m->l->units[unit->sense->value].name);
    item_in_contract_units(it);
    for (size_t k = 0; k < s->drafts->n; k++)
        if (s->drafts->d[k].quantity != NULL)
            item_quantity(it, m, &s->drafts->d[k]);
    item_length(it, m->l);
    s->out->intent = INTENT_PROVIDE_VALUE;
    return true;
}
