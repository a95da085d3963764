#include "workers/lag/run.h"

#include "common/base/clock.h"
#include "common/log/log.h"
#include "workers/lag/ask.h"
#include "workers/lag/gauges.h"
#include "workers/lag/positions.h"

#include <stdlib.h>

/* A view is shown until this many rounds' time has gone by without another, at least STALE_LEAST_MS: one missed round
 * is no news, an old picture is a lie. */
enum { STALE_ROUNDS = 3, STALE_LEAST_MS = 10000 };

struct lag {
    struct ask *ask;
    struct positions positions;
    struct event *timer;
    struct timeval every;
    int64_t stale_ms;
    const struct lag_view *view; /* belongs to ask */
    int64_t answered_us;         /* monotonic; of view */
    struct fault trouble;        /* of the last round; verdict NONE when it was answered */
};

static bool fresh(const struct lag *l)
{
    return l->view != NULL && clock_mono_us() - l->answered_us < l->stale_ms * 1000;
}

static void on_done(void *arg, const struct lag_view *v, const struct fault *f)
{
    struct lag *l = arg;
    gauges_count_round(f == NULL, clock_wall_ms());
    if (f == NULL) {
        if (l->trouble.verdict != VERDICT_NONE)
            log_line(LOG_INFO, "Kafka answers");
        l->view = v;
        l->answered_us = clock_mono_us();
        l->trouble = (struct fault){.verdict = VERDICT_NONE};
    } else {
        if (l->trouble.verdict == VERDICT_NONE || l->view == NULL)
            log_fault(LOG_WARN, "the queues are not known", f);
        l->trouble = *f;
    }
    evtimer_add(l->timer, &l->every);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct lag *l = arg;
    positions_refresh(&l->positions);
    ask_begin(l->ask);
}

int lag_open(struct event_base *base, const struct settings *s, void **state, struct fault *f)
{
    struct lag *l = calloc(1, sizeof *l);
    if (l == NULL)
        abort();
    *state = l;
    int64_t ms = settings_int(s, "lag", "every");
    l->every = (struct timeval){.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000) * 1000};
    l->stale_ms = ms * STALE_ROUNDS > STALE_LEAST_MS ? ms * STALE_ROUNDS : STALE_LEAST_MS;
    gauges_register();
    positions_open(&l->positions, base, settings_text(s, "postgres", "url"));
    l->timer = evtimer_new(base, on_timer, l);
    if (l->timer == NULL)
        abort();
    l->ask = ask_new(base, s, on_done, l, f);
    if (l->ask == NULL)
        return -1;
    ask_begin(l->ask);
    return 0;
}

bool lag_ready(void *state, struct fault *f)
{
    const struct lag *l = state;
    if (fresh(l))
        return true;
    if (l->trouble.verdict != VERDICT_NONE)
        *f = l->trouble;
    else
        fault_set(f, VERDICT_RETRY, "Kafka has not answered yet");
    return false;
}

void lag_metrics(void *state)
{
    struct lag *l = state;
    gauges_fill(fresh(l) ? l->view : NULL, &l->positions, clock_wall_ms());
}

void lag_close(void **state)
{
    struct lag *l = *state;
    ask_free(&l->ask);
    positions_close(&l->positions);
    if (l->timer != NULL)
        event_free(l->timer);
    free(l);
    *state = NULL;
}
