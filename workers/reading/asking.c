/* A new line as its trade counts it, and what a clerk has to ask about it. */
#include "workers/reading/decide.h"

#include <stdio.h>
#include <string.h>

/* What a clerk has to ask about a new line. */
static void ask_missing(const struct scene *s, const struct reading_item *it, const struct draft *d)
{
    if (it->category[0] != '\0') {
        reading_clarify(s->out, "product");
        if (it->quantity_u < 0)
            reading_clarify(s->out, "quantity");
        return;
    }
    bool cloth = it->material[0] != '\0' || (it->product[0] == '\0' && it->color[0] != '\0');
    if (it->quantity_u < 0)
        reading_clarify(s->out, "quantity");
    if (it->product[0] == '\0' && it->material[0] == '\0')
        reading_clarify(s->out,
                        d->product != NULL || s->m->domain == DOMAIN_PHARMACY || s->m->domain == DOMAIN_PACKAGING
                            ? "product"
                            : "material");
    if (d->open_material && d->product != NULL)
        reading_clarify(s->out, "product"); /* of a suffix that the shop does not have */
    if (d->open_color || (cloth && it->color[0] == '\0' && !it->any_color))
        reading_clarify(s->out, "color");
}

/* What tells one article of a product from the others and is not said; a figure that may be its size is no quantity. */
static void ask_article(const struct scene *s, struct reading_item *it, const struct draft *d)
{
    const struct shopwords *w = s->m->s;
    const struct variant_words *one = NULL;
    bool strengths = false, sizes = false, forms = false;
    if (d->product != NULL && d->size == NULL && d->quantity != NULL && d->quantity->unit < 0 &&
        size_of_goods(s->m, d->product, it->quantity_u)) {
        it->quantity_u = -1;
        it->unit[0] = '\0';
        reading_clarify(s->out, "size");
    }
    for (size_t i = 0; d->product != NULL && i < w->n_variants; i++) {
        const struct variant_words *v = &w->variants[i];
        bool fits = &w->goods[v->goods] == d->product &&
                    (it->strength[0] == '\0' || strcmp(it->strength, v->strength) == 0) &&
                    (it->size[0] == '\0' || strcmp(it->size, v->size) == 0) &&
                    (it->form[0] == '\0' || strcmp(it->form, v->form) == 0);
        if (!fits)
            continue;
        one = one != NULL ? one : v;
        strengths = strengths || strcmp(one->strength, v->strength) != 0;
        sizes = sizes || strcmp(one->size, v->size) != 0;
        forms = forms || strcmp(one->form, v->form) != 0;
    }
    if (forms)
        reading_clarify(s->out, "form");
    if (strengths)
        reading_clarify(s->out, "strength");
    if (sizes)
        reading_clarify(s->out, "size");
}

/* Packed goods go to an outlet of the customer's: the only one there is, else the clerk asks. */
static void ask_outlet(const struct scene *s, struct reading_item *it)
{
    const struct reading_context *c = s->ctx;
    if (s->m->domain != DOMAIN_PACKAGING || it->outlet[0] != '\0')
        return;
    if (c->n_outlets == 1)
        (void)snprintf(it->outlet, sizeof it->outlet, "%s", c->outlets[0]);
    else if (c->n_outlets > 1 || s->m->s->outlets)
        reading_clarify(s->out, "outlet");
}

/* Strips hold several of what the number may count. */
static void ask_unit(const struct scene *s, const struct reading_item *it, const struct draft *d)
{
    int unit = d->product != NULL ? d->product->unit : -1;
    if (s->m->domain == DOMAIN_PHARMACY && it->quantity_u >= 0 && it->unit[0] == '\0' && unit >= 0 &&
        strcmp(s->m->l->units[unit].name, "strip") == 0)
        reading_clarify(s->out, "unit");
}

void item_count(const struct scene *s, struct reading_item *it, const struct draft *d)
{
    int unit = d->product != NULL ? d->product->unit : -1;
    bool piece = unit >= 0 && s->m->l->units[unit].kind == UNIT_COUNT && s->m->l->units[unit].factor == 1;
    bool range = it->quantity_min_u >= 0 || it->quantity_max_u >= 0;
    if (piece && it->unit[0] == '\0' && it->quantity_u > 0 && it->quantity_u % 1000000 != 0)
        it->quantity_u = -1; /* half of what, the clerk has to ask */
    if (piece)
        item_in_singles(it, s->m->l, s->m->l->units[unit].name);
    if (piece && (it->quantity_u >= 0 || range) && it->unit[0] == '\0')
        (void)snprintf(it->unit, sizeof it->unit, "%s", s->m->l->units[unit].name);
}

void item_ask(const struct scene *s, struct reading_item *it, const struct draft *d)
{
    item_count(s, it, d);
    ask_article(s, it, d);
    ask_outlet(s, it);
    ask_unit(s, it, d);
    ask_missing(s, it, d);
}
