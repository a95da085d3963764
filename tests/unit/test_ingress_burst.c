#include "ingress/burst.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void send_burst(struct burst *b, int n)
{
    for (int i = 0; i < n; i++)
        burst_sent(b);
    burst_ended(b);
}

static void at_rest_a_record_goes_at_once(void **state)
{
    (void)state;
    for (unsigned share = 0; share <= 100; share += 25) {
        const struct burst b = {.share = share};
        assert_true(burst_may_begin(&b));
    }
}

static void the_next_burst_waits_for_the_last(void **state)
{
    (void)state;
    struct burst b = {.share = 0};
    send_burst(&b, 3);
    for (int i = 0; i < 3; i++) {
        assert_false(burst_may_begin(&b));
        burst_reported(&b);
    }
    assert_true(burst_may_begin(&b));
}

static void a_share_of_the_last_may_be_out(void **state)
{
    (void)state;
    struct burst b = {.share = 50};
    send_burst(&b, 4);
    burst_reported(&b);
    assert_false(burst_may_begin(&b));
    burst_reported(&b);
    assert_true(burst_may_begin(&b));
    send_burst(&b, 2); /* four are out again */
    assert_false(burst_may_begin(&b));
    burst_reported(&b);
    burst_reported(&b);
    assert_true(burst_may_begin(&b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_rest_a_record_goes_at_once),
        cmocka_unit_test(the_next_burst_waits_for_the_last),
        cmocka_unit_test(a_share_of_the_last_may_be_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
