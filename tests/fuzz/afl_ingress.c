/* The whole ingress for AFL++, in one process: bytes as a client sends them, HTTP, signature, channel payload, records,
 * librdkafka, the acknowledgement of its mock broker, the answer. scripts/fuzz-ingress builds and runs it.
 *
 * A signature cannot be guessed, so every "sha256=" of the input with room for one is given the right one of its body;
 * whatever else stands there is the fuzzer's. */
#include "tests/fuzz/answers.h"
#include "tests/fuzz/fuzz.h"

#include "common/base/digest.h"
#include "ingress/gateway.h"
#include "ingress/http_conn.h"
#include "ingress/http_server.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <sys/socket.h>
#include <unistd.h>

__AFL_FUZZ_INIT()

enum { INPUT_MOST = 16384, ROUNDS = 20000, RUNS = 20000 };

#define SECRET "fuzz"

static struct bed {
    struct event_base *base;
    struct settings *settings;
    struct topics topics;
    struct gateway *gateway;
    struct http_server *server;
    struct hmac *key;
    unsigned requests, refusals;
} bed;

static void on_request(void *arg, struct http_conn *c, const struct http_request *r)
{
    (void)arg;
    bed.requests++;
    gateway_request(bed.gateway, c, r);
}

static void on_refused(void *arg, const char *reason)
{
    (void)arg;
    ENSURE(reason[0] != '\0');
    bed.refusals++;
}

static void write_secret(char *path)
{
    int fd = mkstemp(path);
    ENSURE(fd >= 0 && write(fd, SECRET, sizeof SECRET - 1) == sizeof SECRET - 1);
    close(fd);
}

static void set_up(void)
{
    char why[256], bootstrap[160], secret[96], deadline[] = "--ingress.answer_deadline=5000ms", name[] = "afl";
    char path[] = "/tmp/munim-fuzz-XXXXXX";
    struct fault f;
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    ENSURE(rd_kafka_conf_set(conf, "test.mock.num.brokers", "1", why, sizeof why) == RD_KAFKA_CONF_OK);
    rd_kafka_t *host = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    ENSURE(host != NULL);
    rd_kafka_mock_cluster_t *cluster = rd_kafka_handle_mock_cluster(host);
    write_secret(path);
    (void)snprintf(bootstrap, sizeof bootstrap, "--kafka.bootstrap=%s", rd_kafka_mock_cluster_bootstraps(cluster));
    (void)snprintf(secret, sizeof secret, "--whatsapp.app_secret_file=%s", path);
    char *argv[] = {name, bootstrap, secret, deadline, NULL};
    int argc = 4;
    bed.settings = settings_new(&argc, argv, &f);
    ENSURE(bed.settings != NULL && topics_names(bed.settings, &bed.topics, &f) == 0);
    for (int i = 0; i < TOPIC_COUNT; i++)
        rd_kafka_mock_topic_create(cluster, bed.topics.name[i], 1, 1);
    bed.base = event_base_new();
    bed.gateway = gateway_new(bed.base, bed.settings, &bed.topics, &f);
    bed.key = hmac_new(SECRET, sizeof SECRET - 1);
    ENSURE(bed.gateway != NULL);
    unlink(path);
    static const struct http_limits limits = {.head = 4096,
                                              .body = 8192,
                                              .bodies = 1 << 20,
                                              .connections = 10,
                                              .request_ms = 100000,
                                              .idle_ms = 100000,
                                              .linger_ms = 100000};
    const struct http_hooks hooks = {.on_request = on_request, .on_refused = on_refused};
    bed.server = http_server_new(bed.base, socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0), &limits, &hooks);
    event_del(&bed.server->accept_ev); /* nobody connects: the pair is handed over */
}

/* The end of the request whose head ends at body: as many bytes as its last Content-Length says, or all. */
static size_t body_length(const char *head, const char *body, size_t left)
{
    static const char name[] = "ontent-Length:";
    const char *p = memmem(head, (size_t)(body - head), name, sizeof name - 1);
    unsigned long n = p != NULL ? strtoul(p + sizeof name - 1, NULL, 10) : left;
    return n < left ? n : left;
}

static void sign(char *input, size_t n)
{
    static const char mark[] = "sha256=", blank[] = "\r\n\r\n";
    char *end = input + n, *p = input;
    while ((p = memmem(p, (size_t)(end - p), mark, sizeof mark - 1)) != NULL) {
        char *to = p + sizeof mark - 1, *body = memmem(p, (size_t)(end - p), blank, sizeof blank - 1);
        if (body == NULL || body - to < 2 * DIGEST_BYTES)
            return;
        body += sizeof blank - 1;
        unsigned char mac[DIGEST_BYTES];
        char hex[DIGEST_HEX];
        size_t len = body_length(input, body, (size_t)(end - body));
        hmac_sha256(bed.key, body, len, mac);
        digest_hex(mac, sizeof mac, hex);
        memcpy(to, hex, 2 * DIGEST_BYTES);
        p = input = body + len;
    }
}

static void converse(const char *input, size_t n)
{
    int pair[2];
    unsigned answers = 0;
    ENSURE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
    bed.requests = bed.refusals = 0;
    conn_open(bed.server, pair[0]);
    ENSURE(send(pair[1], input, n, MSG_NOSIGNAL) == (ssize_t)n);
    (void)shutdown(pair[1], SHUT_WR);
    bool open = true;
    for (int i = 0; open && bed.server->connections > 0; i++) {
        ENSURE(i < ROUNDS);
        event_base_loop(bed.base, gateway_waiting(bed.gateway) > 0 ? EVLOOP_ONCE : EVLOOP_NONBLOCK);
        open = receive(pair[1], &answers);
    }
    close(pair[1]);
    for (int i = 0; bed.server->connections > 0 || gateway_waiting(bed.gateway) > 0; i++) {
        ENSURE(i < ROUNDS);
        event_base_loop(bed.base, EVLOOP_NONBLOCK);
    }
    ENSURE(answers == bed.requests + bed.refusals); /* each once, and nothing is left over */
    ENSURE(bed.server->bodies == 0);
}

int main(void)
{
    static char input[INPUT_MOST];
    set_up();
    unsigned char *given = __AFL_FUZZ_TESTCASE_BUF;
    while (__AFL_LOOP(RUNS)) {
        size_t n = (size_t)__AFL_FUZZ_TESTCASE_LEN;
        if (n == 0 || n > sizeof input)
            continue;
        memcpy(input, given, n);
        sign(input, n);
        converse(input, n);
    }
    return 0;
}
