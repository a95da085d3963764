#include "workers/lag/ask_private.h"

#include "common/kafka/client.h"
#include "common/kafka/kafka_conf.h"

#include <stdlib.h>
#include <unistd.h>

const struct lag_topic lag_topics[LAG_TOPICS] = {
    {TOPIC_INBOUND, GROUP_WORKER},
    {TOPIC_DECISION, GROUP_WORKER},
    {TOPIC_OUTBOUND, GROUP_SENDER},
    {TOPIC_RECEIPT, GROUP_SENDER},
};

/* The blocking questions of a round. What the group has committed is asked before the ends, so that no lag is too
 * small. */
static const struct {
    int (*ask)(struct ask *a, int which, struct fault *f);
    int which;
} steps[] = {
    {ask_layout, 0},
    {ask_group, GROUP_WORKER},
    {ask_group, GROUP_SENDER},
    {ask_committed, GROUP_WORKER},
    {ask_committed, GROUP_SENDER},
    {ask_offsets, true},
    {ask_offsets, false},
};

/* The clients only look. They read one record a partition at a time, so they are told to ask for little and to keep
 * nothing in store. */
static const struct client_option reading[] = {
    {"enable.auto.commit", "false"},      {"auto.offset.reset", "earliest"},
    {"enable.partition.eof", "true"},     {"fetch.message.max.bytes", "4096"},
    {"fetch.wait.max.ms", "50"},          {"queued.min.messages", "1"},
    {"queued.max.messages.kbytes", "64"}, {NULL, NULL},
};

static void step_later(struct ask *a)
{
    static const struct timeval now = {0};
    evtimer_add(a->step, &now);
}

static void finish(struct ask *a, const struct fault *f)
{
    if (a->stage == STAGE_OLDEST)
        ask_end_oldest(a);
    a->stage = STAGE_IDLE;
    a->round++;
    evtimer_del(a->deadline);
    if (f != NULL) {
        a->on_done(a->arg, NULL, f);
        return;
    }
    lag_view_done(&a->view);
    a->view = a->next;
    a->next = (struct lag_view){0};
    a->on_done(a->arg, &a->view, NULL);
}

static void begin_oldest(struct ask *a)
{
    static const struct timeval limit = {.tv_sec = ASK_OLDEST_MS / 1000, .tv_usec = ASK_OLDEST_MS % 1000 * 1000};
    struct fault f;
    a->stage = STAGE_OLDEST;
    lag_take_known(&a->next, &a->view);
    if (ask_begin_oldest(a, &f) != 0)
        finish(a, &f);
    else if (a->waiting == 0)
        finish(a, NULL);
    else
        evtimer_add(a->deadline, &limit);
}

static void on_step(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct ask *a = arg;
    struct fault f;
    if (steps[a->at].ask(a, steps[a->at].which, &f) != 0)
        finish(a, &f);
    else if (++a->at < sizeof steps / sizeof *steps)
        step_later(a);
    else
        begin_oldest(a);
}

static void on_answer(struct ask *a, rd_kafka_event_t *e)
{
    struct fault f;
    if (a->stage != STAGE_TOPICS || (uintptr_t)rd_kafka_event_opaque(e) != a->round)
        return;
    if (ask_take_topics(a, e, &f) != 0) {
        finish(a, &f);
        return;
    }
    a->stage = STAGE_STEPS;
    a->at = 0;
    step_later(a);
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct ask *a = arg;
    client_wake_clear((int)fd);
    for (rd_kafka_event_t *e; (e = rd_kafka_queue_poll(a->answers, 0)) != NULL; rd_kafka_event_destroy(e))
        on_answer(a, e);
    ask_take_oldest(a);
    if (a->stage == STAGE_OLDEST && a->waiting == 0)
        finish(a, NULL);
}

/* A record that does not come leaves its age unknown; the offsets are good all the same. */
static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    finish(arg, NULL);
}

void ask_begin(struct ask *a)
{
    if (a->stage != STAGE_IDLE)
        return;
    lag_view_done(&a->next);
    a->stage = STAGE_TOPICS;
    ask_request_topics(a);
}

static rd_kafka_t *open_client(const struct ask *a, int group, struct fault *f)
{
    rd_kafka_conf_t *conf = client_conf(a->settings, reading, f);
    if (conf == NULL)
        return NULL;
    if (kafka_conf_set(conf, "group.id", a->topics.group[group], f) != 0) {
        rd_kafka_conf_destroy(conf);
        return NULL;
    }
    rd_kafka_t *rk = client_new(RD_KAFKA_CONSUMER, conf, f);
    if (rk != NULL)
        rd_kafka_poll_set_consumer(rk);
    return rk;
}

static int open_clients(struct ask *a, struct fault *f)
{
    for (int g = 0; g < LAG_GROUPS; g++)
        if ((a->clients[g] = open_client(a, g, f)) == NULL)
            return -1;
    for (int i = 0; i < LAG_TOPICS; i++)
        a->handles[i] = rd_kafka_topic_new(a->clients[0], a->topics.name[lag_topics[i].topic], NULL);
    a->answers = rd_kafka_queue_new(a->clients[0]);
    a->records = rd_kafka_queue_get_consumer(a->clients[0]);
    client_wake_by(a->answers, a->wake_fd);
    client_wake_by(a->records, a->wake_fd);
    return 0;
}

struct ask *ask_new(struct event_base *base, const struct settings *s, ask_done_fn *on_done, void *arg, struct fault *f)
{
    struct ask *a = calloc(1, sizeof *a);
    if (a == NULL)
        abort();
    *a = (struct ask){.settings = s, .on_done = on_done, .arg = arg, .wake_fd = client_wake_fd()};
    a->wake = event_new(base, a->wake_fd, EV_READ | EV_PERSIST, on_wake, a);
    a->step = evtimer_new(base, on_step, a);
    a->deadline = evtimer_new(base, on_deadline, a);
    if (a->wake == NULL || a->step == NULL || a->deadline == NULL)
        abort();
    event_add(a->wake, NULL);
    if (topics_names(s, &a->topics, f) != 0 || open_clients(a, f) != 0)
        ask_free(&a);
    return a;
}

static void close_queue(rd_kafka_queue_t *q)
{
    if (q == NULL)
        return;
    client_wake_by(q, -1);
    rd_kafka_queue_destroy(q);
}

static void close_clients(struct ask *a)
{
    close_queue(a->answers);
    close_queue(a->records);
    for (int i = 0; i < LAG_TOPICS; i++)
        if (a->handles[i] != NULL)
            rd_kafka_topic_destroy(a->handles[i]);
    for (int g = 0; g < LAG_GROUPS; g++)
        if (a->clients[g] != NULL)
            rd_kafka_destroy_flags(a->clients[g], RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

void ask_free(struct ask **ap)
{
    struct ask *a = *ap;
    if (a == NULL)
        return;
    ask_end_oldest(a);
    close_clients(a);
    event_free(a->wake);
    event_free(a->step);
    event_free(a->deadline);
    close(a->wake_fd);
    lag_view_done(&a->view);
    lag_view_done(&a->next);
    free(a);
    *ap = NULL;
}
