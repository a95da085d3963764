/* What the channel answers and what becomes of the message: one row a case. */
#include "workers/sender/whatsapp.h"

#include "common/base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct row {
    const char *name;
    enum http_end end;
    long status;
    const char *body;
    enum send_verdict verdict;
    const char *code, *provider_id;
};

#define ACCEPTED                                                                                                       \
    "{\"messaging_product\":\"whatsapp\",\"contacts\":[{\"input\":\"919812345678\",\"wa_id\":\"919812345678\"}],"      \
    "\"messages\":[{\"id\":\"wamid.HBgM\",\"message_status\":\"accepted\"}]}"
#define ERROR(code)                                                                                                    \
    "{\"error\":{\"message\":\"x\",\"type\":\"OAuthException\",\"code\":" #code ",\"fbtrace_id\":\"A\"}}"

static const struct row rows[] = {
    {"accepted", HTTP_ANSWERED, 200, ACCEPTED, SEND_SENT, "", "wamid.HBgM"},
    {"accepted with 201", HTTP_ANSWERED, 201, ACCEPTED, SEND_SENT, "", "wamid.HBgM"},
    {"200 not JSON", HTTP_ANSWERED, 200, "<html>", SEND_UNCERTAIN, "http 200", ""},
    {"200 empty", HTTP_ANSWERED, 200, "", SEND_UNCERTAIN, "http 200", ""},
    {"200 without id", HTTP_ANSWERED, 200, "{\"messages\":[{}]}", SEND_UNCERTAIN, "http 200", ""},
    {"200 id not plain", HTTP_ANSWERED, 200, "{\"messages\":[{\"id\":\"a b\"}]}", SEND_UNCERTAIN, "http 200", ""},
    {"200 id a number", HTTP_ANSWERED, 200, "{\"messages\":[{\"id\":7}]}", SEND_UNCERTAIN, "http 200", ""},
    {"200 with an error", HTTP_ANSWERED, 200, ERROR(131026), SEND_FAILED, "131026", ""},
    {"accepted body by 500", HTTP_ANSWERED, 500, ACCEPTED, SEND_UNCERTAIN, "http 500", ""},
    {"2", HTTP_ANSWERED, 503, ERROR(2), SEND_RETRY, "2", ""},
    {"4 with 400", HTTP_ANSWERED, 400, ERROR(4), SEND_RETRY, "4", ""},
    {"80007 with 429", HTTP_ANSWERED, 429, ERROR(80007), SEND_RETRY, "80007", ""},
    {"130429 with 400", HTTP_ANSWERED, 400, ERROR(130429), SEND_RETRY, "130429", ""},
    {"131016 with 500", HTTP_ANSWERED, 500, ERROR(131016), SEND_RETRY, "131016", ""},
    {"131056", HTTP_ANSWERED, 400, ERROR(131056), SEND_PAIR, "131056", ""},
    {"131057 with 500", HTTP_ANSWERED, 500, ERROR(131057), SEND_RETRY, "131057", ""},
    {"1 with 400", HTTP_ANSWERED, 400, ERROR(1), SEND_UNCERTAIN, "1", ""},
    {"1 with 500", HTTP_ANSWERED, 500, ERROR(1), SEND_UNCERTAIN, "1", ""},
    {"131000", HTTP_ANSWERED, 500, ERROR(131000), SEND_UNCERTAIN, "131000", ""},
    {"500 no envelope", HTTP_ANSWERED, 500, "oops", SEND_UNCERTAIN, "http 500", ""},
    {"502 no envelope", HTTP_ANSWERED, 502, "<html>", SEND_UNCERTAIN, "http 502", ""},
    {"503 empty", HTTP_ANSWERED, 503, "", SEND_UNCERTAIN, "http 503", ""},
    {"500 unknown code", HTTP_ANSWERED, 500, ERROR(999999), SEND_UNCERTAIN, "999999", ""},
    {"400 unknown code", HTTP_ANSWERED, 400, ERROR(999999), SEND_FAILED, "999999", ""},
    {"429 unknown code", HTTP_ANSWERED, 429, ERROR(999999), SEND_RETRY, "999999", ""},
    {"400 transient", HTTP_ANSWERED, 400, "{\"error\":{\"code\":999999,\"is_transient\":true}}", SEND_RETRY, "999999",
     ""},
    {"429 no envelope", HTTP_ANSWERED, 429, "slow", SEND_RETRY, "http 429", ""},
    {"408 no envelope", HTTP_ANSWERED, 408, "", SEND_UNCERTAIN, "http 408", ""},
    {"400 no envelope", HTTP_ANSWERED, 400, "", SEND_FAILED, "http 400", ""},
    {"404 no envelope", HTTP_ANSWERED, 404, "", SEND_STOPPED, "http 404", ""},
    {"302", HTTP_ANSWERED, 302, "", SEND_STOPPED, "http 302", ""},
    {"131047", HTTP_ANSWERED, 400, ERROR(131047), SEND_FAILED, "131047", ""},
    {"131051", HTTP_ANSWERED, 400, ERROR(131051), SEND_FAILED, "131051", ""},
    {"131008", HTTP_ANSWERED, 400, ERROR(131008), SEND_FAILED, "131008", ""},
    {"131009", HTTP_ANSWERED, 400, ERROR(131009), SEND_FAILED, "131009", ""},
    {"100", HTTP_ANSWERED, 400, ERROR(100), SEND_FAILED, "100", ""},
    {"33", HTTP_ANSWERED, 400, ERROR(33), SEND_FAILED, "33", ""},
    {"0", HTTP_ANSWERED, 401, ERROR(0), SEND_STOPPED, "0", ""},
    {"190", HTTP_ANSWERED, 401, ERROR(190), SEND_STOPPED, "190", ""},
    {"10 with 500", HTTP_ANSWERED, 500, ERROR(10), SEND_STOPPED, "10", ""},
    {"200", HTTP_ANSWERED, 403, ERROR(200), SEND_STOPPED, "200", ""},
    {"299", HTTP_ANSWERED, 403, ERROR(299), SEND_STOPPED, "299", ""},
    {"300 is no permission code", HTTP_ANSWERED, 400, ERROR(300), SEND_FAILED, "300", ""},
    {"131005", HTTP_ANSWERED, 403, ERROR(131005), SEND_STOPPED, "131005", ""},
    {"131031", HTTP_ANSWERED, 403, ERROR(131031), SEND_STOPPED, "131031", ""},
    {"368", HTTP_ANSWERED, 403, ERROR(368), SEND_STOPPED, "368", ""},
    {"131042", HTTP_ANSWERED, 400, ERROR(131042), SEND_STOPPED, "131042", ""},
    {"not sent", HTTP_NOT_SENT, 0, NULL, SEND_RETRY, "not sent", ""},
    {"uncertain", HTTP_UNCERTAIN, 0, NULL, SEND_UNCERTAIN, "no answer", ""},
};

static void answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        struct http_answer a = {.end = r->end,
                                .status = r->status,
                                .body = r->body,
                                .len = r->body != NULL ? strlen(r->body) : 0,
                                .retry_after_s = -1,
                                .error = "words"};
        struct send_outcome o;
        whatsapp_answer(&a, &o);
        if (o.verdict != r->verdict)
            fail_msg("%s: %s, wanted %s", r->name, send_verdict_name(o.verdict), send_verdict_name(r->verdict));
        assert_string_equal(o.code, r->code);
        assert_string_equal(o.provider_id, r->provider_id);
        assert_int_equal(o.words[0] == '\0', r->verdict == SEND_SENT);
    }
}

static void retry_after(void **state)
{
    (void)state;
    const char *body = ERROR(130429);
    struct http_answer a = {.status = 429, .body = body, .len = strlen(body), .retry_after_s = 17};
    struct send_outcome o;
    whatsapp_answer(&a, &o);
    assert_int_equal(o.retry_after_s, 17);
}

static cJSON *body_of(bool user_id)
{
    struct outbound o = {
        .dedupe_key = "k1", .to = "919812345678", .text = "nam\u0101ste \"ji\"", .to_user_id = user_id};
    char *text = whatsapp_body(&o);
    cJSON *body = json_parse(text, strlen(text), &json_limits_default, NULL);
    free(text);
    assert_non_null(body);
    return body;
}

static void request(void **state)
{
    (void)state;
    cJSON *body = body_of(false);
    assert_string_equal(json_str(body, "messaging_product"), "whatsapp");
    assert_string_equal(json_str(body, "recipient_type"), "individual");
    assert_string_equal(json_str(body, "to"), "919812345678");
    assert_null(json_get(body, "recipient"));
    assert_string_equal(json_str(body, "type"), "text");
    assert_string_equal(json_str(json_obj(body, "text"), "body"), "nam\u0101ste \"ji\"");
    assert_true(cJSON_IsFalse(json_get(json_obj(body, "text"), "preview_url")));
    assert_string_equal(json_str(body, "biz_opaque_callback_data"), "k1");
    cJSON_Delete(body);
    body = body_of(true);
    assert_null(json_get(body, "to"));
    assert_string_equal(json_str(body, "recipient"), "919812345678");
    cJSON_Delete(body);
}

static void url(void **state)
{
    (void)state;
    char *plain = whatsapp_url("https://graph.example/v23.0", "106540352242922");
    char *slash = whatsapp_url("https://graph.example/v23.0/", "106540352242922");
    assert_string_equal(plain, "https://graph.example/v23.0/106540352242922/messages");
    assert_string_equal(slash, plain);
    free(plain);
    free(slash);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),
        cmocka_unit_test(retry_after),
        cmocka_unit_test(request),
        cmocka_unit_test(url),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
