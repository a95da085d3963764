/* From QUEUED to PLANNED: hydrate a group in one query, read the texts (engine_read.c), read the stock, walk the flows.
 */
#include "workers/turn/engine_private.h"
#include "workers/turn/engine_replay.h"

#include "common/base/clock.h"
#include "common/base/failpoint.h"
#include "common/log/log.h"
#include "common/service/service.h"
#include "workers/turn/readings.h"
#include "workers/turn/stock_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

static void read_group(struct engine *e);

static void to_planned(struct engine *e, struct turn *t)
{
    turn_move(t, TURN_PLANNED);
    DL_APPEND(e->planned, t);
}

static void start(struct engine *e, struct turn *t)
{
    DL_DELETE(e->runnable, t);
    e->in_flight++;
    t->part->running++;
}

/* A careful partition runs one turn at a time, in the order of offsets. */
static bool may_start(const struct turn *t)
{
    const struct partition *p = t->part;
    return !p->careful || (p->running == 0 && p->track.n > 0 && p->track.slots[p->track.head].offset == t->offset);
}

bool engine_blames_data(const char *code)
{
    if (strcmp(code, "MU001") == 0)
        return false;
    return pg_verdict(code) == VERDICT_REJECT || strncmp(code, "23", 2) == 0 || strncmp(code, "MU", 2) == 0;
}

void engine_fail(struct engine *e, struct turn *t, const struct fault *f)
{
    t->failures++;
    log_event(LOG_WARN, "a turn failed", F_STR("code", f->code), F_INT("failures", t->failures),
              F_STR("topic", rd_kafka_topic_name(t->m->rkt)), F_INT("partition", t->m->partition),
              F_INT("offset", t->offset));
    if (t->failures < FAILURES_ALLOWED || t->part == NULL) {
        t->alone = true;
        engine_requeue(e, t);
        engine_pause(e);
        return;
    }
    if (t->failures > FAILURES_ALLOWED)
        engine_pause(e);
    if (t->replay_id != 0) {
        replay_give_up(t);
    } else {
        /* What cannot even be parked is refused: its bytes are kept, and the partition flows on. */
        bool known = t->session->conversation_id[0] != '\0' && t->session->shop != NULL;
        t->fate = known && t->failures < 2 * FAILURES_ALLOWED ? FATE_PARK : FATE_REFUSE;
        (void)snprintf(t->reason, sizeof t->reason, "%s after %u tries", f->code[0] != '\0' ? f->code : "failure",
                       t->failures);
    }
    t->alone = true;
    to_planned(e, t);
}

/* ---- the last step: the flow ---- */

static struct turn_input input_of(const struct turn *t)
{
    if (t->ev.kind == EVENT_DECISION)
        return (struct turn_input){.kind = TURN_DECISION, .decision = &t->ev.decision};
    if (t->ev.text != NULL)
        return (struct turn_input){.kind = TURN_READING, .reading = t->reading};
    return (struct turn_input){.kind = TURN_NO_TEXT};
}

static void plan_turn(struct engine *e, struct turn *t)
{
    struct turn_input in = input_of(t);
    struct plan *p = turn_plan_take(t);
    t->session->stock = &e->reading.stock;
    if (t->short_of_stock) {
        order_turn_short(t->session, &in, p);
    } else {
        char order_id[UUID_TEXT];
        uuid7(clock_wall_ms(), order_id);
        order_turn(t->session, &in, order_id, p);
    }
    t->session->stock = NULL;
    t->fate = FATE_PLAN;
    to_planned(e, t);
}

static bool needs_stock(const struct turn *t)
{
    struct turn_input in = input_of(t);
    return order_needs_stock(t->session, &in);
}

/* A group's query failed as a whole. One bad event must not stop the others: each is tried by itself. */
static void group_failed(struct engine *e, enum pg_end end, const struct fault *f)
{
    struct reading_group *g = &e->reading;
    bool blame = end == PG_FAILED && engine_blames_data(f->code);
    if (end == PG_FAILED)
        log_fault(LOG_WARN, "a query of the turns failed", f);
    if (end == PG_FAILED && pg_verdict(f->code) == VERDICT_STOP)
        service_quit(f);
    for (size_t i = 0; i < g->n; i++) {
        struct turn *t = g->turns[i];
        if (blame && g->n == 1) {
            engine_fail(e, t, f);
        } else {
            t->alone = t->alone || blame;
            engine_requeue(e, t);
        }
    }
    g->busy = false;
    engine_pause(e);
}

static void on_stock_end(void *arg, enum pg_end end, const struct fault *f)
{
    struct engine *e = arg;
    struct reading_group *g = &e->reading;
    if (end != PG_DONE) {
        group_failed(e, end, f);
        return;
    }
    for (size_t i = 0; i < g->n; i++) {
        if (g->turns[i]->part == NULL)
            engine_end_turn(e, g->turns[i], "dropped");
        else
            plan_turn(e, g->turns[i]);
    }
    stock_clear(&g->stock);
    g->busy = false;
    engine_pump_soon(e);
}

/* ---- after hydrate ---- */

static void name_new(struct turn *t)
{
    struct session *s = t->session;
    if (t->ev.kind != EVENT_MESSAGE || !t->conversation_new)
        return;
    if (t->contact_new)
        uuid7(clock_wall_ms(), s->contact_id);
    uuid7(clock_wall_ms(), s->conversation_id);
}

static void empty_plan(struct turn *t)
{
    (void)turn_plan_take(t);
    t->fate = FATE_PLAN;
}

/* What the row alone decides: true when the turn needs no reading. */
static bool settle_early(struct turn *t, const struct hydrate_row *row)
{
    if (!row->account_known) {
        t->fate = FATE_REFUSE;
        (void)snprintf(t->reason, sizeof t->reason, "no shop has this account");
    } else if (t->ev.kind == EVENT_DECISION && strcmp(t->ev.tenant_id, row->tenant_id) != 0) {
        t->fate = FATE_REFUSE;
        (void)snprintf(t->reason, sizeof t->reason, "the decision names another shop than its route");
    } else if (row->seen && t->replay_id != 0) {
        t->ev_seen = true;
        empty_plan(t);
    } else if (t->replay_id != 0 && t->command->drop_id == t->replay_id) {
        t->dropped = true;
        empty_plan(t);
    } else if (row->seen) {
        t->fate = FATE_DUPLICATE;
    } else if (t->attempts > ATTEMPTS_ALLOWED && t->ev.kind == EVENT_REDRIVE) {
        empty_plan(t);
    } else if (t->attempts > ATTEMPTS_ALLOWED) {
        t->fate = t->session->conversation_id[0] != '\0' ? FATE_PARK : FATE_REFUSE;
        t->failures = (unsigned)t->attempts;
        (void)snprintf(t->reason, sizeof t->reason, "the turn ended the worker again and again");
    } else if (t->parked && t->ev.kind != EVENT_REDRIVE && t->replay_id == 0) {
        t->fate = FATE_APPEND;
        (void)snprintf(t->reason, sizeof t->reason, "the conversation is parked");
    } else {
        return false;
    }
    return true;
}

/* Where the turn goes from hydrate: straight to PLANNED, back for the parked event of a redrive, to the model, or on
 * (true). */
static bool sort_turn(struct engine *e, struct turn *t, const struct hydrate_row *row)
{
    if (t->part == NULL) {
        engine_end_turn(e, t, "dropped");
        return false;
    }
    if (row->account_known) {
        t->shop = shop_store_get(e->shops, row->tenant_id, row->catalogue_version);
        t->session->shop = &t->shop->shop;
        t->session->catalogue = &t->shop->catalogue;
        name_new(t);
    }
    if (settle_early(t, row)) {
        if (t->fate == FATE_REFUSE && t->replay_id != 0)
            replay_give_up(t);
        to_planned(e, t);
        return false;
    }
    if (t->ev.kind == EVENT_REDRIVE) {
        if (t->session->conversation_id[0] != '\0' && replay_next(t)) {
            shop_words_release(&t->shop);
            turn_move(t, TURN_QUEUED);
            e->in_flight--;
            t->part->running--;
            DL_PREPEND(e->runnable, t);
        } else {
            t->replay_last = t->replay_left == 0;
            empty_plan(t);
            to_planned(e, t);
        }
        return false;
    }
    return engine_read(e, t);
}

static bool lacks_shop(struct engine *e, const struct hydrate_row *row)
{
    if (!row->account_known)
        return false;
    struct shop_words *w = shop_store_get(e->shops, row->tenant_id, row->catalogue_version);
    bool lacks = w == NULL;
    shop_words_release(&w);
    return lacks;
}

static void on_shop_end(void *arg, enum pg_end end, const struct fault *f)
{
    struct engine *e = arg;
    if (end != PG_DONE) {
        group_failed(e, end, f);
        return;
    }
    if (shop_store_loaded(e->shops))
        read_group(e);
    else
        group_failed(e, PG_UNSENT, NULL); /* hydrate will tell that there is no such shop */
}

static void load_shop(struct engine *e, const char *tenant_id)
{
    struct pg_batch *b = pg_batch_new(e->reads);
    shop_store_load(e->shops, b, tenant_id);
    pg_send(b, on_shop_end, e);
}

/* The group's rows are here; goes through it again after each catalogue that had to be loaded first. */
static void read_group(struct engine *e)
{
    struct reading_group *g = &e->reading;
    for (size_t i = 0; i < g->n; i++) {
        if (lacks_shop(e, &g->rows[i])) {
            load_shop(e, g->rows[i].tenant_id);
            return;
        }
    }
    size_t left = 0;
    for (size_t i = 0; i < g->n; i++) {
        struct turn *t = g->turns[i];
        if (!sort_turn(e, t, &g->rows[i]))
            continue;
        if (needs_stock(t)) {
            turn_move(t, TURN_STOCKTAKING);
            g->turns[left++] = t;
        } else {
            plan_turn(e, t);
        }
    }
    g->n = left;
    if (left == 0) {
        g->busy = false;
        engine_pump_soon(e);
        return;
    }
    struct pg_batch *b = pg_batch_new(e->reads);
    stock_read_add(b, g->turns, g->n, &g->stock);
    pg_send(b, on_stock_end, e);
    engine_pump_soon(e);
}

static void on_hydrate_end(void *arg, enum pg_end end, const struct fault *f)
{
    struct engine *e = arg;
    if (end == PG_DONE) {
        FAILPOINT("turn.hydrated", NULL);
        read_group(e);
        return;
    }
    group_failed(e, end, f);
}

static void send_hydrate(struct engine *e)
{
    struct reading_group *g = &e->reading;
    struct pg_batch *b = pg_batch_new(e->reads);
    hydrate_add(b, &g->hydrate);
    if (e->model != NULL)
        readings_find(b, &g->hydrate);
    for (size_t i = 0; i < g->n; i++) {
        if (g->turns[i]->ev.kind == EVENT_REDRIVE)
            replay_add(b, g->turns[i]);
    }
    pg_send(b, on_hydrate_end, e);
}

/* Counted and committed before anything of the event is looked at. */
static void on_attempt_end(void *arg, enum pg_end end, const struct fault *f)
{
    struct engine *e = arg;
    struct reading_group *g = &e->reading;
    struct turn *t = g->turns[0];
    if (end == PG_DONE && t->part != NULL) {
        t->attempts = g->attempt;
        t->part->attempt_open = true;
        send_hydrate(e);
        return;
    }
    if (end == PG_FAILED && strcmp(f->code, "MU001") == 0 && t->part != NULL)
        engine_drop_partition(e, t->part);
    group_failed(e, end == PG_DONE ? PG_UNSENT : end, f);
}

static void take_turns(struct engine *e)
{
    struct reading_group *g = &e->reading;
    size_t room = e->in_flight_most > e->in_flight ? e->in_flight_most - e->in_flight : 0;
    if (room > e->batch)
        room = e->batch;
    g->n = 0;
    struct turn *t, *tmp;
    DL_FOREACH_SAFE(e->runnable, t, tmp)
    {
        if (g->n >= room)
            break;
        bool by_itself = t->part->careful || t->alone;
        if (!may_start(t) || (by_itself && g->n > 0))
            continue;
        start(e, t);
        if (t->fate == FATE_REFUSE) {
            to_planned(e, t);
            continue;
        }
        turn_move(t, TURN_HYDRATING);
        g->turns[g->n++] = t;
        if (by_itself)
            break;
    }
}

void engine_hydrate(struct engine *e)
{
    struct reading_group *g = &e->reading;
    if (g->busy || e->runnable == NULL)
        return;
    take_turns(e);
    if (e->planned != NULL)
        engine_commit(e);
    if (g->n == 0)
        return;
    g->busy = true;
    g->hydrate = (struct hydrate){.turns = g->turns, .rows = g->rows, .n = g->n};
    if (!g->turns[0]->part->careful || g->turns[0]->attempts > 0) { /* planning anew is no other attempt */
        send_hydrate(e);
        return;
    }
    struct pg_batch *b = pg_batch_new(e->reads);
    engine_add_attempt(b, g->turns[0], &g->attempt);
    pg_send(b, on_attempt_end, e);
}
