/* When a service's dead process may start again. Pure: the caller brings the clock.
 *
 * A process that dies before it was ready doubles the wait of its service, from base to cap; the next readiness resets
 * it. One that dies after it was ready starts again at once, but when more than `intensity` do so within `period`
 * the service is held for the cap. Nothing is ever given up. */
#ifndef MUNIM_POOL_THROTTLE_H
#define MUNIM_POOL_THROTTLE_H

#include "common/base/backoff.h"

#include <stdbool.h>
#include <stdint.h>

struct throttle_limits {
    int64_t base_ms, cap_ms, period_ms;
    unsigned intensity;
};

struct throttle {
    struct backoff backoff;
    int64_t window_ms; /* when the present period began */
    unsigned deaths;   /* after readiness, in the present period */
    int64_t until_ms;  /* no process of the service starts before this; 0: none is held */
};

void throttle_init(struct throttle *t, const struct throttle_limits *limits);

/* A process ended that should have gone on. Sets and returns until_ms: now_ms or earlier means at once. */
int64_t throttle_death(struct throttle *t, const struct throttle_limits *limits, int64_t now_ms, bool was_ready);

void throttle_ready(struct throttle *t);

#endif
