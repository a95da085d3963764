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
#include <stdint.h>
#include <threads.h>
#include <time.h>

static const int64_t NS_PER_S = 1000000000;

bool kafka_waits_are_monotonic(void)
{
    return true;
}

int timespec_get(struct timespec *t, int base)
{
    return base == TIME_UTC && clock_gettime(CLOCK_MONOTONIC, t) == 0 ? base : 0;
}

/* librdkafka makes most deadlines by timespec_get, but some by gettimeofday just before it waits (cnd_timedwait_ms): no
 * machine has been up for so long that its CLOCK_MONOTONIC could be taken for one of those. */
enum { WALL_FROM_S = 1000000000 };

static struct timespec by_monotonic(const struct timespec *until)
{
    struct timespec wall, now;
    if (until->tv_sec < WALL_FROM_S || clock_gettime(CLOCK_REALTIME, &wall) != 0 ||
        clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return *until;
    int64_t left_ns = (until->tv_sec - wall.tv_sec) * NS_PER_S + until->tv_nsec - wall.tv_nsec;
    int64_t at_ns = now.tv_sec * NS_PER_S + now.tv_nsec + (left_ns > 0 ? left_ns : 0);
    return (struct timespec){.tv_sec = at_ns / NS_PER_S, .tv_nsec = at_ns % NS_PER_S};
}

/* glibc's C11 types are its POSIX types under another name, as in its own cnd_timedwait. */
int cnd_timedwait(cnd_t *restrict cond, mtx_t *restrict lock, const struct timespec *restrict until)
{
    const struct timespec at = by_monotonic(until);
    int rc =
        pthread_cond_clockwait((pthread_cond_t *)(void *)cond, (pthread_mutex_t *)(void *)lock, CLOCK_MONOTONIC, &at);
    return rc == 0 ? thrd_success : rc == ETIMEDOUT ? thrd_timedout : thrd_error;
}

#else

bool kafka_waits_are_monotonic(void)
{
    return false;
}

#endif
