/* How many connections records take to Kafka, and that their order by key does not depend on it. */
#include "common/kafka/lines.h"
#include "tests/unit/kafka_fixture.h"

enum { KEYS = 7, SLOW_MS = 20, STEP_MS = 4, API_PRODUCE = 0 };

static struct lines *lines;

static void report_lines(void *arg, void *opaque, const struct fault *f)
{
    on_report(arg, opaque, f);
}

static void free_lines(void *arg, void *opaque, const struct fault *f)
{
    on_report(arg, opaque, f);
    lines_free(&lines);
}

static void open_lines(producer_report_fn *report)
{
    struct producer_options o = {.message_timeout_ms = 0, .queue_messages = 10000};
    struct fault f;
    lines = lines_new(w.base, w.settings, &o, report, on_drained, NULL, &f);
    assert_non_null(lines);
}

static int close_lines(void **state)
{
    lines_free(&lines);
    return close_world(state);
}

static void put(int number)
{
    char key[16], value[16];
    struct fault f;
    (void)snprintf(key, sizeof key, "key-%d", number % KEYS);
    (void)snprintf(value, sizeof value, "%d", number);
    assert_int_equal(
        lines_send(lines, "t", key, strlen(key), value, strlen(value), NULL, (void *)(uintptr_t)number, &f), 0);
}

/* Every record of the topic once, those of one key in the order in which they were handed over. */
static void assert_in_order(int count)
{
    char why[200];
    int last[KEYS], seen = 0;
    int64_t end = clock_mono_us() + LONGEST_MS * 1000LL;
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", rd_kafka_mock_cluster_bootstraps(w.cluster), why, sizeof why);
    rd_kafka_conf_set(conf, "group.id", "order", why, sizeof why);
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
    assert_non_null(rk);
    rd_kafka_topic_partition_list_t *parts = rd_kafka_topic_partition_list_new(2);
    for (int32_t p = 0; p < 2; p++)
        rd_kafka_topic_partition_list_add(parts, "t", p)->offset = RD_KAFKA_OFFSET_BEGINNING;
    assert_int_equal(rd_kafka_assign(rk, parts), 0);
    rd_kafka_topic_partition_list_destroy(parts);
    for (int i = 0; i < KEYS; i++)
        last[i] = -1;
    while (seen < count && clock_mono_us() < end) {
        rd_kafka_message_t *m = rd_kafka_consumer_poll(rk, 100);
        if (m == NULL || m->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            if (m != NULL)
                rd_kafka_message_destroy(m);
            continue;
        }
        char text[16];
        (void)snprintf(text, sizeof text, "%.*s", (int)m->len, (const char *)m->payload);
        int number = atoi(text);
        assert_true(number > last[number % KEYS]);
        last[number % KEYS] = number;
        seen++;
        rd_kafka_message_destroy(m);
    }
    rd_kafka_consumer_close(rk);
    rd_kafka_destroy(rk);
    assert_int_equal(seen, count);
}

static void a_quick_broker_has_one_connection(void **state)
{
    (void)state;
    open_lines(report_lines);
    for (int i = 0; i < 20; i++) {
        put(i);
        until(&w.reports, i + 1);
    }
    assert_int_equal(lines_open(lines), 1);
    assert_int_equal(lines_waiting(lines), 0);
    assert_int_equal(w.reports_drained, 20);
}

static void many_records_share_the_requests_of_one(void **state)
{
    (void)state;
    open_lines(report_lines);
    put(0);
    until(&w.reports, 1);
    rd_kafka_mock_broker_set_rtt(w.cluster, BROKER, 50 * SLOW_MS); /* nothing is reported before the second half goes */
    for (int i = 1; i < 200; i++)
        put(i);
    size_t open = lines_open(lines); /* the first few may have been slow ones on a machine that stood still */
    run_until(never, NULL, SLOW_MS);
    for (int i = 200; i < 400; i++)
        put(i);
    assert_int_equal(lines_open(lines), open);
    assert_int_equal(lines_waiting(lines), 399);
    rd_kafka_mock_broker_set_rtt(w.cluster, BROKER, 0);
    until(&w.reports, 400);
    assert_in_order(400);
}

/* Records one by one to a slow broker until every connection is open; returns how many there were. */
static int open_all(void)
{
    int n = 0;
    open_lines(report_lines);
    put(n++);
    until(&w.reports, 1);
    rd_kafka_mock_broker_set_rtt(w.cluster, BROKER, SLOW_MS);
    int64_t end = clock_mono_us() + 3000000;
    while (clock_mono_us() < end && n < SENT_MAX / 2) {
        put(n++);
        run_until(never, NULL, STEP_MS);
    }
    assert_int_equal(lines_open(lines), 3);
    rd_kafka_mock_broker_set_rtt(w.cluster, BROKER, 0);
    until(&w.reports, n);
    assert_int_equal(w.failures, 0);
    return n;
}

static void few_records_that_wait_get_others_and_stay_in_order(void **state)
{
    (void)state;
    int n = open_all();
    for (int i = 0; i < n; i++)
        assert_int_equal(w.reported[i], 1);
    assert_in_order(n);
}

/* The first of two records of a key is tried again by its connection; the second must not pass it by another. */
static void a_key_does_not_overtake_itself(void **state)
{
    (void)state;
    int n = open_all();
    int sent = n;
    for (int i = 0; i < 10; i++) {
        rd_kafka_mock_push_request_errors(w.cluster, API_PRODUCE, 1, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS);
        put(n);
        run_until(never, NULL, SLOW_MS);
        put(n + KEYS);
        n += 2 * KEYS;
        sent += 2;
        until(&w.reports, sent);
    }
    assert_int_equal(w.failures, 0);
    assert_in_order(sent);
}

static void the_owner_may_free_them_in_a_report(void **state)
{
    (void)state;
    open_lines(free_lines);
    for (int i = 0; i < 10; i++)
        put(i);
    until(&w.reports, 1);
    run_until(never, NULL, 50);
    assert_null(lines);
    assert_int_equal(w.reports, 1);
}

static void what_is_refused_does_not_count(void **state)
{
    (void)state;
    struct fault f;
    open_lines(report_lines);
    char *large = calloc(1, 5000000);
    assert_int_equal(lines_send(lines, "t", "key", 3, large, 5000000, NULL, NULL, &f), -1);
    assert_int_equal(f.verdict, VERDICT_REJECT);
    assert_int_equal(lines_waiting(lines), 0);
    free(large);
}

#define WITH_LINES(f) cmocka_unit_test_setup_teardown(f, open_world, close_lines)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_LINES(a_quick_broker_has_one_connection),
        WITH_LINES(many_records_share_the_requests_of_one),
        WITH_LINES(few_records_that_wait_get_others_and_stay_in_order),
        WITH_LINES(a_key_does_not_overtake_itself),
        WITH_LINES(the_owner_may_free_them_in_a_report),
        WITH_LINES(what_is_refused_does_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
