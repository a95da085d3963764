/* Lines with texts, each answered by the reader that was asked for, in their order: by the word lists at once, by the
 * model several at a time. */
#ifndef MUNIM_CLI_READ_LINES_H
#define MUNIM_CLI_READ_LINES_H

#include "workers/reading/model/model.h"

#include <cjson/cJSON.h>

struct read_lines;

/* line is NULL where the input was no JSON object. Both vanish after the call. */
typedef void read_answer_fn(void *arg, const cJSON *line, const cJSON *answer);

struct read_setup {
    const struct shopwords *words;
    struct event_base *base; /* of the model; NULL with it */
    struct model *model;     /* NULL: the word lists alone */
    bool fallback;           /* what the model does not read the word lists do; else it is an error */
    size_t window;           /* texts at the model at once, at least 1 */
    const char *state;       /* of lines that tell none */
    const cJSON *context;    /* likewise; NULL for none */
    read_answer_fn *on_answer;
    void *arg;
};

struct read_lines *read_lines_new(const struct read_setup *setup);

/* Takes the line; NULL and the words of f when it is no object. Answers come from inside, in the lines' order. */
void read_lines_put(struct read_lines *r, cJSON *line, const struct fault *f);

/* Waits for every answer, then frees. */
void read_lines_end(struct read_lines **r);

#endif
