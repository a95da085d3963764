/* The fence: the statement by which a transaction of a partition's owner moves its position. Worker and sender put it
 * first into every batch. */
#ifndef MUNIM_CLAIM_FENCE_H
#define MUNIM_CLAIM_FENCE_H

#include "common/pg/pg.h"

#include <stddef.h>
#include <stdint.h>

/* Where one partition's position moves in this transaction. next == expected, last == -1 and digest == NULL: it stays,
 * but the transaction is held to the epoch all the same. */
struct position {
    const char *topic;
    int32_t partition;
    int64_t epoch, expected, next, last;
    const char *digest; /* claim_digest() of the record at `last` */
};

/* Adds the statement for n positions; their strings are copied. The batch fails with MU001 when one of them has a later
 * owner, or is elsewhere than its owner believes. on_result may be NULL. */
void fence_add(struct pg_batch *b, const struct position *positions, size_t n, pg_result_fn *on_result);

#endif
