#include "common/kafka/consumer_private.h"

#include "common/base/clock.h"
#include "common/kafka/client.h"
#include "common/kafka/kafka_conf.h"
#include "common/log/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    BUDGET = 1000,  /* records in one turn of the loop, then the other events have theirs */
    TICK_MS = 200,  /* polls without a wake-up: keeps max.poll.interval.ms away */
    PROBE_MS = 500, /* at leaving: does a broker answer at all */
    STEP_MS = 20    /* while leaving */
};

void consumer_note_fault(struct consumer *c, const struct fault *f)
{
    if (c->n_faults < FAULTS_KEPT)
        c->faults[c->n_faults++] = *f;
    else if (f->verdict == VERDICT_STOP)
        c->faults[FAULTS_KEPT - 1] = *f;
}

/* A broker that closes a connection, even rudely under TLS, is come back to; only a fatal error ends the client. */
static void on_error(rd_kafka_t *rk, int err, const char *reason, void *arg)
{
    struct consumer *c = arg;
    struct fault f;
    char why[200] = "";
    if (err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
        c->down = true;
    if (err == RD_KAFKA_RESP_ERR__FATAL)
        (void)fault_code(&f, VERDICT_STOP, rd_kafka_err2name(rd_kafka_fatal_error(rk, why, sizeof why)), "Kafka: %s",
                         why);
    else
        (void)fault_code(&f, VERDICT_RETRY, rd_kafka_err2name((rd_kafka_resp_err_t)err), "Kafka: %s", reason);
    consumer_note_fault(c, &f);
}

/* An error that took a record's place in the queue. */
static void on_record_error(struct consumer *c, const rd_kafka_message_t *m)
{
    struct fault f;
    enum verdict verdict = kafka_verdict(m->err);
    /* librdkafka goes on behind a record whose CRC is wrong: that would lose it. */
    if (m->err == RD_KAFKA_RESP_ERR__BAD_MSG)
        verdict = VERDICT_STOP;
    (void)fault_code(&f, verdict, rd_kafka_err2name(m->err), "%s partition %d: %s",
                     m->rkt != NULL ? rd_kafka_topic_name(m->rkt) : "Kafka", (int)m->partition,
                     rd_kafka_message_errstr(m));
    consumer_note_fault(c, &f);
}

/* What librdkafka's callbacks noted, told from outside of them, so that a hook may do anything, consumer_free included.
 */
static void tell(struct consumer *c)
{
    for (size_t i = 0; i < c->n_faults && !c->closed; i++) {
        struct fault f = c->faults[i];
        c->hooks.on_fault(c->hooks.arg, &f);
    }
    c->n_faults = 0;
    if (!c->closed)
        consumer_tell_assignment(c);
}

static void take(struct consumer *c, rd_kafka_message_t *m)
{
    if (m->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        on_record_error(c, m);
        rd_kafka_message_destroy(m);
        return;
    }
    c->down = false;
    if (c->state == ASSIGN_READING)
        c->hooks.on_record(c->hooks.arg, m);
    else
        rd_kafka_message_destroy(m); /* taken back: its next owner reads it from Postgres' position */
}

/* True when there may be more. */
static bool poll_once(struct consumer *c)
{
    c->yielded = false;
    rd_kafka_message_t *m = rd_kafka_consumer_poll(c->rk, 0);
    if (m != NULL)
        take(c, m);
    if (!c->closed)
        tell(c);
    return !c->closed && (m != NULL || c->yielded);
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct consumer *c = arg;
    int left = BUDGET;
    client_wake_clear(c->wake_fd);
    c->depth++;
    while (poll_once(c) && --left > 0)
        continue;
    c->depth--;
    if (c->closed)
        free(c);
    else if (left == 0)
        client_wake_again(c->wake_fd);
}

/* Through the descriptor, so that two budgets are never spent in one turn of the loop. */
static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct consumer *c = arg;
    client_wake_again(c->wake_fd);
}

static rd_kafka_conf_t *make_conf(const struct settings *s, const char *group, struct fault *f)
{
    char session[24], heartbeat[24];
    long long ms = settings_int(s, "kafka", "session_timeout");
    (void)snprintf(session, sizeof session, "%lld", ms);
    (void)snprintf(heartbeat, sizeof heartbeat, "%lld", ms / 3 < 3000 ? ms / 3 : 3000);
    const struct client_option rows[] = {
        {"group.id", group},
        {"partition.assignment.strategy", "range"},
        {"session.timeout.ms", session},
        {"heartbeat.interval.ms", heartbeat},
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"auto.offset.reset", "error"},
        {"check.crcs", "true"},
        {"fetch.wait.max.ms", "50"}, /* a partition just assigned or resumed waits for the fetch under way */
        {"fetch.error.backoff.ms", "100"},
        {"fetch.max.bytes", "8388608"},
        {"queued.min.messages", "5000"},
        {"queued.max.messages.kbytes", "16384"},
        {NULL, NULL},
    };
    return client_conf(s, rows, f);
}

static int subscribe(struct consumer *c, const char *const *topics, struct fault *f)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(4);
    for (; *topics != NULL; topics++)
        rd_kafka_topic_partition_list_add(list, *topics, RD_KAFKA_PARTITION_UA);
    rd_kafka_resp_err_t err = rd_kafka_subscribe(c->rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    return err == RD_KAFKA_RESP_ERR_NO_ERROR ? 0 : kafka_fault(f, err, "subscription");
}

static void watch(struct consumer *c, struct event_base *base)
{
    const struct timeval every = {.tv_usec = TICK_MS * 1000};
    c->wake_fd = client_wake_fd();
    c->wake = event_new(base, c->wake_fd, EV_READ | EV_PERSIST, on_wake, c);
    c->tick = event_new(base, -1, EV_PERSIST, on_tick, c);
    if (c->wake == NULL || c->tick == NULL)
        abort();
    client_wake_by(c->queue, c->wake_fd);
    event_add(c->wake, NULL);
    event_add(c->tick, &every);
}

/* Everything but the hooks' own stack frame. A client that has not left cleanly is not destroyed: that may never
 * return. Its memory goes with the process. */
static void let_go(struct consumer *c, bool destroy)
{
    c->closed = true;
    event_free(c->wake);
    event_free(c->tick);
    client_wake_by(c->queue, -1);
    rd_kafka_queue_destroy(c->queue);
    if (destroy)
        rd_kafka_destroy_flags(c->rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    close(c->wake_fd);
    if (c->parts != NULL)
        rd_kafka_topic_partition_list_destroy(c->parts);
    if (c->next != NULL)
        rd_kafka_topic_partition_list_destroy(c->next);
    rd_kafka_topic_partition_list_destroy(c->paused);
    if (c->depth == 0)
        free(c);
}

struct consumer *consumer_new(struct event_base *base, const struct settings *s, const char *group,
                              const char *const *topics, const struct consumer_hooks *hooks, struct fault *f)
{
    rd_kafka_conf_t *conf = make_conf(s, group, f);
    if (conf == NULL)
        return NULL;
    struct consumer *c = calloc(1, sizeof *c);
    if (c == NULL)
        abort();
    c->hooks = *hooks;
    rd_kafka_conf_set_opaque(conf, c);
    rd_kafka_conf_set_rebalance_cb(conf, consumer_on_rebalance);
    rd_kafka_conf_set_error_cb(conf, on_error);
    c->rk = client_new(RD_KAFKA_CONSUMER, conf, f);
    if (c->rk == NULL) {
        free(c);
        return NULL;
    }
    (void)rd_kafka_poll_set_consumer(c->rk);
    c->queue = rd_kafka_queue_get_consumer(c->rk);
    c->paused = rd_kafka_topic_partition_list_new(4);
    watch(c, base);
    if (subscribe(c, topics, f) != 0) {
        let_go(c, true);
        return NULL;
    }
    return c;
}

/* librdkafka 2.0.2 can crash while it leaves a group whose brokers are gone, so one is asked first. */
static bool broker_answers(const struct consumer *c, int wait_ms)
{
    const struct rd_kafka_metadata *md = NULL;
    if (!c->down)
        return true;
    if (rd_kafka_metadata(c->rk, 0, NULL, &md, wait_ms) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return false;
    rd_kafka_metadata_destroy(md);
    return true;
}

/* True when the group was left in time. */
static bool leave(struct consumer *c, int wait_ms)
{
    int64_t until = clock_mono_us() + (int64_t)wait_ms * 1000;
    if (wait_ms <= 0 || !broker_answers(c, wait_ms < PROBE_MS ? wait_ms : PROBE_MS))
        return false;
    consumer_unassign(c);
    rd_kafka_queue_t *q = rd_kafka_queue_new(c->rk);
    rd_kafka_error_t *e = rd_kafka_consumer_close_queue(c->rk, q);
    if (e != NULL)
        rd_kafka_error_destroy(e);
    while (e == NULL && !rd_kafka_consumer_closed(c->rk) && clock_mono_us() < until) {
        rd_kafka_message_t *m = rd_kafka_consume_queue(q, STEP_MS);
        if (m != NULL)
            rd_kafka_message_destroy(m);
    }
    bool left = rd_kafka_consumer_closed(c->rk) != 0;
    if (left)
        rd_kafka_queue_destroy(q);
    return left;
}

void consumer_free(struct consumer **cp, int wait_ms)
{
    struct consumer *c = *cp;
    *cp = NULL;
    if (c == NULL || c->closed)
        return;
    c->leaving = true;
    bool left = leave(c, wait_ms);
    if (!left)
        log_event(LOG_WARN, "did not leave the group in time; it will notice when this process is gone",
                  F_INT("waited_ms", wait_ms));
    let_go(c, left);
}
