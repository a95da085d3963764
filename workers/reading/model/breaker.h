/* A circuit breaker as a value: no timer and no clock of its own. Closed, everything passes; after `threshold` failures
 * in a row it opens and nothing passes for `rest_ms`; then it is half open, and one attempt decides. */
#ifndef MUNIM_READING_MODEL_BREAKER_H
#define MUNIM_READING_MODEL_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

enum breaker_state { BREAKER_CLOSED, BREAKER_HALF_OPEN, BREAKER_OPEN };

struct breaker {
    unsigned threshold; /* at least 1 */
    int64_t rest_ms;
    unsigned failures; /* in a row, while closed */
    unsigned era;      /* counts the times it has opened or closed: answers to older attempts are no news */
    bool open, probing;
    int64_t opened_ms;
};

enum breaker_state breaker_state(const struct breaker *b, int64_t now_ms);
const char *breaker_state_name(enum breaker_state s); /* "half_open" */

/* Whether an attempt may be made now. Every true must be followed by one breaker_told with the same ticket. */
bool breaker_may(struct breaker *b, int64_t now_ms, unsigned *ticket);

/* How that attempt ended. True when the state has changed by it. */
bool breaker_told(struct breaker *b, unsigned ticket, bool good, int64_t now_ms);

#endif
