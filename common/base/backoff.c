#include "common/base/backoff.h"

int64_t backoff_next(struct backoff *b, uint32_t random)
{
    int64_t bound = b->base_ms > 0 ? b->base_ms : 1;
    for (unsigned i = 0; i < b->attempt && bound < b->cap_ms; i++)
        bound *= 2;
    if (bound > b->cap_ms)
        bound = b->cap_ms;
    if (b->attempt < 62)
        b->attempt++;
    return 1 + (int64_t)(((uint64_t)random * (uint64_t)bound) >> 32);
}

void backoff_reset(struct backoff *b)
{
    b->attempt = 0;
}
