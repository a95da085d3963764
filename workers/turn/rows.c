#include "workers/turn/rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

void rows_init(struct rows *r, int width)
{
    if (width > ROW_COLUMNS)
        abort();
    r->width = width;
    r->at = 0;
    r->n = 0;
    for (int i = 0; i < width; i++)
        pgarray_init(&r->column[i]);
}

void rows_done(struct rows *r)
{
    for (int i = 0; i < r->width; i++)
        pgarray_done(&r->column[i]);
}

static struct pgarray *next_column(struct rows *r)
{
    struct pgarray *a = &r->column[r->at++];
    if (r->at == r->width) {
        r->at = 0;
        r->n++;
    }
    return a;
}

void row_str(struct rows *r, const char *value)
{
    pgarray_str(next_column(r), value);
}

void row_id(struct rows *r, const char *uuid)
{
    pgarray_str(next_column(r), uuid[0] != '\0' ? uuid : NULL);
}

void row_i64(struct rows *r, int64_t value)
{
    pgarray_i64(next_column(r), value);
}

void row_i64_or_null(struct rows *r, int64_t value, int64_t null)
{
    if (value == null)
        pgarray_str(next_column(r), NULL);
    else
        pgarray_i64(next_column(r), value);
}

void row_bool(struct rows *r, bool value)
{
    pgarray_bool(next_column(r), value);
}

void row_bytes(struct rows *r, const void *data, size_t n)
{
    char *hex = malloc(2 * n + 3);
    if (hex == NULL)
        abort();
    static const char digits[] = "0123456789abcdef";
    const unsigned char *p = data;
    size_t at = 0;
    hex[at++] = '\\';
    hex[at++] = 'x';
    for (size_t i = 0; i < n; i++) {
        hex[at++] = digits[p[i] >> 4];
        hex[at++] = digits[p[i] & 15];
    }
    hex[at] = '\0';
    pgarray_str(next_column(r), hex);
    free(hex);
}

void rows_send(struct rows *r, struct pg_batch *b, const char *sql, pg_result_fn *on_result, void *arg)
{
    if (r->n == 0)
        return;
    const char *v[ROW_COLUMNS + 1];
    for (int i = 0; i < r->width; i++)
        v[i] = pgarray_text(&r->column[i]);
    char count[24];
    (void)snprintf(count, sizeof count, "%zu", r->n);
    v[r->width] = count;
    pg_add(b, sql, r->width + 1, v, on_result, arg);
}
