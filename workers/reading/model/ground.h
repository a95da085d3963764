/* From the model's document to a reading that may be acted on: what it says must stand in the message, in its context
 * or in the catalogue. Pure. */
#ifndef MUNIM_READING_MODEL_GROUND_H
#define MUNIM_READING_MODEL_GROUND_H

#include "workers/reading/facts.h"
#include "workers/reading/model/masked.h"

/* Changes *r in place: tokens are put back, names become the catalogue's own spelling, lengths are computed, an order
 * with an empty cart is placed and else added to. -1 and a REJECT fault, which names the member and never its value,
 * for anything invented: a quantity that the text does not hold, goods that nobody sells, words that nobody wrote. The
 * facts are those of the message without its masked spans. */
int ground_reading(const struct shopwords *s, const struct reading_context *ctx, const struct text_facts *facts,
                   const struct masked *m, struct reading *r, struct fault *f);

#endif
