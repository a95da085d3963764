/* What a reading is made in: the conversation's cart and open question, and the shop's own words. Pure data. */
#ifndef MUNIM_READING_CONTEXT_H
#define MUNIM_READING_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the reader may know of the conversation. Strings are borrowed for the call. */
struct reading_cart_line {
    int n;
    const char *product, *material, *color;
    int64_t length_um;
    bool short_of_stock; /* in negotiation: waiting for a decision */
    /* May all stay zero: then the quantity is length_um in metres. */
    const char *unit;                            /* "m", "roll"... */
    int64_t quantity_u;                          /* millionths of the unit; 0 when not known */
    int64_t available_um;                        /* of a line short of stock; 0 when not known */
    const char *strength, *form, *size, *outlet; /* NULL or "" when not told, as all names here */
};

/* What was offered under a number. */
struct reading_option {
    int n;
    const char *product, *material, *color, *strength, *form, *size;
    int line; /* the cart line it would take the place of; 0 when not told */
};
struct reading_context {
    const char *state; /* order state, "" when there is no order */
    const struct reading_cart_line *cart;
    size_t n_cart;
    const char *pending_slot; /* what was last asked, "" for nothing */
    int pending_line;
    const struct reading_cart_line *pending_item; /* the item asked about when it is no cart line; may be NULL */
    const char *domain; /* "textile", "pharmacy", "packaging", "construction", "services"; NULL or "" when not told */
    const struct reading_option *options;
    size_t n_options;
    const char *const *outlets; /* the customer's */
    size_t n_outlets;
};

/* Words of one shop, made once per catalogue version and shared by many readings; immutable. */
struct catalogue_entry {
    const char *id, *name, *material;
    const char *const *aliases; /* NULL-ended */
    const char *unit;
    const char *brand, *strength; /* may be NULL, as all but id and name */
    const char *form, *size, *generic;
    const char *const *tags; /* NULL-ended: classes of goods that it belongs to */
};
struct catalogue_word {
    const char *slot, *name;
    const char *const *aliases;
};

#endif
