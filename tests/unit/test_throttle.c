#include "workers/pool/throttle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct throttle_limits limits = {.base_ms = 200, .cap_ms = 30000, .period_ms = 30000, .intensity = 5};

static void death_before_ready_doubles_up_to_the_cap(void **state)
{
    static const int64_t waits[] = {200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000};
    struct throttle t;
    int64_t now = 1000;
    (void)state;
    throttle_init(&t, &limits);
    for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
        assert_int_equal(throttle_death(&t, &limits, now, false) - now, waits[i]);
        now += waits[i] + 10;
    }
}

static void readiness_resets_the_doubling(void **state)
{
    struct throttle t;
    (void)state;
    throttle_init(&t, &limits);
    for (int i = 0; i < 4; i++)
        throttle_death(&t, &limits, 1000, false);
    throttle_ready(&t);
    assert_int_equal(throttle_death(&t, &limits, 100000, false), 100200);
}

static void death_after_ready_starts_again_at_once(void **state)
{
    struct throttle t;
    (void)state;
    throttle_init(&t, &limits);
    for (int64_t n = 0; n < 5; n++)
        assert_true(throttle_death(&t, &limits, 1000 + n, true) <= 1000);
}

static void one_death_too_many_holds_for_the_cap(void **state)
{
    struct throttle t;
    (void)state;
    throttle_init(&t, &limits);
    for (int64_t n = 0; n < 5; n++)
        throttle_death(&t, &limits, 1000 + n, true);
    assert_int_equal(throttle_death(&t, &limits, 1006, true), 31006);
    /* The hold was the penalty: a new period begins, and the next death is the first of it. */
    assert_int_equal(throttle_death(&t, &limits, 32000, true), 31006);
}

static void rare_deaths_never_hold(void **state)
{
    struct throttle t;
    (void)state;
    throttle_init(&t, &limits);
    for (int64_t now = 1000; now < 3600000; now += 6001)
        assert_true(throttle_death(&t, &limits, now, true) <= now);
}

static void a_hold_is_never_shortened(void **state)
{
    struct throttle t;
    (void)state;
    throttle_init(&t, &limits);
    for (int i = 0; i < 6; i++)
        throttle_death(&t, &limits, 1000, true);
    assert_int_equal(throttle_death(&t, &limits, 1001, false), 31000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(death_before_ready_doubles_up_to_the_cap),
        cmocka_unit_test(readiness_resets_the_doubling),
        cmocka_unit_test(death_after_ready_starts_again_at_once),
        cmocka_unit_test(one_death_too_many_holds_for_the_cap),
        cmocka_unit_test(rare_deaths_never_hold),
        cmocka_unit_test(a_hold_is_never_shortened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
