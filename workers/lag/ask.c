#include "workers/lag/ask_private.h"

#include "common/base/clock.h"
#include "common/kafka/client.h"
#include "common/kafka/kafka_conf.h"

#include <stdlib.h>
#include <unistd.h>

enum { LAYOUT_KEPT_US = 60 * 1000000 };

const struct lag_topic lag_topics[LAG_TOPICS] = {
    {TOPIC_INBOUND, GROUP_WORKER},
    {TOPIC_DECISION, GROUP_WORKER},
    {TOPIC_OUTBOUND, GROUP_SENDER},
    {TOPIC_RECEIPT, GROUP_SENDER},
};

/* The client never joins: the group's name is only what librdkafka wants of a consumer. It reads one record a
 * partition at a time, so it is told to ask for little and to keep nothing in store. */
static const struct client_option reading[] = {
    {"enable.auto.commit", "false"},      {"auto.offset.reset", "earliest"},
    {"enable.partition.eof", "true"},     {"fetch.message.max.bytes", "4096"},
    {"fetch.wait.max.ms", "50"},          {"queued.min.messages", "1"},
    {"queued.max.messages.kbytes", "64"}, {NULL, NULL},
};

static void later(struct ask *a, enum ask_stage stage)
{
    static const struct timeval now = {0};
    a->stage = stage;
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

/* Brokers may be rolled and topics made anew, so even a count that is fixed for life is asked for now and then. */
static void after_groups(struct ask *a)
{
    if (a->layout_us == 0 || clock_mono_us() - a->layout_us > LAYOUT_KEPT_US) {
        later(a, STAGE_LAYOUT);
        return;
    }
    a->stage = STAGE_COMMITTED;
    ask_request_committed(a);
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
    if (a->stage == STAGE_LAYOUT) {
        if (ask_layout(a, &f) != 0) {
            finish(a, &f);
            return;
        }
        a->layout_us = clock_mono_us();
        a->stage = STAGE_COMMITTED;
        ask_request_committed(a);
        return;
    }
    if (ask_offsets(a, a->stage == STAGE_ENDS, &f) != 0)
        finish(a, &f);
    else if (a->stage == STAGE_ENDS)
        later(a, STAGE_STARTS);
    else
        begin_oldest(a);
}

static void on_answer(struct ask *a, rd_kafka_event_t *e)
{
    struct fault f;
    bool due =
        (a->stage == STAGE_GROUPS || a->stage == STAGE_COMMITTED) && (uintptr_t)rd_kafka_event_opaque(e) == a->round;
    if (!due)
        return;
    if (ask_take_answer(a, e, &f) != 0) {
        finish(a, &f);
        return;
    }
    if (--a->waiting > 0)
        return;
    if (a->stage == STAGE_GROUPS)
        after_groups(a);
    else
        later(a, STAGE_ENDS);
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
    a->stage = STAGE_GROUPS;
    ask_request_groups(a);
}

static int open_client(struct ask *a, struct fault *f)
{
    rd_kafka_conf_t *conf = client_conf(a->settings, reading, f);
    if (conf == NULL)
        return -1;
    if (kafka_conf_set(conf, "group.id", a->topics.group[GROUP_LAG], f) != 0) {
        rd_kafka_conf_destroy(conf);
        return -1;
    }
    a->rk = client_new(RD_KAFKA_CONSUMER, conf, f);
    if (a->rk == NULL)
        return -1;
    rd_kafka_poll_set_consumer(a->rk);
    for (int i = 0; i < LAG_TOPICS; i++)
        a->handles[i] = rd_kafka_topic_new(a->rk, a->topics.name[lag_topics[i].topic], NULL);
    a->answers = rd_kafka_queue_new(a->rk);
    a->records = rd_kafka_queue_get_consumer(a->rk);
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
    if (topics_names(s, &a->topics, f) != 0 || open_client(a, f) != 0)
        ask_free(&a);
    return a;
}

static void close_client(struct ask *a)
{
    client_wake_by(a->answers, -1);
    client_wake_by(a->records, -1);
    rd_kafka_queue_destroy(a->answers);
    rd_kafka_queue_destroy(a->records);
    for (int i = 0; i < LAG_TOPICS; i++)
        rd_kafka_topic_destroy(a->handles[i]);
    rd_kafka_destroy_flags(a->rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

void ask_free(struct ask **ap)
{
    struct ask *a = *ap;
    if (a == NULL)
        return;
    if (a->rk != NULL)
        close_client(a);
    event_free(a->wake);
    event_free(a->step);
    event_free(a->deadline);
    close(a->wake_fd);
    lag_view_done(&a->view);
    lag_view_done(&a->next);
    free(a);
    *ap = NULL;
}
