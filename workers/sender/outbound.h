/* The outbound record as the sender reads it. Pure. */
#ifndef MUNIM_SENDER_OUTBOUND_H
#define MUNIM_SENDER_OUTBOUND_H

#include "common/base/fault.h"
#include "common/base/random.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DEDUPE_KEY_MAX = 129, ROUTE_MAX = 65 };

struct outbound {
    cJSON *root; /* owns the strings below */
    char dedupe_key[DEDUPE_KEY_MAX];
    char tenant_id[UUID_TEXT], conversation_id[UUID_TEXT];
    int64_t seq;
    char channel[ROUTE_MAX], account_id[ROUTE_MAX];
    const char *cls, *to, *text; /* "" when absent */
    bool to_user_id;             /* a channel's user id instead of phone digits */
};

enum outbound_use {
    OUTBOUND_SEND,   /* complete, for a channel that is known */
    OUTBOUND_FAILED, /* names its place in a conversation, but cannot be sent: a FAILED row, so that the gate opens */
    OUTBOUND_REFUSED /* not even that: a refused row */
};

/* Reads a record's value. f tells why it is not OUTBOUND_SEND. outbound_done in every case. */
enum outbound_use outbound_read(struct outbound *o, const char *value, size_t len, struct fault *f);
void outbound_done(struct outbound *o);

/* 36 characters, hex digits and dashes in their places. */
bool uuid_valid(const char *text);

#endif
