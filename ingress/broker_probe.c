#include "ingress/broker_probe.h"

#include "common/base/clock.h"
#include "common/kafka/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { TICK_MS = 1000, REQUEST_MS = 3000, FRESH_MS = 5000 };

struct broker_probe {
    rd_kafka_t *rk;
    rd_kafka_queue_t *answers;
    struct event *tick, *wake;
    int wake_fd; /* readable when an answer has come */
    char topic[128];
    bool asked;      /* an answer, or its time-out, is still to come */
    int64_t seen_us; /* when the last answer came; 0: never */
    bool missing;    /* that answer was: no such topic */
    char why[160];   /* the last failure */
};

static void take(struct broker_probe *p, rd_kafka_event_t *e)
{
    p->asked = false;
    if (rd_kafka_event_error(e) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        (void)snprintf(p->why, sizeof p->why, "%s", rd_kafka_event_error_string(e));
        return;
    }
    size_t n = 0;
    const rd_kafka_DescribeConfigs_result_t *result = rd_kafka_event_DescribeConfigs_result(e);
    const rd_kafka_ConfigResource_t **r = result != NULL ? rd_kafka_DescribeConfigs_result_resources(result, &n) : NULL;
    p->seen_us = clock_mono_us();
    /* Any other error, such as a right that is lacking, is an answer too. */
    p->missing = n > 0 && rd_kafka_ConfigResource_error(r[0]) == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
}

static void ask(struct broker_probe *p)
{
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(p->rk, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    rd_kafka_ConfigResource_t *topic = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, p->topic);
    char why[64];
    if (options == NULL || topic == NULL)
        abort();
    (void)rd_kafka_AdminOptions_set_request_timeout(options, REQUEST_MS, why, sizeof why);
    rd_kafka_DescribeConfigs(p->rk, &topic, 1, options, p->answers);
    rd_kafka_ConfigResource_destroy(topic);
    rd_kafka_AdminOptions_destroy(options);
    p->asked = true;
}

static void on_answer(evutil_socket_t fd, short what, void *arg)
{
    struct broker_probe *p = arg;
    rd_kafka_event_t *e;
    (void)what;
    client_wake_clear(fd);
    while ((e = rd_kafka_queue_poll(p->answers, 0)) != NULL) {
        take(p, e);
        rd_kafka_event_destroy(e);
    }
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    struct broker_probe *p = arg;
    (void)fd;
    (void)what;
    (void)rd_kafka_poll(p->rk, 0); /* its logs */
    if (!p->asked)
        ask(p);
}

struct broker_probe *broker_probe_new(struct event_base *base, const struct settings *s, const char *topic,
                                      struct fault *f)
{
    /* The producer tells of connections that fail; once is enough. */
    static const struct client_option rows[] = {{"log_level", "2"}, {NULL, NULL}};
    const struct timeval every = {.tv_sec = TICK_MS / 1000, .tv_usec = TICK_MS % 1000 * 1000};
    struct broker_probe *p = calloc(1, sizeof *p);
    if (p == NULL)
        abort();
    (void)snprintf(p->topic, sizeof p->topic, "%s", topic);
    rd_kafka_conf_t *conf = client_conf(s, rows, f);
    p->rk = conf != NULL ? client_new(RD_KAFKA_PRODUCER, conf, f) : NULL;
    if (p->rk == NULL) {
        free(p);
        return NULL;
    }
    p->answers = rd_kafka_queue_new(p->rk);
    p->wake_fd = client_wake_fd();
    client_wake_by(p->answers, p->wake_fd);
    p->wake = event_new(base, p->wake_fd, EV_READ | EV_PERSIST, on_answer, p);
    p->tick = event_new(base, -1, EV_PERSIST, on_tick, p);
    if (p->tick == NULL || p->wake == NULL)
        abort();
    event_add(p->wake, NULL);
    event_add(p->tick, &every);
    ask(p);
    return p;
}

void broker_probe_free(struct broker_probe **pp)
{
    struct broker_probe *p = *pp;
    if (p == NULL)
        return;
    *pp = NULL;
    event_free(p->tick);
    event_free(p->wake);
    client_wake_by(p->answers, -1);
    rd_kafka_queue_destroy(p->answers);
    rd_kafka_destroy(p->rk);
    close(p->wake_fd);
    free(p);
}

bool broker_probe_ok(const struct broker_probe *p, struct fault *f)
{
    if (p->seen_us == 0 || clock_mono_us() - p->seen_us > (int64_t)FRESH_MS * 1000) {
        fault_set(f, VERDICT_RETRY, "Kafka does not answer: %s", p->why[0] != '\0' ? p->why : "nothing heard yet");
        return false;
    }
    if (p->missing) {
        fault_set(f, VERDICT_RETRY, "the topic %s does not exist; create the topics with `munim topics`", p->topic);
        return false;
    }
    return true;
}
