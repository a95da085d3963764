/* Strengths and sizes: figures that are never a quantity. What a catalogue tells of its goods decides what they are. */
#include <stdio.h>
#include <string.h>

#include "workers/reading/decimal.h"
#include "workers/reading/message.h"

static const int64_t one_u = 1000000;

static void add_product(struct message *m, size_t goods)
{
    for (size_t i = 0; i < m->n_products; i++)
        if (m->products[i] == goods)
            return;
    if (m->n_products < MESSAGE_PRODUCTS)
        m->products[m->n_products++] = goods;
}

static void add_named(struct message *m, const char *name)
{
    for (size_t i = 0; name != NULL && *name != '\0' && i < m->s->n_goods; i++)
        if (m->s->goods[i].slot == SLOT_PRODUCT && strcmp(m->s->goods[i].name, name) == 0)
            add_product(m, i);
}

void message_products(struct message *m, const struct reading_context *ctx)
{
    m->n_products = m->n_made = 0;
    for (size_t at = 0; at < m->text.n; at++) {
        const struct match *k = match_at(m, at, SLOT_PRODUCT, ACT_NONE);
        if (k != NULL && k->of_shop)
            add_product(m, (size_t)k->sense->value);
    }
    for (size_t i = 0; m->n_products == 0 && i < ctx->n_cart; i++)
        add_named(m, ctx->cart[i].product);
    if (ctx->pending_item != NULL)
        add_named(m, ctx->pending_item->product);
}

static bool in_message(const struct message *m, size_t goods)
{
    for (size_t i = 0; i < m->n_products; i++)
        if (m->products[i] == goods)
            return true;
    return false;
}

bool size_of_goods(const struct message *m, const struct goods *g, int64_t u)
{
    for (size_t i = 0; i < m->s->n_variants; i++)
        if (&m->s->goods[m->s->variants[i].goods] == g && m->s->variants[i].size_u == u && u > 0)
            return true;
    return false;
}

/* A figure and what it is told in; told_in -1 for a bare one. */
struct figure {
    int64_t u;
    int strength_in, size_in;
    size_t end;
    bool spoken; /* "six fifty": hundreds left out, believed only where the catalogue knows it */
};

static bool figure_read(const struct message *m, size_t at, struct figure *f)
{
    struct number n;
    if (!number_read(m, at, &n))
        return false;
    bool apart = n.each && mark_at(m, at + 1, '-') && !m->text.tokens[at + 1].glued; /* "rinovex 10 - 10 strips" */
    if (n.each && !apart)
        return false;
    if (apart)
        (void)number_first(m, at, &n);
    *f = (struct figure){.u = n.u, .strength_in = -1, .size_in = -1, .end = n.end};
    if (n.u < 0 && !n.digits && n.min_u > 0 && n.min_u < 10 * one_u && n.max_u >= 10 * one_u && n.max_u < 100 * one_u) {
        f->u = n.min_u * 100 + n.max_u;
        f->spoken = true;
    } else if (n.u < 0) { /* "650 2 strips" is no range */
        (void)number_first(m, at, &n);
        f->u = n.u;
        f->end = n.end;
    }
    size_t next = n.end + (mark_at(m, n.end, '-') ? 1 : 0);
    const struct match *strength = match_at(m, next, SLOT_IN_STRENGTH, ACT_NONE);
    const struct match *size = match_at(m, next, SLOT_IN_SIZE, ACT_NONE);
    if (strength != NULL || size != NULL) {
        const struct match *k = strength != NULL ? strength : size;
        f->strength_in = strength != NULL ? (int)strength->sense->value : -1;
        f->size_in = size != NULL ? (int)size->sense->value : -1;
        f->end = next + k->length;
    } else if (n.weak != WEAK_NO && m->asked == SLOT_NONE) {
        return false;
    }
    return f->u > 0;
}

/* The catalogue's own words for a figure of the message's products; NULL when none has it. */
static const char *known(const struct message *m, const struct figure *f, enum slot in)
{
    bool bare = f->strength_in < 0 && f->size_in < 0;
    for (size_t i = 0; i < m->s->n_variants; i++) {
        const struct variant_words *v = &m->s->variants[i];
        bool strength = in == SLOT_IN_STRENGTH;
        int told_in = strength ? f->strength_in : f->size_in;
        if (in_message(m, v->goods) && (strength ? v->strength_u : v->size_u) == f->u &&
            (bare || told_in == (strength ? v->strength_in : v->size_in)))
            return strength ? v->strength : v->size;
    }
    return NULL;
}

/* A figure in the words of the lists: "500 mg". */
static const char *made(struct message *m, int64_t u, int told_in)
{
    char text[DECIMAL_TEXT];
    if (m->n_made == MESSAGE_MADE)
        return NULL;
    char *out = m->made[m->n_made++];
    decimal_text(u, text);
    (void)snprintf(out, sizeof m->made[0], "%.10s %.12s", text, m->l->goods[told_in].name);
    return out;
}

/* A product whose name ends right before the token, or before a word for its form or a dash; -1 for none. */
static int product_before(const struct message *m, size_t at)
{
    if (at > 0 && (mark_at(m, at - 1, '-') || match_at(m, at - 1, SLOT_FORM, ACT_NONE) != NULL))
        at--;
    for (size_t back = 1; back <= at && back <= 6; back++) {
        const struct match *k = match_at(m, at - back, SLOT_PRODUCT, ACT_NONE);
        if (k != NULL && k->of_shop && k->length == back)
            return (int)k->sense->value;
    }
    bool suffix = at > 1 && m->text.tokens[at - 1].kind == TOKEN_WORD && m->text.tokens[at - 1].len <= 2 &&
                  match_at(m, at - 1, SLOT_OF, ACT_NONE) == NULL && match_at(m, at - 1, SLOT_UNIT, ACT_NONE) == NULL;
    for (size_t back = suffix ? 2 : 1; suffix && back <= at && back <= 7; back++) {
        const struct match *k = match_at(m, at - back, SLOT_PRODUCT, ACT_NONE);
        if (k != NULL && k->of_shop && (size_t)k->length + 1 == back)
            return (int)k->sense->value; /* "telma am 40" */
    }
    return -1;
}

/* What a strength of these goods is told in, when the figure may be one: at least half of the least it has. */
static int like_strength(const struct message *m, int goods, int64_t u)
{
    int64_t least = INT64_MAX;
    int told_in = -1;
    for (size_t i = 0; i < m->s->n_variants; i++) {
        const struct variant_words *v = &m->s->variants[i];
        if ((int)v->goods == goods && v->strength_u > 0 && v->strength_u < least) {
            least = v->strength_u;
            told_in = v->strength_in;
        }
    }
    return told_in >= 0 && u >= least / 2 ? told_in : -1;
}

static const char *bare_value(struct message *m, size_t at, const struct figure *f, enum slot *in)
{
    int product = product_before(m, at);
    bool such = match_at(m, f->end, SLOT_ACT, ACT_OPTION) != NULL;
    bool late = at > 0 && f->u >= 100 * one_u && match_at(m, at - 1, SLOT_UNIT, ACT_NONE) != NULL &&
                match_at(m, f->end, SLOT_UNIT, ACT_NONE) == NULL; /* "crocin 2 strips 650" */
    if (product < 0 && !such && !late && m->asked == SLOT_NONE)
        return NULL;
    *in = m->asked != SLOT_NONE ? m->asked : SLOT_IN_STRENGTH;
    const char *value = known(m, f, *in);
    if (value == NULL && such) {
        *in = SLOT_IN_SIZE;
        value = known(m, f, *in);
    }
    if (value != NULL || f->spoken || product < 0)
        return value;
    *in = SLOT_IN_STRENGTH;
    const struct match *unit = match_at(m, f->end, SLOT_UNIT, ACT_NONE);
    int told_in = unit != NULL && f->u < 100 * one_u ? -1 : like_strength(m, product, f->u); /* "amlong 4 strips" */
    return told_in >= 0 ? made(m, f->u, told_in) : NULL;
}

/* Inches are a size only of goods that have sizes in inches; what is a unit too is one only where the size is known. */
static bool size_told(const struct message *m, const struct figure *f, size_t measure)
{
    const struct match *unit = match_at(m, measure, SLOT_UNIT, ACT_NONE);
    if (unit == NULL)
        return !mark_at(m, measure, '"');
    if (!m->l->units[unit->sense->value].width)
        return false;
    for (size_t i = 0; i < m->s->n_variants; i++)
        if (in_message(m, m->s->variants[i].goods) && m->s->variants[i].size_in == f->size_in)
            return true;
    return false;
}

/* "large": the shop's own word for a size or strength of the goods that the message names. */
static bool word_read(const struct message *m, size_t at, struct span *s)
{
    const struct match *size = match_at(m, at, SLOT_SIZE, ACT_NONE);
    const struct match *k = size != NULL ? size : match_at(m, at, SLOT_STRENGTH, ACT_NONE);
    bool fits = false;
    if (k == NULL)
        return false;
    for (size_t i = 0; i < m->n_matches[at]; i++)
        if (m->matches[at][i].length > k->length)
            return false; /* "bada do" */
    const char *value = shopwords_goods(m->s, k->sense, k->of_shop)->name;
    for (size_t i = 0; i < m->s->n_variants; i++) {
        const struct variant_words *v = &m->s->variants[i];
        fits = fits || (in_message(m, v->goods) && strcmp(size != NULL ? v->size : v->strength, value) == 0);
    }
    if (!fits)
        return false;
    *s = (struct span){.kind = SPAN_VALUE,
                       .at = at,
                       .end = at + k->length,
                       .slot = size != NULL ? SLOT_IN_SIZE : SLOT_IN_STRENGTH,
                       .value = value,
                       .unit = -1,
                       .per_u = -1};
    return true;
}

bool attribute_read(struct message *m, size_t at, struct span *s)
{
    struct figure f;
    enum slot in = SLOT_IN_STRENGTH;
    if (word_read(m, at, s))
        return true;
    if ((m->n_products == 0 && !m->s->strengths) || !figure_read(m, at, &f))
        return false;
    const char *value = NULL;
    bool bare = f.strength_in < 0 && f.size_in < 0;
    if (bare)
        value = bare_value(m, at, &f, &in);
    if (f.strength_in >= 0) {
        bool weighs = match_at(m, f.end - 1, SLOT_UNIT, ACT_NONE) != NULL; /* grams, where no strength is known so */
        value = known(m, &f, in);
        value = value == NULL && !f.spoken && !weighs ? made(m, f.u, f.strength_in) : value;
    }
    if (value == NULL && f.size_in >= 0) {
        in = SLOT_IN_SIZE;
        value = known(m, &f, in);
        if (value == NULL && !f.spoken && size_told(m, &f, f.end - 1))
            value = made(m, f.u, f.size_in);
    }
    if (value == NULL)
        return false;
    *s = (struct span){.kind = SPAN_VALUE, .at = at, .end = f.end, .slot = in, .value = value, .unit = -1, .per_u = -1};
    return true;
}
