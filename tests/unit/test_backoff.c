/* Backoff: bounds double up to the cap, every draw lies within them. */
#include "common/base/backoff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void doubles_up_to_the_cap(void **state)
{
    (void)state;
    static const int64_t bounds[] = {100, 200, 400, 800, 1000, 1000};
    struct backoff high = {.base_ms = 100, .cap_ms = 1000};
    struct backoff low = high;
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        assert_int_equal(backoff_next(&high, UINT32_MAX), bounds[i]);
        assert_int_equal(backoff_next(&low, 0), 1);
    }
    backoff_reset(&high);
    assert_int_equal(backoff_next(&high, UINT32_MAX), 100);
}

static void spreads_evenly(void **state)
{
    (void)state;
    struct backoff b = {.base_ms = 1000, .cap_ms = 1000};
    assert_int_equal(backoff_next(&b, UINT32_C(1) << 31), 501);
    assert_int_equal(backoff_next(&b, UINT32_C(1) << 30), 251);
}

static void never_overflows(void **state)
{
    (void)state;
    struct backoff b = {.base_ms = 1, .cap_ms = INT32_MAX};
    for (int i = 0; i < 1000; i++) {
        int64_t wait = backoff_next(&b, UINT32_MAX);
        assert_in_range(wait, 1, INT32_MAX);
    }
    struct backoff zero = {.base_ms = 0, .cap_ms = 10};
    assert_int_equal(backoff_next(&zero, UINT32_MAX), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubles_up_to_the_cap),
        cmocka_unit_test(spreads_evenly),
        cmocka_unit_test(never_overflows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
