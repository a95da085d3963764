#include "common/pg/pgarray.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* utstring grows by what is added, which moves a long text at nearly every value; this doubles it. */
static void append(struct pgarray *a, const char *bytes, size_t n)
{
    if (a->text.n - a->text.i <= n)
        utstring_reserve(&a->text, a->text.n + n + 1);
    utstring_bincpy(&a->text, bytes, n);
}

void pgarray_init(struct pgarray *a)
{
    utstring_init(&a->text);
    append(a, "{", 1);
    a->n = 0;
}

void pgarray_done(struct pgarray *a)
{
    utstring_done(&a->text);
}

void pgarray_clear(struct pgarray *a)
{
    utstring_clear(&a->text);
    append(a, "{", 1);
    a->n = 0;
}

static void separate(struct pgarray *a)
{
    if (a->n++ > 0)
        append(a, ",", 1);
}

/* PostgreSQL 15, 8.15.6: quoted, so that an empty string, "NULL", commas and braces are only text; inside, a backslash
 * goes before each quote and backslash. */
void pgarray_str(struct pgarray *a, const char *value)
{
    separate(a);
    if (value == NULL) {
        append(a, "NULL", 4);
        return;
    }
    append(a, "\"", 1);
    for (const char *s = value; *s != '\0';) {
        size_t plain = strcspn(s, "\"\\");
        if (plain > 0)
            append(a, s, plain);
        s += plain;
        if (*s != '\0') {
            const char escaped[2] = {'\\', *s++};
            append(a, escaped, 2);
        }
    }
    append(a, "\"", 1);
}

void pgarray_i64(struct pgarray *a, int64_t value)
{
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%" PRId64, value);
    separate(a);
    append(a, digits, (size_t)n);
}

void pgarray_bool(struct pgarray *a, int value)
{
    separate(a);
    append(a, value ? "t" : "f", 1);
}

/* The closing brace is written behind the text without counting it, so that the next value overwrites it. */
const char *pgarray_text(struct pgarray *a)
{
    append(a, "}", 1);
    a->text.i--;
    return utstring_body(&a->text);
}
