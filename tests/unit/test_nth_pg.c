/* Each libpq call of three batches fails once: every batch has exactly one end, the end tells the truth about the rows,
 * and the connection comes back. */
#include "tests/unit/pg_fixture.h"

#include "tests/unit/nth.h"

enum { BATCHES = 3, RUNS_MOST = 400 };

int __real_PQsendPrepare(PGconn *c, const char *name, const char *sql, int n, const Oid *types);
int __wrap_PQsendPrepare(PGconn *c, const char *name, const char *sql, int n, const Oid *types);
int __wrap_PQsendPrepare(PGconn *c, const char *name, const char *sql, int n, const Oid *types)
{
    return nth_strikes("PQsendPrepare") ? 0 : __real_PQsendPrepare(c, name, sql, n, types);
}

int __real_PQsendQueryPrepared(PGconn *c, const char *name, int n, const char *const *values, const int *lengths,
                               const int *formats, int format);
int __wrap_PQsendQueryPrepared(PGconn *c, const char *name, int n, const char *const *values, const int *lengths,
                               const int *formats, int format);
int __wrap_PQsendQueryPrepared(PGconn *c, const char *name, int n, const char *const *values, const int *lengths,
                               const int *formats, int format)
{
    return nth_strikes("PQsendQueryPrepared")
               ? 0
               : __real_PQsendQueryPrepared(c, name, n, values, lengths, formats, format);
}

int __real_PQsendQueryParams(PGconn *c, const char *sql, int n, const Oid *types, const char *const *values,
                             const int *lengths, const int *formats, int format);
int __wrap_PQsendQueryParams(PGconn *c, const char *sql, int n, const Oid *types, const char *const *values,
                             const int *lengths, const int *formats, int format);
int __wrap_PQsendQueryParams(PGconn *c, const char *sql, int n, const Oid *types, const char *const *values,
                             const int *lengths, const int *formats, int format)
{
    return nth_strikes("PQsendQueryParams")
               ? 0
               : __real_PQsendQueryParams(c, sql, n, types, values, lengths, formats, format);
}

int __real_PQpipelineSync(PGconn *c);
int __wrap_PQpipelineSync(PGconn *c);
int __wrap_PQpipelineSync(PGconn *c)
{
    return nth_strikes("PQpipelineSync") ? 0 : __real_PQpipelineSync(c);
}

int __real_PQflush(PGconn *c);
int __wrap_PQflush(PGconn *c);
int __wrap_PQflush(PGconn *c)
{
    return nth_strikes("PQflush") ? -1 : __real_PQflush(c);
}

int __real_PQconsumeInput(PGconn *c);
int __wrap_PQconsumeInput(PGconn *c);
int __wrap_PQconsumeInput(PGconn *c)
{
    return nth_strikes("PQconsumeInput") ? 0 : __real_PQconsumeInput(c);
}

/* As libpq does without memory for an answer: an error of its own stands in its place. */
PGresult *__real_PQgetResult(PGconn *c);
PGresult *__wrap_PQgetResult(PGconn *c);
PGresult *__wrap_PQgetResult(PGconn *c)
{
    PGresult *r = __real_PQgetResult(c);
    if (r == NULL || !nth_strikes("PQgetResult"))
        return r;
    PQclear(r);
    return PQmakeEmptyPGresult(c, PGRES_FATAL_ERROR);
}

int __real_PQenterPipelineMode(PGconn *c);
int __wrap_PQenterPipelineMode(PGconn *c);
int __wrap_PQenterPipelineMode(PGconn *c)
{
    return nth_strikes("PQenterPipelineMode") ? 0 : __real_PQenterPipelineMode(c);
}

PostgresPollingStatusType __real_PQconnectPoll(PGconn *c);
PostgresPollingStatusType __wrap_PQconnectPoll(PGconn *c);
PostgresPollingStatusType __wrap_PQconnectPoll(PGconn *c)
{
    return nth_strikes("PQconnectPoll") ? PGRES_POLLING_FAILED : __real_PQconnectPoll(c);
}

static int ends_of[BATCHES + 1];
static enum pg_end how[BATCHES + 1];
static int ended;

static void on_batch_end(void *arg, enum pg_end end, const struct fault *f)
{
    size_t i = (size_t)(uintptr_t)arg;
    assert_true(end == PG_DONE || (f != NULL && f->text[0] != '\0'));
    ends_of[i]++;
    how[i] = end;
    ended++;
}

/* Two statements, so that one batch is more than one call: its row, and a look at the table. */
static void send_batch(int run, int i)
{
    char key[16];
    (void)snprintf(key, sizeof key, "%d", run * 10 + i);
    const char *values[] = {key, "v"};
    struct pg_batch *b = pg_batch_new(w.pg);
    pg_add(b, insert_sql, 2, values, NULL, NULL);
    pg_add(b, count_sql, 0, NULL, on_cell, NULL);
    pg_send(b, on_batch_end, (void *)(uintptr_t)i);
}

static long long rows_of(int run, int i)
{
    char sql[96];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM pgtest.t WHERE k = %d", run * 10 + i);
    return side_number(sql);
}

static void wait_ready(void)
{
    int64_t end = clock_mono_us() + LONGEST_MS * INT64_C(1000);
    while (!pg_ready(w.pg) && clock_mono_us() < end)
        event_base_loop(w.base, EVLOOP_ONCE);
    assert_true(pg_ready(w.pg));
}

/* The truth of an end. A row of an unknown one may be there or not, but not twice: it is the primary key. */
static void check_end(int run, int i)
{
    long long rows = rows_of(run, i);
    if (ends_of[i] != 1)
        fail_msg("call %d (%s): batch %d ended %d times", run, nth.struck, i, ends_of[i]);
    if (how[i] == PG_DONE ? rows != 1 : how[i] != PG_UNKNOWN && rows != 0)
        fail_msg("call %d (%s): batch %d ended as %d and has %lld rows", run, nth.struck, i, (int)how[i], rows);
}

static void every_batch_ends_once(void **state)
{
    (void)state;
    NEEDS_PG;
    int run = 1;
    for (bool missed = false; !missed; run++) {
        assert_true(run < RUNS_MOST);
        memset(ends_of, 0, sizeof ends_of);
        ended = 0;
        /* A connection of its own, so that connecting and preparing are among the calls. */
        pg_free(&w.pg);
        w.pg = pg_new(w.base, getenv("MUNIM_TEST_PG"), "munim-test", &hooks);
        nth_begin(run);
        wait_ready();
        for (int i = 0; i < BATCHES; i++)
            send_batch(run, i);
        until(&ended, BATCHES);
        missed = nth_missed();
        nth_begin(0);
        wait_ready();
        send_batch(run, BATCHES);
        until(&ended, BATCHES + 1);
        assert_int_equal(how[BATCHES], PG_DONE);
        assert_int_equal(pg_in_hand(w.pg), 0);
        for (int i = 0; i <= BATCHES; i++)
            check_end(run, i);
    }
    print_message("%d calls failed, one at a time\n", run - 2);
    assert_true(run > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {WITH_PG(every_batch_ends_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
