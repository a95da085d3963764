/* Batches against a real server: one transaction each, in order, and what fails tells why. */
#include "common/pg/pgarray.h"
#include "tests/unit/pg_fixture.h"

static const char divide_sql[] = "SELECT 1 / $1::int";

static void a_batch_is_one_transaction(void **state)
{
    (void)state;
    NEEDS_PG;
    struct pg_batch *b = pg_batch_new(w.pg);
    pg_add(b, insert_sql, 2, (const char *[]){"1", "one"}, NULL, NULL);
    pg_add(b, insert_sql, 2, (const char *[]){"2", NULL}, NULL, NULL);
    pg_add(b, count_sql, 0, NULL, on_cell, NULL);
    pg_send(b, on_end, NULL);
    assert_int_equal(w.ends, 0);
    assert_int_equal(pg_in_hand(w.pg), 1);
    until(&w.ends, 1);
    assert_int_equal(w.log[0].end, PG_DONE);
    assert_string_equal(w.cell, "2");
    assert_int_equal(pg_in_hand(w.pg), 0);
    assert_int_equal(side_number("SELECT count(*) FROM pgtest.t WHERE v IS NULL"), 1);
    assert_int_equal(side_number("SELECT count(DISTINCT xmin::text) FROM pgtest.t"), 1);
}

static void a_failing_batch_rolls_back(void **state)
{
    (void)state;
    NEEDS_PG;
    struct pg_batch *b = pg_batch_new(w.pg);
    pg_add(b, insert_sql, 2, (const char *[]){"1", "one"}, on_cell, NULL);
    pg_add(b, insert_sql, 2, (const char *[]){"1", "again"}, on_cell, NULL);
    pg_add(b, count_sql, 0, NULL, on_cell, NULL);
    pg_send(b, on_end, NULL);
    batch1(1, count_sql, 0, NULL);
    until(&w.ends, 2);
    assert_int_equal(w.log[0].end, PG_FAILED);
    assert_string_equal(w.log[0].code, "23505");
    assert_int_equal(w.log[1].end, PG_DONE);
    assert_string_equal(w.cell, "0");
    assert_int_equal(w.results, 2); /* the first insert's, and the second batch's */
}

static void an_error_found_at_commit_fails_the_batch(void **state)
{
    (void)state;
    NEEDS_PG;
    static const char sql[] = "INSERT INTO pgtest.late VALUES ($1)";
    struct pg_batch *b = pg_batch_new(w.pg);
    pg_add(b, sql, 1, (const char *[]){"1"}, on_cell, NULL);
    pg_add(b, sql, 1, (const char *[]){"1"}, on_cell, NULL);
    pg_send(b, on_end, NULL);
    batch1(1, sql, 1, (const char *[]){"1"});
    until(&w.ends, 2);
    assert_int_equal(w.log[0].end, PG_FAILED);
    assert_string_equal(w.log[0].code, "23505");
    assert_int_equal(w.log[1].end, PG_DONE);
    assert_int_equal(side_number("SELECT count(*) FROM pgtest.late"), 1);
}

static void a_skipped_prepare_is_made_again(void **state)
{
    (void)state;
    NEEDS_PG;
    struct pg_batch *b = pg_batch_new(w.pg);
    pg_add(b, divide_sql, 1, (const char *[]){"0"}, NULL, NULL);
    pg_add(b, count_sql, 0, NULL, on_cell, NULL); /* its prepare is skipped with it */
    pg_send(b, on_end, NULL);
    batch1(1, count_sql, 0, NULL); /* in the same pipeline, before that is known */
    until(&w.ends, 2);
    batch1(2, count_sql, 0, NULL);
    batch1(3, divide_sql, 1, (const char *[]){"1"}); /* its prepare had come OK although the batch failed */
    until(&w.ends, 4);
    assert_int_equal(w.log[0].end, PG_FAILED);
    assert_string_equal(w.log[0].code, "22012");
    for (int i = 1; i < 4; i++)
        assert_int_equal(w.log[i].end, PG_DONE);
    static const char made[] = "SELECT count(*) FROM pg_prepared_statements WHERE NOT from_sql AND statement LIKE $1";
    batch1(4, made, 1, (const char *[]){"SELECT 1 /%"});
    until(&w.ends, 5);
    assert_string_equal(w.cell, "1");
    batch1(5, made, 1, (const char *[]){"SELECT count(*) FROM pgtest.t"});
    until(&w.ends, 6);
    assert_string_equal(w.cell, "1");
}

static void a_changed_table_is_prepared_anew(void **state)
{
    (void)state;
    NEEDS_PG;
    static const char all[] = "SELECT * FROM pgtest.t";
    batch1(0, all, 0, NULL);
    until(&w.ends, 1);
    batch1(1, all, 0, NULL);
    until(&w.ends, 2);
    side_do("ALTER TABLE pgtest.t ADD COLUMN more int");
    batch1(2, all, 0, NULL);
    until(&w.ends, 3);
    assert_int_equal(w.log[1].end, PG_DONE);
    assert_int_equal(w.log[2].end, PG_FAILED);
    assert_int_equal(pg_verdict(w.log[2].code), VERDICT_RETRY);
    batch1(3, all, 0, NULL);
    until(&w.ends, 4);
    assert_int_equal(w.log[3].end, PG_DONE);
}

static void a_fault_does_not_quote_values(void **state)
{
    (void)state;
    NEEDS_PG;
    batch1(0, "SELECT $1::text::int", 1, (const char *[]){"98123x"});
    until(&w.ends, 1);
    assert_int_equal(w.log[0].end, PG_FAILED);
    assert_string_equal(w.log[0].code, "22P02");
    assert_null(strstr(w.log[0].text, "98123"));
    assert_int_equal(pg_verdict(w.log[0].code), VERDICT_REJECT);
}

static void many_batches_in_flight_end_in_order(void **state)
{
    (void)state;
    NEEDS_PG;
    char key[16];
    for (size_t i = 0; i < 200; i++) {
        struct pg_batch *b = pg_batch_new(w.pg);
        (void)snprintf(key, sizeof key, "%zu", i % 10 == 9 ? 0 : i); /* every tenth collides with the first */
        pg_add(b, insert_sql, 2, (const char *[]){key, "v"}, NULL, NULL);
        pg_add(b, count_sql, 0, NULL, on_cell, NULL);
        pg_send(b, on_end, (void *)(uintptr_t)i);
    }
    assert_int_equal(pg_in_hand(w.pg), 200);
    until(&w.ends, 200);
    for (size_t i = 0; i < 200; i++) {
        assert_int_equal(w.order[i], i);
        assert_int_equal(w.log[i].end, i % 10 == 9 ? PG_FAILED : PG_DONE);
    }
    assert_int_equal(side_number("SELECT count(*) FROM pgtest.t"), 180);
}

static void large_values_both_ways_do_not_block(void **state)
{
    (void)state;
    NEEDS_PG;
    enum { LEN = 200000, EACH = 50 };
    char *big = malloc(LEN + 1);
    memset(big, 'x', LEN);
    big[LEN] = '\0';
    for (size_t i = 0; i < 4; i++) {
        struct pg_batch *b = pg_batch_new(w.pg);
        for (int j = 0; j < EACH; j++)
            pg_add(b, "SELECT $1::text", 1, (const char *[]){big}, on_cell, NULL);
        pg_send(b, on_end, (void *)(uintptr_t)i);
    }
    free(big);
    until(&w.ends, 4);
    assert_int_equal(w.results, 4 * EACH);
    assert_int_equal(w.log[3].end, PG_DONE);
}

static void array_literals_arrive_whole(void **state)
{
    (void)state;
    NEEDS_PG;
    struct pgarray a;
    pgarray_init(&a);
    pgarray_str(&a, "q\"b\\s,{}");
    pgarray_str(&a, "");
    pgarray_str(&a, NULL);
    pgarray_str(&a, "NULL");
    static const char sql[] = "SELECT string_agg(coalesce('<' || v || '>', '-'), '' ORDER BY n) FROM "
                              "unnest($1::text[]) WITH ORDINALITY AS u (v, n)";
    batch1(0, sql, 1, (const char *[]){pgarray_text(&a)});
    pgarray_done(&a);
    until(&w.ends, 1);
    assert_string_equal(w.cell, "<q\"b\\s,{}><>-<NULL>");
}

static void verdicts(void **state)
{
    (void)state;
    assert_int_equal(pg_verdict("MU001"), VERDICT_REJECT);
    assert_int_equal(pg_verdict("MU004"), VERDICT_RETRY);
    assert_int_equal(pg_verdict("40P01"), VERDICT_RETRY);
    assert_int_equal(pg_verdict("23505"), VERDICT_RETRY);
    assert_int_equal(pg_verdict("23503"), VERDICT_REJECT);
    assert_int_equal(pg_verdict("42P01"), VERDICT_STOP);
    assert_int_equal(pg_verdict("57P01"), VERDICT_RETRY);
    assert_int_equal(pg_verdict("P0001"), VERDICT_REJECT);
    assert_int_equal(pg_verdict(""), VERDICT_RETRY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts),
        WITH_PG(a_batch_is_one_transaction),
        WITH_PG(a_failing_batch_rolls_back),
        WITH_PG(an_error_found_at_commit_fails_the_batch),
        WITH_PG(a_skipped_prepare_is_made_again),
        WITH_PG(a_changed_table_is_prepared_anew),
        WITH_PG(a_fault_does_not_quote_values),
        WITH_PG(many_batches_in_flight_end_in_order),
        WITH_PG(large_values_both_ways_do_not_block),
        WITH_PG(array_literals_arrive_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
