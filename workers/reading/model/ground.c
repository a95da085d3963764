#include "workers/reading/model/ground.h"

#include "workers/reading/check.h"
#include "workers/reading/decimal.h"
#include "workers/reading/lines.h"

#include <stdio.h>
#include <string.h>

static const int64_t one_u = 1000000;

struct ground {
    const struct shopwords *s;
    const struct reading_context *ctx;
    const struct text_facts *facts;
    const struct masked *m;
    struct fault *f;
};

static int invented(const struct ground *g, const char *member)
{
    return fault_set(g->f, VERDICT_REJECT, "the answer's %s is neither in the message nor in the catalogue", member);
}

static int restore(const struct ground *g, char word[READING_WORD], const char *member)
{
    char whole[READING_WORD];
    if (!masked_restore(g->m, word, whole, sizeof whole))
        return invented(g, member);
    memcpy(word, whole, sizeof whole);
    return 0;
}

/* ---- names of goods ---- */

/* The catalogue's own spelling of a name; false when neither the context nor the catalogue nor the lists have it. */
static bool spell(const struct ground *g, enum slot slot, char name[READING_WORD])
{
    if (*name == '\0' || context_names(g->ctx, name))
        return true;
    const struct goods *found = shopwords_named(g->s, slot, name);
    if (found != NULL)
        (void)snprintf(name, READING_WORD, "%s", found->name);
    return found != NULL;
}

/* A cloth is a material, whichever member the model put it in; a product's name told as a material is the product. */
static void swap_goods(const struct ground *g, struct reading_item *it)
{
    char word[READING_WORD];
    bool product = it->product[0] != '\0';
    if (product == (it->material[0] != '\0'))
        return;
    char *from = product ? it->product : it->material, *to = product ? it->material : it->product;
    memcpy(word, from, sizeof word);
    if (spell(g, product ? SLOT_PRODUCT : SLOT_MATERIAL, word) ||
        !spell(g, product ? SLOT_MATERIAL : SLOT_PRODUCT, word))
        return;
    memcpy(to, word, sizeof word);
    from[0] = '\0';
}

/* "650 mg": one of the catalogue's, or its figure stands in the message. */
static bool attribute(const struct ground *g, const char *text)
{
    char figure[READING_WORD];
    int64_t u;
    if (*text == '\0' || context_names(g->ctx, text) || facts_words(g->facts, text))
        return true;
    for (size_t i = 0; i < g->s->n_variants; i++)
        if (strcmp(g->s->variants[i].strength, text) == 0 || strcmp(g->s->variants[i].size, text) == 0)
            return true;
    (void)snprintf(figure, sizeof figure, "%.*s", (int)strspn(text, "0123456789."), text);
    return decimal_of(figure, &u) && facts_number(g->facts, u);
}

/* An option of the context, or one that the word lists read too. */
static bool chosen(const struct ground *g, int option)
{
    for (size_t i = 0; g->ctx != NULL && i < g->ctx->n_options; i++)
        if (g->ctx->options[i].n == option)
            return true;
    for (size_t i = 0; i < g->facts->words.n_items; i++)
        if (g->facts->words.items[i].option == option)
            return true;
    return option == 0;
}

static int ground_names(const struct ground *g, struct reading_item *it)
{
    const struct {
        enum slot slot;
        char *word;
        const char *member;
    } names[] = {{SLOT_PRODUCT, it->product, "product"},    {SLOT_MATERIAL, it->material, "material"},
                 {SLOT_COLOR, it->color, "color"},          {SLOT_COLOR, it->from_color, "from_color"},
                 {SLOT_CATEGORY, it->category, "category"}, {SLOT_FORM, it->form, "form"},
                 {SLOT_OUTLET, it->outlet, "outlet"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (restore(g, names[i].word, names[i].member) != 0)
            return -1;
    swap_goods(g, it);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        bool mixed = names[i].word == it->color && strcmp(it->color, "assorted") == 0;
        if (!mixed && !spell(g, names[i].slot, names[i].word))
            return invented(g, names[i].member);
    }
    if (restore(g, it->strength, "strength") != 0 || restore(g, it->size, "size") != 0)
        return -1;
    if (!attribute(g, it->strength) || !attribute(g, it->size))
        return invented(g, "strength or size");
    return chosen(g, it->option) ? 0 : invented(g, "option");
}

/* ---- quantities ---- */

static bool of_line(const struct reading_cart_line *l, int64_t u)
{
    return u > 0 && (l->quantity_u == u || l->length_um == u || l->available_um == u);
}

/* A quantity that stands in the context: the lines', what is there of them, the pending item's. */
static bool in_context(const struct ground *g, int64_t u)
{
    if (g->ctx == NULL)
        return false;
    for (size_t i = 0; i < g->ctx->n_cart; i++)
        if (of_line(&g->ctx->cart[i], u))
            return true;
    return g->ctx->pending_item != NULL && of_line(g->ctx->pending_item, u);
}

/* "double it": the change was said without a number, and the word lists read it so. */
static bool read_so(const struct ground *g, const struct reading_item *it)
{
    for (size_t i = 0; i < g->facts->words.n_items; i++)
        if (strcmp(g->facts->words.items[i].relative, it->relative) == 0)
            return true;
    return false;
}

/* "+15" on a line of 20 is 35, if 15 was said. */
static bool results(const struct ground *g, const struct reading_item *it)
{
    int64_t by;
    if (it->relative[0] == '\0' || !decimal_of(it->relative + 1, &by) ||
        (!facts_number(g->facts, by) && !read_so(g, it)))
        return false;
    for (size_t i = 0; g->ctx != NULL && i < g->ctx->n_cart; i++) {
        const struct reading_cart_line *l = &g->ctx->cart[i];
        if (it->line != 0 && it->line != l->n)
            continue;
        const __int128 had = l->quantity_u > 0 ? l->quantity_u : l->length_um;
        const __int128 is = it->relative[0] == '+' ? had + by : it->relative[0] == '-' ? had - by : had * by / one_u;
        if (had > 0 && is == it->quantity_u)
            return true;
    }
    return false;
}

static bool said(const struct ground *g, const struct reading_item *it, int64_t u)
{
    bool of_known_line = it->action != ACTION_ADD && it->action != ACTION_ASK && it->action != ACTION_RETURN;
    return u < 0 || facts_quantity(g->facts, u) || (of_known_line && in_context(g, u));
}

static int ground_quantity(const struct ground *g, struct reading_item *it)
{
    if (it->action == ACTION_REMOVE || it->action == ACTION_ALTERNATIVE) {
        it->quantity_u = it->quantity_min_u = it->quantity_max_u = it->per_package_u = -1;
        it->unit[0] = it->per_unit[0] = it->relative[0] = '\0';
    }
    if (it->quantity_min_u >= 0 || it->quantity_max_u >= 0)
        it->quantity_u = -1;
    if (it->per_package_u < 0)
        it->per_unit[0] = '\0';
    if (it->relative[0] != '\0' ? it->quantity_u >= 0 && !results(g, it) : !said(g, it, it->quantity_u))
        return invented(g, "quantity");
    if (!said(g, it, it->quantity_min_u) || !said(g, it, it->quantity_max_u))
        return invented(g, "range of quantities");
    if (it->per_package_u >= 0 && !facts_quantity(g->facts, it->per_package_u))
        return invented(g, "per_package");
    item_length(it, g->s->lexicon);
    return 0;
}

/* ---- fields ---- */

/* The message's own words, what the word lists read in their place, or a word of the lists in their spelling. */
static int ground_word(const struct ground *g, enum slot slot, char word[READING_WORD], const char *read,
                       const char *member)
{
    bool token = masked_is_token(g->m, word);
    if (restore(g, word, member) != 0)
        return -1;
    if (*word == '\0' || token || facts_words(g->facts, word) || strcmp(word, read) == 0)
        return 0;
    const struct goods *listed = slot != SLOT_NONE ? shopwords_named(g->s, slot, word) : NULL;
    if (listed == NULL)
        return invented(g, member);
    (void)snprintf(word, READING_WORD, "%s", listed->name);
    return 0;
}

static int ground_words(const struct ground *g, struct reading_fields *t)
{
    const struct reading_fields *r = &g->facts->words.fields;
    const struct {
        enum slot slot;
        char *word;
        const char *read, *member;
    } words[] = {{SLOT_NONE, t->reference, r->reference, "reference"},
                 {SLOT_NONE, t->bill_to, r->bill_to, "bill_to"},
                 {SLOT_SITE, t->site, r->site, "site"},
                 {SLOT_LEVEL, t->level, r->level, "level"},
                 {SLOT_TASK, t->task, r->task, "task"},
                 {SLOT_SERVICE, t->service, r->service, "service"},
                 {SLOT_PROPERTY, t->property, r->property, "property"},
                 {SLOT_LOCATION, t->location, r->location, "location"},
                 {SLOT_TIMELINE, t->timeline, r->timeline, "timeline"},
                 {SLOT_CONTACT, t->contact_preference, r->contact_preference, "contact_preference"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (ground_word(g, words[i].slot, words[i].word, words[i].read, words[i].member) != 0)
            return -1;
    for (size_t i = 0; i < t->n_stock; i++)
        if (ground_word(g, SLOT_STOCK, t->stock[i].name, "", "stock") != 0)
            return -1;
    for (size_t i = 0; i < t->n_reasons; i++)
        if (ground_word(g, SLOT_REASON, t->reasons[i], "", "reasons") != 0)
            return -1;
    return t->unit[0] == '\0' || lexicon_unit(g->s->lexicon, t->unit) >= 0 ? 0 : invented(g, "unit");
}

static bool figure(const struct ground *g, int64_t u)
{
    return u < 0 || facts_number(g->facts, u);
}

static bool sum(const struct ground *g, int64_t paise)
{
    return paise < 0 || (paise < INT64_MAX / 10000 && facts_number(g->facts, paise * 10000));
}

static int ground_figures(const struct ground *g, const struct reading_fields *t)
{
    if (!sum(g, t->amount_paise))
        return invented(g, "amount");
    if (!sum(g, t->budget_min_paise) || !sum(g, t->budget_max_paise))
        return invented(g, "budget");
    /* "done" without a number is all of it */
    if (t->percent_u != 100 * one_u && !figure(g, t->percent_u))
        return invented(g, "percent");
    if (!figure(g, t->masons_u) || !figure(g, t->labour_u) || !figure(g, t->quantity_u))
        return invented(g, "figure");
    for (size_t i = 0; i < t->n_stock; i++)
        if (!figure(g, t->stock[i].u))
            return invented(g, "stock");
    return 0;
}

int ground_reading(const struct shopwords *s, const struct reading_context *ctx, const struct text_facts *facts,
                   const struct masked *m, struct reading *r, struct fault *f)
{
    const struct ground g = {.s = s, .ctx = ctx, .facts = facts, .m = m, .f = f};
    for (size_t i = 0; i < r->n_items; i++)
        if (ground_names(&g, &r->items[i]) != 0 || ground_quantity(&g, &r->items[i]) != 0)
            return -1;
    if (ground_words(&g, &r->fields) != 0 || ground_figures(&g, &r->fields) != 0)
        return -1;
    bool empty = ctx == NULL || ctx->n_cart == 0;
    if (r->intent == INTENT_PLACE_ORDER || r->intent == INTENT_ADD_ITEM)
        r->intent = empty ? INTENT_PLACE_ORDER : INTENT_ADD_ITEM;
    memcpy(r->language, facts->language, sizeof r->language);
    r->reader = "model";
    return reading_check(s, ctx, r, f);
}
