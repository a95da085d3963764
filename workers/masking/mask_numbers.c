/* Numbers written in one group of digits or several: phones, cards, Aadhaar, accounts, one-time passwords. */
#include "workers/masking/mask_text.h"

#include "workers/masking/check_digits.h"

#include <string.h>

enum { GROUPS_MOST = 6, DIGITS_MOST = 20, WHOLE = 10 };

/* Up to six groups of digits with one space or hyphen between each, as a person may write one number. */
struct number {
    const struct cells *t;
    size_t from, to; /* cells, without a plus sign */
    bool plus;
    size_t size[GROUPS_MOST], groups;
    char digits[DIGITS_MOST];
    size_t n;
};

static bool separator(const struct cells *t, size_t i)
{
    return i < t->n && (t->c[i] == ' ' || t->c[i] == '-');
}

static size_t run(const struct cells *t, size_t at)
{
    size_t n = 0;
    while (cell_digit(t, at + n))
        n++;
    return n;
}

/* "9876543210/9812345678": whole numbers side by side, not the parts of one. */
static bool apart(const struct cells *t, size_t joint)
{
    size_t before = joint;
    while (before > 0 && cell_digit(t, before - 1))
        before--;
    return (t->c[joint] == '/' || t->c[joint] == ',') && joint - before >= WHOLE && run(t, joint + 1) >= WHOLE;
}

/* A number inside a larger one, or inside a word, is none of its own: 1,234.50, A123, 12/2026. */
static bool begins(const struct cells *t, size_t at)
{
    if (at == 0)
        return true;
    if (cell_word(t, at - 1))
        return false;
    bool joint = strchr(".,/:", t->c[at - 1] < 0x80 && t->c[at - 1] != 0 ? (char)t->c[at - 1] : 'x') != NULL;
    return !(joint && at >= 2 && cell_digit(t, at - 2)) || apart(t, at - 1);
}

static bool ends(const struct cells *t, size_t to)
{
    if (cell_word(t, to))
        return false;
    bool joint = to < t->n && t->c[to] < 0x80 && t->c[to] != 0 && strchr(".,/:", (char)t->c[to]) != NULL;
    return !(joint && cell_digit(t, to + 1)) || apart(t, to);
}

/* The next group of digits joins the number; false when there is none, or no room. */
static bool grow(struct number *m)
{
    size_t at = m->groups == 0 ? m->from : m->to + 1;
    if (m->groups == GROUPS_MOST || !cell_digit(m->t, at) || (m->groups > 0 && !separator(m->t, m->to)))
        return false;
    size_t n = 0;
    while (cell_digit(m->t, at + n)) {
        if (m->n == DIGITS_MOST)
            return false;
        m->digits[m->n++] = (char)m->t->c[at + n];
        n++;
    }
    m->size[m->groups++] = n;
    m->to = at + n;
    return true;
}

static bool sizes_are(const struct number *m, const char *sizes)
{
    for (size_t i = 0; i < m->groups; i++) {
        if (sizes[i] == '\0' || m->size[i] != (size_t)(sizes[i] - '0'))
            return false;
    }
    return sizes[m->groups] == '\0';
}

static bool aadhaar_shape(const struct number *m)
{
    return m->n == 12 && m->digits[0] >= '2' && (m->groups == 1 || sizes_are(m, "444"));
}

static bool card_shape(const struct number *m)
{
    if (m->n < 13 || m->n > 19)
        return false;
    return m->groups == 1 || sizes_are(m, "4444") || sizes_are(m, "44443") || sizes_are(m, "465") ||
           sizes_are(m, "464") || sizes_are(m, "44441") || sizes_are(m, "44442");
}

/* Indian mobile numbers with or without a prefix, any number behind a plus sign. */
static bool phone_shape(const struct number *m, bool labelled)
{
    static const char *const prefixes[] = {"", "0", "91", "0091", "091"};
    size_t first = 0;
    for (size_t k = 0; k + 1 < m->groups; k++)
        if (m->size[k] >= WHOLE)
            return false; /* "9812345678 20 m": a whole number, and a quantity */
    if (m->plus && m->n >= 8 && m->n <= 15)
        return true;
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        size_t skip = strlen(prefixes[i]);
        if (m->n != skip + 10 || strncmp(m->digits, prefixes[i], skip) != 0 || m->digits[skip] < '6')
            continue;
        first = skip > 0 && m->size[0] == skip ? 1 : 0;
        size_t least = labelled ? 2 : 3;
        for (size_t k = first; k < m->groups; k++) {
            if (m->size[k] < least)
                return false;
        }
        return m->groups - first <= 4;
    }
    return labelled && m->n >= 8 && m->n <= 12;
}

static void judge(const struct number *m, const struct label *labels, size_t n, struct candidates *out)
{
    size_t from = m->plus ? m->from - 1 : m->from;
    if (!begins(m->t, from) || !ends(m->t, m->to))
        return;
    int label = -1;
    static const enum mask_type asked[] = {MASK_OTP, MASK_CVV, MASK_AADHAAR, MASK_CARD, MASK_BANK_ACCOUNT, MASK_PHONE};
    for (size_t i = 0; i < sizeof asked / sizeof *asked && label < 0; i++)
        label = label_of(m->t, labels, n, from, m->to, (int)asked[i]);
    if (label == MASK_OTP && m->n >= 4 && m->n <= 8 && m->groups <= 2)
        candidate_add(out, from, m->to, MASK_OTP, true);
    if (label == MASK_CVV && (m->n == 3 || m->n == 4) && m->groups == 1)
        candidate_add(out, from, m->to, MASK_CVV, true);
    if (label == LABEL_KEEP && !m->plus)
        return;
    if (label == MASK_BANK_ACCOUNT && m->n >= 9 && m->n <= 18)
        candidate_add(out, from, m->to, MASK_BANK_ACCOUNT, true);
    if (aadhaar_shape(m) && (label == MASK_AADHAAR || verhoeff_ok(m->digits, m->n)))
        candidate_add(out, from, m->to, MASK_AADHAAR, label == MASK_AADHAAR);
    if (card_shape(m) && (label == MASK_CARD || luhn_ok(m->digits, m->n)))
        candidate_add(out, from, m->to, MASK_CARD, label == MASK_CARD);
    if (phone_shape(m, label == MASK_PHONE))
        candidate_add(out, from, m->to, MASK_PHONE, label == MASK_PHONE);
}

void find_numbers(const struct cells *t, const struct label *labels, size_t n, struct candidates *out)
{
    for (size_t i = 0; i < t->n; i++) {
        if (!cell_digit(t, i) || (i > 0 && cell_digit(t, i - 1)))
            continue;
        struct number m = {.t = t, .from = i, .to = i, .plus = i > 0 && t->c[i - 1] == '+'};
        while (grow(&m))
            judge(&m, labels, n, out);
    }
}
