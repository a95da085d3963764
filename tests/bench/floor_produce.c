/* The floor of an acknowledgement: a bare producer that keeps WINDOW records waiting, acks=all, idempotent, linger 0.
 *   floor_produce BROKERS TOPIC WINDOW SECONDS BYTES
 * prints {"records","seconds","p50_us","p99_us","failed"}. */
#include <librdkafka/rdkafka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TIMES_MOST = 1 << 24, WINDOW_MOST = 4096, BYTES_MOST = 65536 };

struct run {
    rd_kafka_t *rk;
    rd_kafka_topic_t *topic;
    double end_us;
    double sent[WINDOW_MOST];
    float *times;
    size_t n, failed, waiting, made;
    size_t bytes;
    char body[BYTES_MOST];
};

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void produce(struct run *r, double *slot)
{
    char key[32];
    int n = snprintf(key, sizeof key, "9198%08zu", r->made++ * 7919 % 100000000);
    *slot = now_us();
    if (rd_kafka_produce(r->topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, r->body, r->bytes, key, (size_t)n,
                         slot) == 0)
        r->waiting++;
    else
        r->failed++;
}

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m, void *arg)
{
    (void)rk;
    struct run *r = arg;
    double now = now_us();
    r->waiting--;
    if (m->err != RD_KAFKA_RESP_ERR_NO_ERROR)
        r->failed++;
    else if (r->n < TIMES_MOST)
        r->times[r->n++] = (float)(now - *(double *)m->_private);
    if (now < r->end_us)
        produce(r, m->_private);
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static rd_kafka_t *connect_to(const char *brokers, struct run *r)
{
    static const char *const options[][2] = {{"acks", "all"},
                                             {"enable.idempotence", "true"},
                                             {"queue.buffering.max.ms", "0"},
                                             {"max.in.flight.requests.per.connection", "5"},
                                             {"socket.nagle.disable", "true"},
                                             {"partitioner", "murmur2_random"}};
    char why[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        (void)rd_kafka_conf_set(conf, options[i][0], options[i][1], why, sizeof why);
    (void)rd_kafka_conf_set(conf, "bootstrap.servers", brokers, why, sizeof why);
    rd_kafka_conf_set_opaque(conf, r);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    return rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
}

/* The first record finds the broker and the topic; it is not measured. */
static int warm(struct run *r)
{
    double slot;
    produce(r, &slot);
    while (r->waiting > 0)
        (void)rd_kafka_poll(r->rk, 100);
    int ok = r->n == 1 ? 0 : -1;
    r->n = r->failed = 0;
    return ok;
}

int main(int argc, char **argv)
{
    static struct run r;
    size_t window = argc == 6 ? strtoul(argv[3], NULL, 10) : 0;
    if (window < 1 || window > WINDOW_MOST) {
        (void)fprintf(stderr, "usage: floor_produce BROKERS TOPIC WINDOW SECONDS BYTES\n");
        return 64;
    }
    r.bytes = strtoul(argv[5], NULL, 10) % BYTES_MOST;
    memset(r.body, 'x', r.bytes);
    r.times = malloc(TIMES_MOST * sizeof *r.times);
    r.rk = connect_to(argv[1], &r);
    if (r.times == NULL || r.rk == NULL)
        return 1;
    r.topic = rd_kafka_topic_new(r.rk, argv[2], NULL);
    if (warm(&r) != 0) {
        (void)fprintf(stderr, "floor_produce: the broker took nothing\n");
        return 1;
    }
    double began = now_us();
    r.end_us = began + atof(argv[4]) * 1e6;
    for (size_t i = 0; i < window; i++)
        produce(&r, &r.sent[i]);
    while (r.waiting > 0)
        (void)rd_kafka_poll(r.rk, 100);
    double seconds = (now_us() - began) / 1e6;
    if (r.n == 0)
        return 1;
    qsort(r.times, r.n, sizeof *r.times, by_value);
    (void)printf("{\"records\":%zu,\"seconds\":%.6f,\"p50_us\":%.1f,\"p99_us\":%.1f,\"failed\":%zu}\n", r.n, seconds,
                 (double)r.times[r.n / 2], (double)r.times[r.n * 99 / 100], r.failed);
    rd_kafka_topic_destroy(r.topic);
    rd_kafka_destroy(r.rk);
    return r.failed == 0 ? 0 : 1;
}
