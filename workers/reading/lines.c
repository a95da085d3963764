#include "workers/reading/lines.h"

#include <stdio.h>
#include <string.h>

#include "workers/reading/check.h"
#include "workers/reading/decimal.h"

static const int64_t one_u = 1000000;

void reading_clarify(struct reading *r, const char *slot)
{
    for (size_t i = 0; i < r->n_clarify; i++)
        if (strcmp(r->clarify[i], slot) == 0)
            return;
    if (r->n_clarify < READING_CLARIFY)
        (void)snprintf(r->clarify[r->n_clarify++], READING_WORD, "%s", slot);
}

static bool said(const char *s)
{
    return s != NULL && *s != '\0';
}

/* Goods are compared by name; a cloth may be the line's material or its product. */
static bool names(const struct goods *g, const char *a, const char *b)
{
    return (said(a) && strcmp(g->name, a) == 0) || (said(b) && strcmp(g->name, b) == 0);
}

int64_t line_has_u(const struct reading_cart_line *line)
{
    return line->quantity_u > 0 ? line->quantity_u : line->length_um;
}

bool line_differs(const char *a, const char *b)
{
    return strcmp(a != NULL ? a : "", b != NULL ? b : "") != 0;
}

bool line_contradicts(const struct draft *d, const struct reading_cart_line *line)
{
    bool named = said(line->material) || said(line->product);
    if (d->color != NULL && said(line->color) && !names(d->color, line->color, NULL))
        return true;
    if ((d->size != NULL && said(line->size) && strcmp(d->size, line->size) != 0) ||
        (d->strength != NULL && said(line->strength) && strcmp(d->strength, line->strength) != 0))
        return true;
    if (d->outlet != NULL && said(line->outlet) && strcmp(d->outlet, line->outlet) != 0)
        return true;
    if (d->material != NULL && named && !names(d->material, line->material, line->product))
        return true;
    return d->product != NULL && named && !names(d->product, line->product, line->material);
}

bool line_fits(const struct draft *d, const struct reading_cart_line *line)
{
    if (d->category != NULL && d->product == NULL)
        return false;
    if ((d->size != NULL && (!said(line->size) || strcmp(d->size, line->size) != 0)) ||
        (d->strength != NULL && (!said(line->strength) || strcmp(d->strength, line->strength) != 0)) ||
        (d->outlet != NULL && said(line->outlet) && strcmp(d->outlet, line->outlet) != 0))
        return false;
    if (d->color != NULL && !names(d->color, line->color, NULL))
        return false;
    if (d->material != NULL && !names(d->material, line->material, line->product))
        return false;
    return d->product == NULL || names(d->product, line->product, line->material);
}

const struct reading_cart_line *line_of(const struct scene *s, const struct draft *d, bool *several)
{
    const struct reading_cart_line *found = NULL;
    *several = false;
    for (size_t i = 0; i < s->ctx->n_cart; i++) {
        if (!line_fits(d, &s->ctx->cart[i]))
            continue;
        *several = found != NULL;
        if (found != NULL)
            return NULL;
        found = &s->ctx->cart[i];
    }
    return found;
}

const struct reading_cart_line *line_pending(const struct scene *s)
{
    const struct reading_context *c = s->ctx;
    if (!said(c->pending_slot))
        return NULL;
    if (c->pending_item != NULL)
        return c->pending_item;
    for (size_t i = 0; i < c->n_cart; i++)
        if (c->cart[i].n == c->pending_line)
            return &c->cart[i];
    return c->n_cart == 1 ? &c->cart[0] : NULL;
}

const struct reading_cart_line *line_alone(const struct scene *s)
{
    const struct reading_cart_line *p = line_pending(s);
    const struct reading_cart_line *waits = NULL;
    size_t n = 0;
    if (p != NULL)
        return p;
    for (size_t i = 0; s->drafts->line > 0 && i < s->ctx->n_cart; i++)
        if (s->ctx->cart[i].n == s->drafts->line)
            return &s->ctx->cart[i];
    for (size_t i = 0; i < s->ctx->n_cart; i++)
        if (s->ctx->cart[i].short_of_stock) {
            waits = &s->ctx->cart[i];
            n++;
        }
    return s->ctx->n_cart == 1 ? &s->ctx->cart[0] : n == 1 ? waits : NULL;
}

struct reading_item *item_new(struct reading *r, enum item_action action)
{
    if (r->n_items == READING_ITEMS)
        return NULL;
    struct reading_item *it = &r->items[r->n_items++];
    memset(it, 0, sizeof *it);
    it->action = action;
    it->quantity_u = it->quantity_min_u = it->quantity_max_u = it->length_um = it->per_package_u = -1;
    return it;
}

static void copy(char to[READING_WORD], const char *from)
{
    if (said(from))
        (void)snprintf(to, READING_WORD, "%s", from);
}

/* What stands on the line, in a unit of the contract; metres where only its length is known. */
static void line_quantity(const struct reading_cart_line *line, int64_t *u, const char **unit)
{
    *u = -1;
    *unit = said(line->unit) && reading_unit(line->unit) ? line->unit : "";
    if (line->quantity_u > 0) {
        *u = line->quantity_u;
    } else if (line->length_um > 0) {
        *u = line->length_um;
        *unit = "m";
    }
}

void item_from_line(struct reading_item *it, const struct scene *s, const struct reading_cart_line *line, bool quantity)
{
    it->line = line->n;
    copy(it->product, line->product);
    copy(it->material, line->material);
    copy(it->color, line->color);
    copy(it->strength, line->strength);
    copy(it->form, line->form);
    copy(it->size, line->size);
    copy(it->outlet, line->outlet);
    if (!quantity)
        return;
    const char *unit;
    line_quantity(line, &it->quantity_u, &unit);
    copy(it->unit, unit);
    item_length(it, s->m->l);
}

void item_goods(struct reading_item *it, const struct draft *d)
{
    if (d->product != NULL) {
        bool other = strcmp(it->product, d->product->name) != 0;
        copy(it->product, d->product->name);
        if (other)
            it->strength[0] = it->form[0] = it->size[0] = '\0';
    } else if (d->category != NULL) {
        copy(it->category, d->category->name);
    }
    if (d->form != NULL)
        copy(it->form, d->form->name);
    copy(it->strength, d->strength);
    copy(it->size, d->size);
    copy(it->outlet, d->outlet);
    if (d->material != NULL)
        copy(it->material, d->material->name);
    if (d->color != NULL)
        copy(it->color, d->color->name);
    if (d->any_color)
        it->any_color = true;
    if (d->mixed)
        copy(it->color, "assorted");
    if (d->same_lot)
        it->same_lot = true;
}

void item_length(struct reading_item *it, const struct lexicon *l)
{
    int unit = lexicon_unit(l, it->unit);
    int64_t u = it->quantity_u, factor = 0;
    __int128 um = -1;
    it->length_um = -1;
    if (unit < 0 || u < 0)
        return;
    if (l->units[unit].kind == UNIT_LENGTH) {
        um = (__int128)u * l->units[unit].factor;
        factor = one_u;
    } else if (it->per_package_u >= 0 && (unit = lexicon_unit(l, it->per_unit)) >= 0) {
        if ((__int128)u * it->per_package_u > INT64_MAX)
            return;
        um = (__int128)u * it->per_package_u / one_u * l->units[unit].factor;
        factor = (__int128)u * it->per_package_u % one_u == 0 ? one_u : 0;
    }
    if (factor == one_u && um % one_u == 0 && um / one_u <= INT64_MAX)
        it->length_um = (int64_t)(um / one_u);
}

void item_available(struct reading_item *it, const struct scene *s, const struct reading_cart_line *line)
{
    if (line->available_um <= 0)
        return;
    it->quantity_u = line->available_um;
    copy(it->unit, "m");
    item_length(it, s->m->l);
}

static int64_t scaled(int64_t u, int64_t by, int64_t over)
{
    return u < 0 || u > INT64_MAX / by || u * by % over != 0 ? -1 : u * by / over;
}

void item_in_contract_units(struct reading_item *it)
{
    bool gross = strcmp(it->unit, "gross") == 0, grams = strcmp(it->unit, "g") == 0;
    int64_t by = gross ? 144 : 1, over = grams ? 1000 : 1;
    if (!gross && !grams)
        return;
    it->quantity_u = scaled(it->quantity_u, by, over);
    it->quantity_min_u = scaled(it->quantity_min_u, by, over);
    it->quantity_max_u = scaled(it->quantity_max_u, by, over);
    copy(it->unit, gross ? "piece" : "kg");
}

void item_in_singles(struct reading_item *it, const struct lexicon *l, const char *name)
{
    int dozens = lexicon_unit(l, it->unit), unit = lexicon_unit(l, name);
    if (dozens < 0 || unit < 0 || !unit_of_dozens(l, dozens, unit))
        return;
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): lexicon_unit() has found it there */
    int64_t by = l->units[dozens].factor;
    it->quantity_u = scaled(it->quantity_u, by, 1);
    it->quantity_min_u = scaled(it->quantity_min_u, by, 1);
    it->quantity_max_u = scaled(it->quantity_max_u, by, 1);
    copy(it->unit, name);
}

void item_quantity(struct reading_item *it, const struct message *m, const struct draft *d)
{
    const struct span *q = d->quantity;
    int unit = q->unit >= 0 ? q->unit : d->unit;
    const struct unit *told = q->unit >= 0 ? &m->l->units[q->unit] : NULL;
    if (told != NULL && told->kind == UNIT_COUNT && told->factor == 1 && d->unit >= 0 &&
        m->l->units[d->unit].kind == UNIT_PACKAGE)
        unit = d->unit; /* "dolo strip 2 nos" */
    bool dozens = q->unit >= 0 && d->unit >= 0 && unit_of_dozens(m->l, q->unit, d->unit);
    it->quantity_u = q->number.u >= 0 && q->number.u % d->parts == 0 ? q->number.u / d->parts - d->less_u : -1;
    it->quantity_min_u = q->number.min_u;
    it->quantity_max_u = q->number.max_u;
    if (unit >= 0)
        copy(it->unit, m->l->units[unit].name);
    if (dozens)
        item_in_singles(it, m->l, m->l->units[d->unit].name);
    item_in_contract_units(it);
    if (q->per_u >= 0) {
        it->per_package_u = q->per_u;
        copy(it->per_unit, m->l->units[q->per_unit].name);
    }
    item_length(it, m->l);
}

/* A length told in one unit, in the unit of the line; false when it is not exact there. */
static bool in_unit(const struct lexicon *l, int64_t *u, int from, const char *to_name)
{
    int to = lexicon_unit(l, to_name);
    if (from < 0 || to < 0 || from == to)
        return true;
    if (l->units[from].kind != UNIT_LENGTH || l->units[to].kind != UNIT_LENGTH)
        return false;
    __int128 v = (__int128)*u * l->units[from].factor;
    if (v % l->units[to].factor != 0)
        return false;
    *u = (int64_t)(v / l->units[to].factor);
    return true;
}

void item_relative(struct reading_item *it, const struct scene *s, const struct reading_cart_line *line,
                   const struct span *q, int sign)
{
    int64_t by = q->number.u, u;
    const char *unit;
    line_quantity(line, &u, &unit);
    copy(it->unit, unit);
    it->quantity_u = -1;
    if (by < 0 || !in_unit(s->m->l, &by, q->unit, it->unit)) {
        reading_clarify(s->out, "quantity");
        return;
    }
    char text[DECIMAL_TEXT];
    decimal_text(by, text);
    (void)snprintf(it->relative, sizeof it->relative, "%c%.22s", sign == 0 ? 'x' : sign > 0 ? '+' : '-', text);
    if (u > 0) {
        __int128 v = sign == 0 ? (__int128)u * by / one_u : (__int128)u + (__int128)sign * by;
        it->quantity_u = v >= 0 && v <= INT64_MAX ? (int64_t)v : -1;
    }
    if (it->quantity_u < 0)
        reading_clarify(s->out, "quantity");
    item_length(it, s->m->l);
}
