/* Backoff as a value: exponential with full jitter, no timer and no clock of its own. */
#ifndef MUNIM_BASE_BACKOFF_H
#define MUNIM_BASE_BACKOFF_H

#include <stdint.h>

struct backoff {
    int64_t base_ms; /* the first wait's upper bound, at least 1 */
    int64_t cap_ms;  /* no wait is longer */
    unsigned attempt;
};

/* Milliseconds to wait before the next attempt: uniform in [1, min(cap, base * 2^attempt)], drawn from
 * `random` (any 32 random bits). Counts the attempt. */
int64_t backoff_next(struct backoff *b, uint32_t random);

/* After a success. */
void backoff_reset(struct backoff *b);

#endif
