/* The two functions that librdkafka waits by, with the deadlines of both kinds that it makes. */
#include "common/base/clock.h"
#include "common/kafka/kafka_waits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>

#include <cmocka.h>

enum { WAIT_MS = 50, LONGEST_MS = 10000 };

/* How long it was waited, in milliseconds. */
static int64_t wait_until(struct timespec at)
{
    cnd_t cond;
    mtx_t lock;
    assert_int_equal(cnd_init(&cond), thrd_success);
    assert_int_equal(mtx_init(&lock, mtx_plain), thrd_success);
    assert_int_equal(mtx_lock(&lock), thrd_success);
    int64_t began = clock_mono_us();
    int rc;
    while ((rc = cnd_timedwait(&cond, &lock, &at)) == thrd_success) /* woken for no reason */
        continue;
    int64_t waited = (clock_mono_us() - began) / 1000;
    assert_int_equal(rc, thrd_timedout);
    mtx_unlock(&lock);
    mtx_destroy(&lock);
    cnd_destroy(&cond);
    return waited;
}

static struct timespec later(struct timespec t)
{
    t.tv_nsec += WAIT_MS * 1000000L;
    t.tv_sec += t.tv_nsec / 1000000000L;
    t.tv_nsec %= 1000000000L;
    return t;
}

static void a_deadline_of_timespec_get(void **state)
{
    (void)state;
    struct timespec now;
    assert_int_equal(timespec_get(&now, TIME_UTC), TIME_UTC);
    assert_in_range(wait_until(later(now)), WAIT_MS - 1, LONGEST_MS);
}

static void a_deadline_of_the_wall_clock(void **state)
{
    (void)state;
    struct timeval now;
    gettimeofday(&now, NULL);
    assert_in_range(wait_until(later((struct timespec){.tv_sec = now.tv_sec, .tv_nsec = now.tv_usec * 1000L})),
                    WAIT_MS - 1, LONGEST_MS);
}

static void a_deadline_that_is_past(void **state)
{
    (void)state;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    now.tv_sec -= 3600;
    assert_in_range(wait_until(now), 0, LONGEST_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_deadline_of_timespec_get),
        cmocka_unit_test(a_deadline_of_the_wall_clock),
        cmocka_unit_test(a_deadline_that_is_past),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
