/* The one validator of readings, whoever made them: what the schema cannot say. Names are the shop's or the lists',
 * lines and options are the context's, a length is its quantity times its unit to the micrometre. */
#ifndef MUNIM_READING_CHECK_H
#define MUNIM_READING_CHECK_H

#include "workers/reading/reader.h"

/* -1 and a REJECT fault that names the member, never its value. ctx may be NULL. */
int reading_check(const struct shopwords *s, const struct reading_context *ctx, const struct reading *r,
                  struct fault *f);

/* Whether the context names goods so: a cart line, the pending item, an option or an outlet. */
bool context_names(const struct reading_context *ctx, const char *name);

/* Whether this is a unit of the contract; "" names none and is one. */
bool reading_unit(const char *name);

#endif
