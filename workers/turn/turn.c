#include "workers/turn/turn.h"

#include "common/base/clock.h"
#include "workers/turn/shop_words.h"

#include <stdlib.h>
#include <string.h>

static const bool edges[TURN_ENDED + 1][TURN_ENDED + 1] = {
    [TURN_QUEUED] = {[TURN_HYDRATING] = true, [TURN_PLANNED] = true, [TURN_ENDED] = true},
    [TURN_HYDRATING] = {[TURN_QUEUED] = true,
                        [TURN_ASKING] = true,
                        [TURN_STOCKTAKING] = true,
                        [TURN_PLANNED] = true,
                        [TURN_ENDED] = true},
    [TURN_ASKING] = {[TURN_QUEUED] = true, [TURN_PLANNED] = true, [TURN_ENDED] = true},
    [TURN_STOCKTAKING] = {[TURN_QUEUED] = true, [TURN_PLANNED] = true, [TURN_ENDED] = true},
    [TURN_PLANNED] = {[TURN_COMMITTING] = true, [TURN_QUEUED] = true, [TURN_ENDED] = true},
    [TURN_COMMITTING] = {[TURN_QUEUED] = true, [TURN_PLANNED] = true, [TURN_ENDED] = true},
};

const char *turn_state_name(enum turn_state s)
{
    static const char *const names[] = {"queued",  "hydrating",  "reading", "stocktaking",
                                        "planned", "committing", "ended"};
    return names[s];
}

void turn_move(struct turn *t, enum turn_state to)
{
    if (!edges[t->state][to])
        abort();
    t->state = to;
}

struct turn *turn_new(rd_kafka_message_t *m)
{
    struct turn *t = calloc(1, sizeof *t);
    if (t == NULL)
        abort();
    t->m = m;
    t->offset = m->offset;
    t->began_us = clock_mono_us();
    return t;
}

/* A plan is some 100 kB; freed ones are kept, at most as many as one commit group needs. */
enum { PLANS_KEPT = 32 };
static struct plan *kept[PLANS_KEPT];
static size_t n_kept;

struct plan *turn_plan_take(struct turn *t)
{
    if (t->plan == NULL) {
        t->plan = n_kept > 0 ? kept[--n_kept] : malloc(sizeof *t->plan);
        if (t->plan == NULL)
            abort();
    }
    return t->plan;
}

static void plan_give(struct turn *t)
{
    if (t->plan != NULL && n_kept < PLANS_KEPT)
        kept[n_kept++] = t->plan;
    else
        free(t->plan);
    t->plan = NULL;
}

void turn_reset(struct turn *t)
{
    plan_give(t);
    shop_words_release(&t->shop);
    memset(&t->session, 0, sizeof t->session);
    if (t->replay_id != 0) {
        event_clear(&t->ev);
        t->ev = t->command;
        memset(&t->command, 0, sizeof t->command);
    }
    event_clear(&t->replay_event);
    t->replay_id = t->replay_event_id = t->replay_left = 0;
    t->replay_last = false;
    t->ev_seen = false;
    free(t->answer.content);
    t->answer = (struct turn_answer){.known = false};
    t->fate = FATE_NONE;
    t->reason[0] = '\0';
}

void turn_free(struct turn **tp)
{
    struct turn *t = *tp;
    if (t == NULL)
        return;
    model_cancel(&t->call);
    turn_reset(t);
    event_clear(&t->ev);
    if (t->m != NULL)
        rd_kafka_message_destroy(t->m);
    free(t);
    *tp = NULL;
}
