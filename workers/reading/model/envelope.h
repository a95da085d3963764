/* The envelope of a chat completion: what of it is the model's answer. Pure. */
#ifndef MUNIM_READING_MODEL_ENVELOPE_H
#define MUNIM_READING_MODEL_ENVELOPE_H

#include "workers/reading/model/outcome.h"

#include <stddef.h>

enum { MODEL_CONTENT = 64 * 1024 }; /* a longer answer is none */

/* MODEL_ANSWERED and *content, the text between code fences where there are some, which the caller frees; else
 * MODEL_REFUSED (a refusal, or the filter), MODEL_CUT (the length ran out) or MODEL_MALFORMED, and *content is NULL. */
enum model_outcome envelope_content(const char *body, size_t n, char **content);

#endif
