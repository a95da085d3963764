#include "common/pg/pgarray.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void empty_is_a_literal(void **state)
{
    (void)state;
    struct pgarray a;
    pgarray_init(&a);
    assert_string_equal(pgarray_text(&a), "{}");
    assert_int_equal(a.n, 0);
    pgarray_done(&a);
}

static void text_is_quoted_and_escaped(void **state)
{
    (void)state;
    struct pgarray a;
    pgarray_init(&a);
    pgarray_str(&a, "plain");
    pgarray_str(&a, "");
    pgarray_str(&a, "NULL");
    pgarray_str(&a, NULL);
    pgarray_str(&a, "a,b{c}");
    pgarray_str(&a, "\"\\");
    assert_string_equal(pgarray_text(&a), "{\"plain\",\"\",\"NULL\",NULL,\"a,b{c}\",\"\\\"\\\\\"}");
    assert_int_equal(a.n, 6);
    pgarray_done(&a);
}

static void grows_after_it_was_read(void **state)
{
    (void)state;
    struct pgarray a;
    pgarray_init(&a);
    pgarray_i64(&a, INT64_MIN);
    assert_string_equal(pgarray_text(&a), "{-9223372036854775808}");
    pgarray_i64(&a, 7);
    assert_string_equal(pgarray_text(&a), "{-9223372036854775808,7}");
    assert_string_equal(pgarray_text(&a), "{-9223372036854775808,7}");
    pgarray_done(&a);
}

static void cleared_begins_anew(void **state)
{
    (void)state;
    struct pgarray a;
    pgarray_init(&a);
    pgarray_str(&a, "gone");
    pgarray_clear(&a);
    pgarray_bool(&a, 1);
    pgarray_bool(&a, 0);
    assert_string_equal(pgarray_text(&a), "{t,f}");
    assert_int_equal(a.n, 2);
    pgarray_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_is_a_literal),
        cmocka_unit_test(text_is_quoted_and_escaped),
        cmocka_unit_test(grows_after_it_was_read),
        cmocka_unit_test(cleared_begins_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
