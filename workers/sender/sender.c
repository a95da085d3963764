#include "workers/sender/sender.h"
#include "workers/sender/flight.h"
#include "workers/sender/settle.h"
#include "workers/sender/take.h"

#include "common/base/clock.h"
#include "common/log/log.h"
#include "common/claim/installation.h"
#include "common/pg/schema_check.h"
#include "common/service/service.h"
#include "workers/sender/counts.h"
#include "workers/sender/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void sender_wake(struct sender *s)
{
    event_active(s->pump, EV_TIMEOUT, 0);
}

void sender_stop(const struct fault *f)
{
    service_quit(f);
}

bool sender_may_retry(const struct fault *f)
{
    if (pg_verdict(f->code) == VERDICT_RETRY) {
        log_fault(LOG_WARN, "to be written again", f);
        return true;
    }
    struct fault stop = *f;
    stop.verdict = VERDICT_STOP;
    service_quit(&stop);
    return false;
}

static bool idle(const struct sender *s)
{
    return s->flights == 0 && s->takes == 0 && !s->starting && settle_idle(s);
}

/* Settles first: an outcome may open a gate, and must not wait behind new work. */
static void on_pump(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct sender *s = arg;
    if (s->revoking && s->takes == 0) {
        s->revoking = false;
        consumer_release(s->consumer);
    }
    settle_pump(s);
    take_pump(s, true);
    take_pump(s, false);
    start_pump(s);
    if (s->draining && idle(s))
        service_quit(NULL);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct sender *s = arg;
    int64_t now = clock_mono_us();
    if (now - s->ticked_us > 3 * s->tick_ms * 1000)
        s->awake_us = now;
    s->ticked_us = now;
    gate_tick(&s->gate, now);
    refresh_blocked(s);
    window_tick(s);
    sender_wake(s);
}

static void on_pg_ready(void *arg)
{
    struct sender *s = arg;
    log_line(LOG_INFO, "Postgres connected");
    claim_again(s->claim);
    sender_wake(s);
}

static void on_pg_lost(void *arg, const struct fault *f)
{
    (void)arg;
    log_fault(LOG_WARN, "Postgres lost: requests under way end, nothing new begins", f);
}

static void on_claimed(void *arg, const struct claim_part *p)
{
    struct sender *s = arg;
    log_event(LOG_DEBUG, "partition claimed", F_STR("topic", p->topic), F_INT("partition", p->partition),
              F_INT("epoch", p->epoch), F_INT("next_offset", p->next_offset));
    lanes_open(s, p);
    s->awake_us = clock_mono_us();
    if (strcmp(p->topic, s->topics.name[TOPIC_OUTBOUND]) == 0)
        refresh_partition(s, p->partition);
}

static void on_lost(void *arg)
{
    struct sender *s = arg;
    lanes_clear(s);
    gate_clear(&s->gate);
}

static void on_claim_stop(void *arg, const struct fault *f)
{
    (void)arg;
    sender_stop(f);
}

/* What outbound held is made again from Postgres, and the guard drops what comes twice. */
static bool may_restart(void *arg, const char *topic)
{
    const struct sender *s = arg;
    return strcmp(topic, s->topics.name[TOPIC_OUTBOUND]) == 0;
}

static void on_assign(void *arg, const rd_kafka_topic_partition_list_t *parts)
{
    struct sender *s = arg;
    s->revoking = false;
    claim_assign(s->claim, parts);
}

static void on_revoke(void *arg, bool lost)
{
    struct sender *s = arg;
    log_event(LOG_INFO, "partitions given back", F_INT("lost", lost ? 1 : 0));
    s->revoking = true;
    claim_forget(s->claim);
    sender_wake(s);
}

static void on_record(void *arg, rd_kafka_message_t *m)
{
    struct sender *s = arg;
    if (claim_check(s->claim, m))
        lanes_record(s, m);
    else
        rd_kafka_message_destroy(m);
}

static void on_consumer_fault(void *arg, const struct fault *f)
{
    (void)arg;
    if (f->verdict == VERDICT_STOP)
        sender_stop(f);
    else
        log_fault(LOG_WARN, "Kafka", f);
}

static int read_times(struct sender *s, struct fault *f)
{
    s->request_ms = settings_int(s->settings, "sender", "request_timeout");
    s->deadline_ms = settings_int(s->settings, "sender", "send_deadline");
    s->window_ms = settings_int(s->settings, "sender", "uncertain_window");
    s->tick_ms = settings_int(s->settings, "sender", "tick");
    s->retry_base_ms = settings_int(s->settings, "sender", "retry_base");
    s->retry_cap_ms = settings_int(s->settings, "sender", "retry_cap");
    s->attempts = (int)settings_int(s->settings, "sender", "attempts");
    if (s->deadline_ms < s->request_ms)
        return fault_set(f, VERDICT_STOP, "[sender] send_deadline must be at least request_timeout");
    if (s->window_ms <= s->deadline_ms + s->request_ms)
        return fault_set(
            f, VERDICT_STOP,
            "[sender] uncertain_window must be longer than send_deadline plus request_timeout: a send that is"
            " still under way would be repeated");
    return 0;
}

static int read_boot_id(struct sender *s, struct fault *f)
{
    FILE *in = fopen("/proc/sys/kernel/random/boot_id", "re");
    bool got = in != NULL && fgets(s->boot_id, sizeof s->boot_id, in) != NULL;
    if (in != NULL)
        (void)fclose(in);
    s->boot_id[strcspn(s->boot_id, "\n")] = '\0';
    return got ? 0 : fault_set(f, VERDICT_STOP, "cannot read /proc/sys/kernel/random/boot_id; mount /proc");
}

static int open_token(struct sender *s, struct fault *f)
{
    char *token = settings_secret(s->settings, "whatsapp", "access_token_file", f);
    if (token == NULL)
        return -1;
    if (asprintf(&s->authorization, "Authorization: Bearer %s", token) < 0)
        abort();
    explicit_bzero(token, strlen(token));
    free(token);
    return 0;
}

/* A broker that is away now may come; one that differs from the contract is refused. */
static int open_topics(struct sender *s, struct fault *f)
{
    if (topics_names(s->settings, &s->topics, f) != 0)
        return -1;
    if (topics_check(s->settings, &s->topics, f) == 0)
        return 0;
    if (f->verdict != VERDICT_RETRY)
        return -1;
    log_fault(LOG_WARN, "topics not checked yet", f);
    return 0;
}

static int open_events(struct sender *s)
{
    struct timeval every = {.tv_sec = (time_t)(s->tick_ms / 1000), .tv_usec = (suseconds_t)(s->tick_ms % 1000) * 1000};
    s->pump = evtimer_new(s->base, on_pump, s);
    s->again = evtimer_new(s->base, on_pump, s);
    s->tick = event_new(s->base, -1, EV_PERSIST, on_tick, s);
    if (s->pump == NULL || s->again == NULL || s->tick == NULL)
        abort();
    return event_add(s->tick, &every);
}

static int open_queues(struct sender *s, struct fault *f)
{
    const struct pg_hooks pg_hooks = {.on_ready = on_pg_ready, .on_lost = on_pg_lost, .arg = s};
    const struct claim_hooks claim_hooks = {
        .on_claimed = on_claimed, .on_lost = on_lost, .on_stop = on_claim_stop, .may_restart = may_restart, .arg = s};
    const struct consumer_hooks consumer_hooks = {.on_assign = on_assign,
                                                  .on_revoke = on_revoke,
                                                  .on_record = on_record,
                                                  .on_fault = on_consumer_fault,
                                                  .arg = s};
    const char *topics[] = {s->topics.name[TOPIC_OUTBOUND], s->topics.name[TOPIC_RECEIPT], NULL};
    char host[64] = "", owner[96];
    (void)gethostname(host, sizeof host - 1);
    (void)snprintf(owner, sizeof owner, "munim-sender %s/%ld", host, (long)getpid());
    s->pg = pg_new(s->base, settings_text(s->settings, "postgres", "url"), "munim-sender", &pg_hooks);
    s->claim = claim_new(s->base, s->pg, owner, &claim_hooks);
    s->consumer = consumer_new(s->base, s->settings, s->topics.group[GROUP_SENDER], topics, &consumer_hooks, f);
    if (s->consumer == NULL)
        return -1;
    claim_use(s->claim, s->consumer);
    return 0;
}

int sender_open(struct event_base *base, const struct settings *settings, void **state, struct fault *f)
{
    struct sender *s = calloc(1, sizeof *s);
    if (s == NULL)
        abort();
    *state = s;
    s->base = base;
    s->settings = settings;
    s->settling = settle_new();
    counts_register();
    if (read_times(s, f) != 0 || read_boot_id(s, f) != 0 || open_token(s, f) != 0)
        return -1;
    if (schema_check(settings_text(settings, "postgres", "url"), SCHEMA_SENDER, f) != 0 ||
        installation_claim(settings, f) != 0 || open_topics(s, f) != 0)
        return -1;
    int64_t at_once = settings_int(settings, "sender", "in_flight");
    int64_t per_host = settings_int(settings, "sender", "per_host");
    s->limit = (size_t)(at_once < per_host ? at_once : per_host); /* none waits inside libcurl, past its deadline */
    s->http = http_out_new(base, (long)per_host);
    if (open_events(s) != 0)
        return fault_set(f, VERDICT_RETRY, "cannot add a timer to the loop");
    return open_queues(s, f);
}

bool sender_ready(void *state, struct fault *f)
{
    const struct sender *s = state;
    if (!pg_ready(s->pg)) {
        fault_set(f, VERDICT_RETRY, "Postgres is not connected");
        return false;
    }
    if (!claim_settled(s->claim)) {
        fault_set(f, VERDICT_RETRY, "partitions are being claimed");
        return false;
    }
    return true;
}

void sender_metrics(void *state)
{
    const struct sender *s = state;
    metric_set(&gauge_blocked, NULL, NULL, (double)s->gate.counts[GATE_BLOCKED]);
    metric_set(&gauge_holes, NULL, NULL, (double)gate_holes(&s->gate));
    metric_set(&gauge_ready, NULL, NULL, (double)s->gate.counts[GATE_READY]);
    metric_set(&gauge_in_flight, NULL, NULL, (double)s->flights);
}

void sender_drain(void *state)
{
    struct sender *s = state;
    s->draining = true;
    sender_wake(s);
}

void sender_close(void **state)
{
    struct sender *s = *state;
    if (s == NULL)
        return;
    if (s->http != NULL)
        http_out_free(&s->http);
    pg_free(&s->pg);
    lanes_clear(s);
    gate_clear(&s->gate);
    consumer_free(&s->consumer, 2000);
    claim_free(&s->claim);
    flights_drop(s);
    settle_free(&s->settling);
    if (s->tick != NULL)
        event_free(s->tick);
    if (s->again != NULL)
        event_free(s->again);
    if (s->pump != NULL)
        event_free(s->pump);
    if (s->authorization != NULL)
        explicit_bzero(s->authorization, strlen(s->authorization));
    free(s->authorization);
    free(s);
    *state = NULL;
}
