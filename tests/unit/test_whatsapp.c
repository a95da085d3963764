/* WhatsApp webhooks as records: every kind of message and status, batches, and what is no event. With MUNIM_CORPUS
 * naming a folder, every file of its whatsapp/ becomes events or an explained refusal too. */
#include "common/base/json.h"
#include "common/kafka/envelope.h"
#include "ingress/whatsapp_webhook.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CONTACT "{\"profile\":{\"name\":\"Asha\"},\"wa_id\":\"919800000001\",\"user_id\":\"IN.77\"}"
#define FROM    "\"from\":\"919800000001\",\"id\":\"wamid.A\",\"timestamp\":\"1718000000\""

static struct json_view view;
static struct records out;

static int open_room(void **state)
{
    (void)state;
    records_init(&out);
    return 0;
}

static int close_room(void **state)
{
    (void)state;
    records_done(&out);
    json_view_free(&view);
    return 0;
}

/* Reads from a block of exactly n bytes, so that reading on is seen. */
static int read_bytes(const char *text, size_t n)
{
    struct fault f;
    char *exact = malloc(n > 0 ? n : 1);
    assert_non_null(exact);
    memcpy(exact, text, n);
    records_clear(&out);
    int rc = whatsapp_webhook(&view, exact, n, &out, &f);
    free(exact);
    if (rc != 0)
        assert_int_equal(f.verdict, VERDICT_REJECT);
    return rc;
}

static void read_value(const char *value)
{
    UT_string body;
    utstring_init(&body);
    utstring_printf(&body,
                    "{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"1\",\"changes\":[{\"field\":"
                    "\"messages\",\"value\":{\"messaging_product\":\"whatsapp\",\"metadata\":{\"display_phone_number\":"
                    "\"+91 80 1\",\"phone_number_id\":\"5550001\"},%s}}]}]}",
                    value);
    assert_int_equal(read_bytes(utstring_body(&body), utstring_len(&body)), 0);
    utstring_done(&body);
}

/* The record's value through the reader that the worker uses; the caller deletes it. */
static cJSON *record(size_t i)
{
    struct fault f;
    assert_true(i < out.n);
    cJSON *v = json_parse(utstring_body(&out.text) + out.list[i].at, out.list[i].len, &json_limits_default, &f);
    if (v == NULL)
        fail_msg("record %zu: %s", i, f.text);
    return v;
}

static void assert_key(size_t i, const char *key)
{
    assert_int_equal(out.list[i].key_len, strlen(key));
    assert_memory_equal(utstring_body(&out.text) + out.list[i].key_at, key, strlen(key));
}

static void assert_member(const cJSON *o, const char *name, const char *want)
{
    const char *got = json_str(o, name);
    if (want == NULL ? json_get(o, name) != NULL : got == NULL || strcmp(got, want) != 0)
        fail_msg("%s is \"%s\", wanted \"%s\"", name, got != NULL ? got : "(absent)", want != NULL ? want : "(absent)");
}

/* One message of Asha's; the caller deletes. */
static cJSON *message(const char *members)
{
    char value[2048];
    (void)snprintf(value, sizeof value, "\"contacts\":[" CONTACT "],\"messages\":[{" FROM ",%s}]", members);
    read_value(value);
    assert_int_equal(out.n, 1);
    assert_int_equal(out.list[0].topic, TOPIC_INBOUND);
    assert_string_equal(out.list[0].type, CE_INBOUND_MESSAGE);
    assert_key(0, "919800000001");
    return record(0);
}

static void a_text_has_all_that_a_worker_needs(void **state)
{
    (void)state;
    cJSON *m = message("\"type\":\"text\",\"text\":{\"body\":\"20m \\u0928\\u0940\\u0932\\u093e \\\"cotton\\\"\\n\"}");
    assert_member(m, "channel", "whatsapp");
    assert_member(m, "account_id", "5550001");
    assert_member(m, "message_id", "wamid.A");
    assert_member(m, "key", "919800000001");
    assert_member(m, "address", "919800000001");
    assert_member(m, "address_kind", "phone");
    assert_member(m, "name", "Asha");
    assert_member(m, "sent_at", "1718000000");
    assert_member(m, "kind", "text");
    assert_member(m, "text", "20m नीला \"cotton\"\n");
    const cJSON *ids = json_arr(m, "identities");
    assert_int_equal(cJSON_GetArraySize(ids), 2);
    assert_string_equal(cJSON_GetArrayItem(ids, 0)->valuestring, "p:919800000001");
    assert_string_equal(cJSON_GetArrayItem(ids, 1)->valuestring, "u:IN.77");
    assert_member(m, "raw", NULL);
    cJSON_Delete(m);
}

static void every_kind_is_normalised(void **state)
{
    (void)state;
    static const struct {
        const char *members, *kind, *text, *object, *name, *value;
    } rows[] = {
        {"\"type\":\"button\",\"button\":{\"payload\":\"yes-1\",\"text\":\"Haan\"}", "button", "Haan", "reply", "id",
         "yes-1"},
        {"\"type\":\"interactive\",\"interactive\":{\"type\":\"button_reply\",\"button_reply\":{\"id\":\"b1\","
         "\"title\":\"Confirm\"}}",
         "interactive", "Confirm", "reply", "type", "button_reply"},
        {"\"type\":\"interactive\",\"interactive\":{\"type\":\"list_reply\",\"list_reply\":{\"id\":\"r1\",\"title\":"
         "\"Blue\",\"description\":\"dark\"}}",
         "interactive", "Blue", "reply", "description", "dark"},
        {"\"type\":\"interactive\",\"interactive\":{\"type\":\"nfm_reply\",\"nfm_reply\":{\"name\":\"flow\",\"body\":"
         "\"Sent\",\"response_json\":\"{\\\"a\\\":1}\"}}",
         "interactive", NULL, "reply", "type", "nfm_reply"},
        {"\"type\":\"image\",\"image\":{\"id\":\"77\",\"mime_type\":\"image\\/jpeg\",\"sha256\":\"aa=\",\"caption\":"
         "\"yeh wala\",\"url\":\"https:\\/\\/x\"}",
         "image", "yeh wala", "media", "mime_type", "image/jpeg"},
        {"\"type\":\"video\",\"video\":{\"id\":\"78\",\"mime_type\":\"video/mp4\"}", "video", NULL, "media", "id",
         "78"},
        {"\"type\":\"audio\",\"audio\":{\"id\":\"79\",\"voice\":true}", "audio", NULL, "media", "id", "79"},
        {"\"type\":\"document\",\"document\":{\"id\":\"80\",\"filename\":\"po.pdf\"}", "document", NULL, "media",
         "filename", "po.pdf"},
        {"\"type\":\"sticker\",\"sticker\":{\"id\":\"81\",\"animated\":true}", "sticker", NULL, "media", "id", "81"},
        {"\"type\":\"location\",\"location\":{\"latitude\":12.25089,\"longitude\":-43.9,\"name\":\"Shop\"}", "location",
         NULL, "location", "name", "Shop"},
        {"\"location\":{\"latitude\":1,\"longitude\":2,\"name\":\"untyped\"}", "location", NULL, "location", "name",
         "untyped"},
        {"\"type\":\"order\",\"order\":{\"catalog_id\":\"c9\",\"text\":\"jaldi\",\"product_items\":[{\"quantity\":2}]}",
         "order", "jaldi", "order", "catalog_id", "c9"},
        {"\"type\":\"reaction\",\"reaction\":{\"message_id\":\"wamid.B\"}", "reaction", NULL, "reaction", "message_id",
         "wamid.B"},
        {"\"type\":\"system\",\"system\":{\"type\":\"user_changed_number\",\"wa_id\":\"919800000002\",\"body\":\"x\"}",
         "system", NULL, "system", "wa_id", "919800000002"},
        {"\"type\":\"edit\",\"edit\":{\"original_message_id\":\"wamid.B\"}", "edit", NULL, "raw", "type", "edit"},
        {"\"type\":\"revoke\",\"revoke\":{\"original_message_id\":\"wamid.B\"}", "revoke", NULL, "raw", "type",
         "revoke"},
        {"\"type\":\"request_welcome\"", "request_welcome", NULL, "raw", "type", "request_welcome"},
        {"\"type\":\"unsupported\",\"errors\":[{\"code\":131051}],\"unsupported\":{\"type\":\"poll\"}", "unsupported",
         NULL, "raw", "type", "unsupported"},
        {"\"errors\":[{\"code\":131051}]", "errors", NULL, "raw", "id", "wamid.A"},
        {"\"type\":\"hologram\",\"hologram\":{\"x\":12345678901234567890}", "unknown", NULL, "raw", "type", "hologram"},
        {"\"type\":\"text\",\"text\":{}", "text", NULL, "raw", "type", "text"},
        {"\"type\":\"interactive\",\"interactive\":{}", "interactive", NULL, "raw", "type", "interactive"},
        {"\"type\":17", "unknown", NULL, "raw", "id", "wamid.A"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cJSON *m = message(rows[i].members);
        assert_member(m, "kind", rows[i].kind);
        assert_member(m, "text", rows[i].text);
        assert_member(json_get(m, rows[i].object), rows[i].name, rows[i].value);
        if (strcmp(rows[i].object, "raw") != 0)
            assert_member(m, "raw", NULL);
        cJSON_Delete(m);
    }
}

static void contacts_are_an_array_and_what_lies_beside_goes_along(void **state)
{
    (void)state;
    cJSON *m = message("\"type\":\"contacts\",\"contacts\":[{\"name\":{\"formatted_name\":\"R\"}}],"
                       "\"context\":{\"id\":\"wamid.Q\",\"forwarded\":true},\"group_id\":\"G1\","
                       "\"referral\":{\"source_type\":\"ad\",\"ctwa_clid\":\"z\"}");
    assert_int_equal(cJSON_GetArraySize(json_arr(m, "contacts")), 1);
    assert_member(json_obj(m, "context"), "id", "wamid.Q");
    assert_member(json_obj(m, "referral"), "ctwa_clid", "z");
    assert_member(m, "group_id", "G1");
    cJSON_Delete(m);
}

static void an_interactive_answer_keeps_its_form(void **state)
{
    (void)state;
    cJSON *m = message("\"type\":\"interactive\",\"interactive\":{\"type\":\"nfm_reply\",\"nfm_reply\":{\"name\":"
                       "\"flow\",\"response_json\":\"{\\\"a\\\":1}\"}}");
    assert_member(json_obj(json_obj(m, "reply"), "data"), "response_json", "{\"a\":1}");
    cJSON_Delete(m);
}

static void numbers_keep_their_digits(void **state)
{
    (void)state;
    cJSON *m = message("\"type\":\"hologram\",\"hologram\":{\"x\":12345678901234567890}");
    assert_non_null(strstr(utstring_body(&out.text), "12345678901234567890"));
    cJSON_Delete(m);
}

static void people_without_a_phone_are_people(void **state)
{
    (void)state;
    static const struct {
        const char *value, *key, *address_kind, *first, *last;
    } rows[] = {
        {"\"contacts\":[{\"profile\":{\"name\":\"N\"},\"user_id\":\"US.134\",\"parent_user_id\":\"US.ENT.9\"}],"
         "\"messages\":[{\"from_user_id\":\"US.134\",\"id\":\"w\",\"type\":\"text\",\"text\":{\"body\":\"a\"}}]",
         "wa:US.134", "user_id", "u:US.134", "pu:US.ENT.9"},
        /* The contact knows the phone that the message leaves out. */
        {"\"contacts\":[{\"wa_id\":\"919800000009\",\"user_id\":\"X\"},{\"wa_id\":\"919800000001\",\"user_id\":"
         "\"US.134\"}],\"messages\":[{\"from_user_id\":\"US.134\",\"id\":\"w\",\"type\":\"text\",\"text\":{\"body\":"
         "\"a\"}}]",
         "919800000001", "phone", "p:919800000001", "u:US.134"},
        /* A user id where a phone used to be. */
        {"\"contacts\":[{\"wa_id\":\"US.134\",\"profile\":{\"name\":\"N\"}}],\"messages\":[{\"from\":\"US.134\",\"id\":"
         "\"w\",\"type\":\"text\",\"text\":{\"body\":\"a\"}}]",
         "wa:US.134", "user_id", "u:US.134", "u:US.134"},
        /* Another number in wa_id, the same person by user id. */
        {"\"contacts\":[{\"wa_id\":\"5215500000001\",\"user_id\":\"MX.1\"}],\"messages\":[{\"from\":\"525500000001\","
         "\"from_user_id\":\"MX.1\",\"id\":\"w\",\"type\":\"text\",\"text\":{\"body\":\"a\"}}]",
         "525500000001", "phone", "p:525500000001", "u:MX.1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        read_value(rows[i].value);
        assert_int_equal(out.n, 1);
        assert_int_equal(out.list[0].topic, TOPIC_INBOUND);
        assert_key(0, rows[i].key);
        cJSON *m = record(0);
        assert_member(m, "address_kind", rows[i].address_kind);
        const cJSON *ids = json_arr(m, "identities");
        assert_string_equal(cJSON_GetArrayItem(ids, 0)->valuestring, rows[i].first);
        assert_string_equal(cJSON_GetArrayItem(ids, cJSON_GetArraySize(ids) - 1)->valuestring, rows[i].last);
        cJSON_Delete(m);
    }
}

static void a_status_becomes_a_receipt(void **state)
{
    (void)state;
    read_value("\"statuses\":[{\"id\":\"wamid.S\",\"status\":\"failed\",\"timestamp\":1718000001,\"recipient_id\":"
               "\"919800000001\",\"biz_opaque_callback_data\":\"abc\",\"errors\":[{\"code\":131026,\"title\":\"T\"}],"
               "\"conversation\":{\"id\":\"c\"},\"pricing\":{\"billable\":true}},"
               "{\"id\":\"wamid.T\",\"status\":\"read\",\"recipient_user_id\":\"US.134\"},"
               "{\"id\":\"wamid.U\",\"status\":\"sent\",\"recipient_type\":\"group\",\"recipient_id\":\"R3JvdXA\"}]");
    assert_int_equal(out.n, 3);
    assert_int_equal(out.list[0].topic, TOPIC_RECEIPT);
    assert_string_equal(out.list[0].type, CE_RECEIPT_STATUS);
    assert_key(0, "919800000001");
    assert_key(1, "wa:US.134");
    assert_key(2, "wa:R3JvdXA");
    cJSON *s = record(0);
    assert_member(s, "channel", "whatsapp");
    assert_member(s, "account_id", "5550001");
    assert_member(s, "message_id", "wamid.S");
    assert_member(s, "status", "failed");
    assert_member(s, "recipient", "919800000001");
    assert_member(s, "dedupe_key", "abc");
    assert_member(s, "sent_at", "1718000001");
    int64_t code = 0;
    assert_true(json_i64(cJSON_GetArrayItem(json_arr(s, "errors"), 0), "code", &code));
    assert_int_equal(code, 131026);
    assert_true(json_true(json_obj(json_obj(s, "raw"), "pricing"), "billable"));
    assert_member(json_obj(json_obj(s, "raw"), "conversation"), "id", "c");
    cJSON_Delete(s);
    s = record(1);
    assert_member(s, "recipient", "US.134");
    assert_member(s, "dedupe_key", NULL);
    assert_member(s, "raw", NULL);
    cJSON_Delete(s);
}

static void a_batch_is_split_in_its_order(void **state)
{
    (void)state;
    UT_string body;
    utstring_init(&body);
    utstring_printf(&body, "{\"entry\":[");
    for (int e = 0; e < 2; e++) {
        utstring_printf(&body, "%s{\"changes\":[", e > 0 ? "," : "");
        for (int c = 0; c < 5; c++) {
            utstring_printf(&body,
                            "%s{\"field\":\"messages\",\"value\":{\"metadata\":{\"phone_number_id\":\"%d\"},"
                            "\"messages\":[",
                            c > 0 ? "," : "", 100 + e);
            for (int m = 0; m < 100; m++)
                utstring_printf(&body,
                                "%s{\"from\":\"9198000000%02d\",\"id\":\"w%d\",\"type\":\"text\",\"text\":{\"body\":"
                                "\"x\"}}",
                                m > 0 ? "," : "", m, e * 500 + c * 100 + m);
            utstring_printf(&body, "]}}");
        }
        utstring_printf(&body, "]}");
    }
    utstring_printf(&body, "]}");
    assert_int_equal(read_bytes(utstring_body(&body), utstring_len(&body)), 0);
    utstring_done(&body);
    assert_int_equal(out.n, 1000);
    for (size_t i = 0; i < out.n; i++) {
        char id[32];
        cJSON *m = record(i);
        (void)snprintf(id, sizeof id, "w%zu", i);
        assert_member(m, "message_id", id);
        assert_member(m, "account_id", i < 500 ? "100" : "101");
        cJSON_Delete(m);
    }
}

static void what_no_conversation_owns_is_kept_with_a_reason(void **state)
{
    (void)state;
    static const struct {
        const char *body, *reason;
    } rows[] = {
        {"{\"entry\":[{\"changes\":[{\"field\":\"account_update\",\"value\":{\"event\":\"X\"}}]}]}",
         "no conversation: field account_update"},
        {"{\"entry\":[{\"changes\":[{\"field\":\"\\u0905\",\"value\":{}}]}]}",
         "no conversation: field missing or unreadable"},
        {"{\"entry\":[{\"changes\":[{\"value\":{}}]}]}", "no conversation: field missing or unreadable"},
        {"{\"entry\":[{\"changes\":[{\"field\":\"messages\",\"value\":{\"messages\":[{}]}}]}]}",
         "no account: metadata.phone_number_id is missing or unreadable"},
        {"{\"entry\":[{\"changes\":[{\"field\":\"messages\",\"value\":{\"metadata\":{\"phone_number_id\":\"1\"}}}]}]}",
         "no conversation: neither messages nor statuses"},
        {"{\"entry\":[{\"changes\":[{\"field\":\"messages\",\"value\":{\"metadata\":{\"phone_number_id\":\"1\"},"
         "\"errors\":[{\"code\":130429}]}}]}]}",
         "no conversation: errors of the account"},
        {"{\"entry\":[{\"changes\":[{\"field\":\"messages\",\"value\":{\"metadata\":{\"phone_number_id\":\"1\"},"
         "\"messages\":[{\"id\":\"w\",\"type\":\"text\"}]}}]}]}",
         "a message without any identity of its sender"},
        {"{\"entry\":[{\"changes\":[{\"field\":\"messages\",\"value\":{\"metadata\":{\"phone_number_id\":\"1\"},"
         "\"messages\":[7]}}]}]}",
         "a message that is no object"},
        {"{\"entry\":[{\"changes\":[{\"field\":\"messages\",\"value\":{\"metadata\":{\"phone_number_id\":\"1\"},"
         "\"statuses\":[{\"id\":\"w\"}]}}]}]}",
         "a status without a message id or without a status"},
        {"{\"entry\":[{\"id\":\"1\"}]}", "an entry without changes"},
        {"{\"entry\":[null]}", "an entry without changes"},
        {"{\"object\":\"page\"}", "no webhook: a body without entries"},
        {"[]", "no webhook: a body without entries"},
        {"17", "no webhook: a body without entries"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(read_bytes(rows[i].body, strlen(rows[i].body)), 0);
        assert_int_equal(out.n, 1);
        assert_int_equal(out.list[0].topic, TOPIC_DLQ);
        assert_int_equal(out.list[0].key_len, 0);
        cJSON *d = record(0);
        assert_member(d, "channel", "whatsapp");
        assert_member(d, "reason", rows[i].reason);
        assert_non_null(json_get(d, "raw"));
        cJSON_Delete(d);
    }
}

static void an_empty_batch_is_no_record(void **state)
{
    (void)state;
    assert_int_equal(read_bytes("{\"entry\":[]}", 12), 0);
    assert_int_equal(out.n, 0);
}

/* Errors of the value are about the message beside them when that has none of its own. */
static void errors_of_the_value_go_with_its_messages(void **state)
{
    (void)state;
    read_value("\"errors\":[{\"code\":131000}],\"messages\":[{" FROM ",\"type\":\"interactive\"}]");
    assert_int_equal(out.n, 1);
    cJSON *m = record(0);
    assert_member(m, "kind", "interactive");
    assert_int_equal(cJSON_GetArraySize(json_arr(m, "errors")), 1);
    cJSON_Delete(m);
}

static void a_message_without_an_id_is_named_by_its_bytes(void **state)
{
    (void)state;
    static const char value[] =
        "\"messages\":[{\"from\":\"919800000001\",\"type\":\"text\",\"text\":{\"body\":\"a\"}}]";
    char first[128];
    read_value(value);
    cJSON *m = record(0);
    (void)snprintf(first, sizeof first, "%s", json_str(m, "message_id"));
    assert_int_equal(strlen(first), 7 + 64);
    cJSON_Delete(m);
    read_value(value);
    m = record(0);
    assert_member(m, "message_id", first);
    cJSON_Delete(m);
}

/* Names are cut in the middle of an emoji by who counts UTF-16 units; the reader further down must still read them. */
static void half_an_emoji_and_a_nul_are_mended(void **state)
{
    (void)state;
    read_value("\"contacts\":[{\"profile\":{\"name\":\"A\\ud83d\"},\"wa_id\":\"919800000001\"}],\"messages\":[{" FROM
               ",\"type\":\"text\",\"text\":{\"body\":\"\\ud83d\\ude4f \\ude4f\\\\ud83d\\u0000\"}}]");
    cJSON *m = record(0);
    assert_member(m, "name", "A\xef\xbf\xbd");
    assert_member(m, "text", "\xf0\x9f\x99\x8f \xef\xbf\xbd\\ud83d\xef\xbf\xbd");
    cJSON_Delete(m);
}

static void what_is_not_json_is_refused_whole(void **state)
{
    (void)state;
    static const char good[] =
        "{\"entry\":[{\"changes\":[{\"field\":\"messages\",\"value\":{\"metadata\":{"
        "\"phone_number_id\":\"1\"},\"messages\":[{\"from\":\"919800000001\",\"id\":\"w\"}]}}]}]}";
    for (size_t n = 0; n < sizeof good - 1; n++) {
        assert_int_equal(read_bytes(good, n), -1);
        assert_int_equal(out.n, 0);
    }
    assert_int_equal(read_bytes(good, sizeof good - 1), 0);
    static const char *const bad[] = {"{}x",        "{'a':1}", "{\"a\":1,\"a\":2}", "{\"a\":\"\xff\"}",
                                      "\"\\u000\"", "{\"a\"}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(read_bytes(bad[i], strlen(bad[i])), -1);
    char deep[2001];
    memset(deep, '[', 1000);
    memset(deep + 1000, ']', 1000);
    assert_int_equal(read_bytes(deep, 2000), -1);
}

/* Each byte of a good webhook changed to each of some others: never a crash, and whatever comes out is JSON. */
static void survives_any_changed_byte(void **state)
{
    (void)state;
    static const char good[] =
        "{\"entry\":[{\"changes\":[{\"field\":\"messages\",\"value\":{\"metadata\":{\"phone_number_id\":\"1\"},"
        "\"contacts\":[" CONTACT "],\"errors\":[],\"messages\":[{" FROM ",\"type\":\"interactive\",\"interactive\":{"
        "\"type\":\"list_reply\",\"list_reply\":{\"id\":\"\\u0041\"}}}],\"statuses\":[{\"id\":\"w\",\"status\":"
        "\"read\",\"recipient_id\":\"919800000001\"}]}}]}]}";
    static const char with[] = "\"\\{}[],:0-x\x80 u";
    char text[sizeof good];
    for (size_t i = 0; i < sizeof good - 1; i++) {
        for (size_t w = 0; w < sizeof with - 1; w++) {
            memcpy(text, good, sizeof good);
            text[i] = with[w];
            if (read_bytes(text, sizeof good - 1) != 0)
                continue;
            for (size_t r = 0; r < out.n; r++)
                cJSON_Delete(record(r));
        }
    }
}

static void too_large_for_an_event_is_kept_with_a_reason(void **state)
{
    (void)state;
    enum { LONG = 1500000 };
    /* Twice in the event: as text and in the media. */
    char *body = malloc(3 * LONG);
    assert_non_null(body);
    int n = snprintf(body, 512,
                     "{\"entry\":[{\"changes\":[{\"field\":\"messages\",\"value\":{\"metadata\":{\"phone_number_id\":"
                     "\"1\"},\"messages\":[{" FROM ",\"type\":\"image\",\"image\":{\"caption\":\"");
    memset(body + n, 'k', LONG + 500000);
    n += LONG + 500000;
    n += snprintf(body + n, 64, "\"}}]}}]}]}");
    assert_int_equal(read_bytes(body, (size_t)n), 0);
    free(body);
    assert_int_equal(out.n, 1);
    assert_int_equal(out.list[0].topic, TOPIC_DLQ);
    cJSON *d = record(0);
    assert_member(d, "reason", "a message too large for a record");
    cJSON_Delete(d);
}

static size_t files;

static int one_file(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    size_t n = strlen(path);
    if (type != FTW_F || n < 5 || strcmp(path + n - 5, ".json") != 0 || strstr(path + at->base, "vectors") != NULL)
        return 0;
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    static char text[1 << 20];
    size_t len = fread(text, 1, sizeof text, f);
    fclose(f);
    if (read_bytes(text, len) != 0)
        fail_msg("%s is not read as JSON", path);
    if (out.n == 0)
        fail_msg("%s became nothing", path);
    for (size_t i = 0; i < out.n; i++) {
        cJSON *r = record(i);
        if (out.list[i].topic == TOPIC_DLQ)
            assert_non_null(json_str(r, "reason"));
        else
            assert_true(out.list[i].key_len > 0);
        if (strstr(path, "/message__") != NULL || strstr(path, "/callback_") != NULL ||
            strstr(path, "_message_with_") != NULL)
            assert_int_equal(out.list[i].topic, TOPIC_INBOUND);
        if (strstr(path, "_status_") != NULL && strstr(path, "template") == NULL && strstr(path, "account") == NULL)
            assert_int_equal(out.list[i].topic, TOPIC_RECEIPT);
        cJSON_Delete(r);
    }
    files++;
    return 0;
}

static void every_collected_payload_gets_through(void **state)
{
    (void)state;
    const char *corpus = getenv("MUNIM_CORPUS");
    if (corpus == NULL || *corpus == '\0')
        return;
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/whatsapp", corpus);
    assert_int_equal(nftw(path, one_file, 16, FTW_PHYS), 0);
    assert_true(files > 0);
    print_message("%zu payloads of %s\n", files, path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_has_all_that_a_worker_needs),
        cmocka_unit_test(every_kind_is_normalised),
        cmocka_unit_test(contacts_are_an_array_and_what_lies_beside_goes_along),
        cmocka_unit_test(an_interactive_answer_keeps_its_form),
        cmocka_unit_test(numbers_keep_their_digits),
        cmocka_unit_test(people_without_a_phone_are_people),
        cmocka_unit_test(a_status_becomes_a_receipt),
        cmocka_unit_test(a_batch_is_split_in_its_order),
        cmocka_unit_test(what_no_conversation_owns_is_kept_with_a_reason),
        cmocka_unit_test(an_empty_batch_is_no_record),
        cmocka_unit_test(errors_of_the_value_go_with_its_messages),
        cmocka_unit_test(a_message_without_an_id_is_named_by_its_bytes),
        cmocka_unit_test(half_an_emoji_and_a_nul_are_mended),
        cmocka_unit_test(what_is_not_json_is_refused_whole),
        cmocka_unit_test(survives_any_changed_byte),
        cmocka_unit_test(too_large_for_an_event_is_kept_with_a_reason),
        cmocka_unit_test(every_collected_payload_gets_through),
    };
    return cmocka_run_group_tests(tests, open_room, close_room);
}
