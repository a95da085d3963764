#include "common/base/plain.h"

#include <utf8proc.h>

enum { REPLACEMENT = 0xFFFD, NON_JOINER = 0x200C, JOINER = 0x200D };

static bool harmless(utf8proc_int32_t c)
{
    switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return false;
    case UTF8PROC_CATEGORY_CF:
        return c == JOINER || c == NON_JOINER;
    default:
        return true;
    }
}

static bool white(utf8proc_int32_t c)
{
    return c == '\t' || c == '\n' || c == '\r' || utf8proc_category(c) == UTF8PROC_CATEGORY_ZL ||
           utf8proc_category(c) == UTF8PROC_CATEGORY_ZP;
}

/* The character at *p as it may be shown; *p goes past it. Not called at the end of the text. */
static utf8proc_int32_t next_shown(const utf8proc_uint8_t **p)
{
    utf8proc_int32_t c;
    utf8proc_ssize_t n = utf8proc_iterate(*p, -1, &c);
    *p += n > 0 ? n : 1;
    if (n <= 0)
        return REPLACEMENT;
    return white(c) ? ' ' : harmless(c) ? c : REPLACEMENT;
}

static void put(UT_string *out, utf8proc_int32_t c)
{
    utf8proc_uint8_t bytes[4];
    utf8proc_ssize_t n = utf8proc_encode_char(c, bytes);
    utstring_bincpy(out, (const char *)bytes, (size_t)n);
}

void plain_put(UT_string *out, const char *text)
{
    const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)(text != NULL ? text : "-");
    while (*p != 0)
        put(out, next_shown(&p));
}

void plain_put_lines(UT_string *out, const char *text)
{
    const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)(text != NULL ? text : "-");
    while (*p != 0) {
        bool end = *p == '\n';
        utf8proc_int32_t c = next_shown(&p);
        put(out, end ? '\n' : c);
    }
}

void plain_put_cell(UT_string *out, const char *text, int columns)
{
    const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)(text != NULL ? text : "-");
    int used = 0;
    while (*p != 0) {
        utf8proc_int32_t c = next_shown(&p);
        int width = utf8proc_charwidth(c);
        if (used + width > columns)
            break;
        put(out, c);
        used += width;
    }
    utstring_printf(out, "%*s", columns - used, "");
}

bool plain_is(const char *text)
{
    const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)text;
    while (*p != 0) {
        utf8proc_int32_t c;
        utf8proc_ssize_t n = utf8proc_iterate(p, -1, &c);
        if (n <= 0 || !harmless(c))
            return false;
        p += n;
    }
    return true;
}

bool plain_utf8(const char *text)
{
    const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)text;
    while (*p != 0) {
        utf8proc_int32_t c;
        utf8proc_ssize_t n = utf8proc_iterate(p, -1, &c);
        if (n <= 0)
            return false;
        p += n;
    }
    return true;
}
