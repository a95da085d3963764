#include "common/kafka/producer.h"

#include "common/base/backoff.h"
#include "common/base/random.h"
#include "common/kafka/client.h"
#include "common/kafka/kafka_conf.h"
#include "common/log/log.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uthash.h>
#include <utlist.h>

enum {
    BACKSTOP_MS = 1000,    /* the descriptor speaks only when the queue was empty; this catches what it might miss */
    BURY_MS = 1000,        /* a replaced instance is destroyed so much later, away from the burst of repeats */
    REPLACE_BASE_MS = 100, /* between replacements without an acknowledged record */
    REPLACE_CAP_MS = 5000,
    RECORD_MAX = 4190000 /* a little under the topics' max.message.bytes of 4 MiB: the batch's frame counts there */
};

/* One record between producer_send and its report. */
struct flight {
    void *opaque;
    struct fault *fault; /* NULL when acknowledged */
    struct flight *prev, *next;
};

struct topic_handle {
    char name[128];
    rd_kafka_topic_t *rkt;
    UT_hash_handle hh;
};

struct producer {
    const struct settings *settings; /* outlives the producer: needed again at a replacement */
    struct producer_options options;
    producer_report_fn *on_report;
    producer_drained_fn *on_drained;
    void *arg;

    rd_kafka_t *rk;  /* NULL between a fatal error and the next instance */
    rd_kafka_t *old; /* replaced, waits for its burial */
    struct topic_handle *topics;
    int wake_fd;
    struct event *wake, *backstop, *replace, *bury;
    struct backoff backoff;
    bool fatal; /* seen in a callback or at a send; acted upon outside */

    struct flight *flying, *done; /* utlist: with librdkafka; reported by it, the owner not told yet */
    size_t waiting;               /* both */
    unsigned depth;               /* the owner's callbacks on the stack */
    bool closed;
};

static void arm(struct event *timer, int64_t ms)
{
    struct timeval tv = {.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000) * 1000};
    evtimer_add(timer, &tv);
}

static struct fault *fail(struct flight *fl)
{
    fl->fault = calloc(1, sizeof *fl->fault);
    if (fl->fault == NULL)
        abort();
    return fl->fault;
}

static void flight_free(struct flight *fl)
{
    free(fl->fault);
    free(fl);
}

/* Called by rd_kafka_poll. Only notes it down: an owner's callback may free the producer, which must not happen inside
 * librdkafka. A record that is possibly persisted is RETRY like any other: the reader's inbox drops the repeat. */
static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m, void *arg)
{
    struct producer *p = arg;
    struct flight *fl = m->_private;
    DL_DELETE(p->flying, fl);
    DL_APPEND(p->done, fl);
    if (m->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        backoff_reset(&p->backoff);
        return;
    }
    kafka_fault(fail(fl), m->err, "record not acknowledged");
    if (rd_kafka_fatal_error(rk, NULL, 0) != RD_KAFKA_RESP_ERR_NO_ERROR ||
        rd_kafka_message_status(m) == RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED)
        fl->fault->verdict = VERDICT_RETRY;
}

static void on_error(rd_kafka_t *rk, int err, const char *reason, void *arg)
{
    (void)rk;
    struct producer *p = arg;
    if (err == RD_KAFKA_RESP_ERR__FATAL)
        p->fatal = true;
    else
        log_event(LOG_DEBUG, "producer", F_STR("error", rd_kafka_err2name((rd_kafka_resp_err_t)err)),
                  F_STR("text", reason));
}

static void wake_by_main_queue(rd_kafka_t *rk, int fd)
{
    rd_kafka_queue_t *q = rd_kafka_queue_get_main(rk);
    client_wake_by(q, fd);
    rd_kafka_queue_destroy(q);
}

static int start_instance(struct producer *p, struct fault *f)
{
    char timeout[16], messages[16], bytes[16];
    (void)snprintf(timeout, sizeof timeout, "%d", p->options.message_timeout_ms);
    (void)snprintf(messages, sizeof messages, "%d", p->options.queue_messages);
    (void)snprintf(bytes, sizeof bytes, "%d", RECORD_MAX);
    const struct client_option rows[] = {
        {"acks", "all"},
        {"enable.idempotence", "true"},
        {"max.in.flight.requests.per.connection", "5"},
        {"queue.buffering.max.ms", "0"},
        {"queue.buffering.max.messages", messages},
        {"queue.buffering.max.kbytes", "65536"},
        {"message.timeout.ms", timeout},
        {"message.max.bytes", bytes},
        {"partitioner", "murmur2_random"},
        {NULL, NULL},
    };
    rd_kafka_conf_t *conf = client_conf(p->settings, rows, f);
    if (conf == NULL)
        return -1;
    rd_kafka_conf_set_opaque(conf, p);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rd_kafka_conf_set_error_cb(conf, on_error);
    p->rk = client_new(RD_KAFKA_PRODUCER, conf, f);
    if (p->rk == NULL)
        return -1;
    wake_by_main_queue(p->rk, p->wake_fd);
    return 0;
}

static rd_kafka_topic_t *topic_of(struct producer *p, const char *name)
{
    struct topic_handle *t;
    HASH_FIND_STR(p->topics, name, t);
    if (t != NULL)
        return t->rkt;
    rd_kafka_topic_t *rkt = rd_kafka_topic_new(p->rk, name, NULL);
    if (rkt == NULL)
        return NULL;
    t = calloc(1, sizeof *t);
    if (t == NULL)
        abort();
    (void)snprintf(t->name, sizeof t->name, "%s", name);
    t->rkt = rkt;
    HASH_ADD_STR(p->topics, name, t);
    return rkt;
}

static void drop_topics(struct producer *p)
{
    struct topic_handle *t, *next;
    HASH_ITER(hh, p->topics, t, next)
    {
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): HASH_DEL leaves no link to what was freed */
        HASH_DEL(p->topics, t);
        rd_kafka_topic_destroy(t->rkt);
        free(t);
    }
}

/* Makes the instance empty, so that rd_kafka_destroy only joins its threads. */
static void lay_down(struct producer *p)
{
    wake_by_main_queue(p->rk, -1);
    drop_topics(p);
    (void)rd_kafka_purge(p->rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
}

static void bury(struct producer *p)
{
    if (p->old != NULL)
        rd_kafka_destroy(p->old);
    p->old = NULL;
}

/* The instance can produce no more. Its own reports are never fetched, so each record in flight is reported once, here.
 */
static void retire(struct producer *p)
{
    char why[160] = "";
    rd_kafka_resp_err_t err = rd_kafka_fatal_error(p->rk, why, sizeof why);
    log_event(LOG_WARN, "producer failed for good and is replaced", F_STR("error", rd_kafka_err2name(err)),
              F_STR("text", why), F_INT("in_flight", p->waiting));
    while (p->flying != NULL) {
        struct flight *fl = p->flying;
        DL_DELETE(p->flying, fl);
        DL_APPEND(p->done, fl);
        (void)fault_code(fail(fl), VERDICT_RETRY, rd_kafka_err2name(err), "the Kafka producer was replaced: %s", why);
    }
    lay_down(p);
    bury(p);
    p->old = p->rk;
    p->rk = NULL;
    p->fatal = false;
    arm(p->bury, BURY_MS);
    arm(p->replace, backoff_next(&p->backoff, random_u32()));
}

static void report(struct producer *p)
{
    bool any = p->done != NULL;
    p->depth++;
    while (!p->closed && p->done != NULL) {
        struct flight *fl = p->done;
        DL_DELETE(p->done, fl);
        p->waiting--;
        p->on_report(p->arg, fl->opaque, fl->fault);
        flight_free(fl);
    }
    if (any && !p->closed && p->on_drained != NULL)
        p->on_drained(p->arg);
    if (--p->depth == 0 && p->closed)
        free(p);
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct producer *p = arg;
    client_wake_clear(p->wake_fd);
    if (p->rk != NULL)
        (void)rd_kafka_poll(p->rk, 0);
    if (p->rk != NULL && p->fatal)
        retire(p);
    report(p);
}

static void on_replace(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct producer *p = arg;
    struct fault f;
    if (start_instance(p, &f) == 0)
        return;
    log_fault(LOG_ERROR, "producer is not replaced yet", &f);
    arm(p->replace, backoff_next(&p->backoff, random_u32()));
}

static void on_bury(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    bury(arg);
}

struct producer *producer_new(struct event_base *base, const struct settings *s, const struct producer_options *o,
                              producer_report_fn *on_report, producer_drained_fn *on_drained, void *arg,
                              struct fault *f)
{
    struct producer *p = calloc(1, sizeof *p);
    if (p == NULL)
        abort();
    *p = (struct producer){.settings = s, .options = *o, .on_report = on_report, .on_drained = on_drained, .arg = arg};
    p->backoff = (struct backoff){.base_ms = REPLACE_BASE_MS, .cap_ms = REPLACE_CAP_MS};
    p->wake_fd = client_wake_fd();
    p->wake = event_new(base, p->wake_fd, EV_READ | EV_PERSIST, on_wake, p);
    p->backstop = event_new(base, -1, EV_PERSIST, on_wake, p);
    p->replace = evtimer_new(base, on_replace, p);
    p->bury = evtimer_new(base, on_bury, p);
    if (p->wake == NULL || p->backstop == NULL || p->replace == NULL || p->bury == NULL)
        abort();
    event_add(p->wake, NULL);
    arm(p->backstop, BACKSTOP_MS);
    if (start_instance(p, f) != 0)
        producer_free(&p);
    return p;
}

static void free_flights(struct flight **list)
{
    while (*list != NULL) {
        struct flight *fl = *list;
        DL_DELETE(*list, fl);
        flight_free(fl);
    }
}

void producer_free(struct producer **pp)
{
    struct producer *p = *pp;
    *pp = NULL;
    if (p == NULL || p->closed)
        return;
    p->closed = true;
    event_free(p->wake);
    event_free(p->backstop);
    event_free(p->replace);
    event_free(p->bury);
    if (p->rk != NULL) {
        lay_down(p);
        rd_kafka_destroy(p->rk);
    }
    bury(p);
    close(p->wake_fd);
    free_flights(&p->flying);
    free_flights(&p->done);
    if (p->depth == 0)
        free(p);
}

/* The parts of one record for rd_kafka_produceva; returns how many. */
static size_t fill(rd_kafka_vu_t *v, rd_kafka_topic_t *rkt, const void *key, size_t key_len, const void *payload,
                   size_t len, rd_kafka_headers_t *headers, struct flight *fl)
{
    size_t n = 0;
    v[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = rkt};
    v[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY};
    v[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = fl};
    v[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {(void *)(uintptr_t)payload, len}};
    if (key != NULL)
        v[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {(void *)(uintptr_t)key, key_len}};
    if (headers != NULL)
        v[n++] = (rd_kafka_vu_t){.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers};
    return n;
}

static int refused(struct producer *p, rd_kafka_error_t *e, struct fault *f)
{
    rd_kafka_resp_err_t err = rd_kafka_error_code(e);
    kafka_fault(f, err, "record not taken");
    rd_kafka_error_destroy(e);
    /* The code is the fatal error's own, not ERR__FATAL. */
    if (rd_kafka_fatal_error(p->rk, NULL, 0) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        if (f != NULL)
            f->verdict = VERDICT_RETRY;
        p->fatal = true;
        client_wake_again(p->wake_fd);
    }
    return -1;
}

int producer_send(struct producer *p, const char *topic, const void *key, size_t key_len, const void *payload,
                  size_t len, rd_kafka_headers_t *headers, void *opaque, struct fault *f)
{
    if (p->rk == NULL || p->fatal)
        return fault_set(f, VERDICT_RETRY, "the Kafka producer is being replaced");
    rd_kafka_topic_t *rkt = topic_of(p, topic);
    if (rkt == NULL)
        return kafka_fault(f, rd_kafka_last_error(), topic);
    struct flight *fl = calloc(1, sizeof *fl);
    if (fl == NULL)
        abort();
    fl->opaque = opaque;
    rd_kafka_vu_t parts[6];
    size_t n = fill(parts, rkt, key, key_len, payload, len, headers, fl);
    rd_kafka_error_t *e = rd_kafka_produceva(p->rk, parts, n);
    if (e != NULL) {
        free(fl);
        return refused(p, e, f);
    }
    DL_APPEND(p->flying, fl);
    p->waiting++;
    return 0;
}

size_t producer_waiting(const struct producer *p)
{
    return p->waiting;
}
