#include "ingress/burst.h"

bool burst_may_begin(const struct burst *b)
{
    return b->out * 100 <= b->last * b->share;
}

void burst_sent(struct burst *b)
{
    b->out++;
}

void burst_ended(struct burst *b)
{
    b->last = b->out;
}

void burst_reported(struct burst *b)
{
    b->out--;
}
