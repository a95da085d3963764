/* An outbound record: what is to be sent has every part that a request needs, and its request, and its marked repeat,
 * are JSON that says the same. */
#include "tests/fuzz/fuzz.h"

#include "common/base/json.h"
#include "workers/sender/resend.h"
#include "workers/sender/whatsapp.h"

static void repeat(const char *value, size_t len)
{
    char key[DIGEST_HEX];
    char *text = strndup(value, len);
    resend_key(text, key);
    char *again = resend_payload(text, key);
    if (again != NULL) {
        struct outbound o;
        struct fault f = {.text = ""};
        cJSON *v = json_parse(again, strlen(again), &json_limits_default, &f);
        ENSURE(v != NULL && strcmp(json_str(v, "dedupe_key"), key) == 0);
        ENSURE(strncmp(json_str(v, "text"), RESEND_MARK, strlen(RESEND_MARK)) == 0);
        cJSON_Delete(v);
        if (outbound_read(&o, again, strlen(again), &f) == OUTBOUND_SEND)
            ENSURE(strcmp(o.dedupe_key, key) == 0);
        outbound_done(&o);
    }
    free(again);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct outbound o;
    struct fault f = {.text = ""};
    const char *value = (const char *)data;
    enum outbound_use use = outbound_read(&o, value, n, &f);
    ENSURE(use == OUTBOUND_SEND || f.text[0] != '\0');
    if (use != OUTBOUND_REFUSED) {
        ENSURE(o.dedupe_key[0] != '\0' && uuid_valid(o.tenant_id) && uuid_valid(o.conversation_id) && o.seq > 0);
        char *body = whatsapp_body(&o);
        cJSON *v = json_parse(body, strlen(body), &json_limits_default, &f);
        ENSURE(v != NULL);
        ENSURE(strcmp(json_str(json_obj(v, "text"), "body"), o.text) == 0);
        ENSURE(strcmp(json_str(v, "biz_opaque_callback_data"), o.dedupe_key) == 0);
        cJSON_Delete(v);
        free(body);
    }
    if (use == OUTBOUND_SEND) {
        ENSURE(o.to[0] != '\0' && o.text[0] != '\0' && strcmp(o.channel, "whatsapp") == 0);
        char *url = whatsapp_url("http://channel/v23.0/", o.account_id);
        ENSURE(strpbrk(url + 7, " \r\n?#%") == NULL);
        free(url);
        repeat(value, n);
    }
    outbound_done(&o);
    return 0;
}
