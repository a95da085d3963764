/* Stock as the flow sees it, and its allocation. Pure: a snapshot in, an allocation out; the transaction that writes it
 * checks every counter again. Lengths are micrometres. Rules: docs/schema.md, allocation. */
#ifndef MUNIM_DESK_STOCK_H
#define MUNIM_DESK_STOCK_H

#include "common/base/random.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STOCK_TAKES = 16 };

struct stock_piece {
    char piece_id[UUID_TEXT];
    int64_t free_um; /* length - sold - live holds */
};

/* One dye lot, free amounts with expired holds already counted as free; oldest batch first within a variant. */
struct stock_batch {
    char batch_id[UUID_TEXT];
    char variant_id[UUID_TEXT];
    char dye_lot[32];
    int64_t roll_um;
    int rolls_free;
    struct stock_piece *pieces;
    size_t n_pieces;
};

struct stock {
    struct stock_batch *batches;
    size_t n_batches;
};

/* One part of an allocation: whole rolls, a cut from a roll (rolls = 1, length < roll), or a length from a piece. */
struct stock_take {
    char piece_id[UUID_TEXT]; /* "" for rolls */
    int rolls;
    int64_t length_um;
};

struct allocation {
    char batch_id[UUID_TEXT]; /* "" when nothing fits */
    char dye_lot[32];
    int64_t length_um; /* allocated in all; 0 when nothing fits */
    struct stock_take takes[STOCK_TAKES];
    size_t n_takes;
};

enum stock_status { STOCK_UNCHECKED, STOCK_FULL, STOCK_PARTIAL, STOCK_OUT };

/* Allocates wanted_um of the variant from one lot. FULL: out holds all of it. PARTIAL: out holds the largest amount a
 * single lot has. OUT: nothing is free. What earlier lines of the same order took is taken off `s` by stock_take_off.
 */
enum stock_status stock_allocate(const struct stock *s, const char *variant_id, int64_t wanted_um,
                                 struct allocation *out);

/* Lowers the free amounts by an allocation, so that the next line sees what is left. */
void stock_take_off(struct stock *s, const struct allocation *a);

/* The length of a roll of the variant when all its batches agree, in micrometres; -1 when they differ or there is none.
 */
int64_t stock_roll_length(const struct stock *s, const char *variant_id);

/* A copy that shares nothing with s (NULL: an empty stock); ends with stock_free. */
struct stock *stock_clone(const struct stock *s);
void stock_free(struct stock **s);

#endif
