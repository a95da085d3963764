/* Goods and quantities of a message, found once in the catalogue; from then on only ids are used. */
#ifndef MUNIM_FLOWS_ORDER_MATCH_H
#define MUNIM_FLOWS_ORDER_MATCH_H

#include "workers/flows/session.h"

struct match {
    const struct variant *product; /* any variant of the one product that fits; NULL: none, or several */
    const struct variant *variant; /* the one variant; NULL while the colour is open */
};
struct match match_goods(const struct catalogue *c, const char *product, const char *material, const char *color);
const struct variant *variant_by_id(const struct catalogue *c, const char *variant_id);
const struct variant *variant_of_product(const struct catalogue *c, const char *product_id); /* any of its colours */
const struct variant *variant_in_color(const struct catalogue *c, const char *product_id, const char *color);

enum quantity_said { QUANTITY_UNSAID, QUANTITY_UNCLEAR, QUANTITY_SAID };
/* The length an item asks for, in micrometres; goods may lack a colour, then rolls cannot be turned into metres.
 * *assumed is set when a bare number was taken as metres. */
enum quantity_said match_quantity(const struct reading_item *item, const struct match *goods, const struct stock *stock,
                                  int64_t *um, bool *assumed);
enum { ALTERNATIVES = 3 };
/* Goods in stock for the whole length: the same material in another colour first, then the same colour in another
 * material; at most ALTERNATIVES. */
size_t match_alternatives(const struct catalogue *c, const struct stock *stock, const struct variant *wanted,
                          int64_t length_um, const struct variant *found[ALTERNATIVES]);

#endif
