#include "ingress/records.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_KEPT = 256 * 1024 };

#define CE_DLQ "munim.inbound.dlq.v1"

void records_init(struct records *rs)
{
    *rs = (struct records){.n = 0};
    utstring_init(&rs->text);
}

void records_done(struct records *rs)
{
    utstring_done(&rs->text);
    free(rs->list);
    *rs = (struct records){.n = 0};
}

void records_clear(struct records *rs)
{
    rs->n = 0;
    if (rs->text.n > TEXT_KEPT) {
        utstring_done(&rs->text);
        utstring_init(&rs->text);
    }
    utstring_clear(&rs->text);
}

void records_begin(struct records *rs)
{
    rs->begun = utstring_len(&rs->text);
    utstring_bincpy(&rs->text, "{", 1);
}

static struct record *add(struct records *rs)
{
    if (rs->n == rs->cap) {
        rs->cap = rs->cap > 0 ? rs->cap * 2 : 16;
        rs->list = realloc(rs->list, rs->cap * sizeof *rs->list);
        if (rs->list == NULL)
            abort();
    }
    return &rs->list[rs->n++];
}

bool records_end(struct records *rs, enum topic topic, const char *type, const char *kind, const char *key)
{
    utstring_bincpy(&rs->text, "}", 1);
    if (utstring_len(&rs->text) - rs->begun > RECORD_VALUE_MAX) {
        rs->text.i = rs->begun;
        return false;
    }
    struct record *r = add(rs);
    r->topic = topic;
    r->type = type;
    r->kind = kind;
    r->at = rs->begun;
    r->len = utstring_len(&rs->text) - rs->begun;
    r->key_at = utstring_len(&rs->text);
    r->key_len = key != NULL ? strlen(key) : 0;
    if (r->key_len > 0)
        utstring_bincpy(&rs->text, key, r->key_len);
    return true;
}

void records_refuse(struct records *rs, const char *channel, const char *reason, const char *raw, size_t n)
{
    records_begin(rs);
    UT_string *out = &rs->text;
    put_text(out, "channel", channel);
    put_text(out, "reason", reason);
    if (raw != NULL) {
        put_open(out, "raw", 0);
        json_view_paste(out, raw, n);
    }
    /* It fits: no JSON text is longer than 3 MiB, and mending does not lengthen it. */
    (void)records_end(rs, TOPIC_DLQ, CE_DLQ, "dlq", NULL);
}

static void comma(UT_string *out)
{
    char last = out->d[out->i - 1];
    if (last != '{' && last != '[')
        utstring_bincpy(out, ",", 1);
}

static void name_and_colon(UT_string *out, const char *name)
{
    comma(out);
    utstring_bincpy(out, "\"", 1);
    utstring_bincpy(out, name, strlen(name));
    utstring_bincpy(out, "\":", 2);
}

void put_open(UT_string *out, const char *name, char bracket)
{
    name_and_colon(out, name);
    if (bracket != 0)
        utstring_bincpy(out, &bracket, 1);
}

static void put_escaped(UT_string *out, const char *value)
{
    for (;;) {
        size_t n = 0;
        while ((unsigned char)value[n] >= 0x20 && value[n] != '"' && value[n] != '\\')
            n++;
        utstring_bincpy(out, value, n);
        if (value[n] == '\0')
            return;
        char escape[8];
        int len = snprintf(escape, sizeof escape, (unsigned char)value[n] < 0x20 ? "\\u%04x" : "\\%c",
                           (unsigned char)value[n]);
        utstring_bincpy(out, escape, (size_t)len);
        value += n + 1;
    }
}

void put_text(UT_string *out, const char *name, const char *value)
{
    if (value == NULL)
        return;
    name_and_colon(out, name);
    utstring_bincpy(out, "\"", 1);
    put_escaped(out, value);
    utstring_bincpy(out, "\"", 1);
}

void put_node(UT_string *out, const char *name, const struct json_node *v)
{
    if (v == NULL)
        return;
    name_and_colon(out, name);
    json_view_paste(out, v->p, v->n);
}

void put_string(UT_string *out, const char *name, const struct json_node *v)
{
    if (v != NULL && v->kind == JSON_STRING)
        put_node(out, name, v);
}
