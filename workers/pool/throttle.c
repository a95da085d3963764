#include "workers/pool/throttle.h"

#include <stdint.h>

void throttle_init(struct throttle *t, const struct throttle_limits *limits)
{
    *t = (struct throttle){
        .backoff = {.base_ms = limits->base_ms, .cap_ms = limits->cap_ms}, .window_ms = INT64_MIN / 2, .until_ms = 0};
}

static void hold(struct throttle *t, int64_t until_ms)
{
    if (until_ms > t->until_ms)
        t->until_ms = until_ms;
}

int64_t throttle_death(struct throttle *t, const struct throttle_limits *limits, int64_t now_ms, bool was_ready)
{
    if (!was_ready) {
        /* The largest draw makes the wait double exactly; jitter serves many callers of one server, not one parent. */
        hold(t, now_ms + backoff_next(&t->backoff, UINT32_MAX));
        return t->until_ms;
    }
    if (now_ms - t->window_ms > limits->period_ms) {
        t->window_ms = now_ms;
        t->deaths = 0;
    }
    if (++t->deaths > limits->intensity) {
        t->deaths = 0;
        t->window_ms = now_ms;
        hold(t, now_ms + limits->cap_ms);
    }
    return t->until_ms;
}

void throttle_ready(struct throttle *t)
{
    backoff_reset(&t->backoff);
}
