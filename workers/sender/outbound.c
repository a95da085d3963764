#include "workers/sender/outbound.h"

#include "common/base/json.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

bool uuid_valid(const char *text)
{
    if (strlen(text) != UUID_TEXT - 1)
        return false;
    for (size_t i = 0; i < UUID_TEXT - 1; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
            return false;
    }
    return true;
}

/* Ids end up in URLs and headers: nothing but these characters. */
static bool id_valid(const char *text, size_t room)
{
    size_t n = strlen(text);
    return n > 0 && n < room && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:") == n;
}

static bool copy_uuid(const cJSON *root, const char *key, char out[UUID_TEXT])
{
    const char *v = json_str(root, key);
    if (v == NULL || !uuid_valid(v))
        return false;
    memcpy(out, v, UUID_TEXT);
    return true;
}

static bool copy_id(const cJSON *root, const char *key, char *out, size_t room)
{
    const char *v = json_str(root, key);
    if (v == NULL || !id_valid(v, room))
        return false;
    (void)snprintf(out, room, "%s", v);
    return true;
}

static const char *text_or_empty(const cJSON *root, const char *key)
{
    const char *v = json_str(root, key);
    return v != NULL ? v : "";
}

static bool place_read(struct outbound *o)
{
    return copy_id(o->root, "dedupe_key", o->dedupe_key, sizeof o->dedupe_key) &&
           copy_uuid(o->root, "tenant_id", o->tenant_id) && copy_uuid(o->root, "conversation_id", o->conversation_id) &&
           json_i64(o->root, "seq", &o->seq) && o->seq > 0;
}

enum outbound_use outbound_read(struct outbound *o, const char *value, size_t len, struct fault *f)
{
    memset(o, 0, sizeof *o);
    o->cls = o->to = o->text = "";
    o->root = json_parse(value, len, &json_limits_default, f);
    if (o->root == NULL)
        return OUTBOUND_REFUSED;
    if (!place_read(o)) {
        fault_set(f, VERDICT_REJECT, "dedupe_key, tenant_id, conversation_id or seq missing or malformed");
        return OUTBOUND_REFUSED;
    }
    o->cls = text_or_empty(o->root, "class");
    o->to = text_or_empty(o->root, "to");
    o->text = text_or_empty(o->root, "text");
    o->to_user_id = strcmp(text_or_empty(o->root, "to_kind"), "user_id") == 0;
    bool routed = copy_id(o->root, "channel", o->channel, sizeof o->channel);
    routed = copy_id(o->root, "account_id", o->account_id, sizeof o->account_id) && routed;
    if (!routed)
        fault_set(f, VERDICT_REJECT, "channel or account_id missing or malformed");
    else if (strcmp(o->channel, "whatsapp") != 0)
        fault_set(f, VERDICT_REJECT, "channel %s is not known to this sender", o->channel);
    else if (strcmp(text_or_empty(o->root, "type"), "text") != 0)
        fault_set(f, VERDICT_REJECT, "message type is not text");
    else if (o->to[0] == '\0' || o->text[0] == '\0')
        fault_set(f, VERDICT_REJECT, "recipient or text missing");
    else
        return OUTBOUND_SEND;
    return OUTBOUND_FAILED;
}

void outbound_done(struct outbound *o)
{
    cJSON_Delete(o->root);
    o->root = NULL;
}
