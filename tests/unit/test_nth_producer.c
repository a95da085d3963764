/* Each librdkafka call of a producer's life fails once: what was refused stays the caller's, what was taken is reported
 * exactly once, and in the end every record is acknowledged. */
#include "tests/unit/kafka_fixture.h"

#include "tests/unit/nth.h"

enum { RECORDS = 8, RUNS_MOST = 200 };

static bool topic_struck;

rd_kafka_t *__real_rd_kafka_new(rd_kafka_type_t type, rd_kafka_conf_t *conf, char *why, size_t n);
rd_kafka_t *__wrap_rd_kafka_new(rd_kafka_type_t type, rd_kafka_conf_t *conf, char *why, size_t n);
rd_kafka_t *__wrap_rd_kafka_new(rd_kafka_type_t type, rd_kafka_conf_t *conf, char *why, size_t n)
{
    if (!nth_strikes("rd_kafka_new"))
        return __real_rd_kafka_new(type, conf, why, n);
    (void)snprintf(why, n, "struck");
    return NULL;
}

rd_kafka_topic_t *__real_rd_kafka_topic_new(rd_kafka_t *rk, const char *name, rd_kafka_topic_conf_t *conf);
rd_kafka_topic_t *__wrap_rd_kafka_topic_new(rd_kafka_t *rk, const char *name, rd_kafka_topic_conf_t *conf);
rd_kafka_topic_t *__wrap_rd_kafka_topic_new(rd_kafka_t *rk, const char *name, rd_kafka_topic_conf_t *conf)
{
    topic_struck = nth_strikes("rd_kafka_topic_new");
    return topic_struck ? NULL : __real_rd_kafka_topic_new(rk, name, conf);
}

rd_kafka_resp_err_t __real_rd_kafka_last_error(void);
rd_kafka_resp_err_t __wrap_rd_kafka_last_error(void);
rd_kafka_resp_err_t __wrap_rd_kafka_last_error(void)
{
    return topic_struck ? RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE : __real_rd_kafka_last_error();
}

rd_kafka_error_t *__real_rd_kafka_produceva(rd_kafka_t *rk, const rd_kafka_vu_t *parts, size_t n);
rd_kafka_error_t *__wrap_rd_kafka_produceva(rd_kafka_t *rk, const rd_kafka_vu_t *parts, size_t n);
rd_kafka_error_t *__wrap_rd_kafka_produceva(rd_kafka_t *rk, const rd_kafka_vu_t *parts, size_t n)
{
    return nth_strikes("rd_kafka_produceva") ? rd_kafka_error_new(RD_KAFKA_RESP_ERR__QUEUE_FULL, "struck")
                                             : __real_rd_kafka_produceva(rk, parts, n);
}

int __real_rd_kafka_poll(rd_kafka_t *rk, int ms);
int __wrap_rd_kafka_poll(rd_kafka_t *rk, int ms);
int __wrap_rd_kafka_poll(rd_kafka_t *rk, int ms)
{
    return nth_strikes("rd_kafka_poll") ? 0 : __real_rd_kafka_poll(rk, ms); /* as if nothing were there */
}

/* A producer, at the second try when the first was struck. */
static void make_producer(void)
{
    const struct producer_options o = {.message_timeout_ms = 0, .queue_messages = 1000};
    struct fault f = {.text = ""};
    w.producer = producer_new(w.base, w.settings, &o, on_report, on_drained, NULL, &f);
    if (w.producer != NULL)
        return;
    assert_string_equal(nth.struck, "rd_kafka_new");
    assert_int_not_equal(f.verdict, VERDICT_NONE);
    assert_int_not_equal(f.text[0], '\0');
    w.producer = producer_new(w.base, w.settings, &o, on_report, on_drained, NULL, &f);
    assert_non_null(w.producer);
}

/* Until it is taken, as the owners do it. */
static void send_record(uintptr_t number, int run)
{
    struct fault f = {.text = ""};
    size_t waiting = producer_waiting(w.producer);
    if (try_send(number, &f) == 0)
        return;
    if (f.text[0] == '\0' || f.verdict == VERDICT_NONE)
        fail_msg("call %d (%s): refused without words", run, nth.struck);
    assert_int_equal(producer_waiting(w.producer), waiting);
    assert_int_equal(try_send(number, &f), 0);
}

static void every_record_is_reported_once(void **state)
{
    (void)state;
    int run = 1;
    for (bool missed = false; !missed; run++) {
        assert_true(run < RUNS_MOST);
        w.reports = w.failures = w.drained = w.reports_drained = 0;
        memset(w.reported, 0, sizeof w.reported);
        nth_begin(run);
        make_producer();
        for (uintptr_t i = 0; i < RECORDS; i++)
            send_record(i, run);
        until(&w.reports, RECORDS);
        missed = nth_missed();
        nth_begin(0);
        topic_struck = false;
        (void)run_until(never, NULL, 20); /* a report too many would come now */
        assert_int_equal(w.reports, RECORDS);
        assert_int_equal(w.failures, 0);
        for (int i = 0; i < RECORDS; i++)
            if (w.reported[i] != 1)
                fail_msg("call %d (%s): record %d was reported %d times", run, nth.struck, i, w.reported[i]);
        assert_int_equal(producer_waiting(w.producer), 0);
        producer_free(&w.producer);
    }
    print_message("%d calls failed, one at a time\n", run - 2);
    assert_true(run > RECORDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {WITH_CLUSTER(every_record_is_reported_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
