#include "ingress/broker_probe.h"

#include "common/base/clock.h"
#include "common/base/json.h"
#include "common/kafka/client.h"

#include <stdlib.h>
#include <string.h>

/* librdkafka reconnects by itself and tells of its brokers in its statistics. Asking it something instead would keep
 * its threads busy for as long as no broker is up: an admin request that waits for one spins in 2.0.2. */
enum { TICK_MS = 1000, FRESH_MS = 5000 };

struct broker_probe {
    rd_kafka_t *rk;
    struct event *tick;
    int64_t seen_us; /* when a broker was last seen up; 0: never */
};

/* The owner of the text is librdkafka: 0 says that it was not kept. */
static int on_statistics(rd_kafka_t *rk, char *text, size_t n, void *arg)
{
    struct broker_probe *p = arg;
    cJSON *all = cJSON_ParseWithLength(text, n);
    const cJSON *one;
    (void)rk;
    cJSON_ArrayForEach(one, json_obj(all, "brokers"))
    {
        const char *state = json_str(one, "state");
        if (state != NULL && strcmp(state, "UP") == 0)
            p->seen_us = clock_mono_us();
    }
    cJSON_Delete(all);
    return 0;
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    struct broker_probe *p = arg;
    (void)fd;
    (void)what;
    (void)rd_kafka_poll(p->rk, 0);
}

struct broker_probe *broker_probe_new(struct event_base *base, const struct settings *s, struct fault *f)
{
    /* The producer tells of connections that fail; once is enough. */
    static const struct client_option rows[] = {{"log_level", "2"}, {"statistics.interval.ms", "1000"}, {NULL, NULL}};
    const struct timeval every = {.tv_sec = TICK_MS / 1000, .tv_usec = TICK_MS % 1000 * 1000};
    struct broker_probe *p = calloc(1, sizeof *p);
    if (p == NULL)
        abort();
    rd_kafka_conf_t *conf = client_conf(s, rows, f);
    if (conf != NULL) {
        rd_kafka_conf_set_opaque(conf, p);
        rd_kafka_conf_set_stats_cb(conf, on_statistics);
        p->rk = client_new(RD_KAFKA_PRODUCER, conf, f);
    }
    if (p->rk == NULL) {
        free(p);
        return NULL;
    }
    p->tick = event_new(base, -1, EV_PERSIST, on_tick, p);
    if (p->tick == NULL)
        abort();
    event_add(p->tick, &every);
    return p;
}

void broker_probe_free(struct broker_probe **pp)
{
    struct broker_probe *p = *pp;
    if (p == NULL)
        return;
    *pp = NULL;
    event_free(p->tick);
    rd_kafka_destroy(p->rk);
    free(p);
}

bool broker_probe_ok(const struct broker_probe *p, struct fault *f)
{
    if (p->seen_us != 0 && clock_mono_us() - p->seen_us <= (int64_t)FRESH_MS * 1000)
        return true;
    fault_set(f, VERDICT_RETRY, "no Kafka broker is connected");
    return false;
}
