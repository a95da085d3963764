/* UUIDs: layout by RFC 9562, section 5.7 (version 7) and 5.8 (version 8), and clocks as they are printed. */
#include "common/base/clock.h"
#include "common/base/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void check_layout(const char *u, char version)
{
    assert_int_equal(strlen(u), UUID_TEXT - 1);
    for (size_t i = 0; i < UUID_TEXT - 1; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23)
            assert_int_equal(u[i], '-');
        else
            assert_non_null(strchr("0123456789abcdef", u[i]));
    }
    assert_int_equal(u[14], version);
    assert_non_null(strchr("89ab", u[19]));
}

static void uuid7_layout(void **state)
{
    (void)state;
    char a[UUID_TEXT], b[UUID_TEXT];
    /* The RFC's example time, appendix A.6: 2022-02-22T19:22:22.000Z. */
    uuid7(INT64_C(0x017F22E279B0), a);
    uuid7(INT64_C(0x017F22E279B0), b);
    check_layout(a, '7');
    assert_memory_equal(a, "017f22e2-79b0-7", 15);
    assert_string_not_equal(a, b);
    for (int i = 0; i < 200; i++) {
        uuid7(i, a);
        check_layout(a, '7');
    }
}

static void names_give_the_same_id(void **state)
{
    (void)state;
    char a[UUID_TEXT], b[UUID_TEXT], c[UUID_TEXT];
    uuid_of("shop", 4, a);
    uuid_of("shop", 4, b);
    uuid_of("shoq", 4, c);
    check_layout(a, '8');
    assert_string_equal(a, b);
    assert_string_not_equal(a, c);
}

static void random_differs(void **state)
{
    (void)state;
    unsigned char a[32], b[32];
    random_bytes(a, sizeof a);
    random_bytes(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
}

static void time_as_text(void **state)
{
    (void)state;
    char out[25];
    clock_rfc3339(INT64_C(0x017F22E279B0), out);
    assert_string_equal(out, "2022-02-22T19:22:22.000Z");
    clock_rfc3339(INT64_C(1792578060123), out);
    assert_string_equal(out, "2026-10-21T10:21:00.123Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uuid7_layout),
        cmocka_unit_test(names_give_the_same_id),
        cmocka_unit_test(random_differs),
        cmocka_unit_test(time_as_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
