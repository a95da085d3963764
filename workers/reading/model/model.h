/* The model reader: any endpoint that speaks POST /chat/completions. Many calls at once on the loop, each with one
 * total deadline; whatever fails is told as an outcome, and the caller reads by the word lists. Texts and answers are
 * never logged. */
#ifndef MUNIM_READING_MODEL_MODEL_H
#define MUNIM_READING_MODEL_MODEL_H

#include "common/config/settings.h"
#include "workers/reading/model/outcome.h"
#include "workers/reading/model/prompt.h"

#include <event2/event.h>
#include <stdint.h>

struct model;
struct model_call;

/* From section [reader]; prompts and masks stand beside lexicon_dir. NULL and a STOP fault when the endpoint, the
 * model's name or a file is missing. Its metrics are registered. */
struct model *model_new(struct event_base *base, const struct settings *s, const char *lexicon_dir, struct fault *f);
void model_free(struct model **m); /* calls in flight end without being told */

const char *model_name(const struct model *m);
const char *model_prompt_hash(const struct model *m);
void model_metrics(struct model *m); /* gauges before a scrape */

struct model_told {
    enum model_outcome outcome;
    const char *content; /* of MODEL_ANSWERED: the document, of the schema, tokens in place; vanishes after the call */
    int64_t latency_us;  /* all tries and waits */
};
typedef void model_told_fn(void *arg, const struct model_told *told);

/* Begins a call; on_told comes once, never from inside, unless the call is cancelled. NULL when nothing was begun: *why
 * is MODEL_UNASKED, MODEL_RESTING or MODEL_BUSY, and the answer is the word lists' at once. */
struct model_call *model_ask(struct model *m, const struct model_input *in, model_told_fn *on_told, void *arg,
                             enum model_outcome *why);
void model_cancel(struct model_call **c); /* a request under way ends by itself */

/* What a document says of the message that it was given for: MODEL_ANSWERED and *out; or MODEL_MALFORMED or
 * MODEL_INVALID with a fault that names the member. Needs no call: a stored document is read again like this. */
enum model_outcome model_reading(const struct model *m, const struct model_input *in, const char *content,
                                 struct reading *out, struct fault *f);

#endif
