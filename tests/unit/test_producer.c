/* What the producer tells when records cannot go. */
#include "tests/unit/kafka_fixture.h"

static void a_full_queue_is_retry(void **state)
{
    (void)state;
    struct fault f = {0};
    open_producer(0, 2);
    rd_kafka_mock_broker_set_down(w.cluster, BROKER);
    send_range(0, 2);
    assert_int_equal(try_send(2, &f), -1);
    assert_int_equal(f.verdict, VERDICT_RETRY);
    assert_int_equal(producer_waiting(w.producer), 2);
}

static void an_oversized_record_is_rejected(void **state)
{
    (void)state;
    enum { TOO_BIG = 5 * 1024 * 1024 };
    struct fault f = {0};
    char *big = calloc(1, TOO_BIG);
    open_producer(0, 10);
    assert_int_equal(producer_send(w.producer, "t", NULL, 0, big, TOO_BIG, NULL, NULL, &f), -1);
    assert_int_equal(f.verdict, VERDICT_REJECT);
    free(big);
}

static void a_fatal_error_replaces_the_instance(void **state)
{
    (void)state;
    struct fault f;
    rd_kafka_mock_push_request_errors(w.cluster, API_INIT_PRODUCER_ID, 1,
                                      RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED);
    rd_kafka_mock_broker_set_rtt(w.cluster, BROKER, 500); /* the error comes after the first of them, if not the last */
    open_producer(0, 1000);
    int taken = 0;
    while (taken < 20 && try_send((uintptr_t)taken, &f) == 0)
        taken++;
    rd_kafka_mock_broker_set_rtt(w.cluster, BROKER, 0);
    assert_true(taken > 0);
    until(&w.reports, taken);
    assert_int_equal(w.failures, taken);
    assert_int_equal(w.last.verdict, VERDICT_RETRY);
    int64_t end = clock_mono_us() + LONGEST_MS * INT64_C(1000);
    while (try_send(20, &f) != 0 && clock_mono_us() < end) {
        assert_int_equal(f.verdict, VERDICT_RETRY);
        event_base_loop(w.base, EVLOOP_ONCE);
    }
    until(&w.reports, taken + 1);
    assert_int_equal(w.failures, taken);
    run_until(never, NULL, 1500); /* past the burial of the old instance */
    for (int i = 0; i < 20; i++)
        assert_int_equal(w.reported[i], i < taken);
    assert_int_equal(w.reported[20], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CLUSTER(a_full_queue_is_retry),
        WITH_CLUSTER(an_oversized_record_is_rejected),
        WITH_CLUSTER(a_fatal_error_replaces_the_instance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
