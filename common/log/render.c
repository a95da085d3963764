#include "common/log/render.h"

#include "common/base/clock.h"

#include <stdbool.h>
#include <string.h>
#include <utf8proc.h>

const char *log_level_name(enum log_level level)
{
    switch (level) {
    case LOG_DEBUG:
        return "debug";
    case LOG_INFO:
        return "info";
    case LOG_WARN:
        return "warn";
    case LOG_ERROR:
        return "error";
    }
    return "error";
}

/* C0, DEL and C1, and the two line ends that some viewers obey. */
static bool must_escape(utf8proc_int32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x2028 || point == 0x2029;
}

static void put_escaped(UT_string *out, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    const unsigned char *end = at + strlen(text);
    while (at < end) {
        utf8proc_int32_t point;
        utf8proc_ssize_t n = utf8proc_iterate(at, end - at, &point);
        if (n <= 0) {
            utstring_bincpy(out, "\xEF\xBF\xBD", 3);
            n = 1;
        } else if (point == '"' || point == '\\') {
            const char pair[2] = {'\\', (char)point};
            utstring_bincpy(out, pair, 2);
        } else if (must_escape(point)) {
            utstring_printf(out, "\\u%04x", (unsigned)point);
        } else {
            utstring_bincpy(out, at, (size_t)n);
        }
        at += n;
    }
}

static void put_quoted(UT_string *out, const char *text)
{
    utstring_bincpy(out, "\"", 1);
    put_escaped(out, text);
    utstring_bincpy(out, "\"", 1);
}

/* logfmt leaves a value bare when nothing in it could be taken for syntax. */
static bool bare(const char *text)
{
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++)
        if (*text <= ' ' || *text > '~' || *text == '"' || *text == '=' || *text == '\\')
            return false;
    return true;
}

static void put_pair(UT_string *out, enum log_format format, const char *key, const char *text)
{
    bool first = utstring_len(out) == 0 || utstring_body(out)[utstring_len(out) - 1] == '{' ||
                 utstring_body(out)[utstring_len(out) - 1] == '\n';
    if (format == LOG_JSON) {
        utstring_printf(out, "%s\"%s\":", first ? "" : ",", key);
        put_quoted(out, text);
        return;
    }
    utstring_printf(out, "%s%s=", first ? "" : " ", key);
    if (bare(text))
        utstring_printf(out, "%s", text);
    else
        put_quoted(out, text);
}

static void put_number(UT_string *out, enum log_format format, const char *key, int64_t number)
{
    utstring_printf(out, format == LOG_JSON ? ",\"%s\":%lld" : " %s=%lld", key, (long long)number);
}

void log_render(UT_string *out, enum log_format format, const struct log_event *e)
{
    char time[25];
    clock_rfc3339(e->wall_ms, time);
    if (format == LOG_JSON)
        utstring_bincpy(out, "{", 1);
    put_pair(out, format, "time", time);
    put_pair(out, format, "level", log_level_name(e->level));
    put_pair(out, format, "msg", e->msg);
    put_pair(out, format, "service", e->service);
    put_number(out, format, "pid", e->pid);
    for (size_t i = 0; i < e->n_fields; i++) {
        const struct log_field *field = &e->fields[i];
        if (field->text != NULL)
            put_pair(out, format, field->key, field->text);
        else
            put_number(out, format, field->key, field->number);
    }
    utstring_printf(out, format == LOG_JSON ? "}\n" : "\n");
}
