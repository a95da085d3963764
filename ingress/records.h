/* The records that one webhook becomes: what a channel's file fills and the gateway produces. Their values lie one
 * behind the other in one buffer that is used again for the next webhook. */
#ifndef MUNIM_INGRESS_RECORDS_H
#define MUNIM_INGRESS_RECORDS_H

#include "common/kafka/topics.h"
#include "ingress/json_view.h"

#include <stdbool.h>
#include <stddef.h>
#include <utstring.h>

/* A value longer than this does not become an event: a topic takes 4 MiB, and no channel has a message of that size. */
enum { RECORD_VALUE_MAX = 3 * 1024 * 1024 + 512 * 1024 };

struct record {
    enum topic topic;
    const char *type;       /* ce_type, a literal */
    const char *kind;       /* for the metric, a literal */
    size_t at, len;         /* the value in text */
    size_t key_at, key_len; /* the key in text; no key where the length is 0 */
};

struct records {
    UT_string text;
    struct record *list;
    size_t n, cap;
    size_t begun;
};

void records_init(struct records *rs);
void records_done(struct records *rs);
void records_clear(struct records *rs); /* also gives an unusually large buffer back */

/* Begins a value: the caller appends the members of one JSON object to rs->text and ends it by records_end, which says
 * false, and takes the value back, when it is longer than RECORD_VALUE_MAX. key is copied, NULL for none. */
void records_begin(struct records *rs);
bool records_end(struct records *rs, enum topic topic, const char *type, const char *kind, const char *key);

/* A dlq record: an item that cannot become an event, kept with the reason. raw is checked JSON text, NULL for none. */
void records_refuse(struct records *rs, const char *channel, const char *reason, const char *raw, size_t n);

/* Members of the object being written. The comma is theirs to know. name is a plain word. */
void put_text(UT_string *out, const char *name, const char *value);           /* escaped; nothing when NULL */
void put_node(UT_string *out, const char *name, const struct json_node *v);   /* as it stands; nothing when NULL */
void put_string(UT_string *out, const char *name, const struct json_node *v); /* only when v is a string */
void put_open(UT_string *out, const char *name, char bracket);                /* "name":{ */

#endif
