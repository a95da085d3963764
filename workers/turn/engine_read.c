/* From a text to its reading. By the word lists at once; where there is a model, the turn waits for it in ASKING, with
 * no query out and no lock held, at most one of a conversation since the others stand behind it in the mailbox. What
 * came of the call is stored under the event, and the turn starts again from hydrate, which finds it: the same way that
 * a turn goes when it is planned again after a conflict or by another worker after a crash. */
#include "workers/turn/engine_private.h"

#include "common/base/failpoint.h"
#include "common/log/log.h"
#include "common/service/service.h"
#include "workers/turn/readings.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

static void on_told(void *arg, const struct model_told *told)
{
    struct turn *t = arg;
    struct engine *e = t->engine;
    t->call = NULL;
    t->answer = (struct turn_answer){.known = true, .outcome = told->outcome, .latency_us = told->latency_us};
    if (told->content != NULL && (t->answer.content = strdup(told->content)) == NULL)
        abort();
    DL_DELETE(e->asking, t);
    DL_APPEND(e->told, t);
    engine_pump_soon(e);
}

static bool ask(struct engine *e, struct turn *t, const struct model_input *in)
{
    t->engine = e;
    t->call = model_ask(e->model, in, on_told, t, &t->answer.outcome);
    if (t->call == NULL)
        return false;
    turn_move(t, TURN_ASKING);
    DL_APPEND(e->asking, t);
    return true;
}

/* True when the stored document is a reading of this text in the context that it now has. */
static bool read_answer(struct engine *e, struct turn *t, const struct model_input *in)
{
    struct fault f;
    if (t->answer.content == NULL)
        return false;
    t->answer.outcome = model_reading(e->model, in, t->answer.content, t->reading, &f);
    if (t->answer.outcome == MODEL_ANSWERED)
        return true;
    log_event(LOG_INFO, "the model's answer is not used", F_STR("why", f.text),
              F_STR("topic", rd_kafka_topic_name(t->m->rkt)), F_INT("partition", t->m->partition),
              F_INT("offset", t->offset));
    return false;
}

bool engine_read(struct engine *e, struct turn *t)
{
    struct reading_cart_line lines[ORDER_LINES];
    struct reading_context ctx;
    if (t->ev.text == NULL)
        return true;
    FAILPOINT("turn.read", t->ev.text);
    order_reading_context(t->session, lines, &ctx);
    const struct model_input in = {
        .words = t->shop->words, .text = t->ev.text, .n = strlen(t->ev.text), .ctx = &ctx, .person = t->ev.name};
    if (e->model != NULL) {
        if (!t->answer.known && ask(e, t, &in))
            return false;
        if (read_answer(e, t, &in))
            return true;
    }
    read_words(in.words, in.text, in.n, in.ctx, t->reading);
    return true;
}

/* ---- storing what was told ---- */

static void on_stored(void *arg, enum pg_end end, const struct fault *f)
{
    struct engine *e = arg;
    struct told_group *g = &e->storing;
    bool blame = end == PG_FAILED && engine_blames_data(f->code);
    if (end == PG_FAILED) {
        log_fault(LOG_WARN, "the model's answers were not stored", f);
        if (pg_verdict(f->code) == VERDICT_STOP)
            service_quit(f);
        engine_pause(e);
    }
    for (size_t i = 0; i < g->n; i++) {
        struct turn *t = g->turns[i];
        if (blame && g->n == 1 && t->part != NULL) {
            engine_fail(e, t, f);
        } else if (blame && t->part != NULL) {
            t->alone = true; /* one bad answer must not stop the others */
            DL_APPEND(e->told, t);
        } else {
            engine_requeue(e, t);
        }
    }
    g->busy = false;
    engine_pump_soon(e);
}

static void take_told(struct engine *e)
{
    struct told_group *g = &e->storing;
    struct turn *t, *tmp;
    g->n = 0;
    DL_FOREACH_SAFE(e->told, t, tmp)
    {
        if (g->n == GROUP_MOST || (t->alone && g->n > 0))
            break;
        DL_DELETE(e->told, t);
        g->turns[g->n++] = t;
        if (t->alone)
            break;
    }
}

void engine_store_told(struct engine *e)
{
    struct told_group *g = &e->storing;
    if (g->busy || e->told == NULL)
        return;
    take_told(e);
    g->busy = true;
    struct pg_batch *b = pg_batch_new(e->pg);
    readings_store(b, g->turns, g->n, e->model);
    pg_send(b, on_stored, e);
}
