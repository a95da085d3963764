/* Partitions given back, or the process ending, in good order. Claims and attempts are counted to find the event that
 * ends its worker; one that is taken up again because the group or an operator wanted it so has ended nobody, so what
 * this claim had counted is taken back first. A death, and a claim that was lost, take nothing back. */
#include "workers/turn/engine_private.h"

#include "workers/turn/rows.h"

enum { PATIENCE_S = 1 };

/* What moved since the claim has set both to 0 already. */
static const char sql_leave[] =
    "UPDATE munim.part p SET claims = greatest(p.claims - 1, 0), attempts = greatest(p.attempts - l.open, 0)"
    " FROM unnest($1::text[], $2::int[], $3::bigint[], $4::int[]) AS l(topic, partition, epoch, open)"
    " WHERE p.topic = l.topic AND p.partition = l.partition AND p.epoch = l.epoch AND (p.claims > 0 OR p.attempts > 0)"
    " AND $5::bigint > 0";

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
        row_i64(&r, p->careful && p->running > 0 ? 1 : 0); /* the attempt of a turn that is dropped now */
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
