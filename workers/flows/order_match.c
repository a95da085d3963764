/* From words to ids, once: the only place where goods are found by their names. */
#include "workers/flows/order_match.h"

#include <string.h>

static const int64_t MOST_QUANTITY_UM = 1000000000000; /* amount_of is exact up to here */

static bool same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* A reading names goods by product, by material or by both; "" in name or material accepts anything. */
struct wanted {
    const char *name, *material;
};

static bool fits(const struct variant *v, const struct wanted *want)
{
    return (want->name[0] == '\0' || same(v->name, want->name)) &&
           (want->material[0] == '\0' || same(v->material, want->material));
}

static struct match narrow(const struct catalogue *c, const struct wanted *want, const char *color)
{
    const struct variant *first = NULL, *colored = NULL;
    size_t all = 0, in_color = 0;
    bool one_product = true;
    for (size_t i = 0; i < c->n_variants; i++) {
        const struct variant *v = &c->variants[i];
        if (!fits(v, want))
            continue;
        all++;
        if (first == NULL)
            first = v;
        one_product = one_product && same(first->product_id, v->product_id);
        if (color[0] != '\0' && same(v->color, color)) {
            in_color++;
            colored = v;
        }
    }
    if (in_color == 1)
        return (struct match){.product = colored, .variant = colored};
    if (all == 0 || !one_product)
        return (struct match){0};
    return (struct match){.product = first, .variant = all == 1 && color[0] == '\0' ? first : NULL};
}

static bool any_fits(const struct catalogue *c, const struct wanted *want)
{
    for (size_t i = 0; i < c->n_variants; i++)
        if (fits(&c->variants[i], want))
            return true;
    return false;
}

/* The narrowest reading of the words that the catalogue knows decides: a product called "cotton" is meant before all
 * goods made of cotton. */
struct match match_goods(const struct catalogue *c, const char *product, const char *material, const char *color)
{
    const char *word = product[0] != '\0' ? product : material;
    if (word[0] == '\0')
        return (struct match){0};
    const struct wanted tries[] = {{product, material}, {word, ""}, {"", word}};
    size_t i = product[0] != '\0' && material[0] != '\0' ? 0 : 1;
    for (; i < sizeof tries / sizeof tries[0]; i++)
        if (any_fits(c, &tries[i]))
            return narrow(c, &tries[i], color);
    return (struct match){0};
}

const struct variant *variant_by_id(const struct catalogue *c, const char *variant_id)
{
    for (size_t i = 0; variant_id[0] != '\0' && i < c->n_variants; i++)
        if (same(c->variants[i].variant_id, variant_id))
            return &c->variants[i];
    return NULL;
}

const struct variant *variant_of_product(const struct catalogue *c, const char *product_id)
{
    for (size_t i = 0; i < c->n_variants; i++)
        if (same(c->variants[i].product_id, product_id))
            return &c->variants[i];
    return NULL;
}

const struct variant *variant_in_color(const struct catalogue *c, const char *product_id, const char *color)
{
    for (size_t i = 0; i < c->n_variants; i++)
        if (same(c->variants[i].product_id, product_id) && same(c->variants[i].color, color))
            return &c->variants[i];
    return NULL;
}

static bool sold_by_metre(const struct variant *v)
{
    return v->unit == NULL || v->unit[0] == '\0' || same(v->unit, "m");
}

static enum quantity_said said(int64_t length_um, int64_t *um)
{
    if (length_um <= 0 || length_um > MOST_QUANTITY_UM)
        return QUANTITY_UNCLEAR;
    *um = length_um;
    return QUANTITY_SAID;
}

static enum quantity_said rolls_said(int64_t rolls_u, const struct match *goods, const struct stock *stock, int64_t *um)
{
    int64_t roll_um = goods->variant != NULL ? stock_roll_length(stock, goods->variant->variant_id) : -1;
    if (roll_um <= 0)
        return QUANTITY_UNCLEAR;
    __int128 length = (__int128)rolls_u * roll_um / 1000000;
    return said(length > MOST_QUANTITY_UM ? -1 : (int64_t)length, um);
}

enum quantity_said match_quantity(const struct reading_item *item, const struct match *goods, const struct stock *stock,
                                  int64_t *um, bool *assumed)
{
    if (item->length_um > 0)
        return said(item->length_um, um);
    if (item->quantity_u < 0)
        return item->quantity_min_u > 0 || item->quantity_max_u > 0 ? QUANTITY_UNCLEAR : QUANTITY_UNSAID;
    if (same(item->unit, "m"))
        return said(item->quantity_u, um);
    if (same(item->unit, "roll"))
        return rolls_said(item->quantity_u, goods, stock, um);
    if (item->unit[0] != '\0' || goods->product == NULL || !sold_by_metre(goods->product))
        return QUANTITY_UNCLEAR;
    *assumed = true;
    return said(item->quantity_u, um);
}

static bool has_all(const struct stock *stock, const struct variant *v, int64_t length_um)
{
    struct allocation a;
    return stock_allocate(stock, v->variant_id, length_um, &a) == STOCK_FULL;
}

size_t match_alternatives(const struct catalogue *c, const struct stock *stock, const struct variant *wanted,
                          int64_t length_um, const struct variant *found[ALTERNATIVES])
{
    size_t n = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < c->n_variants && n < ALTERNATIVES; i++) {
            const struct variant *v = &c->variants[i];
            bool material = same(v->material, wanted->material), color = same(v->color, wanted->color);
            bool proper = pass == 0 ? material && !color : color && !material;
            if (proper && has_all(stock, v, length_um))
                found[n++] = v;
        }
    }
    return n;
}
