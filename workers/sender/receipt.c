#include "workers/sender/receipt.h"

#include "common/base/json.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *status;
    enum receipt_kind kind;
} statuses[] = {
    {"sent", RECEIPT_SENT},   {"delivered", RECEIPT_DELIVERED}, {"read", RECEIPT_READ},
    {"played", RECEIPT_READ}, {"failed", RECEIPT_FAILED},
};

const char *receipt_kind_name(enum receipt_kind k)
{
    static const char *const names[] = {"sent", "delivered", "read", "failed", "other"};
    return names[k];
}

static enum receipt_kind kind_of(const char *status)
{
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        if (strcmp(status, statuses[i].status) == 0)
            return statuses[i].kind;
    return RECEIPT_OTHER;
}

/* False when the text is absent, longer than its room, or not printable ASCII. */
static bool copy(const cJSON *root, const char *key, char *out, size_t room)
{
    const char *v = json_str(root, key);
    size_t n = v != NULL ? strlen(v) : 0;
    if (n == 0 || n >= room)
        return false;
    for (size_t i = 0; i < n; i++)
        if (v[i] <= ' ' || v[i] > '~')
            return false;
    memcpy(out, v, n + 1);
    return true;
}

/* Seconds; a value of thirteen digits is milliseconds (seen in the wild). */
static int64_t time_of(const cJSON *root)
{
    int64_t t = 0;
    if (!json_i64(root, "sent_at", &t) || t <= 0)
        return 0;
    if (t >= 100000000000)
        t /= 1000;
    return t < 100000000000 ? t : 0;
}

int receipt_read(struct receipt *r, const char *value, size_t len, struct fault *f)
{
    memset(r, 0, sizeof *r);
    cJSON *root = json_parse(value, len, &json_limits_default, f);
    if (root == NULL)
        return -1;
    const char *status = json_str(root, "status");
    bool whole = status != NULL && copy(root, "channel", r->channel, sizeof r->channel) &&
                 copy(root, "account_id", r->account_id, sizeof r->account_id) &&
                 copy(root, "message_id", r->provider_id, sizeof r->provider_id);
    if (whole) {
        r->kind = kind_of(status);
        r->at_s = time_of(root);
        if (!copy(root, "dedupe_key", r->dedupe_key, sizeof r->dedupe_key))
            r->dedupe_key[0] = '\0';
        int64_t code = 0;
        if (r->kind == RECEIPT_FAILED && json_i64(cJSON_GetArrayItem(json_arr(root, "errors"), 0), "code", &code))
            (void)snprintf(r->error_code, sizeof r->error_code, "%lld", (long long)code);
    }
    cJSON_Delete(root);
    return whole ? 0 : fault_set(f, VERDICT_REJECT, "channel, account_id, message_id or status missing or malformed");
}
