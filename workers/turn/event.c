#include "workers/turn/event.h"

#include "common/base/digest.h"
#include "common/base/json.h"
#include "common/kafka/envelope.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Copies a string member; false when it is absent, empty or longer than the room. */
static bool take(const cJSON *o, const char *key, char *out, size_t room)
{
    const char *v = json_str(o, key);
    if (v == NULL || v[0] == '\0' || strlen(v) >= room)
        return false;
    memcpy(out, v, strlen(v) + 1);
    return true;
}

/* One text that Postgres does not take for an id would fail the whole group's query. */
static bool take_uuid(const cJSON *o, const char *key, char out[UUID_TEXT])
{
    if (!take(o, key, out, UUID_TEXT) || strlen(out) != UUID_TEXT - 1)
        return false;
    for (size_t i = 0; i < UUID_TEXT - 1; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? out[i] != '-' : !isxdigit((unsigned char)out[i]))
            return false;
    }
    return true;
}

static int missing(struct fault *f, const char *what)
{
    return fault_set(f, VERDICT_REJECT, "the event has no usable %s", what);
}

static int read_route(const cJSON *o, struct event *e, struct fault *f)
{
    if (!take(o, "channel", e->channel, sizeof e->channel))
        return missing(f, "channel");
    if (!take(o, "account_id", e->account_id, sizeof e->account_id))
        return missing(f, "account_id");
    if (!take(o, "key", e->key, sizeof e->key))
        return missing(f, "key");
    return 0;
}

static bool listed(const char *list, const char *one)
{
    size_t n = strlen(one);
    for (const char *p = list; (p = strstr(p, one)) != NULL; p++) {
        if ((p == list || p[-1] == '\n') && (p[n] == '\n' || p[n] == '\0'))
            return true;
    }
    return false;
}

static int read_identities(const cJSON *o, struct event *e, struct fault *f)
{
    size_t at = 0;
    const cJSON *one;
    cJSON_ArrayForEach(one, json_arr(o, "identities"))
    {
        if (!cJSON_IsString(one) || one->valuestring[0] == '\0' || strchr(one->valuestring, '\n') != NULL)
            return missing(f, "identities");
        if (listed(e->identities, one->valuestring))
            continue;
        int w = snprintf(e->identities + at, sizeof e->identities - at, "%s%s", at > 0 ? "\n" : "", one->valuestring);
        if (w < 0 || (size_t)w >= sizeof e->identities - at)
            return missing(f, "identities");
        at += (size_t)w;
    }
    return at > 0 ? 0 : missing(f, "identities");
}

static int read_message(const cJSON *o, const char *digest, struct event *e, struct fault *f)
{
    e->kind = EVENT_MESSAGE;
    if (read_route(o, e, f) != 0 || read_identities(o, e, f) != 0)
        return -1;
    if (!take(o, "address", e->address, sizeof e->address))
        return missing(f, "address");
    if (!take(o, "address_kind", e->address_kind, sizeof e->address_kind))
        (void)snprintf(e->address_kind, sizeof e->address_kind, "phone");
    if (!take(o, "kind", e->message_kind, sizeof e->message_kind))
        return missing(f, "kind");
    (void)take(o, "name", e->name, sizeof e->name);
    memcpy(e->inbox_channel, e->channel, sizeof e->channel);
    memcpy(e->inbox_account, e->account_id, sizeof e->account_id);
    if (!take(o, "message_id", e->inbox_id, sizeof e->inbox_id))
        (void)snprintf(e->inbox_id, sizeof e->inbox_id, "sha256:%s", digest);
    const char *text = json_str(o, "text");
    if (text != NULL && (e->text = strdup(text)) == NULL)
        abort();
    return 0;
}

static int read_decision(const cJSON *o, struct event *e, struct fault *f)
{
    e->kind = EVENT_DECISION;
    struct decision *d = &e->decision;
    if (read_route(json_obj(o, "route"), e, f) != 0)
        return -1;
    const char *verb = json_str(o, "verb");
    if (!take(o, "decision_id", d->decision_id, sizeof d->decision_id))
        return missing(f, "decision_id");
    if (!take_uuid(o, "order_id", d->order_id))
        return missing(f, "order_id");
    if (!take(o, "tenant_id", e->tenant_id, sizeof e->tenant_id))
        return missing(f, "tenant_id");
    if (verb == NULL || (strcmp(verb, "approve") != 0 && strcmp(verb, "reject") != 0))
        return missing(f, "verb");
    if (!json_i64(o, "version", &d->version))
        return missing(f, "version");
    d->approve = strcmp(verb, "approve") == 0;
    (void)take(o, "reason", d->reason, sizeof d->reason);
    (void)take(o, "by", e->name, sizeof e->name);
    (void)snprintf(e->inbox_channel, sizeof e->inbox_channel, "decision");
    (void)snprintf(e->inbox_account, sizeof e->inbox_account, "%s", e->tenant_id);
    (void)snprintf(e->inbox_id, sizeof e->inbox_id, "%s", d->decision_id);
    return 0;
}

static int read_redrive(const cJSON *o, struct event *e, struct fault *f)
{
    e->kind = EVENT_REDRIVE;
    if (read_route(o, e, f) != 0)
        return -1;
    if (!take(o, "command_id", e->inbox_id, sizeof e->inbox_id))
        return missing(f, "command_id");
    if (!take_uuid(o, "conversation_id", e->conversation_id))
        return missing(f, "conversation_id");
    if (!json_i64(o, "drop", &e->drop_id))
        e->drop_id = 0;
    (void)snprintf(e->inbox_channel, sizeof e->inbox_channel, "operator");
    memcpy(e->inbox_account, e->account_id, sizeof e->account_id);
    return 0;
}

int event_read(const char *type, const void *value, size_t n, const char *digest, struct event *out, struct fault *f)
{
    memset(out, 0, sizeof *out);
    if (value == NULL)
        return fault_set(f, VERDICT_REJECT, "the event has no value");
    cJSON *o = json_parse(value, n, &json_limits_default, f);
    if (o == NULL)
        return -1;
    int rc;
    if (strcmp(type, CE_INBOUND_MESSAGE) == 0)
        rc = read_message(o, digest, out, f);
    else if (strcmp(type, CE_DECISION_ORDER) == 0)
        rc = read_decision(o, out, f);
    else if (strcmp(type, CE_INBOUND_REDRIVE) == 0)
        rc = read_redrive(o, out, f);
    else
        rc = fault_set(f, VERDICT_REJECT, "an event of a type that no worker knows");
    cJSON_Delete(o);
    return rc;
}

void event_clear(struct event *e)
{
    free(e->text);
    memset(e, 0, sizeof *e);
}

void event_dedupe_key(const struct event *e, const char *tenant_id, unsigned ordinal, char out[65])
{
    char name[UUID_TEXT + 32 + 96 + EVENT_ID + 16];
    int n = snprintf(name, sizeof name, "%s\n%s\n%s\n%s\n%u", tenant_id, e->inbox_channel, e->inbox_account,
                     e->inbox_id, ordinal);
    unsigned char d[DIGEST_BYTES];
    digest_sha256(name, (size_t)n, d);
    digest_hex(d, sizeof d, out);
}
