/* What `munim approve` prints of the board. */
#ifndef MUNIM_APPROVALS_LISTING_H
#define MUNIM_APPROVALS_LISTING_H

#include "workers/approvals/board.h"

#include <stdbool.h>

/* Orders, oldest request first, a line each: those that wait; all: also those that do not, with their state. */
void print_list(struct board *b, bool all, bool json);

/* One order. */
void print_order(const struct approval *a, bool json);

/* The decisions that the topic still tells of (the last 8 of an order), oldest first, a line each. */
void print_log(struct board *b, bool json);

#endif
