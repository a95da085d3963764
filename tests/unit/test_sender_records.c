/* What the sender reads from its two topics, and the resend it writes. */
#include "common/base/json.h"
#include "workers/sender/outbound.h"
#include "workers/sender/receipt.h"
#include "workers/sender/resend.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define T     "0190b6c2-0000-7000-8000-000000000001"
#define C     "0190b6c2-0000-7000-8000-00000000000a"
#define PLACE "\"dedupe_key\":\"ab12\",\"tenant_id\":\"" T "\",\"conversation_id\":\"" C "\",\"seq\":7"
#define ROUTE "\"channel\":\"whatsapp\",\"account_id\":\"1065\""
#define WHAT  "\"to\":\"919812345678\",\"to_kind\":\"phone\",\"class\":\"reply\",\"type\":\"text\",\"text\":\"hi\""

static enum outbound_use use_of(const char *value)
{
    struct outbound o;
    enum outbound_use use = outbound_read(&o, value, strlen(value), NULL);
    outbound_done(&o);
    return use;
}

static void outbound_whole(void **state)
{
    (void)state;
    const char *value = "{" PLACE "," ROUTE "," WHAT "}";
    struct outbound o;
    assert_int_equal(outbound_read(&o, value, strlen(value), NULL), OUTBOUND_SEND);
    assert_string_equal(o.dedupe_key, "ab12");
    assert_string_equal(o.tenant_id, T);
    assert_string_equal(o.conversation_id, C);
    assert_int_equal(o.seq, 7);
    assert_string_equal(o.account_id, "1065");
    assert_string_equal(o.cls, "reply");
    assert_string_equal(o.to, "919812345678");
    assert_string_equal(o.text, "hi");
    assert_false(o.to_user_id);
    outbound_done(&o);
}

static void outbound_failed(void **state)
{
    (void)state;
    assert_int_equal(use_of("{" PLACE ",\"channel\":\"pigeon\",\"account_id\":\"1\"," WHAT "}"), OUTBOUND_FAILED);
    assert_int_equal(use_of("{" PLACE "," WHAT "}"), OUTBOUND_FAILED);
    assert_int_equal(use_of("{" PLACE ",\"channel\":\"whatsapp\",\"account_id\":\"../1\"," WHAT "}"), OUTBOUND_FAILED);
    assert_int_equal(use_of("{" PLACE "," ROUTE "}"), OUTBOUND_FAILED);
    assert_int_equal(use_of("{" PLACE "," ROUTE ",\"type\":\"image\",\"to\":\"9\",\"text\":\"x\"}"), OUTBOUND_FAILED);
    assert_int_equal(use_of("{" PLACE "," ROUTE ",\"type\":\"text\",\"to\":\"\",\"text\":\"x\"}"), OUTBOUND_FAILED);
}

static void outbound_refused(void **state)
{
    (void)state;
    assert_int_equal(use_of(""), OUTBOUND_REFUSED);
    assert_int_equal(use_of("[]"), OUTBOUND_REFUSED);
    assert_int_equal(use_of("{" ROUTE "," WHAT "}"), OUTBOUND_REFUSED);
    assert_int_equal(use_of("{\"dedupe_key\":\"a\",\"tenant_id\":\"" T "\",\"conversation_id\":\"x\",\"seq\":1}"),
                     OUTBOUND_REFUSED);
    assert_int_equal(use_of("{\"dedupe_key\":\"a\",\"tenant_id\":\"" T "\",\"conversation_id\":\"" C "\",\"seq\":0}"),
                     OUTBOUND_REFUSED);
    assert_int_equal(use_of("{\"dedupe_key\":\"\",\"tenant_id\":\"" T "\",\"conversation_id\":\"" C "\",\"seq\":1}"),
                     OUTBOUND_REFUSED);
}

static void uuids(void **state)
{
    (void)state;
    assert_true(uuid_valid(T));
    assert_false(uuid_valid("0190b6c2-0000-7000-8000-00000000000"));
    assert_false(uuid_valid("0190b6c2-0000-7000-8000-0000000000011"));
    assert_false(uuid_valid("0190b6c2x0000-7000-8000-000000000001"));
    assert_false(uuid_valid("0190b6c2-0000-7000-8000-00000000000g"));
}

static int receipt_of(const char *value, struct receipt *r)
{
    return receipt_read(r, value, strlen(value), NULL);
}

static void receipts(void **state)
{
    (void)state;
    struct receipt r;
    assert_int_equal(receipt_of("{" ROUTE
                                ",\"message_id\":\"wamid.1\",\"status\":\"delivered\",\"dedupe_key\":\"ab12\","
                                "\"sent_at\":\"1718000000\"}",
                                &r),
                     0);
    assert_int_equal(r.kind, RECEIPT_DELIVERED);
    assert_string_equal(r.provider_id, "wamid.1");
    assert_string_equal(r.dedupe_key, "ab12");
    assert_int_equal(r.at_s, 1718000000);
    assert_int_equal(receipt_of("{" ROUTE
                                ",\"message_id\":\"wamid.1\",\"status\":\"failed\",\"sent_at\":\"1718000000123\","
                                "\"errors\":[{\"code\":131026,\"title\":\"x\"}]}",
                                &r),
                     0);
    assert_int_equal(r.kind, RECEIPT_FAILED);
    assert_string_equal(r.error_code, "131026");
    assert_string_equal(r.dedupe_key, "");
    assert_int_equal(r.at_s, 1718000000);
    assert_int_equal(receipt_of("{" ROUTE ",\"message_id\":\"w\",\"status\":\"played\",\"sent_at\":\"soon\"}", &r), 0);
    assert_int_equal(r.kind, RECEIPT_READ);
    assert_int_equal(r.at_s, 0);
    assert_int_equal(receipt_of("{" ROUTE ",\"message_id\":\"w\",\"status\":\"deleted\"}", &r), 0);
    assert_int_equal(r.kind, RECEIPT_OTHER);
    assert_int_equal(receipt_of("{" ROUTE ",\"status\":\"sent\"}", &r), -1);
    assert_int_equal(receipt_of("{" ROUTE ",\"message_id\":\"w\"}", &r), -1);
    assert_int_equal(receipt_of("nonsense", &r), -1);
}

static void resend_is_marked(void **state)
{
    (void)state;
    char key[DIGEST_HEX], again[DIGEST_HEX];
    resend_key("ab12", key);
    resend_key("ab12", again);
    /* printf 'ab12\nresend' | sha256sum */
    assert_string_equal(key, "827afde53e649eb2bf6d552ac6762f940c9dbaa1859616fcae0c2c05d1b0dad5");
    assert_string_equal(key, again);
    char *payload = resend_payload("{" PLACE "," ROUTE "," WHAT "}", key);
    assert_non_null(payload);
    struct outbound o;
    assert_int_equal(outbound_read(&o, payload, strlen(payload), NULL), OUTBOUND_SEND);
    assert_string_equal(o.dedupe_key, key);
    assert_string_equal(o.text, RESEND_MARK "hi");
    assert_string_equal(o.conversation_id, C);
    outbound_done(&o);
    free(payload);
    assert_null(resend_payload("{}", key));
    assert_null(resend_payload("x", key));
}

/* A text that is full already loses its end, never half a character. */
static void resend_fits(void **state)
{
    (void)state;
    size_t chars = 4096;
    char *value = malloc(3 * chars + 64);
    size_t n = (size_t)sprintf(value, "{\"text\":\"");
    for (size_t i = 0; i < chars; i++)
        n += (size_t)sprintf(value + n, "\u0915");
    sprintf(value + n, "\"}");
    char *payload = resend_payload(value, "k");
    cJSON *root = json_parse(payload, strlen(payload), &json_limits_default, NULL);
    const char *text = json_str(root, "text");
    size_t mark = strlen(RESEND_MARK);
    assert_memory_equal(text, RESEND_MARK, mark);
    assert_int_equal(strlen(text), mark + 3 * (chars - mark));
    assert_string_equal(text + strlen(text) - 3, "\u0915");
    cJSON_Delete(root);
    free(payload);
    free(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outbound_whole), cmocka_unit_test(outbound_failed), cmocka_unit_test(outbound_refused),
        cmocka_unit_test(uuids),          cmocka_unit_test(receipts),        cmocka_unit_test(resend_is_marked),
        cmocka_unit_test(resend_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
