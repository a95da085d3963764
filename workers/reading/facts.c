#include "workers/reading/facts.h"

#include "workers/reading/draft.h"

#include <string.h>

static const int64_t one_u = 1000000;

static void add(struct text_facts *f, int64_t u, bool quantity)
{
    if (u < 0)
        return;
    for (size_t i = 0; i < f->n; i++) {
        if (f->numbers[i].u == u) {
            f->numbers[i].quantity = f->numbers[i].quantity || quantity;
            return;
        }
    }
    if (f->n == FACT_NUMBERS)
        return;
    f->numbers[f->n].u = u;
    f->numbers[f->n++].quantity = quantity;
}

/* "3 dozen" is 36. */
static void add_counted(struct text_facts *f, const struct message *m, const struct number *n)
{
    const struct match *k = match_at(m, n->end, SLOT_UNIT, ACT_NONE);
    if (k == NULL || n->u < 0)
        return;
    const struct unit *u = &m->l->units[k->sense->value];
    if (u->kind == UNIT_COUNT && u->factor > 1 && n->u <= INT64_MAX / u->factor)
        add(f, n->u * u->factor, true);
}

/* Whether the token belongs to a number that the word lists know to be no quantity. */
static bool other_number(const struct message *m, size_t at)
{
    for (size_t i = 0; i < m->n; i++)
        if ((m->spans[i].kind == SPAN_PRICE || m->spans[i].kind == SPAN_VALUE) && at >= m->spans[i].at &&
            at < m->spans[i].end)
            return true;
    return false;
}

static void numbers_at(struct text_facts *f, const struct message *m, size_t at)
{
    struct number n;
    bool quantity = !other_number(m, at);
    if (m->text.tokens[at].kind == TOKEN_NUMBER)
        add(f, m->text.tokens[at].value_u, quantity);
    if (number_first(m, at, &n)) {
        add(f, n.u, quantity);
        add_counted(f, m, &n);
    }
    if (number_read(m, at, &n)) {
        add(f, n.u, quantity);
        add(f, n.min_u, quantity);
        add(f, n.max_u, quantity);
        add_counted(f, m, &n);
    }
    const struct match *percent = match_at(m, at, SLOT_PERCENT, ACT_NONE);
    if (percent != NULL)
        add(f, percent->sense->value * one_u, false);
    const struct match *one = match_at(m, at, SLOT_ACT, ACT_ONE);
    one = one != NULL ? one : match_at(m, at, SLOT_PLAIN, ACT_ONE);
    if (one != NULL) {
        n = (struct number){.u = one_u, .min_u = -1, .max_u = -1, .end = at + one->length};
        add(f, one_u, true);
        add_counted(f, m, &n);
    }
}

static void add_words(struct text_facts *f)
{
    const struct reading *r = &f->words;
    for (size_t i = 0; i < r->n_items; i++) {
        add(f, r->items[i].quantity_u, true);
        add(f, r->items[i].quantity_min_u, true);
        add(f, r->items[i].quantity_max_u, true);
        add(f, r->items[i].per_package_u, true);
    }
    const struct reading_fields *g = &r->fields;
    const int64_t told[] = {g->percent_u, g->masons_u, g->labour_u, g->quantity_u};
    const int64_t paise[] = {g->amount_paise, g->budget_min_paise, g->budget_max_paise};
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        add(f, told[i], false);
    for (size_t i = 0; i < sizeof paise / sizeof *paise; i++)
        add(f, paise[i] < INT64_MAX / (one_u / 100) ? paise[i] * (one_u / 100) : -1, false);
    for (size_t i = 0; i < g->n_stock; i++)
        add(f, g->stock[i].u, false);
}

void facts_of(const struct shopwords *s, const char *text, size_t n, const struct reading_context *ctx,
              struct text_facts *out)
{
    struct message m;
    struct drafts d;
    out->n = 0;
    out->commands = false;
    memset(out->language, 0, sizeof out->language);
    reading_clear(&out->words);
    out->readable = message_begin(&m, s, text, n, ctx);
    if (!out->readable)
        return;
    memcpy(out->language, m.language, sizeof out->language);
    out->text = m.text;
    for (size_t i = 0; i < m.text.n; i++)
        numbers_at(out, &m, i);
    drafts_read(&m, &d);
    out->commands = (d.acts & ACT_BIT(ACT_COMMAND)) != 0;
    read_words(s, text, n, ctx, &out->words);
    add_words(out);
}

bool facts_number(const struct text_facts *f, int64_t u)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->numbers[i].u == u)
            return true;
    return false;
}

bool facts_quantity(const struct text_facts *f, int64_t u)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->numbers[i].u == u)
            return f->numbers[i].quantity;
    return false;
}

static bool same(const struct text *a, size_t i, const struct text *b, size_t k)
{
    const struct token *x = &a->tokens[i], *y = &b->tokens[k];
    if (x->kind != y->kind)
        return false;
    if (x->kind == TOKEN_NUMBER && x->value_u >= 0)
        return x->value_u == y->value_u && x->digits == y->digits;
    return x->len == y->len && memcmp(a->bytes + x->at, b->bytes + y->at, x->len) == 0;
}

/* Marks are passed over on both sides: "Sharma-Traders" is "Sharma Traders". */
static bool follows(const struct text *t, size_t i, const struct text *p)
{
    size_t k = 0;
    while (true) {
        while (k < p->n && p->tokens[k].kind == TOKEN_MARK)
            k++;
        if (k == p->n)
            return true;
        while (i < t->n && t->tokens[i].kind == TOKEN_MARK)
            i++;
        if (i == t->n || !same(t, i, p, k))
            return false;
        i++;
        k++;
    }
}

bool facts_words(const struct text_facts *f, const char *words)
{
    struct text p;
    if (!f->readable || !text_read(&p, words, strlen(words)) || p.n == 0)
        return false;
    for (size_t i = 0; i < f->text.n; i++)
        if (follows(&f->text, i, &p))
            return true;
    return false;
}
