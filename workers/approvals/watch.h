/* `munim approve watch`: requests as they come. */
#ifndef MUNIM_APPROVALS_WATCH_H
#define MUNIM_APPROVALS_WATCH_H

#include "workers/approvals/board.h"
#include "workers/approvals/decide.h"

/* Until end of input, "q" or a signal. On a terminal "a N" approves and "r N reason" rejects the request numbered N. */
int watch(struct board *b, const struct decide_options *o);

#endif
