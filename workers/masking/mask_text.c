#include "workers/masking/mask_text.h"

#include <stdlib.h>
#include <utf8proc.h>

static void *need(void *p)
{
    if (p == NULL)
        abort();
    return p;
}

/* Decimal digits of every script stand in runs of ten that begin at a multiple found by their category and value;
 * Unicode keeps each run in order, so a digit's value is its distance from the run's zero. */
static int32_t fold(int32_t c)
{
    if (c < 0x80)
        return c >= 'a' && c <= 'z' ? c - 32 : c;
    if (utf8proc_category(c) != UTF8PROC_CATEGORY_ND)
        return c;
    int32_t zero = c;
    while (c - zero < 9 && utf8proc_category(zero - 1) == UTF8PROC_CATEGORY_ND)
        zero--;
    return '0' + (c - zero) % 10;
}

void cells_make(struct cells *t, const char *text, size_t n)
{
    t->c = need(malloc((n + 1) * sizeof *t->c));
    t->at = need(malloc((n + 1) * sizeof *t->at));
    t->n = 0;
    size_t i = 0;
    while (i < n) {
        utf8proc_int32_t c = -1;
        utf8proc_ssize_t len = utf8proc_iterate((const utf8proc_uint8_t *)text + i, (utf8proc_ssize_t)(n - i), &c);
        if (len <= 0) {
            len = 1;
            c = 0xfffd;
        }
        t->at[t->n] = i;
        t->c[t->n++] = fold(c);
        i += (size_t)len;
    }
    t->at[t->n] = n;
}

void cells_free(struct cells *t)
{
    free(t->c);
    free(t->at);
}

bool cell_digit(const struct cells *t, size_t i)
{
    return i < t->n && t->c[i] >= '0' && t->c[i] <= '9';
}

bool cell_alnum(const struct cells *t, size_t i)
{
    return cell_digit(t, i) || (i < t->n && t->c[i] >= 'A' && t->c[i] <= 'Z');
}

bool cell_word(const struct cells *t, size_t i)
{
    if (i >= t->n)
        return false;
    if (t->c[i] < 0x80)
        return cell_alnum(t, i);
    switch (utf8proc_category(t->c[i])) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
        return true;
    default:
        return false;
    }
}

void candidate_add(struct candidates *all, size_t from, size_t to, enum mask_type type, bool labelled)
{
    if (all->n == all->room) {
        all->room = all->room > 0 ? all->room * 2 : 16;
        all->list = need(realloc(all->list, all->room * sizeof *all->list));
    }
    all->list[all->n++] = (struct candidate){.from = from, .to = to, .type = type, .labelled = labelled};
}
