/* Readings and their context as JSON; the form is told in schema/contracts and the manual munim-read(1). */
#ifndef MUNIM_READING_READING_JSON_H
#define MUNIM_READING_READING_JSON_H

#include "common/base/json.h"
#include "workers/reading/reading.h"

enum { CONTEXT_LINES = 128, CONTEXT_OPTIONS = 32, CONTEXT_OUTLETS = 64 };

/* A context read from JSON; its strings borrow from the JSON. */
struct context_json {
    struct reading_context ctx;
    struct reading_cart_line lines[CONTEXT_LINES];
    struct reading_cart_line item; /* the pending item */
    struct reading_option options[CONTEXT_OPTIONS];
    const char *outlets[CONTEXT_OUTLETS];
};

/* Fills *out from {"cart":[...],"pending":...,"options":[...],"outlets":[...]}; o may be NULL. state is the order's
 * state, "" for none. Unknown members are passed over. -1 and a REJECT fault when the cart is longer than
 * CONTEXT_LINES. */
int context_from_json(struct context_json *out, const cJSON *o, const char *state, struct fault *f);

/* {"intent","items","fields","clarify","language","reader"}; what was not said is null. The caller frees. */
cJSON *reading_to_json(const struct reading *r);

#endif
