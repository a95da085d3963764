#include "workers/reading/model/breaker.h"

enum breaker_state breaker_state(const struct breaker *b, int64_t now_ms)
{
    if (!b->open)
        return BREAKER_CLOSED;
    return now_ms - b->opened_ms >= b->rest_ms ? BREAKER_HALF_OPEN : BREAKER_OPEN;
}

const char *breaker_state_name(enum breaker_state s)
{
    static const char *const names[] = {"closed", "half_open", "open"};
    return names[s];
}

bool breaker_may(struct breaker *b, int64_t now_ms, unsigned *ticket)
{
    enum breaker_state s = breaker_state(b, now_ms);
    if (s == BREAKER_OPEN || (s == BREAKER_HALF_OPEN && b->probing))
        return false;
    b->probing = s == BREAKER_HALF_OPEN;
    *ticket = b->era;
    return true;
}

static void turn(struct breaker *b, bool open, int64_t now_ms)
{
    b->open = open;
    b->opened_ms = now_ms;
    b->failures = 0;
    b->probing = false;
    b->era++;
}

bool breaker_told(struct breaker *b, unsigned ticket, bool good, int64_t now_ms)
{
    if (ticket != b->era)
        return false;
    if (good && !b->open) {
        b->failures = 0;
        return false;
    }
    if (!good && !b->open && ++b->failures < b->threshold)
        return false;
    turn(b, !good, now_ms);
    return true;
}
