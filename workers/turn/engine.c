#include "workers/turn/engine_private.h"

#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/log/log.h"
#include "common/service/service.h"
#include "workers/turn/stock_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utlist.h>

struct metric engine_turns = {.name = "munim_worker_turns_total",
                              .help = "Turns ended, by what came of them.",
                              .type = METRIC_COUNTER,
                              .labels = {"outcome"}};
struct metric engine_turn_seconds = {.name = "munim_worker_turn_seconds",
                                     .help = "From the record's arrival in the worker to its commit.",
                                     .type = METRIC_HISTOGRAM};
struct metric engine_commits = {.name = "munim_worker_commits_total",
                                .help = "Transactions of turns, by how they ended.",
                                .type = METRIC_COUNTER,
                                .labels = {"end"}};
struct metric engine_conflicts = {.name = "munim_worker_conflicts_total",
                                  .help = "Turns planned again because what they were planned on had changed, by code.",
                                  .type = METRIC_COUNTER,
                                  .labels = {"code"}};
struct metric engine_group_turns = {.name = "munim_worker_group_turns_total",
                                    .help = "Turns in committed groups; over the commits it is the group's mean size.",
                                    .type = METRIC_COUNTER};
struct metric engine_in_flight = {
    .name = "munim_worker_in_flight", .help = "Turns between hydrate and commit.", .type = METRIC_GAUGE};
struct metric engine_parked = {.name = "munim_worker_parked_total",
                               .help = "Events parked, by reason.",
                               .type = METRIC_COUNTER,
                               .labels = {"reason"}};

enum { LEAVE_MS = 3000 };

void engine_pump_soon(struct engine *e)
{
    event_active(e->pump, EV_TIMEOUT, 0);
}

static void on_pump(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct engine *e = arg;
    if (evtimer_pending(e->again, NULL))
        return;
    if (e->releasing && !e->committing.busy) {
        e->releasing = false;
        engine_drop_all(e);
        consumer_release(e->consumer);
    }
    if (e->draining) {
        if (!e->committing.busy && e->on_idle != NULL) {
            void (*idle)(void *) = e->on_idle;
            e->on_idle = NULL;
            idle(e->idle_arg);
        }
        return;
    }
    if (!pg_ready(e->pg) || e->releasing)
        return;
    engine_commit(e);
    engine_hydrate(e);
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    engine_pump_soon(arg);
}

void engine_pause(struct engine *e)
{
    int64_t ms = backoff_next(&e->backoff, random_u32());
    struct timeval tv = {.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000) * 1000};
    evtimer_add(e->again, &tv);
}

static void check_ahead(struct engine *e, struct partition *p)
{
    bool full = track_span(&p->track) >= e->ahead;
    if (full && !p->paused)
        consumer_pause(e->consumer, p->topic, p->number);
    if (!full && p->paused)
        consumer_resume(e->consumer, p->topic, p->number);
    p->paused = full;
}

static void read_event(struct turn *t)
{
    char digest[DIGEST_HEX];
    claim_digest(t->m, digest);
    struct fault f = {0};
    int rc = envelope_read(t->m, &t->envelope)
                 ? event_read(t->envelope.type, t->m->payload, t->m->len, digest, &t->ev, &f)
                 : fault_set(&f, VERDICT_REJECT, "the record has no ce_type header");
    if (rc != 0) {
        event_clear(&t->ev);
        t->fate = FATE_REFUSE;
        (void)snprintf(t->reason, sizeof t->reason, "%s", f.text);
    }
}

static void on_record(void *arg, rd_kafka_message_t *m)
{
    struct engine *e = arg;
    struct partition *p = NULL;
    if (claim_check(e->claim, m))
        p = partition_find(&e->partitions, rd_kafka_topic_name(m->rkt), m->partition);
    if (p == NULL) {
        rd_kafka_message_destroy(m);
        return;
    }
    char digest[DIGEST_HEX];
    claim_digest(m, digest);
    track_add(&p->track, m->offset, digest);
    struct turn *t = turn_new(m);
    t->part = p;
    read_event(t);
    if (mailbox_add(&e->mailboxes, t))
        DL_APPEND(e->runnable, t);
    else
        DL_APPEND(e->waiting, t);
    check_ahead(e, p);
    engine_pump_soon(e);
}

void engine_requeue(struct engine *e, struct turn *t)
{
    if (t->part == NULL) {
        engine_end_turn(e, t, "dropped");
        return;
    }
    bool refused = t->fate == FATE_REFUSE && t->ev.key[0] == '\0';
    char reason[sizeof t->reason];
    memcpy(reason, t->reason, sizeof reason);
    turn_reset(t);
    if (refused) { /* unreadable stays unreadable */
        t->fate = FATE_REFUSE;
        memcpy(t->reason, reason, sizeof reason);
    }
    turn_move(t, TURN_QUEUED);
    e->in_flight--;
    t->part->running--;
    DL_PREPEND(e->runnable, t);
    engine_pump_soon(e);
}

static void leave_mailbox(struct engine *e, struct turn *t)
{
    struct turn *next = mailbox_remove(&e->mailboxes, t);
    if (next != NULL) {
        DL_DELETE(e->waiting, next);
        DL_APPEND(e->runnable, next);
    }
}

void engine_end_turn(struct engine *e, struct turn *t, const char *outcome)
{
    if (t->state != TURN_QUEUED) {
        e->in_flight--;
        if (t->part != NULL)
            t->part->running--;
    }
    struct partition *p = t->part;
    leave_mailbox(e, t);
    metric_add(&engine_turns, outcome, NULL, 1);
    turn_move(t, TURN_ENDED);
    turn_free(&t);
    if (p != NULL)
        check_ahead(e, p);
}

/* The partition's turns, or all (NULL). The waiting ones go first: none of them is the next in its box then. */
static void drop_list(struct engine *e, struct turn **list, const struct partition *p)
{
    struct turn *t, *tmp;
    DL_FOREACH_SAFE(*list, t, tmp)
    {
        if (p != NULL && t->part != p)
            continue;
        DL_DELETE(*list, t);
        t->part = NULL;
        if (t->state != TURN_QUEUED)
            e->in_flight--;
        leave_mailbox(e, t);
        turn_move(t, TURN_ENDED);
        turn_free(&t);
    }
}

/* Turns in a query are only cut loose; their group ends them when its answer comes. */
static void cut_loose(struct engine *e, struct turn **turns, size_t n, const struct partition *p)
{
    for (size_t i = 0; i < n; i++) {
        if (p != NULL && turns[i]->part != p)
            continue;
        turns[i]->part = NULL;
        leave_mailbox(e, turns[i]);
    }
}

static void drop_turns(struct engine *e, const struct partition *p)
{
    drop_list(e, &e->waiting, p);
    drop_list(e, &e->runnable, p);
    drop_list(e, &e->planned, p);
    cut_loose(e, e->reading.turns, e->reading.busy ? e->reading.n : 0, p);
    cut_loose(e, e->committing.turns, e->committing.busy ? e->committing.n : 0, p);
    for (size_t i = 0; i < GROUP_MOST; i++) {
        if (p == NULL || e->committing.parts[i] == p)
            e->committing.parts[i] = NULL;
    }
}

void engine_drop_partition(struct engine *e, struct partition *p)
{
    claim_fenced(e->claim, p->topic, p->number);
    drop_turns(e, p);
    partition_remove(&e->partitions, p);
    engine_pump_soon(e);
}

void engine_drop_all(struct engine *e)
{
    drop_turns(e, NULL);
    while (e->partitions.first != NULL)
        partition_remove(&e->partitions, e->partitions.first);
}

/* ---- hooks ---- */

static void on_claimed(void *arg, const struct claim_part *p)
{
    struct engine *e = arg;
    struct partition *new = partition_add(&e->partitions, p);
    log_event(LOG_INFO, "partition claimed", F_STR("topic", p->topic), F_INT("partition", p->partition),
              F_INT("epoch", p->epoch), F_INT("next_offset", p->next_offset), F_INT("careful", new->careful));
}

static void on_lost(void *arg)
{
    engine_drop_all(arg);
}

static void on_stop(void *arg, const struct fault *f)
{
    (void)arg;
    service_quit(f);
}

static void on_assign(void *arg, const rd_kafka_topic_partition_list_t *parts)
{
    struct engine *e = arg;
    claim_assign(e->claim, parts);
}

/* No new turns; the transaction in flight ends first, the rest is dropped and read again by the next owner. */
static void on_revoke(void *arg, bool lost)
{
    struct engine *e = arg;
    (void)lost;
    e->releasing = true;
    claim_forget(e->claim);
    engine_pump_soon(e);
}

static void on_consumer_fault(void *arg, const struct fault *f)
{
    (void)arg;
    if (f->verdict == VERDICT_STOP)
        service_quit(f);
    else
        log_fault(LOG_WARN, "Kafka", f);
}

static void on_pg_ready(void *arg)
{
    struct engine *e = arg;
    log_line(LOG_INFO, "Postgres is there");
    backoff_reset(&e->backoff);
    claim_again(e->claim);
    engine_pump_soon(e);
}

static void on_pg_lost(void *arg, const struct fault *f)
{
    (void)arg;
    log_fault(LOG_WARN, "Postgres is away; turns wait", f);
}

/* ---- life ---- */

static int start_consumer(struct engine *e, const struct settings *s, struct fault *f)
{
    const char *names[] = {e->topics.name[TOPIC_INBOUND], e->topics.name[TOPIC_DECISION], NULL};
    struct consumer_hooks hooks = {.on_assign = on_assign,
                                   .on_revoke = on_revoke,
                                   .on_record = on_record,
                                   .on_fault = on_consumer_fault,
                                   .arg = e};
    e->consumer = consumer_new(e->base, s, e->topics.group[GROUP_WORKER], names, &hooks, f);
    if (e->consumer == NULL)
        return -1;
    claim_use(e->claim, e->consumer);
    return 0;
}

static void start_pg(struct engine *e, const struct settings *s)
{
    struct pg_hooks ph = {.on_ready = on_pg_ready, .on_lost = on_pg_lost, .arg = e};
    e->pg = pg_new(e->base, settings_text(s, "postgres", "url"), "munim-worker", &ph);
    char owner[64];
    (void)snprintf(owner, sizeof owner, "munim-worker/%ld", (long)getpid());
    struct claim_hooks ch = {.on_claimed = on_claimed, .on_lost = on_lost, .on_stop = on_stop, .arg = e};
    e->claim = claim_new(e->base, e->pg, owner, &ch);
    e->shops = shop_store_new(e->pg, e->lexicon);
}

struct engine *engine_new(struct event_base *base, const struct settings *s, struct fault *f)
{
    struct engine *e = calloc(1, sizeof *e);
    if (e == NULL)
        abort();
    e->base = base;
    e->batch = (size_t)settings_int(s, "worker", "batch");
    if (e->batch > GROUP_MOST)
        e->batch = GROUP_MOST;
    e->in_flight_most = (size_t)settings_int(s, "worker", "in_flight");
    e->ahead = settings_int(s, "worker", "ahead");
    (void)snprintf(e->republish, sizeof e->republish, "%lld ms", (long long)settings_int(s, "worker", "republish"));
    e->backoff = (struct backoff){.base_ms = 50, .cap_ms = 2000};
    e->pump = evtimer_new(base, on_pump, e);
    e->again = evtimer_new(base, on_again, e);
    struct metric *all[] = {&engine_turns,       &engine_turn_seconds, &engine_commits, &engine_conflicts,
                            &engine_group_turns, &engine_in_flight,    &engine_parked};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        metric_register(all[i]);
    if (topics_names(s, &e->topics, f) != 0 ||
        (e->lexicon = lexicon_new(settings_text(s, "worker", "lexicon_dir"), f)) == NULL) {
        engine_free(&e);
        return NULL;
    }
    start_pg(e, s);
    e->publisher = publisher_new(base, s, &e->topics, e->pg, f);
    if (e->publisher == NULL || start_consumer(e, s, f) != 0)
        engine_free(&e);
    return e;
}

void engine_free(struct engine **ep)
{
    struct engine *e = *ep;
    if (e == NULL)
        return;
    e->draining = true;
    /* Every turn holds a record, and librdkafka does not let go of a client whose records are held. */
    engine_drop_all(e);
    if (e->pg != NULL)
        pg_free(&e->pg);
    if (e->consumer != NULL)
        consumer_free(&e->consumer, LEAVE_MS);
    if (e->claim != NULL)
        claim_free(&e->claim);
    publisher_free(&e->publisher);
    shop_store_free(&e->shops);
    lexicon_free(&e->lexicon);
    event_free(e->pump);
    event_free(e->again);
    stock_clear(&e->reading.stock);
    free(e);
    *ep = NULL;
}

bool engine_ready(const struct engine *e, struct fault *f)
{
    if (!pg_ready(e->pg)) {
        fault_set(f, VERDICT_RETRY, "Postgres is away");
        return false;
    }
    if (!claim_settled(e->claim)) {
        fault_set(f, VERDICT_RETRY, "partitions are being claimed");
        return false;
    }
    return true;
}

void engine_metrics(struct engine *e)
{
    metric_set(&engine_in_flight, NULL, NULL, (double)e->in_flight);
}

/* Group offsets are telemetry for lag dashboards; what counts is munim.part. */
void engine_tick(struct engine *e)
{
    if (e->draining)
        return;
    publisher_sweep(e->publisher);
    for (struct partition *p = e->partitions.first; p != NULL; p = p->next) {
        if (p->track.next_offset >= 0)
            consumer_tell(e->consumer, p->topic, p->number, p->track.next_offset);
    }
}

void engine_drain(struct engine *e, void (*on_idle)(void *arg), void *arg)
{
    e->draining = true;
    e->on_idle = on_idle;
    e->idle_arg = arg;
    engine_pump_soon(e);
}
