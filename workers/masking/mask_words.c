/* What stands in one word: addresses, GSTIN, PAN, IFSC, and the references that a label announces. */
#include "workers/masking/mask_text.h"

#include "workers/masking/check_digits.h"

#include <string.h>

enum { MIXED_REFERENCE = 6, PLAIN_REFERENCE = 9 };

/* Pattern letters: A a letter, 9 a digit, X either; anything else is itself. */
static bool fits(const struct cells *t, size_t at, const char *pattern)
{
    for (size_t i = 0; pattern[i] != '\0'; i++) {
        bool digit = cell_digit(t, at + i), letter = cell_alnum(t, at + i) && !digit;
        bool ok = pattern[i] == 'A'   ? letter
                  : pattern[i] == '9' ? digit
                  : pattern[i] == 'X' ? digit || letter
                                      : at + i < t->n && t->c[at + i] == pattern[i];
        if (!ok)
            return false;
    }
    return true;
}

static bool stands_alone(const struct cells *t, size_t from, size_t to)
{
    return (from == 0 || !cell_word(t, from - 1)) && !cell_word(t, to);
}

static void ascii(const struct cells *t, size_t from, size_t n, char *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (char)t->c[from + i];
}

static void find_gstin(const struct cells *t, const struct label *labels, size_t n, size_t at, struct candidates *out)
{
    char g[15];
    if (!fits(t, at, "99AAAAA9999AXXX") || !stands_alone(t, at, at + 15))
        return;
    ascii(t, at, 15, g);
    bool labelled = label_of(t, labels, n, at, at + 15, MASK_GSTIN) == MASK_GSTIN;
    if (labelled || gstin_check_ok(g))
        candidate_add(out, at, at + 15, MASK_GSTIN, labelled);
}

/* The fourth letter tells the holder's kind. */
static void find_pan(const struct cells *t, const struct label *labels, size_t n, size_t at, struct candidates *out)
{
    if (!fits(t, at, "AAAAA9999A") || !stands_alone(t, at, at + 10))
        return;
    bool labelled = label_of(t, labels, n, at, at + 10, MASK_PAN) == MASK_PAN;
    if (labelled || strchr("ABCFGHJLPTK", (char)t->c[at + 3]) != NULL)
        candidate_add(out, at, at + 10, MASK_PAN, labelled);
}

static void find_ifsc(const struct cells *t, size_t at, struct candidates *out)
{
    if (fits(t, at, "AAAA0XXXXXX") && stands_alone(t, at, at + 11))
        candidate_add(out, at, at + 11, MASK_IFSC, true);
}

static bool name_cell(const struct cells *t, size_t i)
{
    return cell_alnum(t, i) || (i < t->n && strchr("._-+%", t->c[i] < 0x80 ? (char)t->c[i] : 'x') != NULL &&
                                t->c[i] < 0x80 && t->c[i] != 0);
}

/* name@host.tld is a mail address, name@handle one of UPI. A full stop at the end belongs to the sentence. */
static void find_address(const struct cells *t, size_t sign, struct candidates *out)
{
    size_t from = sign, to = sign + 1, dots = 0, last_dot = 0;
    while (from > 0 && name_cell(t, from - 1))
        from--;
    while (from < sign && !cell_alnum(t, from))
        from++;
    while (cell_alnum(t, to) ||
           (to < t->n && (t->c[to] == '.' || t->c[to] == '-') && cell_alnum(t, to + 1) && cell_alnum(t, to - 1))) {
        if (t->c[to] == '.') {
            dots++;
            last_dot = to;
        }
        to++;
    }
    bool letter = cell_alnum(t, sign + 1) && !cell_digit(t, sign + 1);
    if (sign == from || to - sign < 3 || cell_word(t, to))
        return;
    if (dots > 0 && to - last_dot > 2 && !cell_digit(t, last_dot + 1))
        candidate_add(out, from, to, MASK_EMAIL, true);
    else if (dots == 0 && letter && sign - from > 1)
        candidate_add(out, from, to, MASK_UPI, true);
}

/* A reference has no shape of its own: letters and digits, enough of them digits, after its label. */
static void find_reference(const struct cells *t, const struct label *labels, size_t n, size_t at,
                           struct candidates *out)
{
    size_t to = at, digits = 0;
    while (cell_alnum(t, to)) {
        digits += cell_digit(t, to) ? 1 : 0;
        to++;
    }
    size_t least = digits == to - at ? PLAIN_REFERENCE : MIXED_REFERENCE; /* fewer digits alone are an amount */
    if (digits >= least && to - at <= 35 && label_of(t, labels, n, at, to, MASK_REFERENCE) == MASK_REFERENCE)
        candidate_add(out, at, to, MASK_REFERENCE, true);
}

void find_words(const struct cells *t, const struct label *labels, size_t n, struct candidates *out)
{
    for (size_t i = 0; i < t->n; i++) {
        if (t->c[i] == '@') {
            find_address(t, i, out);
            continue;
        }
        if (!cell_alnum(t, i) || (i > 0 && cell_word(t, i - 1)))
            continue;
        find_gstin(t, labels, n, i, out);
        find_pan(t, labels, n, i, out);
        find_ifsc(t, i, out);
        find_reference(t, labels, n, i, out);
    }
}
