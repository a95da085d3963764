#include "workers/reading/text.h"

#include <string.h>
#include <utf8proc.h>

enum { FRACTION_SLASH = 0x2044, NUKTA = 0x093C, CHANDRABINDU = 0x0901, ANUSVARA = 0x0902 };

static const int64_t one_u = 1000000;
static const int64_t most_u = 9000000000000000000;

struct cursor {
    struct text *t;
    bool gap;  /* white space since the last token */
    bool open; /* the last token is a word that may go on */
    bool full;
    size_t raw, raw_end; /* the code point that is being put */
};

static struct token *last_token(struct cursor *c)
{
    return c->t->n > 0 ? &c->t->tokens[c->t->n - 1] : NULL;
}

static struct token *token_start(struct cursor *c, enum token_kind kind)
{
    struct text *t = c->t;
    if (t->n == TEXT_TOKENS) {
        c->full = true;
        return NULL;
    }
    struct token *k = &t->tokens[t->n];
    *k = (struct token){.kind = kind, .at = (uint16_t)t->used, .glued = !c->gap && t->n > 0, .value_u = -1};
    k->raw_at = (uint16_t)c->raw;
    k->raw_end = (uint16_t)c->raw_end;
    t->n++;
    c->gap = false;
    c->open = false;
    return k;
}

static void token_bytes(struct cursor *c, struct token *k, const char *s, size_t n)
{
    if (c->t->used + n > TEXT_BYTES) {
        c->full = true;
        return;
    }
    memcpy(c->t->bytes + c->t->used, s, n);
    c->t->used += n;
    k->len = (uint16_t)(k->len + n);
}

static void put_mark(struct cursor *c, char mark)
{
    struct token *k = token_start(c, TOKEN_MARK);
    if (k != NULL) {
        k->mark = mark;
        token_bytes(c, k, &mark, 1);
    }
}

static void put_letter(struct cursor *c, utf8proc_int32_t cp, bool alone)
{
    struct token *k = last_token(c);
    if (k == NULL || !c->open || alone) {
        k = token_start(c, TOKEN_WORD);
        if (k == NULL)
            return;
    }
    char buf[4];
    size_t n = (size_t)utf8proc_encode_char(cp, (utf8proc_uint8_t *)buf);
    if (k->len + n <= TOKEN_BYTES - 1)
        token_bytes(c, k, buf, n);
    else
        k->len = TOKEN_BYTES - 1; /* no list holds so long a word; cut, and never equal to one */
    k->raw_end = (uint16_t)c->raw_end;
    k->devanagari = k->devanagari || (cp >= 0x0900 && cp < 0x0980);
    c->open = !alone;
}

/* The value of a decimal digit of any script, -1 for anything else. */
static int digit_of(utf8proc_int32_t cp)
{
    static const utf8proc_int32_t zero[] = {'0',    0x0660, 0x06F0, 0x0966, 0x09E6, 0x0A66, 0x0AE6,
                                            0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0xFF10};
    for (size_t i = 0; i < sizeof zero / sizeof *zero; i++)
        if (cp >= zero[i] && cp <= zero[i] + 9)
            return cp - zero[i];
    return -1;
}

static utf8proc_int32_t peek(const char *s, size_t n, size_t at, size_t *len)
{
    utf8proc_int32_t cp = -1;
    if (at >= n) {
        *len = 0;
        return -1;
    }
    utf8proc_ssize_t got = utf8proc_iterate((const utf8proc_uint8_t *)s + at, (utf8proc_ssize_t)(n - at), &cp);
    *len = got > 0 ? (size_t)got : 1;
    return got > 0 ? cp : -1;
}

static size_t digits_at(const char *s, size_t n, size_t at, size_t *bytes)
{
    size_t count = 0, len, p = at;
    while (digit_of(peek(s, n, p, &len)) >= 0) {
        p += len;
        count++;
    }
    *bytes = p - at;
    return count;
}

/* Whether the comma at `at` groups thousands: "1,250", "1,25,000", "12,345,678". Every group but the last has two or
 * three digits, the last has three. */
static bool groups(const char *s, size_t n, size_t at, size_t before)
{
    size_t bytes = 0;
    if (before == 0 || before > 3)
        return false;
    for (;;) {
        size_t count = digits_at(s, n, at + 1, &bytes);
        if (count != 2 && count != 3)
            return false;
        at += 1 + bytes;
        if (at >= n || s[at] != ',')
            return count == 3;
        size_t next = digits_at(s, n, at + 1, &bytes);
        if (next == 0)
            return count == 3;
    }
}

struct digits {
    int64_t value;
    bool fits;
    uint8_t count;
};

static void add_digit(struct digits *d, int digit)
{
    if (d->value > (most_u / one_u - 9) / 10)
        d->fits = false;
    else
        d->value = d->value * 10 + digit;
    if (d->count < UINT8_MAX)
        d->count++;
}

/* Digits with their grouping and decimal point, from `at`; returns the byte after them. */
static size_t put_number(struct cursor *c, const char *s, size_t n, size_t at)
{
    struct token *k = token_start(c, TOKEN_NUMBER);
    if (k == NULL)
        return n;
    struct digits whole = {.fits = true};
    int64_t part_u = 0, place = one_u;
    bool grouped = false, point = false, exact = true;
    for (size_t len = 1; at < n; at += len) {
        int digit = digit_of(peek(s, n, at, &len));
        if (digit < 0) {
            size_t bytes;
            if (s[at] == ',' && !point && (grouped || groups(s, n, at, whole.count)) &&
                digits_at(s, n, at + 1, &bytes) > 0) {
                grouped = true;
                continue;
            }
            if (s[at] == '.' && digits_at(s, n, at + 1, &bytes) > 0) {
                exact = exact && !point; /* "1.5.5" is no number */
                point = true;
                continue;
            }
            break;
        }
        char ascii = (char)('0' + digit);
        if (k->len < TOKEN_BYTES - 1)
            token_bytes(c, k, &ascii, 1);
        if (!point) {
            add_digit(&whole, digit);
        } else {
            place /= 10;
            part_u += place * digit;
            exact = exact && (place > 0 || digit == 0);
        }
    }
    k->digits = whole.count;
    k->raw_end = (uint16_t)at;
    if (whole.fits && exact)
        k->value_u = whole.value * one_u + part_u;
    return at;
}

/* "½" and its kin, taken apart into digits around a fraction slash. */
static void put_vulgar(struct cursor *c, const utf8proc_int32_t *cps, size_t n)
{
    int64_t top = 0, bottom = 0;
    bool below = false;
    for (size_t i = 0; i < n; i++) {
        int d = digit_of(cps[i]);
        if (cps[i] == FRACTION_SLASH)
            below = true;
        else if (d >= 0 && below)
            bottom = bottom * 10 + d;
        else if (d >= 0)
            top = top * 10 + d;
    }
    struct token *before = last_token(c);
    int64_t value_u = bottom > 0 && top * one_u % bottom == 0 ? top * one_u / bottom : -1;
    if (before != NULL && before->kind == TOKEN_NUMBER && before->value_u >= 0 && before->value_u % one_u == 0) {
        before->value_u = value_u < 0 || before->value_u > most_u - one_u ? -1 : before->value_u + value_u;
        c->gap = false;
        return;
    }
    struct token *k = token_start(c, TOKEN_NUMBER);
    if (k != NULL) {
        k->value_u = value_u;
        k->digits = 1;
    }
}

static void put_other(struct cursor *c, utf8proc_int32_t cp)
{
    switch (utf8proc_category(cp)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
        put_letter(c, cp, false);
        break;
    case UTF8PROC_CATEGORY_SO: /* emoji; the skin tones are modifiers and do not count */
    case UTF8PROC_CATEGORY_SC:
        put_letter(c, cp, true);
        break;
    case UTF8PROC_CATEGORY_SK:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
        break;
    case UTF8PROC_CATEGORY_PD:
        put_mark(c, '-');
        break;
    case UTF8PROC_CATEGORY_PO: /* danda and the full stops of other scripts */
        put_mark(c, '.');
        break;
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
        put_mark(c, '"');
        break;
    default:
        c->gap = true;
        c->open = false;
    }
}

static void put_ascii(struct cursor *c, char ch)
{
    if ((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z')) {
        put_letter(c, ch | 0x20, false);
    } else if (ch == '\'' && c->open) {
        return;
    } else if (ch == '\n') {
        put_mark(c, '\n');
        c->gap = true;
    } else if (ch == ' ' || ch == '\t' || ch == '\r' || (unsigned char)ch < 0x20 || ch == 0x7F) {
        c->gap = true;
        c->open = false;
    } else if (ch == '$' || ch == '%' || ch == '@' || ch == '#') {
        put_letter(c, ch, true);
    } else {
        put_mark(c, ch);
    }
}

static void put_code_point(struct cursor *c, utf8proc_int32_t cp)
{
    enum { ROOM = 32 };
    utf8proc_int32_t out[ROOM];
    int boundary = 0;
    if (cp == 0x00D7) {
        put_letter(c, 'x', true);
        return;
    }
    if (cp == 0x2019 || cp == 0x2018) { /* an apostrophe inside a word is no mark */
        if (!c->open)
            put_mark(c, '\'');
        return;
    }
    utf8proc_ssize_t n = utf8proc_decompose_char(
        cp, out, ROOM, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE, &boundary);
    if (n < 0 || n > ROOM)
        return;
    for (utf8proc_ssize_t i = 0; i < n; i++)
        if (out[i] == FRACTION_SLASH) {
            put_vulgar(c, out, (size_t)n);
            return;
        }
    for (utf8proc_ssize_t i = 0; i < n; i++) {
        utf8proc_int32_t one = out[i] == CHANDRABINDU ? ANUSVARA : out[i];
        if (one == NUKTA || (one >= 0x0300 && one < 0x0370))
            continue;
        if (one < 0x80)
            put_ascii(c, (char)one);
        else
            put_other(c, one);
    }
}

/* Whether the token is the number that begins the k-th point of a list, as in "2) ", "2. " and "2- ". */
static bool numbers_point(const struct text *t, size_t at, int k, char *mark)
{
    const struct token *number = &t->tokens[at], *behind = number + 1;
    if (at + 2 >= t->n || number->kind != TOKEN_NUMBER || number->value_u != k * one_u || behind->kind != TOKEN_MARK ||
        !behind->glued || (behind + 1)->glued || strchr(").-:", behind->mark) == NULL)
        return false;
    const struct token *before = at > 0 ? number - 1 : NULL;
    if (behind->mark != ')' && before != NULL &&
        (before->kind != TOKEN_MARK || (before->mark != '\n' && before->mark != ',')))
        return false; /* "total 2." */
    if (k > 1)
        return behind->mark == *mark;
    *mark = behind->mark;
    return before == NULL || before->mark == '\n' || before->mark == ':';
}

static void end_line(struct token *k)
{
    *k = (struct token){.kind = TOKEN_MARK, .mark = '\n', .at = k->at, .raw_at = k->raw_at, .raw_end = k->raw_end};
}

/* The numbers of a list's points are no quantities: where there are two points at least, they become ends of lines. */
static void drop_points(struct text *t)
{
    char mark = '\0';
    size_t first = 0;
    for (size_t i = 0, k = 1; i < t->n; i++) {
        if (!numbers_point(t, i, (int)k, &mark))
            continue;
        if (k++ == 1) {
            first = i;
            continue;
        }
        end_line(&t->tokens[first]);
        end_line(&t->tokens[first + 1]);
        end_line(&t->tokens[i]);
        end_line(&t->tokens[i + 1]);
    }
}

bool text_read(struct text *t, const char *s, size_t n)
{
    struct cursor c = {.t = t};
    t->n = 0;
    t->used = 0;
    if (n > TEXT_BYTES)
        return false;
    for (size_t at = 0; at < n && !c.full;) {
        size_t len;
        utf8proc_int32_t cp = peek(s, n, at, &len);
        c.raw = at;
        c.raw_end = at + len;
        if (cp < 0) {
            c.gap = true;
            c.open = false;
        } else if (digit_of(cp) >= 0) {
            at = put_number(&c, s, n, at);
            continue;
        } else if (cp < 0x80) {
            put_ascii(&c, (char)cp);
        } else {
            put_code_point(&c, cp);
        }
        at += len;
    }
    drop_points(t);
    return !c.full;
}
