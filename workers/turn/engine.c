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
    if (e->releasing || (e->draining && e->on_idle != NULL))
        engine_leave(e);
    if (!pg_ready(e->pg) || !pg_ready(e->reads) || e->releasing || e->draining || e->leaving)
        return;
    engine_commit(e);
    engine_store_told(e);
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

/* ---- hooks ---- */

static void on_record(void *arg, rd_kafka_message_t *m)
{
    engine_take_record(arg, m);
}

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

static void on_reads_ready(void *arg)
{
    engine_pump_soon(arg);
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

/* Nothing of the model is loaded, and nothing of it runs, where the word lists read alone. */
static int start_reader(struct engine *e, const struct settings *s, struct fault *f)
{
    const char *dir = settings_text(s, "worker", "lexicon_dir");
    e->lexicon = lexicon_new(dir, f);
    if (e->lexicon == NULL || strcmp(settings_text(s, "reader", "kind"), "words") == 0)
        return e->lexicon != NULL ? 0 : -1;
    if (settings_int(s, "reader", "model_calls") >= settings_int(s, "worker", "in_flight"))
        return fault_set(f, VERDICT_STOP,
                         "[reader] model_calls must be below [worker] in_flight: a slow model would hold everybody up");
    e->model = model_new(e->base, s, dir, f);
    return e->model != NULL ? 0 : -1;
}

static void start_pg(struct engine *e, const struct settings *s)
{
    struct pg_hooks ph = {.on_ready = on_pg_ready, .on_lost = on_pg_lost, .arg = e};
    e->pg = pg_new(e->base, settings_text(s, "postgres", "url"), "munim-worker", &ph);
    struct pg_hooks rh = {.on_ready = on_reads_ready, .on_lost = on_pg_lost, .arg = e};
    e->reads = pg_new(e->base, settings_text(s, "postgres", "url"), "munim-worker reads", &rh);
    char owner[64];
    (void)snprintf(owner, sizeof owner, "munim-worker/%ld", (long)getpid());
    struct claim_hooks ch = {.on_claimed = on_claimed, .on_lost = on_lost, .on_stop = on_stop, .arg = e};
    e->claim = claim_new(e->base, e->pg, owner, &ch);
    e->shops = shop_store_new(e->reads, e->lexicon);
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
    e->late = engine_leave_timer(e);
    struct metric *all[] = {&engine_turns,       &engine_turn_seconds, &engine_commits, &engine_conflicts,
                            &engine_group_turns, &engine_in_flight,    &engine_parked};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        metric_register(all[i]);
    if (topics_names(s, &e->topics, f) != 0 || start_reader(e, s, f) != 0) {
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
    if (e->reads != NULL)
        pg_free(&e->reads);
    if (e->pg != NULL)
        pg_free(&e->pg);
    if (e->consumer != NULL)
        consumer_free(&e->consumer, LEAVE_MS);
    if (e->claim != NULL)
        claim_free(&e->claim);
    publisher_free(&e->publisher);
    shop_store_free(&e->shops);
    model_free(&e->model);
    lexicon_free(&e->lexicon);
    event_free(e->pump);
    event_free(e->again);
    event_free(e->late);
    stock_clear(&e->reading.stock);
    free(e);
    *ep = NULL;
}

bool engine_ready(const struct engine *e, struct fault *f)
{
    if (!pg_ready(e->pg) || !pg_ready(e->reads)) {
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
    if (e->model != NULL)
        model_metrics(e->model);
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
