/* A plain gateway with one fixed linger: what the ingress would be without adapting its bursts. It checks the
 * signature, takes the key by a byte scan, produces one record with acks=all and idempotence, and answers 200 in the
 * delivery report. It knows only well-formed requests that fit its buffer; whatever else comes is hung up on.
 *   floor_gateway -p PORT -b BROKERS -t TOPIC -s SECRET_FILE [-l LINGER_MS] [-i IN_FLIGHT] */
#include "common/base/digest.h"

#include <event2/event.h>
#include <librdkafka/rdkafka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER = 65536, SIGNATURE = 64 };

struct gateway {
    struct event_base *base;
    rd_kafka_t *rk;
    rd_kafka_topic_t *topic;
    struct hmac *hmac;
};

struct conn {
    struct gateway *g;
    struct event *readable;
    int fd;
    bool waiting; /* for a delivery report */
    bool gone;    /* the peer has left meanwhile */
    size_t n;
    char in[BUFFER];
};

static void close_conn(struct conn *c)
{
    if (c->waiting) {
        c->gone = true;
        event_del(c->readable);
        return;
    }
    event_free(c->readable);
    close(c->fd);
    free(c);
}

static void answer(struct conn *c, const char *status)
{
    char out[128];
    int n = snprintf(out, sizeof out, "HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n", status);
    if (send(c->fd, out, (size_t)n, MSG_NOSIGNAL) != n)
        c->gone = true;
    if (c->gone)
        close_conn(c);
}

static bool signed_right(struct conn *c, const char *signature, const char *body, size_t n)
{
    unsigned char digest[DIGEST_BYTES];
    char hex[DIGEST_HEX];
    hmac_sha256(c->g->hmac, body, n, digest);
    digest_hex(digest, sizeof digest, hex);
    return digest_equal(hex, signature, SIGNATURE);
}

static bool produce(struct conn *c, const char *body, size_t n)
{
    static const char mark[] = "\"from\":\"";
    const char *key = memmem(body, n, mark, sizeof mark - 1);
    if (key == NULL)
        return false;
    key += sizeof mark - 1;
    const char *end = memchr(key, '"', n - (size_t)(key - body));
    return end != NULL && rd_kafka_produce(c->g->topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY,
                                           (void *)(uintptr_t)body, n, key, (size_t)(end - key), c) == 0;
}

/* One request at the front of the buffer: taken out of it, produced or refused. False when it is not whole yet. */
static bool take_request(struct conn *c)
{
    c->in[c->n] = '\0';
    char *head_end = strstr(c->in, "\r\n\r\n");
    if (head_end == NULL)
        return false;
    const char *length = strcasestr(c->in, "\r\ncontent-length:"), *signature = strstr(c->in, "sha256=");
    size_t head = (size_t)(head_end - c->in) + 4, body = length != NULL ? strtoul(length + 17, NULL, 10) : 0;
    if (c->n < head + body)
        return false;
    bool is_signed = signature != NULL && signature + 7 + SIGNATURE <= head_end &&
                     signed_right(c, signature + 7, c->in + head, body);
    bool produced = is_signed && produce(c, c->in + head, body);
    c->n -= head + body;
    memmove(c->in, c->in + head + body, c->n);
    c->waiting = produced;
    if (!produced)
        answer(c, is_signed ? "503 Service Unavailable" : "401 Unauthorized");
    return produced;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct conn *c = arg;
    ssize_t got = recv(fd, c->in + c->n, BUFFER - 1 - c->n, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        close_conn(c);
        return;
    }
    c->n += (size_t)got;
    if (!c->waiting)
        (void)take_request(c);
}

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m, void *arg)
{
    (void)rk;
    (void)arg;
    struct conn *c = m->_private;
    c->waiting = false;
    if (c->gone)
        close_conn(c);
    else
        answer(c, m->err == RD_KAFKA_RESP_ERR_NO_ERROR ? "200 OK" : "503 Service Unavailable");
}

static void on_reports(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct gateway *g = arg;
    uint64_t count;
    if (read(fd, &count, sizeof count) > 0 || errno == EAGAIN)
        (void)rd_kafka_poll(g->rk, 0);
}

static void on_accept(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct gateway *g = arg;
    int on = 1, client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client < 0)
        return;
    struct conn *c = malloc(sizeof *c);
    if (c == NULL)
        abort();
    (void)setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    c->g = g;
    c->fd = client;
    c->waiting = c->gone = false;
    c->n = 0;
    c->readable = event_new(g->base, client, EV_READ | EV_PERSIST, on_readable, c);
    event_add(c->readable, NULL);
}

static int listen_on(const char *port)
{
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 1024) != 0) {
        perror("floor_gateway: listen");
        exit(1);
    }
    return fd;
}

static void start_kafka(struct gateway *g, const char *brokers, const char *topic, const char *linger,
                        const char *in_flight)
{
    const char *const options[][2] = {{"bootstrap.servers", brokers},
                                      {"acks", "all"},
                                      {"enable.idempotence", "true"},
                                      {"queue.buffering.max.ms", linger},
                                      {"max.in.flight.requests.per.connection", in_flight},
                                      {"socket.nagle.disable", "true"},
                                      {"partitioner", "murmur2_random"}};
    char why[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (rd_kafka_conf_set(conf, options[i][0], options[i][1], why, sizeof why) != RD_KAFKA_CONF_OK) {
            (void)fprintf(stderr, "floor_gateway: %s\n", why);
            exit(64);
        }
    }
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    g->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    g->topic = rd_kafka_topic_new(g->rk, topic, NULL);
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    rd_kafka_queue_t *q = rd_kafka_queue_get_main(g->rk);
    rd_kafka_queue_io_event_enable(q, fd, &(uint64_t){1}, sizeof(uint64_t));
    rd_kafka_queue_destroy(q);
    event_add(event_new(g->base, fd, EV_READ | EV_PERSIST, on_reports, g), NULL);
}

static void read_secret(struct gateway *g, const char *path)
{
    char secret[4096] = "";
    FILE *in = path != NULL ? fopen(path, "r") : NULL;
    if (in == NULL || fgets(secret, sizeof secret, in) == NULL) {
        (void)fprintf(stderr, "floor_gateway: -s names no readable secret file\n");
        exit(64);
    }
    (void)fclose(in);
    g->hmac = hmac_new(secret, strcspn(secret, "\n"));
}

int main(int argc, char **argv)
{
    const char *port = "0", *brokers = NULL, *topic = NULL, *secret = NULL, *linger = "0", *in_flight = "5";
    int option;
    while ((option = getopt(argc, argv, "p:b:t:s:l:i:")) != -1) {
        const char **to = option == 'p'   ? &port
                          : option == 'b' ? &brokers
                          : option == 't' ? &topic
                          : option == 's' ? &secret
                          : option == 'l' ? &linger
                          : option == 'i' ? &in_flight
                                          : NULL;
        if (to == NULL)
            return 64;
        *to = optarg;
    }
    if (brokers == NULL || topic == NULL)
        return 64;
    struct gateway g = {.base = event_base_new()};
    (void)signal(SIGPIPE, SIG_IGN);
    read_secret(&g, secret);
    start_kafka(&g, brokers, topic, linger, in_flight);
    event_add(event_new(g.base, listen_on(port), EV_READ | EV_PERSIST, on_accept, &g), NULL);
    return event_base_dispatch(g.base) == 0 ? 0 : 1;
}
