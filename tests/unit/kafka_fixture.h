/* A mock cluster that can be told to fail, settings that name it, a loop, and a producer whose reports are counted.
 * Included once per test program. */
#ifndef MUNIM_TESTS_KAFKA_FIXTURE_H
#define MUNIM_TESTS_KAFKA_FIXTURE_H

#include "common/base/clock.h"
#include "common/kafka/envelope.h"
#include "common/kafka/producer.h"

#include <librdkafka/rdkafka_mock.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LONGEST_MS = 60000, SENT_MAX = 4096, BROKER = 1, API_INIT_PRODUCER_ID = 22 };

static struct world {
    rd_kafka_t *host; /* carries the mock cluster */
    rd_kafka_mock_cluster_t *cluster;
    struct settings *settings;
    struct event_base *base;
    struct producer *producer;
    int reports, failures, drained, reports_drained;
    struct fault last;
    int reported[SENT_MAX]; /* by the record's number */
} w;

static inline void tick(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
}

static inline bool run_until(bool (*done)(void *), void *arg, int64_t ms)
{
    int64_t end = clock_mono_us() + ms * 1000;
    struct event *ev = event_new(w.base, -1, EV_PERSIST, tick, NULL);
    event_add(ev, &(struct timeval){.tv_usec = 10000});
    while (!done(arg) && clock_mono_us() < end)
        event_base_loop(w.base, EVLOOP_ONCE);
    event_free(ev);
    return done(arg);
}

struct target {
    const int *counter;
    int wanted;
};

static inline bool reached(void *arg)
{
    const struct target *t = arg;
    return *t->counter >= t->wanted;
}

static inline void until(const int *counter, int wanted)
{
    struct target t = {counter, wanted};
    if (!run_until(reached, &t, LONGEST_MS))
        fail_msg("%d of %d after %d ms", *counter, wanted, LONGEST_MS);
}

static inline bool never(void *arg)
{
    (void)arg;
    return false;
}

static inline void on_report(void *arg, void *opaque, const struct fault *f)
{
    (void)arg;
    w.reports++;
    w.reported[(uintptr_t)opaque]++;
    if (f != NULL) {
        w.failures++;
        w.last = *f;
    }
}

static inline void on_drained(void *arg)
{
    (void)arg;
    w.drained++;
    assert_true(w.reports > w.reports_drained);
    w.reports_drained = w.reports;
}

static inline void open_producer(int message_timeout_ms, int queue_messages)
{
    struct producer_options o = {.message_timeout_ms = message_timeout_ms, .queue_messages = queue_messages};
    struct fault f;
    w.producer = producer_new(w.base, w.settings, &o, on_report, NULL, NULL, &f);
    assert_non_null(w.producer);
}

static inline int open_world(void **state)
{
    (void)state;
    char why[200], bootstrap[200];
    w = (struct world){0};
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "test.mock.num.brokers", "1", why, sizeof why);
    w.host = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    rd_kafka_set_log_level(w.host, 0);
    w.cluster = rd_kafka_handle_mock_cluster(w.host);
    rd_kafka_mock_topic_create(w.cluster, "t", 2, 1);
    (void)snprintf(bootstrap, sizeof bootstrap, "--kafka.bootstrap=%s", rd_kafka_mock_cluster_bootstraps(w.cluster));
    char *argv[] = {(char *)"test", bootstrap, NULL};
    int argc = 2;
    struct fault f;
    w.settings = settings_new(&argc, argv, &f);
    w.base = event_base_new();
    return w.settings != NULL && w.base != NULL ? 0 : -1;
}

static inline int close_world(void **state)
{
    (void)state;
    producer_free(&w.producer);
    event_base_free(w.base);
    settings_free(&w.settings);
    rd_kafka_destroy(w.host);
    return 0;
}

static inline int try_send(uintptr_t number, struct fault *f)
{
    char key[32], value[32];
    (void)snprintf(key, sizeof key, "key-%lu", (unsigned long)(number % 7));
    (void)snprintf(value, sizeof value, "%lu", (unsigned long)number);
    rd_kafka_headers_t *h = envelope_headers(CE_INBOUND_MESSAGE, "munim/test", NULL);
    int rc = producer_send(w.producer, "t", key, strlen(key), value, strlen(value), h, (void *)number, f);
    if (rc != 0)
        rd_kafka_headers_destroy(h); /* still ours */
    return rc;
}

static inline void send_range(uintptr_t from, uintptr_t to)
{
    struct fault f;
    for (uintptr_t i = from; i < to; i++)
        if (try_send(i, &f) != 0)
            fail_msg("%s", f.text);
}

#define WITH_CLUSTER(f) cmocka_unit_test_setup_teardown(f, open_world, close_world)

#endif
