#include "workers/turn/turn.h"

#include "common/base/clock.h"
#include "workers/turn/shop_words.h"

#include <stddef.h>
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

/* Freed blocks are kept, as many as are under way at most by default: each is large, and given back to the system it
 * would be cleared page by page when it is taken again. */
enum { BLOCKS_KEPT = 256 };
struct store {
    void *kept[BLOCKS_KEPT];
    size_t n;
};
static struct store rooms, plans;

struct turn_room {
    struct session session;
    struct reading reading;
};
static struct turn_room closed; /* of every turn that is not open; nobody writes it */

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
    t->session = &closed.session;
    t->reading = &closed.reading;
    return t;
}

static void *store_take(struct store *s, size_t size)
{
    void *block = s->n > 0 ? s->kept[--s->n] : malloc(size);
    if (block == NULL)
        abort();
    return block;
}

static void store_give(struct store *s, void *block)
{
    if (block != NULL && s->n < BLOCKS_KEPT)
        s->kept[s->n++] = block;
    else
        free(block);
}

void turn_open(struct turn *t)
{
    if (t->session == &closed.session) {
        struct turn_room *room = store_take(&rooms, sizeof *room);
        t->session = &room->session;
        t->reading = &room->reading;
    }
    memset(t->session, 0, sizeof *t->session);
    t->reading->intent = INTENT_UNKNOWN;
    t->reading->n_items = t->reading->n_clarify = 0;
}

static void close_room(struct turn *t)
{
    if (t->session == &closed.session)
        return;
    store_give(&rooms, (char *)t->session - offsetof(struct turn_room, session));
    t->session = &closed.session;
    t->reading = &closed.reading;
}

struct plan *turn_plan_take(struct turn *t)
{
    if (t->plan == NULL)
        t->plan = store_take(&plans, sizeof *t->plan);
    plan_clear(t->plan);
    return t->plan;
}

void turn_end_replay(struct turn *t)
{
    if (t->replay_id != 0) {
        event_clear(&t->ev);
        t->ev = *t->command;
        free(t->command);
        t->command = NULL;
    }
    t->replay_id = 0;
    t->replay_last = false;
    t->ev_seen = false;
    t->dropped = false;
}

void turn_reset(struct turn *t)
{
    store_give(&plans, t->plan);
    t->plan = NULL;
    shop_words_release(&t->shop);
    close_room(t);
    turn_end_replay(t);
    if (t->replay_event != NULL)
        event_clear(t->replay_event);
    free(t->replay_event);
    t->replay_event = NULL;
    t->replay_event_id = t->replay_left = 0;
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
