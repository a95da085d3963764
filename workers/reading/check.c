#include "workers/reading/check.h"

#include "common/base/plain.h"
#include "workers/reading/decimal.h"
#include "workers/reading/lines.h"
#include "workers/reading/reading_names.h"

#include <string.h>

struct check {
    const struct shopwords *s;
    const struct reading_context *ctx;
    struct fault *f;
};

static const char *const slots[] = {"quantity", "color", "material", "product", "size",  "strength",
                                    "form",     "unit",  "outlet",   "option",  "intent"};
static const char *const units[] = {"m",      "cm",   "in",    "ft",     "yd",     "girah", "roll", "thaan", "taka",
                                    "lump",   "bale", "piece", "set",    "dozen",  "kodi",  "kg",   "strip", "tablet",
                                    "bottle", "tube", "box",   "packet", "carton", "sqft",  "bag",  ""};
static const char *const modes[] = {"upi", "cash", "bank", "cheque", "card", ""};
static const char *const papers[] = {"none", "promised", "attached", ""};
static const char *const bills[] = {"gst", ""};

static bool among(const char *const *list, size_t n, const char *word)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i], word) == 0)
            return true;
    return false;
}
#define AMONG(list, word) among(list, sizeof(list) / sizeof *(list), word)

bool reading_unit(const char *name)
{
    return AMONG(units, name);
}

static int wrong(const struct check *c, const char *what)
{
    return fault_set(c->f, VERDICT_REJECT, "the reading's %s", what);
}

/* A name of the context as a reading has room for it. */
static bool is(const char *a, const char *name)
{
    return a != NULL && *a != '\0' && strncmp(a, name, READING_WORD - 1) == 0;
}

static bool line_names(const struct reading_cart_line *l, const char *name)
{
    return is(l->product, name) || is(l->material, name) || is(l->color, name) || is(l->strength, name) ||
           is(l->form, name) || is(l->size, name) || is(l->outlet, name);
}

bool context_names(const struct reading_context *ctx, const char *name)
{
    if (ctx == NULL)
        return false;
    for (size_t i = 0; i < ctx->n_cart; i++)
        if (line_names(&ctx->cart[i], name))
            return true;
    for (size_t i = 0; i < ctx->n_options; i++) {
        const struct reading_option *o = &ctx->options[i];
        if (is(o->product, name) || is(o->material, name) || is(o->color, name) || is(o->strength, name) ||
            is(o->form, name) || is(o->size, name))
            return true;
    }
    for (size_t i = 0; i < ctx->n_outlets; i++)
        if (is(ctx->outlets[i], name))
            return true;
    return ctx->pending_item != NULL && line_names(ctx->pending_item, name);
}

/* Exactly as the catalogue, the lists or the context spell it. */
static bool known(const struct check *c, enum slot slot, const char *name)
{
    if (*name == '\0' || context_names(c->ctx, name))
        return true;
    const struct goods *g = shopwords_named(c->s, slot, name);
    if (g == NULL && slot == SLOT_PRODUCT)
        g = shopwords_named(c->s, SLOT_MATERIAL, name);
    return g != NULL && strcmp(g->name, name) == 0;
}

static bool line_there(const struct check *c, int n)
{
    if (n == 0)
        return true;
    for (size_t i = 0; c->ctx != NULL && i < c->ctx->n_cart; i++)
        if (c->ctx->cart[i].n == n)
            return true;
    return c->ctx != NULL && c->ctx->pending_item != NULL && c->ctx->pending_item->n == n;
}

/* A context that tells no options does not say what the customer has before him. */
static bool option_there(const struct check *c, int n)
{
    if (n == 0 || (n > 0 && (c->ctx == NULL || c->ctx->n_options == 0)))
        return true;
    for (size_t i = 0; c->ctx != NULL && i < c->ctx->n_options; i++)
        if (c->ctx->options[i].n == n)
            return true;
    return false;
}

static bool relative_ok(const char *s)
{
    int64_t u;
    return *s == '\0' || ((*s == '+' || *s == '-' || *s == 'x') && decimal_of(s + 1, &u));
}

static int check_names(const struct check *c, const struct reading_item *it)
{
    static const char anything[] = "assorted"; /* colours mixed, by the contract */
    if (!known(c, SLOT_PRODUCT, it->product))
        return wrong(c, "product is not the catalogue's");
    if (!known(c, SLOT_MATERIAL, it->material))
        return wrong(c, "material is not the catalogue's");
    if (strcmp(it->color, anything) != 0 && !known(c, SLOT_COLOR, it->color))
        return wrong(c, "color is not the catalogue's");
    if (!known(c, SLOT_COLOR, it->from_color))
        return wrong(c, "from_color is not the catalogue's");
    if (!known(c, SLOT_CATEGORY, it->category) || !known(c, SLOT_FORM, it->form))
        return wrong(c, "category or form is not the catalogue's");
    if (!known(c, SLOT_OUTLET, it->outlet))
        return wrong(c, "outlet is not one of the customer's");
    return plain_utf8(it->strength) && plain_utf8(it->size) ? 0 : wrong(c, "strength or size is no text");
}

static int check_quantity(const struct check *c, const struct reading_item *it)
{
    struct reading_item again = *it;
    bool range = it->quantity_min_u >= 0 || it->quantity_max_u >= 0;
    if (!reading_unit(it->unit) || !reading_unit(it->per_unit))
        return wrong(c, "unit is none of the contract's");
    if (it->quantity_u < -1 || it->quantity_min_u < -1 || it->quantity_max_u < -1 || it->per_package_u < -1)
        return wrong(c, "quantity is below zero");
    if (range && (it->quantity_u >= 0 || (it->quantity_max_u >= 0 && it->quantity_min_u > it->quantity_max_u)))
        return wrong(c, "range of quantities is none");
    if (!relative_ok(it->relative))
        return wrong(c, "relative quantity is none");
    item_length(&again, c->s->lexicon);
    return again.length_um == it->length_um ? 0 : wrong(c, "length is not its quantity times its unit");
}

static int check_item(const struct check *c, const struct reading_item *it)
{
    if (it->action > ACTION_RETURN)
        return wrong(c, "action is none");
    if (!line_there(c, it->line))
        return wrong(c, "line is not in the cart");
    if (!option_there(c, it->option))
        return wrong(c, "option was not offered");
    return check_names(c, it) != 0 ? -1 : check_quantity(c, it);
}

static int check_fields(const struct check *c, const struct reading_fields *g)
{
    if (!AMONG(modes, g->mode) || !AMONG(papers, g->prescription) || !AMONG(bills, g->bill))
        return wrong(c, "mode, prescription or bill is none of the contract's");
    if (g->also[0] != '\0' && strcmp(g->also, "ask_invoice") != 0 && intent_of(g->also) == INTENT_COUNT)
        return wrong(c, "second question is no intent");
    if (g->amount_paise < -1 || g->budget_min_paise < -1 || g->budget_max_paise < -1 || g->percent_u < -1 ||
        g->masons_u < -1 || g->labour_u < -1 || g->quantity_u < -1)
        return wrong(c, "figure is below zero");
    if (g->percent_u > INT64_C(100000000))
        return wrong(c, "percent is beyond 100");
    return g->n_stock <= READING_STOCK && g->n_reasons <= READING_REASONS ? 0 : wrong(c, "lists are too long");
}

int reading_check(const struct shopwords *s, const struct reading_context *ctx, const struct reading *r,
                  struct fault *f)
{
    const struct check c = {.s = s, .ctx = ctx, .f = f};
    if (r->intent >= INTENT_COUNT)
        return wrong(&c, "intent is none");
    if (r->n_items > READING_ITEMS || r->n_clarify > READING_CLARIFY)
        return wrong(&c, "lists are too long");
    for (size_t i = 0; i < r->n_items; i++)
        if (check_item(&c, &r->items[i]) != 0)
            return -1;
    for (size_t i = 0; i < r->n_clarify; i++) {
        if (!AMONG(slots, r->clarify[i]))
            return wrong(&c, "clarify names no slot");
        for (size_t k = 0; k < i; k++)
            if (strcmp(r->clarify[i], r->clarify[k]) == 0)
                return wrong(&c, "clarify names a slot twice");
    }
    return check_fields(&c, &r->fields);
}
