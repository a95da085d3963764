/* Drafts held against the cart: which line each speaks of, and what the reading says of it. */
#ifndef MUNIM_READING_LINES_H
#define MUNIM_READING_LINES_H

#include "workers/reading/draft.h"

/* What one reading is made of; borrowed for the call. */
struct scene {
    const struct message *m;
    const struct drafts *drafts;
    const struct reading_context *ctx;
    struct reading *out;
};

void reading_clarify(struct reading *r, const char *slot);

/* Whether all that a draft names is on the line. */
bool line_fits(const struct draft *d, const struct reading_cart_line *line);
/* The quantity on a line, in its own unit; 0 when not known. */
int64_t line_has_u(const struct reading_cart_line *line);
/* Whether two names of lines are not the same; NULL is the empty one. */
bool line_differs(const char *a, const char *b);
/* The cart line that a draft's goods fit: NULL when none or several do (*several tells). */
const struct reading_cart_line *line_of(const struct scene *s, const struct draft *d, bool *several);
/* The only line of the cart, or the one last asked about; NULL when the clerk has to ask. */
const struct reading_cart_line *line_alone(const struct scene *s);
/* The item that was asked about; NULL when nothing is pending. */
const struct reading_cart_line *line_pending(const struct scene *s);
/* Whether the draft's goods differ from the line's. */
bool line_contradicts(const struct draft *d, const struct reading_cart_line *line);

/* A new item of the reading, nothing said yet; NULL when there is no room. */
struct reading_item *item_new(struct reading *r, enum item_action action);
void item_from_line(struct reading_item *it, const struct scene *s, const struct reading_cart_line *line,
                    bool quantity);
void item_goods(struct reading_item *it, const struct draft *d);
/* The quantity of a draft that has one. */
void item_quantity(struct reading_item *it, const struct message *m, const struct draft *d);
/* A unit that the contract does not have, in one that it has: a gross is 144 pieces, grams are kilograms. */
void item_in_contract_units(struct reading_item *it);
/* Dozens of a thing that is counted in this unit, as so many of it: "2 dozen" of rolls is 24 rolls. */
void item_in_singles(struct reading_item *it, const struct lexicon *l, const char *name);
/* The line's quantity and the draft's, added, taken away or multiplied; sign 0 multiplies. */
void item_relative(struct reading_item *it, const struct scene *s, const struct reading_cart_line *line,
                   const struct span *q, int sign);
/* What there is of a line short of stock. */
void item_available(struct reading_item *it, const struct scene *s, const struct reading_cart_line *line);
/* Sets length_um from quantity and unit (or per_package). */
void item_length(struct reading_item *it, const struct lexicon *l);

#endif
