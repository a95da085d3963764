/* The breaker as a table of events, and against a model of it over random ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "workers/reading/model/breaker.h"

static struct breaker fresh(void)
{
    return (struct breaker){.threshold = 3, .rest_ms = 1000};
}

static void fail_times(struct breaker *b, int n, int64_t now)
{
    unsigned ticket;
    for (int i = 0; i < n; i++) {
        assert_true(breaker_may(b, now, &ticket));
        (void)breaker_told(b, ticket, false, now);
    }
}

static void opens_after_failures_in_a_row(void **state)
{
    (void)state;
    struct breaker b = fresh();
    unsigned ticket;
    fail_times(&b, 2, 0);
    assert_true(breaker_may(&b, 0, &ticket));
    assert_false(breaker_told(&b, ticket, true, 0)); /* a success in between begins anew */
    fail_times(&b, 2, 0);
    assert_int_equal(breaker_state(&b, 0), BREAKER_CLOSED);
    fail_times(&b, 1, 0);
    assert_int_equal(breaker_state(&b, 0), BREAKER_OPEN);
    assert_false(breaker_may(&b, 999, &ticket));
    assert_int_equal(breaker_state(&b, 1000), BREAKER_HALF_OPEN);
}

static void one_attempt_decides_when_half_open(void **state)
{
    (void)state;
    struct breaker b = fresh();
    unsigned ticket, other;
    fail_times(&b, 3, 0);
    assert_true(breaker_may(&b, 1000, &ticket));
    assert_false(breaker_may(&b, 1000, &other)); /* nobody else meanwhile, however long it takes */
    assert_false(breaker_may(&b, 9000, &other));
    assert_true(breaker_told(&b, ticket, false, 9000));
    assert_int_equal(breaker_state(&b, 9999), BREAKER_OPEN); /* rests anew from the failure on */
    assert_true(breaker_may(&b, 10000, &ticket));
    assert_true(breaker_told(&b, ticket, true, 10000));
    assert_int_equal(breaker_state(&b, 10000), BREAKER_CLOSED);
    fail_times(&b, 2, 10000); /* the old failures are forgotten */
    assert_int_equal(breaker_state(&b, 10000), BREAKER_CLOSED);
}

/* Answers to attempts from before it opened or closed change nothing. */
static void old_answers_are_no_news(void **state)
{
    (void)state;
    struct breaker b = fresh();
    unsigned slow, slower, ticket;
    assert_true(breaker_may(&b, 0, &slow));
    assert_true(breaker_may(&b, 0, &slower));
    fail_times(&b, 3, 0);
    assert_false(breaker_told(&b, slow, true, 10));
    assert_int_equal(breaker_state(&b, 10), BREAKER_OPEN);
    assert_true(breaker_may(&b, 1000, &ticket));
    assert_false(breaker_told(&b, slower, false, 1000)); /* not the probe */
    assert_int_equal(breaker_state(&b, 1000), BREAKER_HALF_OPEN);
    assert_true(breaker_told(&b, ticket, true, 1001));
    assert_int_equal(breaker_state(&b, 1001), BREAKER_CLOSED);
}

/* Whatever happens: while it rests nothing passes, at most one attempt passes when half open, and it never stays shut
 * once attempts succeed. */
static void random_walks(void **state)
{
    (void)state;
    uint32_t seed = 7;
    struct breaker b = {.threshold = 2, .rest_ms = 50};
    unsigned out[64], n_out = 0;
    int64_t now = 0, opened = -1;
    for (int i = 0; i < 200000; i++) {
        unsigned ticket;
        seed = seed * 1664525 + 1013904223;
        unsigned dice = seed >> 16;
        now += dice % 7;
        enum breaker_state before = breaker_state(&b, now);
        if (before == BREAKER_OPEN)
            assert_true(opened >= 0 && now - opened < b.rest_ms);
        if (dice % 3 != 0 && n_out < 64 && breaker_may(&b, now, &ticket)) {
            assert_int_not_equal(before, BREAKER_OPEN);
            if (before == BREAKER_HALF_OPEN)
                assert_false(breaker_may(&b, now, &(unsigned){0}));
            out[n_out++] = ticket;
        } else if (n_out > 0) {
            unsigned which = dice % n_out;
            bool changed = breaker_told(&b, out[which], dice % 5 < 3, now);
            out[which] = out[--n_out];
            if (changed && breaker_state(&b, now) == BREAKER_OPEN)
                opened = now;
        }
    }
    while (n_out > 0)
        (void)breaker_told(&b, out[--n_out], true, now);
    unsigned ticket;
    now += b.rest_ms;
    assert_true(breaker_may(&b, now, &ticket));
    (void)breaker_told(&b, ticket, true, now);
    assert_int_equal(breaker_state(&b, now), BREAKER_CLOSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(opens_after_failures_in_a_row),
                                       cmocka_unit_test(one_attempt_decides_when_half_open),
                                       cmocka_unit_test(old_answers_are_no_news), cmocka_unit_test(random_walks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
