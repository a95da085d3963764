/* Claims and attempts are counted to find the event that ends its worker: while a partition is careful, each attempt is
 * counted before anything of the event is looked at. An event that is taken up again because the group or an operator
 * wanted it so has ended nobody: when partitions are given back, or the process ends, in good order, what this claim
 * had counted is taken back. A death, and a claim that was lost, take nothing back. */
#include "workers/turn/engine_private.h"

#include "workers/turn/rows.h"

#include <stdio.h>

enum { PATIENCE_S = 1 };

/* Guarded by the epoch, so that a zombie counts nothing. */
static const char sql_attempt[] =
    "WITH u AS (UPDATE munim.part SET attempts = attempts + 1 WHERE topic = $1 AND partition = $2::int"
    "  AND epoch = $3::bigint RETURNING attempts)"
    " SELECT munim.require(count(*), 1, 'MU001', 'the partition has a later owner'), max(attempts) FROM u";

/* What moved since the claim has set both to 0 already. */
static const char sql_leave[] =
    "UPDATE munim.part p SET claims = greatest(p.claims - 1, 0), attempts = greatest(p.attempts - l.open, 0)"
    " FROM unnest($1::text[], $2::int[], $3::bigint[], $4::int[]) AS l(topic, partition, epoch, open)"
    " WHERE p.topic = l.topic AND p.partition = l.partition AND p.epoch = l.epoch AND (p.claims > 0 OR p.attempts > 0)"
    " AND $5::bigint > 0";

static void on_attempt(void *arg, const PGresult *r)
{
    int *attempt = arg;
    *attempt = (int)pg_i64(r, 0, 1);
}

void engine_add_attempt(struct pg_batch *b, const struct turn *t, int *attempt)
{
    char number[16], epoch[24];
    (void)snprintf(number, sizeof number, "%d", t->part->number);
    (void)snprintf(epoch, sizeof epoch, "%lld", (long long)t->part->epoch);
    const char *v[] = {t->part->topic, number, epoch};
    pg_add(b, sql_attempt, 3, v, on_attempt, attempt);
}

static void left(struct engine *e)
{
    e->leaving = false;
    evtimer_del(e->late);
    if (e->releasing) {
        e->releasing = false;
        engine_drop_all(e);
        consumer_release(e->consumer);
    }
    if (e->draining && e->on_idle != NULL) {
        void (*idle)(void *) = e->on_idle;
        e->on_idle = NULL;
        idle(e->idle_arg);
    }
    engine_pump_soon(e);
}

/* However it ended: without Postgres the counts stay too high, which parks an event too early at worst. */
static void on_left(void *arg, enum pg_end end, const struct fault *f)
{
    (void)end;
    (void)f;
    struct engine *e = arg;
    if (e->leaving)
        left(e);
}

/* A Postgres that is silent must not hold up the whole group's rebalance. */
static void on_late(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    on_left(arg, PG_UNKNOWN, NULL);
}

struct event *engine_leave_timer(struct engine *e)
{
    return evtimer_new(e->base, on_late, e);
}

void engine_leave(struct engine *e)
{
    if (e->leaving || e->committing.busy)
        return;
    e->leaving = true;
    struct rows r;
    rows_init(&r, 4);
    for (const struct partition *p = e->partitions.first; p != NULL; p = p->next) {
        row_str(&r, p->topic);
        row_i64(&r, p->number);
        row_i64(&r, p->epoch);
        row_i64(&r, p->attempt_open ? 1 : 0);
    }
    if (r.n == 0 || !pg_ready(e->pg)) {
        left(e);
    } else {
        struct pg_batch *b = pg_batch_new(e->pg);
        rows_send(&r, b, sql_leave, NULL, NULL);
        pg_send(b, on_left, e);
        evtimer_add(e->late, &(struct timeval){.tv_sec = PATIENCE_S});
    }
    rows_done(&r);
}
