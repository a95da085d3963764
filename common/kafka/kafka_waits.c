/* librdkafka 2.0.2 waits until a moment of the wall clock (rdtime.h: timespec_get; tinycthread_extra.c: cnd_timedwait).
 * When that clock is set back meanwhile, by hand or by NTP's first step, each of its threads may sleep for so much
 * longer: a broker's thread between two attempts to connect sits out the two hours by which the clock was wrong.
 *
 * A program's own functions come before the C library's, also for the libraries that it is linked with, and of ours
 * librdkafka alone uses these two. So its deadlines are made and waited for by CLOCK_MONOTONIC. A librdkafka that
 * brings condition variables of its own (it imports no cnd_timedwait; the Makefile looks) must find the C library's
 * instead. */
#include "common/kafka/kafka_waits.h"

#ifdef RDKAFKA_WAITS_BY_C11

#include <errno.h>
#include <pthread.h>
#include <threads.h>
#include <time.h>

bool kafka_waits_are_monotonic(void)
{
    return true;
}

int timespec_get(struct timespec *t, int base)
{
    return base == TIME_UTC && clock_gettime(CLOCK_MONOTONIC, t) == 0 ? base : 0;
}

/* glibc's C11 types are its POSIX types under another name, as in its own cnd_timedwait. */
int cnd_timedwait(cnd_t *restrict cond, mtx_t *restrict lock, const struct timespec *restrict until)
{
    int rc =
        pthread_cond_clockwait((pthread_cond_t *)(void *)cond, (pthread_mutex_t *)(void *)lock, CLOCK_MONOTONIC, until);
    return rc == 0 ? thrd_success : rc == ETIMEDOUT ? thrd_timedout : thrd_error;
}

#else

bool kafka_waits_are_monotonic(void)
{
    return false;
}

#endif
