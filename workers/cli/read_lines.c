#include "workers/cli/read_lines.h"

#include "common/base/clock.h"
#include "workers/reading/reading_json.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

struct entry {
    struct read_lines *all;
    cJSON *line;
    struct context_json ctx;
    struct reading r;
    struct fault f; /* why there is no reading, when failed */
    bool done, failed;
    enum model_outcome outcome;
    int64_t began_us, latency_us;
    struct entry *prev, *next;
};

struct read_lines {
    struct read_setup s;
    struct entry *queue;
    size_t n;
};

static cJSON *answer_of(const struct read_lines *all, const struct entry *e)
{
    cJSON *o;
    if (e->failed) {
        o = cJSON_CreateObject();
        if (o == NULL)
            abort();
        json_put_str(o, "error", e->f.text);
        return o;
    }
    o = reading_to_json(&e->r);
    if (all->s.model != NULL) {
        json_put_i64(o, "latency_us", e->latency_us);
        json_put_str(o, "model", model_name(all->s.model));
        json_put_str(o, "prompt_hash", model_prompt_hash(all->s.model));
        json_put_str(o, "outcome", model_outcome_name(e->outcome));
    }
    return o;
}

/* Hands out the answers that nothing before them waits for. */
static void hand_out(struct read_lines *all)
{
    while (all->queue != NULL && all->queue->done) {
        struct entry *e = all->queue;
        cJSON *answer = answer_of(all, e);
        DL_DELETE(all->queue, e);
        all->n--;
        all->s.on_answer(all->s.arg, e->line, answer);
        cJSON_Delete(answer);
        cJSON_Delete(e->line);
        free(e);
    }
}

static struct model_input input_of(const struct entry *e)
{
    const char *text = json_str(e->line, "text");
    return (struct model_input){.words = e->all->s.words, .text = text, .n = strlen(text), .ctx = &e->ctx.ctx};
}

static void by_words(struct entry *e)
{
    const struct model_input in = input_of(e);
    read_words(in.words, in.text, in.n, in.ctx, &e->r);
}

/* The model's part is over. What only the word lists read, a command to the clerk or a text beyond all bounds, is
 * theirs also where the model was asked for alone. */
static void settle(struct entry *e, enum model_outcome outcome)
{
    e->outcome = outcome;
    e->latency_us = clock_mono_us() - e->began_us;
    if (outcome == MODEL_UNASKED || (outcome != MODEL_ANSWERED && e->all->s.fallback)) {
        by_words(e);
    } else if (outcome != MODEL_ANSWERED) {
        e->failed = true;
        if (outcome != MODEL_INVALID && outcome != MODEL_MALFORMED)
            (void)fault_set(&e->f, VERDICT_RETRY, "the model did not read it: %s", model_outcome_name(outcome));
    }
    e->done = true;
}

static void on_told(void *arg, const struct model_told *told)
{
    struct entry *e = arg;
    enum model_outcome outcome = told->outcome;
    const struct model_input in = input_of(e);
    (void)fault_set(&e->f, VERDICT_REJECT, "the model's answer is not of the schema");
    if (outcome == MODEL_ANSWERED)
        outcome = model_reading(e->all->s.model, &in, told->content, &e->r, &e->f);
    settle(e, outcome);
}

static void begin(struct entry *e)
{
    const struct model_input in = input_of(e);
    enum model_outcome why;
    e->began_us = clock_mono_us();
    if (e->all->s.model == NULL) {
        by_words(e);
        e->done = true;
    } else if (model_ask(e->all->s.model, &in, on_told, e, &why) == NULL) {
        settle(e, why);
    }
}

struct read_lines *read_lines_new(const struct read_setup *setup)
{
    struct read_lines *r = calloc(1, sizeof *r);
    if (r == NULL)
        abort();
    r->s = *setup;
    return r;
}

static void wait_below(struct read_lines *r, size_t n)
{
    hand_out(r);
    while (r->n > n) {
        (void)event_base_loop(r->s.base, EVLOOP_ONCE);
        hand_out(r);
    }
}

void read_lines_put(struct read_lines *r, cJSON *line, const struct fault *f)
{
    struct entry *e = calloc(1, sizeof *e);
    if (e == NULL)
        abort();
    const char *state = json_str(line, "state");
    const cJSON *context = json_obj(line, "context");
    e->all = r;
    e->line = line;
    e->f = *f;
    if (line != NULL)
        (void)fault_set(&e->f, VERDICT_REJECT, "the line has no text");
    state = state != NULL ? state : r->s.state != NULL ? r->s.state : "";
    context = context != NULL ? context : r->s.context;
    DL_APPEND(r->queue, e);
    r->n++;
    if (json_str(line, "text") != NULL && context_from_json(&e->ctx, context, state, &e->f) == 0) {
        e->ctx.ctx.domain = json_str(line, "domain");
        begin(e);
    } else {
        e->done = e->failed = true;
    }
    wait_below(r, r->s.window - 1);
}

void read_lines_end(struct read_lines **rp)
{
    wait_below(*rp, 0);
    free(*rp);
    *rp = NULL;
}
