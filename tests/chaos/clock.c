/* A library for LD_PRELOAD: the process's wall clock leaps. LAB_CLOCK names a file of eight bytes, the seconds (signed,
 * of this machine's order) by which CLOCK_REALTIME is off; whoever writes there moves the clock of everybody who maps
 * it. Monotonic clocks go on as they were.
 *
 * A wait until a moment of the wall clock (librdkafka's, by C11's cnd_timedwait) feels a leap as the kernel would let
 * it: forwards it is over at once, backwards it lasts so much longer. libfaketime knows nothing of such waits. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

enum { SLICE_NS = 20 * 1000 * 1000, SECOND_NS = 1000 * 1000 * 1000 };

static const volatile int64_t *shared;

__attribute__((constructor)) static void open_shared(void)
{
    const char *path = getenv("LAB_CLOCK");
    int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    void *at = mmap(NULL, sizeof *shared, PROT_READ, MAP_SHARED, fd, 0);
    if (at != MAP_FAILED)
        shared = at;
    (void)close(fd);
}

static time_t off(void)
{
    return shared == NULL ? 0 : (time_t)*shared;
}

int clock_gettime(clockid_t id, struct timespec *t)
{
    static int (*next)(clockid_t, struct timespec *);
    if (next == NULL)
        *(void **)&next = dlsym(RTLD_NEXT, "clock_gettime");
    int rc = next(id, t);
    if (rc == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
        t->tv_sec += off();
    return rc;
}

int timespec_get(struct timespec *t, int base)
{
    return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, t) == 0 ? base : 0;
}

int gettimeofday(struct timeval *restrict t, void *restrict zone)
{
    (void)zone; /* obsolete; nobody here asks for it */
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    *t = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *t)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (t != NULL)
        *t = now.tv_sec;
    return now.tv_sec;
}

/* A short time from now on the machine's own clock, or the deadline when that is nearer. */
static struct timespec slice_end(const struct timespec *until)
{
    struct timespec end;
    (void)clock_gettime(CLOCK_REALTIME, &end);
    end.tv_nsec += SLICE_NS;
    if (end.tv_nsec >= SECOND_NS) {
        end.tv_sec++;
        end.tv_nsec -= SECOND_NS;
    }
    if (until->tv_sec < end.tv_sec || (until->tv_sec == end.tv_sec && until->tv_nsec < end.tv_nsec))
        end = *until;
    end.tv_sec -= off();
    return end;
}

static bool is_over(const struct timespec *until)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec > until->tv_sec || (now.tv_sec == until->tv_sec && now.tv_nsec >= until->tv_nsec);
}

/* What lasts longer than a slice wakes for nothing meanwhile, as a condition variable may at any time: to wait on
 * without letting the caller look would lose a signal. */
int cnd_timedwait(cnd_t *restrict cond, mtx_t *restrict lock, const struct timespec *restrict until)
{
    static int (*next)(cnd_t *, mtx_t *, const struct timespec *);
    if (next == NULL)
        *(void **)&next = dlsym(RTLD_NEXT, "cnd_timedwait");
    struct timespec end = {0};
    if (!is_over(until))
        end = slice_end(until);
    int rc = next(cond, lock, &end);
    return rc == thrd_timedout && !is_over(until) ? thrd_success : rc;
}
