/* What a starting process asks, on a real server: an answer, a connection that ends under the question, and a question
 * that the server refuses are three different things. */
#include "common/pg/pg_once.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static PGconn *opened(void)
{
    struct fault f;
    PGconn *c = pg_once_open(getenv("MUNIM_TEST_PG"), "munim-test", &f);
    if (c == NULL)
        fail_msg("%s", f.text);
    return c;
}

static void an_answer(void **state)
{
    (void)state;
    struct fault f;
    PGconn *c = opened();
    PGresult *r = pg_once_ask(c, "SELECT current_setting('application_name')", "its name", &f);
    assert_non_null(r);
    assert_string_equal(PQgetvalue(r, 0, 0), "munim-test");
    PQclear(r);
    PQfinish(c);
}

static void a_lost_connection_passes_by_itself(void **state)
{
    (void)state;
    struct fault f = {.verdict = VERDICT_NONE};
    PGconn *c = opened(), *other = opened();
    char sql[80];
    (void)snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%d)", PQbackendPID(c));
    PGresult *r = pg_once_ask(other, sql, "an end", &f);
    assert_non_null(r);
    PQclear(r);
    assert_null(pg_once_ask(c, "SELECT 1", "its installation", &f));
    assert_int_equal(f.verdict, VERDICT_RETRY);
    assert_non_null(strstr(f.text, "could not tell of its installation"));
    f.verdict = VERDICT_NONE;
    assert_null(pg_once_ask(c, "SELECT 1", "its installation", &f)); /* and there is no server behind it any more */
    assert_int_equal(f.verdict, VERDICT_RETRY);
    PQfinish(c);
    PQfinish(other);
}

static void another_schema_does_not(void **state)
{
    (void)state;
    struct fault f = {.verdict = VERDICT_NONE};
    PGconn *c = opened();
    assert_null(pg_once_ask(c, "SELECT 1 FROM nowhere.at_all", "its schema", &f));
    assert_int_equal(f.verdict, VERDICT_STOP);
    assert_string_equal(f.code, "42P01");
    PQfinish(c);
}

static void nobody_there(void **state)
{
    (void)state;
    struct fault f = {.verdict = VERDICT_NONE};
    assert_null(pg_once_open("host=/nonexistent dbname=x", "munim-test", &f));
    assert_int_equal(f.verdict, VERDICT_RETRY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer),
        cmocka_unit_test(a_lost_connection_passes_by_itself),
        cmocka_unit_test(another_schema_does_not),
        cmocka_unit_test(nobody_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
