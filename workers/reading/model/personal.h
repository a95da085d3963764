/* Names and addresses of persons that a message tells, for the model's eyes only: what announces one, and what an
 * address is made of, is data (schema/masks/personal.list). Goods, quantities, outlets, cities, and what the reader
 * found to be a site or a lead's place stay. Pure. */
#ifndef MUNIM_READING_MODEL_PERSONAL_H
#define MUNIM_READING_MODEL_PERSONAL_H

#include "workers/masking/mask.h"
#include "workers/reading/context.h"
#include "workers/reading/shopwords.h"

enum personal_kind { PERSONAL_NAME, PERSONAL_ADDRESS };

struct personal_span {
    size_t at, len; /* bytes of the text */
    enum personal_kind kind;
};

struct personal_lists;
/* NULL and a STOP fault with file and line when the list cannot be read, names an unknown kind or tells a phrase twice
 * in one kind. */
struct personal_lists *personal_lists_new(const char *path, struct fault *f);
void personal_lists_free(struct personal_lists **l);

/* One message as it is looked at; strings are borrowed. */
struct personal_text {
    const struct shopwords *words;
    const struct reading_context *ctx; /* may be NULL */
    const char *text;
    size_t n;
    const struct mask_span *masked; /* taken already, in order of place */
    size_t n_masked;
    const char *person; /* the customer's own name, whose words are taken one by one too; "" for none */
};

/* In order of place, none overlapping another or a masked one. *out is an array of the returned length, to be freed
 * (NULL for none). A text longer than any order has none: it is sent to no model. */
size_t personal_find(const struct personal_lists *l, const struct personal_text *in, struct personal_span **out);

#endif
