/* The connection against a real server: its session, its loss and return, and owners that let go inside a callback. */
#include "tests/unit/pg_fixture.h"

static void wait_for_sleep(void)
{
    char sql[160];
    int64_t end = clock_mono_us() + LONGEST_MS * INT64_C(1000);
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM pg_stat_activity WHERE pid = %d AND wait_event = 'PgSleep'",
                   pg_backend_pid(w.pg));
    while (side_number(sql) == 0 && clock_mono_us() < end)
        event_base_loop(w.base, EVLOOP_NONBLOCK);
}

static void a_killed_backend_leaves_the_batch_unknown(void **state)
{
    (void)state;
    NEEDS_PG;
    char kill[64];
    struct pg_batch *b = pg_batch_new(w.pg);
    pg_add(b, insert_sql, 2, (const char *[]){"1", "one"}, on_cell, NULL);
    pg_add(b, "SELECT pg_sleep(60)", 0, NULL, on_cell, NULL);
    pg_send(b, on_end, (void *)1);
    wait_for_sleep();
    (void)snprintf(kill, sizeof kill, "SELECT pg_terminate_backend(%d)", pg_backend_pid(w.pg));
    side_do(kill);
    until(&w.lost, 1);
    assert_int_equal(w.ends, 1);
    assert_int_equal(w.log[0].end, PG_UNKNOWN);
    assert_int_equal(w.lost_by.verdict, VERDICT_RETRY);
    assert_string_equal(w.lost_by.code, "57P01");
    assert_false(pg_ready(w.pg));
    batch1(2, count_sql, 0, NULL); /* not connected: surely not done */
    until(&w.ends, 2);
    assert_int_equal(w.log[1].end, PG_UNSENT);
    until(&w.ready, 2);
    batch1(3, count_sql, 0, NULL);
    until(&w.ends, 3);
    assert_int_equal(w.log[2].end, PG_DONE);
    assert_string_equal(w.cell, "0");
}

static void an_idle_connection_comes_back(void **state)
{
    (void)state;
    NEEDS_PG;
    char kill[64];
    int first = pg_backend_pid(w.pg);
    (void)snprintf(kill, sizeof kill, "SELECT pg_terminate_backend(%d)", first);
    side_do(kill);
    until(&w.ready, 2);
    assert_int_equal(w.lost, 1);
    assert_int_not_equal(pg_backend_pid(w.pg), first);
}

static void the_session_is_set_up(void **state)
{
    (void)state;
    NEEDS_PG;
    static const char sql[] =
        "SELECT concat_ws(' ', current_setting('application_name'), current_setting('statement_timeout'),"
        " current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout'),"
        " current_setting('search_path'), current_setting('synchronous_commit'))";
    batch1(0, sql, 0, NULL);
    until(&w.ends, 1);
    assert_string_equal(w.cell, "munim-test 30s 10s 10s pg_catalog on");
}

static void a_notification_comes_through(void **state)
{
    (void)state;
    NEEDS_PG;
    batch1(0, "LISTEN news", 0, NULL);
    until(&w.ends, 1);
    side_do("NOTIFY news, 'hello'");
    int64_t end = clock_mono_us() + LONGEST_MS * INT64_C(1000);
    while (w.notified[0] == '\0' && clock_mono_us() < end)
        event_base_loop(w.base, EVLOOP_ONCE);
    assert_string_equal(w.notified, "news=hello");
}

static void send_more(void *arg, enum pg_end end, const struct fault *f)
{
    on_end(arg, end, f);
    if (w.ends < 5)
        batch1(0, count_sql, 0, NULL);
    if (w.ends < 4) {
        struct pg_batch *b = pg_batch_new(w.pg);
        pg_add(b, count_sql, 0, NULL, NULL, NULL);
        pg_send(b, send_more, NULL);
    }
}

static void a_callback_may_send(void **state)
{
    (void)state;
    NEEDS_PG;
    struct pg_batch *b = pg_batch_new(w.pg);
    pg_add(b, count_sql, 0, NULL, NULL, NULL);
    pg_send(b, send_more, NULL);
    until(&w.ends, 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(w.log[i].end, PG_DONE);
}

static void free_in_result(void *arg, const PGresult *r)
{
    (void)arg;
    assert_int_equal(PQntuples(r), 1);
    pg_free(&w.pg);
    assert_null(w.pg);
    assert_int_equal(w.ends, 2); /* both batches ended inside pg_free */
}

static void free_in_end(void *arg, enum pg_end end, const struct fault *f)
{
    on_end(arg, end, f);
    pg_free(&w.pg);
}

static void a_callback_may_free(void **state)
{
    (void)state;
    NEEDS_PG;
    struct pg_batch *b = pg_batch_new(w.pg);
    pg_add(b, count_sql, 0, NULL, free_in_result, NULL);
    pg_send(b, on_end, (void *)1);
    batch1(2, count_sql, 0, NULL);
    until(&w.ends, 2);
    assert_int_equal(w.log[0].end, PG_UNKNOWN);
    assert_true(w.log[1].end == PG_UNKNOWN || w.log[1].end == PG_UNSENT);

    w.ready = w.ends = 0;
    w.pg = pg_new(w.base, getenv("MUNIM_TEST_PG"), "munim-test", &hooks);
    until(&w.ready, 1);
    b = pg_batch_new(w.pg);
    pg_add(b, count_sql, 0, NULL, NULL, NULL);
    pg_send(b, free_in_end, (void *)1);
    batch1(2, count_sql, 0, NULL);
    until(&w.ends, 2);
    assert_int_equal(w.log[0].end, PG_DONE);
    assert_null(w.pg);
}

static void a_url_that_cannot_be_read_is_told(void **state)
{
    (void)state;
    w = (struct world){.base = event_base_new()};
    w.pg = pg_new(w.base, "postgres://[half", "munim-test", &hooks);
    assert_int_equal(w.lost, 0);
    until(&w.lost, 1);
    assert_int_equal(w.lost_by.verdict, VERDICT_STOP);
    pg_free(&w.pg);
    event_base_free(w.base);
}

static void an_absent_server_is_tried_again(void **state)
{
    (void)state;
    w = (struct world){.base = event_base_new()};
    w.pg = pg_new(w.base, "host=/nonexistent dbname=x", "munim-test", &hooks);
    batch1(1, count_sql, 0, NULL);
    until(&w.lost, 3);
    assert_int_equal(w.lost_by.verdict, VERDICT_RETRY);
    assert_int_equal(w.ready, 0);
    assert_int_equal(w.ends, 1);
    assert_int_equal(w.log[0].end, PG_UNSENT);
    pg_free(&w.pg);
    event_base_free(w.base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_url_that_cannot_be_read_is_told),
        cmocka_unit_test(an_absent_server_is_tried_again),
        WITH_PG(a_killed_backend_leaves_the_batch_unknown),
        WITH_PG(an_idle_connection_comes_back),
        WITH_PG(the_session_is_set_up),
        WITH_PG(a_notification_comes_through),
        WITH_PG(a_callback_may_send),
        WITH_PG(a_callback_may_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
