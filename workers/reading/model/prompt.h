/* What the model is asked: the versioned prompt, the strict schema of its answer, and one message with its context, all
 * of it through the masks. Pure but for reading the two files. */
#ifndef MUNIM_READING_MODEL_PROMPT_H
#define MUNIM_READING_MODEL_PROMPT_H

#include "common/base/digest.h"
#include "workers/reading/model/masked.h"
#include "workers/reading/reader.h"

#define PROMPT_VERSION "reading.v1"

struct prompt;

/* Reads PROMPT_VERSION.txt and .schema.json below dir. NULL and a STOP fault with the file's name. */
struct prompt *prompt_new(const char *dir, struct fault *f);
void prompt_free(struct prompt **p);
const char *prompt_hash(const struct prompt *p); /* SHA-256 in hex over both files */

/* One message to be read; strings are borrowed. */
struct model_input {
    const struct shopwords *words;
    const char *text;
    size_t n;
    const struct reading_context *ctx; /* may be NULL */
    const char *person;                /* the customer's name as the channel tells it; NULL or "" */
};

/* The body of POST /chat/completions; the caller frees. temperature is a decimal, "" leaves it out. m (for the same
 * person) remembers what was masked. */
char *prompt_request(const struct prompt *p, const char *model, const char *temperature, const struct model_input *in,
                     struct masked *m);

/* Gives m the tokens that a request for this message has. */
void prompt_tokens(const struct model_input *in, struct masked *m);

#endif
