/* A verified WhatsApp webhook becomes records: each is JSON that the next process reads, within the topic's limit, with
 * a channel, an account, a kind and a key. */
#include "tests/fuzz/fuzz.h"

#include "common/base/json.h"
#include "common/kafka/envelope.h"
#include "ingress/whatsapp_webhook.h"
#include "workers/sender/receipt.h"
#include "workers/turn/event.h"

/* A dlq record holds the item one level deeper than the webhook had it; nothing of munim reads it back. */
static const struct json_limits dlq_limits = {.bytes = RECORD_VALUE_MAX, .depth = 33, .values = 500010};

static void text_is_there(const cJSON *v, const char *name)
{
    const char *text = json_str(v, name);
    ENSURE(text != NULL && text[0] != '\0');
}

static void worker_reads(const struct record *r, const char *value)
{
    struct event e;
    struct fault f = {.text = ""};
    ENSURE(event_read(r->type, value, r->len, "d", &e, &f) == 0);
    ENSURE(e.kind == EVENT_MESSAGE && e.key[0] != '\0' && e.identities[0] != '\0');
    event_clear(&e);
}

static void sender_reads(const cJSON *v, const char *value, size_t len)
{
    struct receipt r;
    struct fault f = {.text = ""};
    ENSURE(receipt_read(&r, value, len, &f) == 0);
    ENSURE(strcmp(r.channel, json_str(v, "channel")) == 0);
}

static void check(const struct records *rs, const struct record *r)
{
    size_t all = utstring_len(&rs->text);
    const char *text = rs->text.d;
    struct fault f = {.text = ""};
    ENSURE(r->at <= all && r->len <= all - r->at && r->len <= RECORD_VALUE_MAX);
    ENSURE(r->type != NULL && r->kind != NULL && r->kind[0] != '\0');
    bool dlq = r->topic == TOPIC_DLQ;
    cJSON *v = json_parse(text + r->at, r->len, dlq ? &dlq_limits : &json_limits_default, &f);
    if (v == NULL) /* names that only escapes make equal, numbers that no double holds: the worker refuses the record,
                      with a row */
        ENSURE(strstr(f.text, "twice") != NULL || strstr(f.text, "out of range") != NULL);
    if (v == NULL)
        return;
    text_is_there(v, "channel");
    if (dlq) {
        text_is_there(v, "reason");
        ENSURE(r->key_len == 0);
    } else {
        const char *key = json_str(v, "key");
        text_is_there(v, "account_id");
        ENSURE(r->topic == TOPIC_INBOUND || r->topic == TOPIC_RECEIPT);
        ENSURE(r->key_len > 0 && r->key_at + r->key_len <= all);
        ENSURE(r->topic != TOPIC_INBOUND ||
               (key != NULL && strlen(key) == r->key_len && memcmp(key, text + r->key_at, r->key_len) == 0));
        if (r->topic == TOPIC_INBOUND)
            worker_reads(r, text + r->at);
        else
            sender_reads(v, text + r->at, r->len);
    }
    cJSON_Delete(v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct json_view view;
    struct records rs;
    struct fault f = {.text = ""};
    records_init(&rs);
    if (whatsapp_webhook(&view, (const char *)data, n, &rs, &f) != 0)
        ENSURE(rs.n == 0 && f.verdict == VERDICT_REJECT);
    for (size_t i = 0; i < rs.n; i++)
        check(&rs, &rs.list[i]);
    records_done(&rs);
    return 0;
}
