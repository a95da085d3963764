/* From PLANNED to ENDED: form a group, commit it, and deal with every way in which that can end. */
#include "workers/turn/engine_private.h"

#include "common/base/failpoint.h"
#include "common/base/clock.h"
#include "common/log/log.h"
#include "common/service/service.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

static const char *outcome_name(const struct turn *t)
{
    switch (t->fate) {
    case FATE_DUPLICATE:
        return "duplicate";
    case FATE_REFUSE:
        return "refused";
    case FATE_APPEND:
        return "appended";
    case FATE_PARK:
        return "parked";
    case FATE_PLAN:
        return "done";
    case FATE_NONE:
        break;
    }
    return "dropped";
}

static bool commits_alone(const struct turn *t)
{
    return t->alone || t->replay_id != 0 || commit_shares(t);
}

/* A redrive in the middle keeps its record: the position stays before it. */
static bool ends_record(const struct turn *t)
{
    return t->replay_id == 0 || t->replay_last;
}

static void take_group(struct engine *e)
{
    struct commit_group *g = &e->committing;
    g->n = 0;
    struct turn *t, *tmp;
    DL_FOREACH_SAFE(e->planned, t, tmp)
    {
        if (g->n >= GROUP_MOST || g->n >= e->batch)
            break;
        bool alone = commits_alone(t);
        if (alone && g->n > 0)
            continue;
        DL_DELETE(e->planned, t);
        turn_move(t, TURN_COMMITTING);
        g->turns[g->n++] = t;
        if (alone)
            break;
    }
}

static void mark_group(struct commit_group *g, bool done)
{
    for (size_t i = 0; i < g->n; i++) {
        const struct turn *t = g->turns[i];
        if (t->part != NULL && (!done || ends_record(t)))
            track_mark(&t->part->track, t->offset, done);
    }
}

static size_t add_position(struct commit_group *g, size_t n, struct partition *p)
{
    for (size_t i = 0; i < n; i++) {
        if (g->parts[i] == p)
            return n;
    }
    struct position *pos = &g->positions[n];
    *pos = (struct position){.topic = p->topic,
                             .partition = p->number,
                             .epoch = p->epoch,
                             .expected = p->track.next_offset,
                             .next = p->track.next_offset,
                             .last = -1};
    int64_t next, last;
    const char *digest;
    if (track_position(&p->track, &next, &last, &digest)) {
        pos->next = next;
        pos->last = last;
        pos->digest = digest;
    }
    g->parts[n] = p;
    return n + 1;
}

static void requeue_group(struct engine *e, bool alone)
{
    struct commit_group *g = &e->committing;
    for (size_t i = 0; i < g->n; i++) {
        g->turns[i]->alone = g->turns[i]->alone || alone;
        engine_requeue(e, g->turns[i]);
    }
}

/* What befell this parked event says nothing of the next one. */
static void next_parked(struct engine *e, struct turn *t)
{
    t->conflicts = t->failures = 0;
    t->short_of_stock = false;
    engine_requeue(e, t);
}

static void group_done(struct engine *e)
{
    struct commit_group *g = &e->committing;
    bool approvals = false;
    for (size_t i = 0; i < g->commit.n_positions; i++) {
        struct partition *p = g->parts[i];
        if (p == NULL)
            continue;
        if (g->positions[i].next != g->positions[i].expected) {
            track_moved(&p->track, g->positions[i].next);
            p->careful = p->attempt_open = false;
        }
    }
    publisher_fresh(e->publisher, g->commit.fresh);
    metric_add(&engine_group_turns, NULL, NULL, (double)g->n);
    for (size_t i = 0; i < g->n; i++) {
        struct turn *t = g->turns[i];
        approvals = approvals || (t->fate == FATE_PLAN && t->plan->approval);
        if (t->fate == FATE_PARK)
            metric_add(&engine_parked, "failed", NULL, 1);
        if (t->fate == FATE_APPEND)
            metric_add(&engine_parked, "appended", NULL, 1);
        metric_observe(&engine_turn_seconds, NULL, NULL, (double)(clock_mono_us() - t->began_us) / 1e6);
        if (!ends_record(t) && t->part != NULL)
            next_parked(e, t);
        else
            engine_end_turn(e, t, outcome_name(t));
    }
    if (approvals)
        publisher_approvals(e->publisher);
}

static bool is_conflict(const char *code)
{
    static const char *const codes[] = {"MU002", "MU003", "MU004", "MU005", "MU006", "40001", "40P01"};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (strcmp(code, codes[i]) == 0)
            return true;
    }
    return false;
}

static bool is_stock(const char *code)
{
    return strcmp(code, "MU004") == 0 || strcmp(code, "MU006") == 0;
}

/* What was planned on has changed, or the one open order was opened by another turn: plan again, at most ten times. */
static void turn_conflict(struct engine *e, struct turn *t, const struct fault *f)
{
    metric_add(&engine_conflicts, f->code, NULL, 1);
    t->alone = true;
    if (++t->conflicts <= CONFLICTS_ALLOWED) {
        engine_requeue(e, t);
        return;
    }
    t->conflicts = 0;
    if (is_stock(f->code) && !t->short_of_stock) {
        t->short_of_stock = true;
        engine_requeue(e, t);
        return;
    }
    engine_fail(e, t, f);
}

/* A later owner has one of the group's partitions. Which one is known when its turns commit by themselves. */
static void group_fenced(struct engine *e)
{
    struct commit_group *g = &e->committing;
    struct partition *p = g->commit.n_positions == 1 ? g->parts[0] : NULL;
    requeue_group(e, true);
    g->n = 0;
    if (p != NULL)
        engine_drop_partition(e, p);
}

static void group_failed(struct engine *e, const struct fault *f)
{
    struct commit_group *g = &e->committing;
    enum verdict verdict = pg_verdict(f->code);
    if (strcmp(f->code, "MU001") == 0) {
        group_fenced(e);
    } else if (verdict == VERDICT_STOP) {
        service_quit(f);
        requeue_group(e, true);
    } else if (g->n > 1) {
        requeue_group(e, true);
    } else if (is_conflict(f->code) || (strcmp(f->code, "23505") == 0 && strstr(f->text, "orders_one_open") != NULL)) {
        turn_conflict(e, g->turns[0], f);
    } else if (verdict == VERDICT_RETRY && !engine_blames_data(f->code)) {
        log_fault(LOG_WARN, "a commit failed and is tried again", f);
        requeue_group(e, true);
        engine_pause(e);
    } else {
        engine_fail(e, g->turns[0], f);
    }
}

static void on_commit_end(void *arg, enum pg_end end, const struct fault *f)
{
    struct engine *e = arg;
    struct commit_group *g = &e->committing;
    static const char *const ends[] = {"done", "failed", "unknown", "unsent"};
    metric_add(&engine_commits, ends[end], NULL, 1);
    if (end == PG_DONE) {
        FAILPOINT("turn.committed", NULL);
        backoff_reset(&e->backoff);
        group_done(e);
    } else {
        mark_group(g, false);
        if (end == PG_FAILED)
            group_failed(e, f);
        else
            requeue_group(e, false); /* dropped, and read again from the part row, when Postgres is back */
    }
    fresh_free(&g->commit.fresh);
    g->busy = false;
    engine_pump_soon(e);
}

void engine_commit(struct engine *e)
{
    struct commit_group *g = &e->committing;
    if (g->busy || e->planned == NULL)
        return;
    take_group(e);
    mark_group(g, true);
    size_t n = 0;
    memset(g->parts, 0, sizeof g->parts);
    for (size_t i = 0; i < g->n; i++)
        n = add_position(g, n, g->turns[i]->part);
    g->commit = (struct commit){.turns = g->turns,
                                .n = g->n,
                                .positions = g->positions,
                                .n_positions = n,
                                .republish = e->republish,
                                .model = e->model};
    g->busy = true;
    struct pg_batch *b = pg_batch_new(e->pg);
    commit_add(b, &g->commit);
    FAILPOINT("turn.planned", NULL);
    pg_send(b, on_commit_end, e);
}
