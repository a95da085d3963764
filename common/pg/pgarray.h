/* Array literals for unnest($1::text[], ...): one value per row of a group commit. */
#ifndef MUNIM_PG_PGARRAY_H
#define MUNIM_PG_PGARRAY_H

#include <stdint.h>
#include <utstring.h>

struct pgarray {
    UT_string text;
    size_t n;
};

void pgarray_init(struct pgarray *a);
void pgarray_done(struct pgarray *a);
void pgarray_clear(struct pgarray *a);
void pgarray_str(struct pgarray *a, const char *value); /* quoted and escaped; NULL is SQL NULL */
void pgarray_i64(struct pgarray *a, int64_t value);
void pgarray_bool(struct pgarray *a, int value);

/* The literal "{...}"; valid until the next call on a. */
const char *pgarray_text(struct pgarray *a);

#endif
