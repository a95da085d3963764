#include "common/kafka/client.h"

#include "common/kafka/kafka_conf.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

static const struct client_option common_rows[] = {
    {"log.connection.close", "false"}, /* brokers close idle connections as a matter of course */
    {"socket.nagle.disable", "true"},
    {NULL, NULL},
};

static int set_rows(rd_kafka_conf_t *conf, const struct client_option *rows, struct fault *f)
{
    for (; rows->key != NULL; rows++)
        if (kafka_conf_set(conf, rows->key, rows->value, f) != 0)
            return -1;
    return 0;
}

rd_kafka_conf_t *client_conf(const struct settings *s, const struct client_option *rows, struct fault *f)
{
    rd_kafka_conf_t *conf = kafka_conf_new(s, f);
    if (conf == NULL || (set_rows(conf, common_rows, f) == 0 && set_rows(conf, rows, f) == 0))
        return conf;
    rd_kafka_conf_destroy(conf);
    return NULL;
}

rd_kafka_t *client_new(rd_kafka_type_t type, rd_kafka_conf_t *conf, struct fault *f)
{
    char why[200];
    rd_kafka_t *rk = rd_kafka_new(type, conf, why, sizeof why);
    if (rk != NULL)
        return rk;
    rd_kafka_conf_destroy(conf);
    (void)fault_set(f, VERDICT_RETRY, "the Kafka client does not start: %s", why);
    return NULL;
}

int client_wake_fd(void)
{
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (fd < 0)
        abort();
    return fd;
}

void client_wake_by(rd_kafka_queue_t *q, int fd)
{
    static const uint64_t one = 1;
    rd_kafka_queue_io_event_enable(q, fd, &one, sizeof one);
}

void client_wake_clear(int fd)
{
    uint64_t count;
    ssize_t n = read(fd, &count, sizeof count);
    (void)n; /* nothing to read when a timer asked */
}

void client_wake_again(int fd)
{
    uint64_t one = 1;
    ssize_t n = write(fd, &one, sizeof one);
    (void)n; /* full means readable already */
}
