#include "common/base/json_scan.h"

#include <string.h>
#include <utf8proc.h>

/* What nesting a text may have at most, whatever its caller allows: one bit a level says object or array. */
enum { DEPTH_MOST = 64 };

struct scan {
    const unsigned char *text, *at, *end;
    const struct json_limits *limits;
    uint64_t objects; /* bit d: level d is an object */
    unsigned depth;
    size_t values;
    struct fault *f;
};

static int wrong(const struct scan *s, const char *what)
{
    return fault_set(s->f, VERDICT_REJECT, "not readable as JSON: %s at byte %zu", what, (size_t)(s->at - s->text));
}

static void space(struct scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\n' || *s->at == '\t' || *s->at == '\r'))
        s->at++;
}

static bool digit(const struct scan *s)
{
    return s->at < s->end && *s->at >= '0' && *s->at <= '9';
}

static int hex4(struct scan *s)
{
    unsigned v = 0;
    if (s->end - s->at < 4)
        return wrong(s, "a cut \\u escape");
    for (int i = 0; i < 4; i++, s->at++) {
        unsigned c = *s->at;
        if (c >= '0' && c <= '9')
            v = v * 16 + (c - '0');
        else if ((c | 0x20U) >= 'a' && (c | 0x20U) <= 'f')
            v = v * 16 + ((c | 0x20U) - 'a' + 10);
        else
            return wrong(s, "a \\u escape without four hex digits");
    }
    return v == 0 && !s->limits->nul ? wrong(s, "a NUL character") : 0;
}

static int escape(struct scan *s)
{
    s->at++;
    if (s->at == s->end)
        return wrong(s, "a string without end");
    unsigned char c = *s->at++;
    if (c == 'u')
        return hex4(s);
    return c != '\0' && strchr("\"\\/bfnrt", c) != NULL ? 0 : wrong(s, "an unknown escape");
}

static int string(struct scan *s)
{
    s->at++;
    while (s->at < s->end) {
        unsigned char c = *s->at;
        if (c == '"') {
            s->at++;
            return 0;
        }
        if (c == '\\') {
            if (escape(s) != 0)
                return -1;
        } else if (c < 0x20) {
            return wrong(s, c == 0 ? "a NUL character" : "a bare control character");
        } else if (c < 0x80) {
            s->at++;
        } else {
            utf8proc_int32_t point;
            utf8proc_ssize_t n = utf8proc_iterate(s->at, s->end - s->at, &point);
            if (n <= 0)
                return wrong(s, "invalid UTF-8");
            s->at += n;
        }
    }
    return wrong(s, "a string without end");
}

static int number(struct scan *s)
{
    if (*s->at == '-')
        s->at++;
    if (!digit(s))
        return wrong(s, "a number without digits");
    if (*s->at == '0')
        s->at++;
    else
        while (digit(s))
            s->at++;
    if (s->at < s->end && *s->at == '.') {
        s->at++;
        if (!digit(s))
            return wrong(s, "a fraction without digits");
        while (digit(s))
            s->at++;
    }
    if (s->at < s->end && (*s->at | 0x20U) == 'e') {
        s->at++;
        if (s->at < s->end && (*s->at == '+' || *s->at == '-'))
            s->at++;
        if (!digit(s))
            return wrong(s, "an exponent without digits");
        while (digit(s))
            s->at++;
    }
    return digit(s) ? wrong(s, "a number with a leading zero") : 0;
}

static int word(struct scan *s, const char *w)
{
    size_t n = strlen(w);
    if ((size_t)(s->end - s->at) < n || memcmp(s->at, w, n) != 0)
        return wrong(s, "an unknown word");
    s->at += n;
    return 0;
}

static int scalar(struct scan *s)
{
    switch (*s->at) {
    case '"':
        return string(s);
    case 't':
        return word(s, "true");
    case 'f':
        return word(s, "false");
    case 'n':
        return word(s, "null");
    default:
        return *s->at == '-' || digit(s) ? number(s) : wrong(s, "an unexpected character");
    }
}

static int member_name(struct scan *s)
{
    space(s);
    if (s->at == s->end || *s->at != '"')
        return wrong(s, "a member without a name");
    if (string(s) != 0)
        return -1;
    space(s);
    if (s->at == s->end || *s->at != ':')
        return wrong(s, "a name without a colon");
    s->at++;
    return 0;
}

static int open_level(struct scan *s)
{
    bool object = *s->at == '{';
    if (s->depth >= s->limits->depth || s->depth >= DEPTH_MOST)
        return wrong(s, "too deep a nesting");
    s->objects = (s->objects & ~(UINT64_C(1) << s->depth)) | ((uint64_t)object << s->depth);
    s->depth++;
    s->at++;
    return 0;
}

/* Closes levels and steps over a comma; *more says whether another value follows. */
static int after_value(struct scan *s, bool *more)
{
    *more = false;
    while (s->depth > 0) {
        bool object = (s->objects >> (s->depth - 1) & 1U) != 0;
        space(s);
        if (s->at == s->end)
            return wrong(s, "the text ends too early");
        if (*s->at == ',') {
            s->at++;
            *more = true;
            return object ? member_name(s) : 0;
        }
        if (*s->at != (object ? '}' : ']'))
            return wrong(s, "a missing comma or bracket");
        s->at++;
        s->depth--;
    }
    return 0;
}

/* One value's beginning: a scalar whole, or an opening bracket; *more says whether a value follows at once. */
static int begin_value(struct scan *s, bool *more)
{
    space(s);
    if (s->at == s->end)
        return wrong(s, "the text ends too early");
    if (++s->values > s->limits->values)
        return wrong(s, "too many values");
    if (*s->at != '{' && *s->at != '[')
        return scalar(s) != 0 ? -1 : after_value(s, more);
    bool object = *s->at == '{';
    if (open_level(s) != 0)
        return -1;
    space(s);
    if (s->at < s->end && *s->at == (object ? '}' : ']'))
        return after_value(s, more);
    *more = true;
    return object ? member_name(s) : 0;
}

int json_scan(const char *text, size_t n, const struct json_limits *limits, struct fault *f)
{
    /* No bytes may come as no pointer, which nothing may be added to. */
    const unsigned char *p = (const unsigned char *)(n > 0 ? text : "");
    struct scan s = {.text = p, .at = p, .end = p + n, .limits = limits, .f = f};
    if (n > limits->bytes)
        return fault_set(f, VERDICT_REJECT, "not readable as JSON: %zu bytes, at most %zu are taken", n, limits->bytes);
    bool more = true;
    while (more)
        if (begin_value(&s, &more) != 0)
            return -1;
    space(&s);
    return s.at == s.end ? 0 : wrong(&s, "something after the value");
}
