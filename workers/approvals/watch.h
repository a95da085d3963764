/* `munim approve watch`: requests as they come. */
#ifndef MUNIM_APPROVALS_WATCH_H
#define MUNIM_APPROVALS_WATCH_H

#include "workers/approvals/board.h"
#include "workers/approvals/decide.h"

/* Until a signal, or, when the input is a terminal, "q" or its end. There "a N" approves and "r N reason" rejects the
 * request numbered N, at the version that was shown; other input is not read. Returns the exit status. */
int watch(struct board *b, const struct decide_options *o);

#endif
