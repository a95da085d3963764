/* Sending one decision and waiting for its answer. */
#ifndef MUNIM_APPROVALS_DECIDE_H
#define MUNIM_APPROVALS_DECIDE_H

#include "workers/approvals/board.h"

#include <stdbool.h>
#include <stddef.h>

struct decide_options {
    bool json;
    int timeout_ms;
    int64_t version; /* insist on this one; -1: the one on the board */
    const char *reason, *by;
};

enum {
    APPROVE_DONE = 0,
    APPROVE_ERROR = 1,
    APPROVE_USAGE = 2,
    APPROVE_ALREADY = 3,
    APPROVE_EXPIRED = 4,
    APPROVE_SHORTAGE = 5,
    APPROVE_CHANGED = 6
};

/* What a decision carries at most, in bytes. */
enum { DECIDE_REASON_MOST = 511, DECIDE_BY_MOST = 127 };

/* One line of UTF-8, not blank, of at most so many bytes, with nothing that disturbs a terminal. */
bool decide_words_fit(const char *words, size_t most);

/* Decides, waits, prints the outcome on stdout; returns the exit status. */
int decide(struct board *b, const char *order, bool approve, const struct decide_options *o);

#endif
