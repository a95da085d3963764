/* What a person has decided about a message whose outcome stayed unknown: a record on the receipt topic, written by
 * `munim held`. */
#ifndef MUNIM_SENDER_RULING_H
#define MUNIM_SENDER_RULING_H

#include "common/base/digest.h"
#include "common/base/fault.h"
#include "common/pg/pg.h"
#include "common/pg/pgarray.h"
#include "workers/sender/outbound.h"

#include <stdbool.h>

struct ruling {
    char channel[ROUTE_MAX], account_id[ROUTE_MAX];
    char dedupe_key[DEDUPE_KEY_MAX];
    bool resend; /* else it is left as it is */
};

/* -1 and a REJECT fault when the value is no ruling. */
int ruling_read(struct ruling *r, const char *value, size_t len, struct fault *f);

/* Rulings of one batch, as columns. */
struct rulings {
    struct pgarray keys, new_keys, verbs, channels, accounts;
};
void rulings_init(struct rulings *all);
void rulings_put(struct rulings *all, const struct ruling *r);
/* Adds the statements, if there is any ruling, and frees. They come before any that locks a gate. A message that is not
 * held, or not any more, is not touched, so that a ruling may come twice. */
void rulings_add(struct rulings *all, struct pg_batch *b);

#endif
