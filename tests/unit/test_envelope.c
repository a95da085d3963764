/* The envelope through a broker's wire format (librdkafka's mock cluster) and back, and traceparent by W3C rules. */
#include "common/kafka/envelope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <librdkafka/rdkafka_mock.h>

static const char parent[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

static void traceparent_continues(void **state)
{
    (void)state;
    char next[TRACEPARENT_MAX];
    traceparent_next(parent, next);
    assert_int_equal(strlen(next), TRACEPARENT_MAX - 1);
    assert_memory_equal(next, parent, 36);
    assert_memory_not_equal(next + 36, parent + 36, 16);
    assert_string_equal(next + 52, "-00");
}

static void traceparent_begins_anew(void **state)
{
    (void)state;
    static const char *const bad[] = {
        NULL,
        "",
        "00",
        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-00",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-00",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-00",
        "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-00",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-000",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char a[TRACEPARENT_MAX], b[TRACEPARENT_MAX];
        traceparent_next(bad[i], a);
        traceparent_next(a, b);
        assert_int_equal(strlen(a), TRACEPARENT_MAX - 1);
        assert_memory_not_equal(a + 3, parent + 3, 32);
        assert_string_equal(a + 52, "-01");
        assert_memory_equal(a, b, 36); /* the fresh one is well formed itself */
    }
}

struct bus {
    rd_kafka_t *producer, *consumer;
    rd_kafka_mock_cluster_t *cluster;
};

static rd_kafka_t *client(rd_kafka_type_t type, const char *brokers)
{
    char why[200];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    if (brokers != NULL) {
        rd_kafka_conf_set(conf, "bootstrap.servers", brokers, why, sizeof why);
        rd_kafka_conf_set(conf, "group.id", "test", why, sizeof why);
    } else {
        rd_kafka_conf_set(conf, "test.mock.num.brokers", "1", why, sizeof why);
    }
    return rd_kafka_new(type, conf, why, sizeof why);
}

static int open_bus(void **state)
{
    static struct bus bus;
    bus.producer = client(RD_KAFKA_PRODUCER, NULL);
    bus.cluster = rd_kafka_handle_mock_cluster(bus.producer);
    rd_kafka_mock_topic_create(bus.cluster, "t", 1, 1);
    bus.consumer = client(RD_KAFKA_CONSUMER, rd_kafka_mock_cluster_bootstraps(bus.cluster));
    rd_kafka_topic_partition_list_t *at = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(at, "t", 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_assign(bus.consumer, at);
    rd_kafka_topic_partition_list_destroy(at);
    *state = &bus;
    return 0;
}

static int close_bus(void **state)
{
    struct bus *bus = *state;
    rd_kafka_destroy(bus->consumer);
    rd_kafka_destroy(bus->producer);
    return 0;
}

/* Sends a record with these headers and waits for it at the other end. */
static rd_kafka_message_t *through(struct bus *bus, rd_kafka_headers_t *h)
{
    rd_kafka_resp_err_t err =
        h != NULL ? rd_kafka_producev(bus->producer, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_VALUE("{}", 2),
                                      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_HEADERS(h), RD_KAFKA_V_END)
                  : rd_kafka_producev(bus->producer, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_VALUE("{}", 2),
                                      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    assert_int_equal(err, RD_KAFKA_RESP_ERR_NO_ERROR);
    assert_int_equal(rd_kafka_flush(bus->producer, 10000), RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_message_t *m = rd_kafka_consumer_poll(bus->consumer, 10000);
    assert_non_null(m);
    assert_int_equal(m->err, RD_KAFKA_RESP_ERR_NO_ERROR);
    return m;
}

static void header_is(const rd_kafka_message_t *m, const char *name, const char *want)
{
    rd_kafka_headers_t *h = NULL;
    const void *value = NULL;
    size_t n = 0;
    assert_int_equal(rd_kafka_message_headers(m, &h), 0);
    assert_int_equal(rd_kafka_header_get_last(h, name, &value, &n), 0);
    assert_int_equal(n, strlen(want));
    assert_memory_equal(value, want, n);
}

static void reads_back_what_was_written(void **state)
{
    rd_kafka_message_t *m = through(*state, envelope_headers(CE_INBOUND_MESSAGE, "munim/ingress", parent));
    struct envelope e;
    assert_true(envelope_read(m, &e));
    assert_string_equal(e.type, "munim.inbound.message.v1");
    assert_string_equal(e.source, "munim/ingress");
    assert_string_equal(e.traceparent, parent);
    assert_int_equal(strlen(e.id), 36);
    assert_int_equal(e.id[14], '7');
    assert_int_equal(strlen(e.time), 24);
    assert_int_equal(e.time[23], 'Z');
    header_is(m, "ce_specversion", "1.0");
    header_is(m, "content-type", "application/json");
    rd_kafka_message_destroy(m);
}

static void takes_foreign_records_with_care(void **state)
{
    struct envelope e;
    rd_kafka_message_t *m = through(*state, NULL);
    assert_false(envelope_read(m, &e));
    rd_kafka_message_destroy(m);

    char longer[CE_TYPE_MAX + 1];
    memset(longer, 'x', CE_TYPE_MAX);
    longer[CE_TYPE_MAX] = '\0';
    rd_kafka_headers_t *h = rd_kafka_headers_new(2);
    rd_kafka_header_add(h, "ce_type", -1, longer, -1);
    m = through(*state, h);
    assert_false(envelope_read(m, &e));
    rd_kafka_message_destroy(m);

    h = rd_kafka_headers_new(4);
    rd_kafka_header_add(h, "ce_type", -1, longer, CE_TYPE_MAX - 1);
    rd_kafka_header_add(h, "ce_id", -1, NULL, 0);
    rd_kafka_header_add(h, "ce_source", -1, "a\0b", 3);
    m = through(*state, h);
    assert_true(envelope_read(m, &e));
    assert_int_equal(strlen(e.type), CE_TYPE_MAX - 1);
    assert_string_equal(e.id, "");
    assert_string_equal(e.source, "");
    assert_string_equal(e.traceparent, "");
    rd_kafka_message_destroy(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(traceparent_continues),
        cmocka_unit_test(traceparent_begins_anew),
        cmocka_unit_test(reads_back_what_was_written),
        cmocka_unit_test(takes_foreign_records_with_care),
    };
    return cmocka_run_group_tests(tests, open_bus, close_bus);
}
