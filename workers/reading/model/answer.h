/* The model's document as a reading, word for word: the schema is checked here and nothing else. Pure. */
#ifndef MUNIM_READING_MODEL_ANSWER_H
#define MUNIM_READING_MODEL_ANSWER_H

#include "common/base/fault.h"
#include "workers/reading/reading.h"

/* Fills *out, lengths not yet computed and tokens still in place. -1 and a REJECT fault that names the member: no JSON
 * object, a member that the schema does not have (a price, a total, a state), a value of another type, a quantity that
 * is no decimal figure, a word too long for a reading. A member that is missing counts as null. */
int answer_parse(const char *content, struct reading *out, struct fault *f);

#endif
