#include "common/kafka/envelope.h"

#include "common/base/clock.h"
#include "common/base/digest.h"
#include "common/base/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRACE_AT = 3, TRACE_HEX = 32, SPAN_AT = 36, SPAN_HEX = 16, FLAGS_AT = 53, FLAGS_HEX = 2 };

static bool hex_field(const char *text, size_t n, bool zero_allowed)
{
    size_t zeros = strspn(text, "0");
    return strspn(text, "0123456789abcdef") >= n && (zero_allowed || zeros < n);
}

/* W3C Trace Context, 3.2: version 00, lower case, no id of zeros alone. */
static bool well_formed(const char *t)
{
    return t != NULL && strlen(t) == TRACEPARENT_MAX - 1 && memcmp(t, "00-", 3) == 0 && t[35] == '-' && t[52] == '-' &&
           hex_field(t + TRACE_AT, TRACE_HEX, false) && hex_field(t + SPAN_AT, SPAN_HEX, false) &&
           hex_field(t + FLAGS_AT, FLAGS_HEX, true);
}

static void random_hex(size_t bytes, char *out)
{
    unsigned char b[16];
    random_bytes(b, bytes);
    b[0] |= 1U; /* zeros alone mean "none" */
    digest_hex(b, bytes, out);
}

void traceparent_next(const char *parent, char out[TRACEPARENT_MAX])
{
    char trace[TRACE_HEX + 1], span[SPAN_HEX + 1], flags[FLAGS_HEX + 1] = "01";
    random_hex(SPAN_HEX / 2, span);
    if (well_formed(parent)) {
        memcpy(trace, parent + TRACE_AT, TRACE_HEX);
        trace[TRACE_HEX] = '\0';
        memcpy(flags, parent + FLAGS_AT, FLAGS_HEX);
    } else {
        random_hex(TRACE_HEX / 2, trace);
    }
    (void)snprintf(out, TRACEPARENT_MAX, "00-%s-%s-%s", trace, span, flags);
}

static void put(rd_kafka_headers_t *h, const char *name, const char *value)
{
    if (rd_kafka_header_add(h, name, -1, value, -1) != RD_KAFKA_RESP_ERR_NO_ERROR)
        abort();
}

rd_kafka_headers_t *envelope_headers(const char *type, const char *source, const char *traceparent)
{
    char id[UUID_TEXT], time[25];
    int64_t now = clock_wall_ms();
    char begun[TRACEPARENT_MAX];
    uuid7(now, id);
    clock_rfc3339(now, time);
    rd_kafka_headers_t *h = rd_kafka_headers_new(8);
    put(h, "ce_specversion", "1.0");
    put(h, "ce_id", id);
    put(h, "ce_type", type);
    put(h, "ce_source", source);
    put(h, "ce_time", time);
    put(h, "content-type", "application/json");
    if (traceparent == NULL || traceparent[0] == '\0')
        traceparent_next(NULL, begun);
    put(h, "traceparent", traceparent == NULL || traceparent[0] == '\0' ? begun : traceparent);
    return h;
}

/* What is too long or holds a NUL counts as missing. */
static void get(const rd_kafka_headers_t *h, const char *name, char *out, size_t room)
{
    const void *value = NULL;
    size_t n = 0;
    out[0] = '\0';
    if (rd_kafka_header_get_last(h, name, &value, &n) != RD_KAFKA_RESP_ERR_NO_ERROR || value == NULL || n >= room ||
        memchr(value, '\0', n) != NULL)
        return;
    memcpy(out, value, n);
    out[n] = '\0';
}

bool envelope_read(const rd_kafka_message_t *m, struct envelope *out)
{
    rd_kafka_headers_t *h = NULL;
    memset(out, 0, sizeof *out);
    if (rd_kafka_message_headers(m, &h) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return false;
    get(h, "ce_type", out->type, sizeof out->type);
    get(h, "ce_id", out->id, sizeof out->id);
    get(h, "ce_source", out->source, sizeof out->source);
    get(h, "ce_time", out->time, sizeof out->time);
    get(h, "traceparent", out->traceparent, sizeof out->traceparent);
    return out->type[0] != '\0';
}
