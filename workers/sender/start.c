/* PENDING -> SENDING, many conversations in one transaction: that of the take which brought the messages, where they
 * may start at once, else one of its own. When it is committed, and not before, their requests are made (flight.c). */
#include "workers/sender/start.h"
#include "workers/sender/flight.h"
#include "workers/sender/sender.h"

#include "common/base/failpoint.h"
#include "common/base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

struct start {
    struct sender *s;
    struct flight *flights;
};

/* The gate once more, by Postgres: the index may be stale. */
static const char start_sql[] =
    "UPDATE munim.guard g SET state = 'SENDING', attempt = g.attempt + 1, epoch = p.epoch, boot_id = $4,"
    " deadline_us = $5::bigint FROM unnest($1::text[], $2::int[], $3::bigint[]) AS r (key, attempt, epoch),"
    " munim.part p, munim.gate t WHERE g.dedupe_key = r.key AND g.state = 'PENDING' AND g.attempt = r.attempt"
    " AND p.topic = $6 AND p.partition = g.partition AND p.epoch = r.epoch AND t.conversation_id = g.conversation_id"
    " AND g.seq = t.settled_through + 1 RETURNING g.dedupe_key, g.payload";

/* One row, one request: a record may have come twice in the batch. */
static void on_started(void *arg, const PGresult *r)
{
    const struct start *st = arg;
    for (int i = 0; i < PQntuples(r); i++) {
        struct flight *f;
        DL_FOREACH(st->flights, f)
        {
            if (f->payload == NULL && strcmp(f->key, pg_text(r, i, 0)) == 0) {
                f->payload = strdup(pg_text(r, i, 1));
                break;
            }
        }
    }
}

/* Whether the row became SENDING is not known after PG_UNKNOWN, but surely nothing was sent: if it did, it goes back.
 */
static void end_flight(struct flight *f, enum pg_end end)
{
    if (end == PG_DONE && f->payload != NULL) {
        FAILPOINT("sender.sending", NULL);
        flight_launch(f);
    } else if (end == PG_UNKNOWN) {
        flight_not_sent(f, "the database was lost before the first byte, nothing was sent");
    } else {
        gate_block(&f->s->gate, f->conversation_id);
        flight_free(&f);
    }
}

struct start *start_new(struct sender *s)
{
    struct start *st = calloc(1, sizeof *st);
    if (st == NULL)
        abort();
    st->s = s;
    return st;
}

void start_want(struct start *st, const struct start_row *r)
{
    struct flight *f = flight_new(st->s, r->key, r->conversation_id, r->account);
    f->attempt = r->attempts + 1;
    f->epoch = r->epoch;
    DL_APPEND(st->flights, f);
}

bool start_wanted(const struct start *st)
{
    return st->flights != NULL;
}

void start_add(struct start *st, struct pg_batch *b)
{
    struct sender *s = st->s;
    struct pgarray keys, attempts, epochs;
    pgarray_init(&keys);
    pgarray_init(&attempts);
    pgarray_init(&epochs);
    int64_t deadline_us = clock_boot_us() + s->deadline_ms * 1000;
    struct flight *f;
    DL_FOREACH(st->flights, f)
    {
        f->deadline_us = deadline_us;
        pgarray_str(&keys, f->key);
        pgarray_i64(&attempts, f->attempt - 1);
        pgarray_i64(&epochs, f->epoch);
    }
    char deadline[24];
    (void)snprintf(deadline, sizeof deadline, "%" PRId64, deadline_us);
    const char *values[] = {
        pgarray_text(&keys),           pgarray_text(&attempts), pgarray_text(&epochs), s->boot_id, deadline,
        s->topics.name[TOPIC_OUTBOUND]};
    if (keys.n > 0)
        pg_add(b, start_sql, 6, values, on_started, st);
    pgarray_done(&keys);
    pgarray_done(&attempts);
    pgarray_done(&epochs);
}

void start_end(struct start **st, enum pg_end end)
{
    struct flight *f, *next;
    DL_FOREACH_SAFE((*st)->flights, f, next)
    {
        DL_DELETE((*st)->flights, f);
        end_flight(f, end);
    }
    free(*st);
    *st = NULL;
}

static void on_start_end(void *arg, enum pg_end end, const struct fault *why)
{
    struct start *st = arg;
    struct sender *s = st->s;
    s->starting = false;
    start_end(&st, end);
    if (end == PG_FAILED && sender_may_retry(why))
        event_add(s->again, &(struct timeval){.tv_usec = 100000});
    sender_wake(s);
}

bool start_has_room(const struct sender *s)
{
    return s->flights < s->limit;
}

static void choose(struct start *st)
{
    struct sender *s = st->s;
    struct gate_conv *c;
    while (start_has_room(s) && (c = gate_next(&s->gate)) != NULL) {
        int64_t until_us = flight_account_stopped(s, c->account);
        int64_t epoch = lanes_epoch(s, c->partition);
        if (until_us > 0)
            gate_wait(&s->gate, c, until_us);
        else if (epoch < 0)
            gate_block(&s->gate, c->id);
        else
            start_want(st, &(struct start_row){.key = c->key,
                                               .conversation_id = c->id,
                                               .account = c->account,
                                               .attempts = c->attempt,
                                               .epoch = epoch});
    }
}

void start_pump(struct sender *s)
{
    if (s->starting || s->draining || s->revoking || !pg_ready(s->pg) || event_pending(s->again, EV_TIMEOUT, NULL))
        return;
    struct start *st = start_new(s);
    choose(st);
    if (!start_wanted(st)) {
        free(st);
        return;
    }
    struct pg_batch *b = pg_batch_new(s->pg);
    start_add(st, b);
    s->starting = true;
    pg_send(b, on_start_end, st);
}
