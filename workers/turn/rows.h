/* Rows of one statement of a group commit, column by column, as array parameters for unnest. */
#ifndef MUNIM_TURN_ROWS_H
#define MUNIM_TURN_ROWS_H

#include "common/pg/pg.h"
#include "common/pg/pgarray.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ROW_COLUMNS = 18 };

struct rows {
    struct pgarray column[ROW_COLUMNS];
    int at; /* the column that the next value goes into */
    int width;
    size_t n;
};

void rows_init(struct rows *r, int width);
void rows_done(struct rows *r);

/* Values of one row in column order, exactly width of them, then the next row begins by itself. */
void row_str(struct rows *r, const char *value); /* NULL is SQL NULL */
void row_id(struct rows *r, const char *uuid);   /* "" is SQL NULL */
void row_i64(struct rows *r, int64_t value);
void row_i64_or_null(struct rows *r, int64_t value, int64_t null); /* value == null is SQL NULL */
void row_bool(struct rows *r, bool value);
void row_bytes(struct rows *r, const void *data, size_t n); /* for bytea[] */

/* Adds the statement to b when there are rows: $1..$width are the columns, $width+1 the number of rows. */
void rows_send(struct rows *r, struct pg_batch *b, const char *sql, pg_result_fn *on_result, void *arg);

#endif
