/* From a signed webhook to a record and its answer: real sockets, the real producer, librdkafka's own mock broker for
 * the faults that a real one cannot be told to have. */
#include "common/base/clock.h"
#include "common/base/digest.h"
#include "common/kafka/envelope.h"
#include "common/service/listen.h"
#include "ingress/gateway.h"

#include <arpa/inet.h>
#include <errno.h>
#include <librdkafka/rdkafka_mock.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utstring.h>

#include <cmocka.h>

enum { PARTITIONS = 4, GUARD_US = 30000000, ANSWER_MS = 600 };

#define SECRET "s3cret"
#define TOKEN  "t0ken"

static struct bed {
    rd_kafka_t *host; /* of the mock cluster */
    rd_kafka_mock_cluster_t *cluster;
    struct event_base *base;
    struct settings *settings;
    struct topics topics;
    struct gateway *gateway;
    struct http_server *server;
    struct sockaddr_in address;
    char secret_file[64], token_file[64];
} bed;

static void on_request(void *arg, struct http_conn *c, const struct http_request *r)
{
    gateway_request(((struct bed *)arg)->gateway, c, r);
}

static void write_file(char *path, const char *text)
{
    strcpy(path, "/tmp/munim-test-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void start_cluster(void)
{
    char why[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    assert_int_equal(rd_kafka_conf_set(conf, "test.mock.num.brokers", "1", why, sizeof why), RD_KAFKA_CONF_OK);
    assert_int_equal(rd_kafka_conf_set(conf, "log_level", "0", why, sizeof why), RD_KAFKA_CONF_OK);
    bed.host = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    assert_non_null(bed.host);
    bed.cluster = rd_kafka_handle_mock_cluster(bed.host);
    assert_non_null(bed.cluster);
}

static void read_settings(void)
{
    struct fault f;
    char bootstrap[128], secret[128], token[128], deadline[64];
    (void)snprintf(bootstrap, sizeof bootstrap, "--kafka.bootstrap=%s", rd_kafka_mock_cluster_bootstraps(bed.cluster));
    (void)snprintf(secret, sizeof secret, "--whatsapp.app_secret_file=%s", bed.secret_file);
    (void)snprintf(token, sizeof token, "--whatsapp.verify_token_file=%s", bed.token_file);
    (void)snprintf(deadline, sizeof deadline, "--ingress.answer_deadline=%dms", ANSWER_MS);
    char program[] = "test";
    char *argv[] = {program, bootstrap, secret, token, deadline, NULL};
    int argc = 5;
    bed.settings = settings_new(&argc, argv, &f);
    if (bed.settings == NULL)
        fail_msg("%s", f.text);
}

static int set_up(void **state)
{
    (void)state;
    struct fault f;
    char name[64];
    write_file(bed.secret_file, "old\n" SECRET "\n");
    write_file(bed.token_file, TOKEN "\n");
    start_cluster();
    read_settings();
    assert_int_equal(topics_names(bed.settings, &bed.topics, &f), 0);
    for (int i = 0; i < TOPIC_COUNT; i++)
        rd_kafka_mock_topic_create(bed.cluster, bed.topics.name[i], i == TOPIC_DLQ ? 1 : PARTITIONS, 1);
    bed.base = event_base_new();
    bed.gateway = gateway_new(bed.base, bed.settings, &bed.topics, &f);
    if (bed.gateway == NULL)
        fail_msg("%s", f.text);
    const struct http_hooks hooks = {.on_request = on_request, .arg = &bed};
    const struct http_limits limits = {.head = 16384,
                                       .body = 1 << 20,
                                       .bodies = 4 << 20,
                                       .connections = 256,
                                       .request_ms = 20000,
                                       .idle_ms = 60000,
                                       .linger_ms = 2000};
    evutil_socket_t fd = listen_tcp("127.0.0.1:0", false, &f);
    assert_true(fd >= 0);
    listen_name(fd, name);
    bed.address.sin_family = AF_INET;
    bed.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bed.address.sin_port = htons((uint16_t)atoi(strchr(name, ':') + 1));
    bed.server = http_server_new(bed.base, fd, &limits, &hooks);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    http_server_free(&bed.server);
    gateway_free(&bed.gateway);
    settings_free(&bed.settings);
    event_base_free(bed.base);
    rd_kafka_destroy(bed.host);
    unlink(bed.secret_file);
    unlink(bed.token_file);
    return 0;
}

static void turn(void)
{
    const struct timeval bit = {.tv_usec = 2000};
    event_base_loopexit(bed.base, &bit);
    event_base_dispatch(bed.base);
}

static int dial(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&bed.address, sizeof bed.address), 0);
    return fd;
}

static void put(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);
        assert_true(sent > 0 || errno == EAGAIN);
        p += sent > 0 ? sent : 0;
        n -= sent > 0 ? (size_t)sent : 0;
        if (n > 0)
            turn();
    }
}

/* The status of the next answer on fd; its text in out. */
static int get(int fd, char *out, size_t room)
{
    size_t have = 0;
    int64_t until = clock_mono_us() + GUARD_US;
    while (clock_mono_us() < until) {
        turn();
        ssize_t n = recv(fd, out + have, room - 1 - have, MSG_DONTWAIT);
        have += n > 0 ? (size_t)n : 0;
        out[have] = '\0';
        if (have > 0 && strstr(out, "\r\n\r\n") != NULL)
            return atoi(out + 9);
    }
    fail_msg("no answer");
    return 0;
}

static void put_post(int fd, const char *body, size_t n, const char *secret)
{
    char head[512], hex[DIGEST_HEX], signature[128] = "";
    unsigned char d[DIGEST_BYTES];
    if (secret != NULL) {
        struct hmac *h = hmac_new(secret, strlen(secret));
        hmac_sha256(h, body, n, d);
        hmac_free(&h);
        digest_hex(d, sizeof d, hex);
        (void)snprintf(signature, sizeof signature, "X-Hub-Signature-256: sha256=%s\r\n", hex);
    }
    int len = snprintf(head, sizeof head,
                       "POST /webhooks/whatsapp HTTP/1.1\r\nHost: a\r\n%sContent-Length: %zu\r\n\r\n", signature, n);
    put(fd, head, (size_t)len);
    put(fd, body, n);
}

static int post(const char *body, const char *secret)
{
    char text[2048];
    int fd = dial();
    put_post(fd, body, strlen(body), secret);
    int status = get(fd, text, sizeof text);
    if (status == 503)
        assert_non_null(strstr(text, "\r\nRetry-After: "));
    close(fd);
    return status;
}

/* n messages of one customer, ids from `first`; the caller frees. */
static char *webhook(int first, int n)
{
    UT_string s;
    utstring_init(&s);
    utstring_printf(&s, "{\"entry\":[{\"changes\":[{\"field\":\"messages\",\"value\":{\"metadata\":{"
                        "\"phone_number_id\":\"1\"},\"messages\":[");
    for (int i = 0; i < n; i++)
        utstring_printf(&s, "%s{\"from\":\"919800000001\",\"id\":\"w%d\",\"type\":\"text\",\"text\":{\"body\":\"x\"}}",
                        i > 0 ? "," : "", first + i);
    utstring_printf(&s, "]}}]}]}");
    return utstring_body(&s);
}

static int64_t stored(enum topic t)
{
    int64_t sum = 0;
    for (int p = 0; p < (t == TOPIC_DLQ ? 1 : PARTITIONS); p++) {
        int64_t low = 0, high = 0;
        assert_int_equal(rd_kafka_query_watermark_offsets(bed.host, bed.topics.name[t], p, &low, &high, 10000),
                         RD_KAFKA_RESP_ERR_NO_ERROR);
        sum += high;
    }
    return sum;
}

static void answers_200_when_the_record_is_stored(void **state)
{
    (void)state;
    char *body = webhook(1, 1);
    assert_int_equal(post(body, SECRET), 200);
    assert_int_equal(stored(TOPIC_INBOUND), 1);
    assert_int_equal(post(body, "old"), 200); /* the secret before the last is in force too */
    free(body);
}

static void keeps_what_is_no_event_in_the_dlq(void **state)
{
    (void)state;
    assert_int_equal(post("{\"entry\":[{\"changes\":[{\"field\":\"flows\",\"value\":{}}]}]}", SECRET), 200);
    assert_int_equal(stored(TOPIC_DLQ), 1);
    assert_int_equal(post("{\"entry\":[]}", SECRET), 200);
    assert_int_equal(stored(TOPIC_INBOUND) + stored(TOPIC_RECEIPT) + stored(TOPIC_DLQ), 1);
}

static void refuses_without_a_record(void **state)
{
    (void)state;
    static const char other[] = "POST /webhooks/other HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
    char deep[2001], text[2048];
    char *body = webhook(1, 1);
    memset(deep, '[', 1000);
    memset(deep + 1000, ']', 1000);
    deep[2000] = '\0';
    assert_int_equal(post(body, NULL), 401);
    assert_int_equal(post(body, "wrong"), 401);
    assert_int_equal(post("{\"entry\":", SECRET), 400);
    assert_int_equal(post("", SECRET), 400);
    assert_int_equal(post(deep, SECRET), 400);
    assert_int_equal(post("{\"entry\":[\"\xff\"]}", SECRET), 400);
    free(body);
    int fd = dial();
    put(fd, other, sizeof other - 1);
    assert_int_equal(get(fd, text, sizeof text), 404);
    assert_int_equal(stored(TOPIC_INBOUND) + stored(TOPIC_RECEIPT) + stored(TOPIC_DLQ), 0);
    close(fd);
}

static void answers_the_handshake(void **state)
{
    (void)state;
    static const char good[] = "GET /webhooks/whatsapp?hub.mode=subscribe&hub.challenge=42&hub.verify_token=" TOKEN
                               " HTTP/1.1\r\nHost: a\r\n\r\n";
    static const char bad[] = "GET /webhooks/whatsapp HTTP/1.1\r\nHost: a\r\n\r\n";
    char text[2048];
    int fd = dial();
    put(fd, good, sizeof good - 1);
    assert_int_equal(get(fd, text, sizeof text), 200);
    assert_non_null(strstr(text, "Content-Type: text/plain"));
    assert_string_equal(strstr(text, "\r\n\r\n"), "\r\n\r\n42");
    put(fd, bad, sizeof bad - 1);
    assert_int_equal(get(fd, text, sizeof text), 403);
    close(fd);
}

/* Reads a customer's records back, in the order of the log. */
static void assert_in_order(int n)
{
    char why[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    assert_int_equal(
        rd_kafka_conf_set(conf, "bootstrap.servers", rd_kafka_mock_cluster_bootstraps(bed.cluster), why, sizeof why),
        RD_KAFKA_CONF_OK);
    assert_int_equal(rd_kafka_conf_set(conf, "group.id", "test", why, sizeof why), RD_KAFKA_CONF_OK);
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
    rd_kafka_poll_set_consumer(rk);
    rd_kafka_topic_partition_list_t *all = rd_kafka_topic_partition_list_new(PARTITIONS);
    for (int p = 0; p < PARTITIONS; p++)
        rd_kafka_topic_partition_list_add(all, bed.topics.name[TOPIC_INBOUND], p)->offset = RD_KAFKA_OFFSET_BEGINNING;
    assert_int_equal(rd_kafka_assign(rk, all), RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_topic_partition_list_destroy(all);
    int64_t until = clock_mono_us() + GUARD_US;
    for (int i = 0; i < n && clock_mono_us() < until;) {
        rd_kafka_message_t *m = rd_kafka_consumer_poll(rk, 100);
        if (m == NULL)
            continue;
        struct envelope e;
        char want[64];
        assert_int_equal(m->err, RD_KAFKA_RESP_ERR_NO_ERROR);
        assert_true(envelope_read(m, &e));
        assert_string_equal(e.type, CE_INBOUND_MESSAGE);
        assert_string_equal(e.source, "munim/ingress");
        assert_int_equal(strlen(e.traceparent), TRACEPARENT_MAX - 1);
        assert_int_equal(m->key_len, 12);
        assert_memory_equal(m->key, "919800000001", 12);
        (void)snprintf(want, sizeof want, "\"message_id\":\"w%d\"", i);
        assert_non_null(memmem(m->payload, m->len, want, strlen(want)));
        rd_kafka_message_destroy(m);
        i++;
    }
    rd_kafka_consumer_close(rk);
    rd_kafka_destroy(rk);
}

/* Batches and later webhooks of one customer stay in the order of their coming, also when the broker is slow. */
static void keeps_the_order_of_a_conversation(void **state)
{
    (void)state;
    enum { POSTS = 30, EACH = 20 };
    int fd[POSTS];
    char text[2048];
    rd_kafka_mock_broker_set_rtt(bed.cluster, 1, 20);
    for (int i = 0; i < POSTS; i++) {
        char *body = webhook(i * EACH, EACH);
        fd[i] = dial();
        put_post(fd[i], body, strlen(body), SECRET);
        free(body);
        turn();
    }
    for (int i = 0; i < POSTS; i++) {
        assert_int_equal(get(fd[i], text, sizeof text), 200);
        close(fd[i]);
    }
    assert_int_equal(stored(TOPIC_INBOUND), POSTS * EACH);
    assert_in_order(POSTS * EACH);
}

static void answers_503_while_the_broker_is_down_and_recovers(void **state)
{
    (void)state;
    struct fault f;
    char *body = webhook(1, 1);
    assert_int_equal(post(body, SECRET), 200);
    assert_int_equal(rd_kafka_mock_broker_set_down(bed.cluster, 1), RD_KAFKA_RESP_ERR_NO_ERROR);
    assert_int_equal(post(body, SECRET), 503);
    assert_false(gateway_delivers(bed.gateway, &f));
    assert_int_equal(f.verdict, VERDICT_RETRY);
    assert_int_equal(rd_kafka_mock_broker_set_up(bed.cluster, 1), RD_KAFKA_RESP_ERR_NO_ERROR);
    int status = 503;
    int64_t until = clock_mono_us() + GUARD_US;
    while (status == 503 && clock_mono_us() < until)
        status = post(body, SECRET);
    assert_int_equal(status, 200);
    assert_true(gateway_delivers(bed.gateway, &f));
    assert_int_equal(gateway_waiting(bed.gateway), 0);
    free(body);
}

/* The report comes after the answer, and after the client has gone: nothing of either may be touched. */
static void gives_up_at_the_deadline_and_survives_the_late_report(void **state)
{
    (void)state;
    char *body = webhook(1, 3);
    assert_int_equal(post(body, SECRET), 200);
    rd_kafka_mock_broker_set_rtt(bed.cluster, 1, 3 * ANSWER_MS);
    int64_t began = clock_mono_us();
    int gone = dial();
    put_post(gone, body, strlen(body), SECRET);
    turn();
    close(gone);
    assert_int_equal(post(body, SECRET), 503);
    assert_true(clock_mono_us() - began < 3 * ANSWER_MS * 1000);
    while (clock_mono_us() - began < 4 * ANSWER_MS * 1000)
        turn();
    rd_kafka_mock_broker_set_rtt(bed.cluster, 1, 0);
    int status = 503;
    int64_t until = clock_mono_us() + GUARD_US;
    while (status == 503 && clock_mono_us() < until)
        status = post(body, SECRET);
    assert_int_equal(status, 200);
    free(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers_200_when_the_record_is_stored, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keeps_what_is_no_event_in_the_dlq, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_without_a_record, set_up, tear_down),
        cmocka_unit_test_setup_teardown(answers_the_handshake, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keeps_the_order_of_a_conversation, set_up, tear_down),
        cmocka_unit_test_setup_teardown(answers_503_while_the_broker_is_down_and_recovers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(gives_up_at_the_deadline_and_survives_the_late_report, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
