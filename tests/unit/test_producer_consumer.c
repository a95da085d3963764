/* Records from producer to consumer, and the two steps of an assignment. What a real broker does is the scenarios'
 * business. */
#include "tests/unit/kafka_member.h"

#include <unistd.h>

static void records_go_through_with_key_and_headers(void **state)
{
    (void)state;
    struct fault f;
    struct producer_options o = {.message_timeout_ms = 0, .queue_messages = 1000};
    w.producer = producer_new(w.base, w.settings, &o, on_report, on_drained, NULL, &f);
    send_range(0, 200);
    assert_int_equal(w.reports, 0);
    assert_int_equal(producer_waiting(w.producer), 200);
    until(&w.reports, 200);
    assert_int_equal(w.failures, 0);
    assert_in_range(w.drained, 1, 200);
    assert_int_equal(w.reports_drained, 200);
    struct member *m = join("g1", false);
    until(&m->assigned, 1);
    assert_int_equal(m->offer->cnt, 2);
    run_until(never, NULL, 300); /* the owner takes its time; polling goes on */
    assert_int_equal(m->records, 0);
    consumer_start(m->consumer, m->offer);
    until(&m->records, 200);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(w.reported[i], 1);
        assert_int_equal(m->seen[i], 1);
    }
    assert_string_equal(m->type, CE_INBOUND_MESSAGE);
    assert_memory_equal(m->key, "key-", 4);
    int64_t low, high;
    assert_int_equal(consumer_query(m->consumer, "t", 0, 2000, &low, &high, &f), 0);
    assert_int_equal(low, 0);
    assert_int_equal(high, m->next_offset[0]);
    assert_true(strlen(consumer_cluster(m->consumer)) > 0);
    assert_int_equal(producer_send(w.producer, "t", "key-0", 5, NULL, 0, NULL, (void *)201, &f), 0);
    until(&m->records, 201);
    assert_true(m->tombstone);
    part(m, 5000);
}

static void reading_starts_where_it_is_told(void **state)
{
    (void)state;
    open_producer(0, 1000);
    send_range(0, 200);
    until(&w.reports, 200);
    struct member *m = join("g2", false);
    m->start_at = 5;
    until(&m->assigned, 1);
    consumer_start(m->consumer, m->offer);
    until(&m->records, 190);
    assert_int_equal(m->first_offset[0], 5);
    assert_int_equal(m->first_offset[1], 5);
    /* Started again without a new assignment: the same records once more. */
    m->next_offset[0] = m->next_offset[1] = 0;
    consumer_start(m->consumer, m->offer);
    until(&m->records, 380);
    part(m, 5000);
}

/* Partitions given over others that still stop, and given again at once: librdkafka 2.0.2 would end the process (assign
 * in consumer_assign.c). */
static void started_again_before_the_last_start_is_over(void **state)
{
    (void)state;
    open_producer(0, 1000);
    send_range(0, 50);
    until(&w.reports, 50);
    struct member *m = join("g2a", true);
    until(&m->records, 50);
    for (int i = 0; i < 100; i++)
        consumer_start(m->consumer, m->offer);
    m->records = 0;
    m->next_offset[0] = m->next_offset[1] = 0;
    consumer_start(m->consumer, m->offer);
    until(&m->records, 50);
    part(m, 5000);
}

/* A broker that has just started does not know its topics yet; what it said then must not stay true for minutes. */
static void a_topic_that_was_unknown_is_found(void **state)
{
    (void)state;
    struct fault f;
    int64_t low, high;
    rd_kafka_mock_topic_set_error(w.cluster, "t", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    struct member *m = join("g2b", false);
    run_until(never, NULL, 500);
    assert_int_equal(consumer_query(m->consumer, "t", 0, 1000, &low, &high, &f), -1);
    assert_int_equal(f.verdict, VERDICT_RETRY);
    rd_kafka_mock_topic_set_error(w.cluster, "t", RD_KAFKA_RESP_ERR_NO_ERROR);
    int left = 3;
    while (left > 0 && consumer_query(m->consumer, "t", 0, 1000, &low, &high, &f) != 0)
        left--;
    assert_true(left > 0);
    part(m, 5000);
}

static void an_offset_that_is_gone_stops(void **state)
{
    (void)state;
    open_producer(0, 1000);
    send_range(0, 50);
    until(&w.reports, 50);
    struct member *m = join("g3", true);
    m->start_at = 100000;
    until(&m->stops, 1);
    assert_int_equal(m->last.verdict, VERDICT_STOP);
    assert_int_equal(m->records, 0);
    part(m, 5000);
}

static void a_paused_partition_rests(void **state)
{
    (void)state;
    open_producer(0, 5000);
    send_range(0, 100);
    until(&w.reports, 100);
    struct member *m = join("g4", true);
    until(&m->records, 100);
    consumer_pause(m->consumer, "t", 0);
    consumer_pause(m->consumer, "t", 1);
    consumer_pause(m->consumer, "t", 1);
    send_range(100, 200);
    until(&w.reports, 200);
    run_until(never, NULL, 500);
    assert_int_equal(m->records, 100);
    consumer_resume(m->consumer, "t", 0);
    consumer_resume(m->consumer, "t", 1);
    consumer_resume(m->consumer, "t", 1);
    until(&m->records, 200);
    for (int i = 0; i < 200; i++)
        assert_int_equal(m->seen[i], 1);
    part(m, 5000);
}

static void partitions_are_shared_and_come_back(void **state)
{
    (void)state;
    open_producer(0, 1000);
    struct member *a = join("g5", false);
    until(&a->assigned, 1);
    struct member *b = join("g5", true);
    run_until(never, NULL, 500);
    assert_int_equal(a->revoked, 0); /* not asked before it has answered the first question */
    consumer_start(a->consumer, a->offer);
    until(&a->revoked, 1);
    consumer_start(a->consumer, a->offer); /* too late, and ignored */
    until(&b->assigned, 1);
    until(&a->assigned, 2);
    assert_int_equal(a->offer->cnt, 1);
    assert_int_equal(b->offer->cnt, 1);
    consumer_start(a->consumer, a->offer);
    send_range(0, 100);
    until(&w.reports, 100);
    until(&a->records, (int)1);
    until(&b->records, (int)1);
    part(b, 5000);
    until(&a->assigned, 3);
    assert_int_equal(a->offer->cnt, 2);
    part(a, 5000);
}

static void turn(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct member *m = arg;
    m->since_turn = 0;
}

static void other_events_have_their_turn(void **state)
{
    (void)state;
    open_producer(0, 5000);
    send_range(0, 4000);
    until(&w.reports, 4000);
    struct member *m = join("g6", true);
    int pipe_fd[2]; /* with a byte that nobody reads: readable in every turn of the loop */
    assert_int_equal(pipe(pipe_fd), 0);
    assert_int_equal(write(pipe_fd[1], "x", 1), 1);
    struct event *ev = event_new(w.base, pipe_fd[0], EV_READ | EV_PERSIST, turn, m);
    event_add(ev, NULL);
    until(&m->records, 4000);
    assert_in_range(m->most_in_turn, 1, 1000);
    event_free(ev);
    close(pipe_fd[0]);
    close(pipe_fd[1]);
    part(m, 5000);
}

static void broker_down_is_retry_then_recovers(void **state)
{
    (void)state;
    open_producer(1500, 1000);
    send_range(0, 1);
    until(&w.reports, 1);
    assert_int_equal(w.failures, 0);
    struct member *m = join("g7", true);
    until(&m->records, 1);
    rd_kafka_mock_broker_set_down(w.cluster, BROKER);
    send_range(1, 11);
    until(&w.reports, 11);
    assert_int_equal(w.failures, 10);
    assert_int_equal(w.last.verdict, VERDICT_RETRY);
    until(&m->faults, 1);
    assert_int_equal(m->last.verdict, VERDICT_RETRY);
    rd_kafka_mock_broker_set_up(w.cluster, BROKER);
    int sent = 11;
    for (int failed = 10; w.failures == failed && sent < 50; sent++) {
        send_range((uintptr_t)sent, (uintptr_t)sent + 1);
        until(&w.reports, sent + 1);
        failed = w.failures == failed ? -1 : w.failures;
    }
    until(&m->seen[sent - 1], 1);
    for (int i = 0; i < sent; i++)
        assert_int_equal(w.reported[i], 1);
    part(m, 5000);
}

static void leaving_without_a_broker_is_bounded(void **state)
{
    (void)state;
    struct member *m = join("g8", true);
    until(&m->assigned, 1);
    rd_kafka_mock_broker_set_down(w.cluster, BROKER);
    until(&m->faults, 1);
    int64_t begin = clock_mono_us();
    part(m, 1000);
    assert_in_range(clock_mono_us() - begin, 0, 2000000);
}

static void free_in_report(void *arg, void *opaque, const struct fault *f)
{
    on_report(arg, opaque, f);
    producer_free(&w.producer);
}

static void callbacks_may_free(void **state)
{
    (void)state;
    struct fault f;
    struct producer_options o = {.message_timeout_ms = 0, .queue_messages = 100};
    open_producer(0, 100);
    send_range(0, 10);
    until(&w.reports, 10);
    struct member *m = join("g9", true);
    m->free_at_record = true;
    until(&m->records, 1);
    run_until(never, NULL, 50);
    assert_null(m->consumer);
    assert_int_equal(m->records, 1);
    part(m, 0);
    producer_free(&w.producer);
    w.producer = producer_new(w.base, w.settings, &o, free_in_report, NULL, NULL, &f);
    send_range(10, 20);
    until(&w.reports, 11);
    assert_null(w.producer);
    assert_int_equal(w.reports, 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CLUSTER(records_go_through_with_key_and_headers),
        WITH_CLUSTER(reading_starts_where_it_is_told),
        WITH_CLUSTER(started_again_before_the_last_start_is_over),
        WITH_CLUSTER(a_topic_that_was_unknown_is_found),
        WITH_CLUSTER(an_offset_that_is_gone_stops),
        WITH_CLUSTER(a_paused_partition_rests),
        WITH_CLUSTER(partitions_are_shared_and_come_back),
        WITH_CLUSTER(other_events_have_their_turn),
        WITH_CLUSTER(broker_down_is_retry_then_recovers),
        WITH_CLUSTER(leaving_without_a_broker_is_bounded),
        WITH_CLUSTER(callbacks_may_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
