#include "workers/sender/whatsapp.h"

#include "common/base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct json_limits answer_limits = {.bytes = 256UL * 1024, .depth = 16, .values = 10000};

char *whatsapp_url(const char *api_url, const char *account_id)
{
    size_t n = strlen(api_url);
    while (n > 0 && api_url[n - 1] == '/')
        n--;
    char *url = NULL;
    if (asprintf(&url, "%.*s/%s/messages", (int)n, api_url, account_id) < 0)
        abort();
    return url;
}

char *whatsapp_body(const struct outbound *o)
{
    cJSON *body = cJSON_CreateObject();
    json_put_str(body, "messaging_product", "whatsapp");
    json_put_str(body, "recipient_type", "individual");
    json_put_str(body, o->to_user_id ? "recipient" : "to", o->to);
    json_put_str(body, "type", "text");
    cJSON *text = cJSON_AddObjectToObject(body, "text");
    json_put_str(text, "body", o->text);
    if (cJSON_AddFalseToObject(text, "preview_url") == NULL)
        abort();
    json_put_str(body, "biz_opaque_callback_data", o->dedupe_key);
    char *out = json_text(body);
    cJSON_Delete(body);
    return out;
}

static void fill(struct send_outcome *out, struct trouble t, const char *code)
{
    out->verdict = t.verdict;
    out->words = t.words;
    (void)snprintf(out->code, sizeof out->code, "%s", code);
}

/* The id goes into the database and a later look-up: printable ASCII of sane length, or it is no id. */
static bool plain(const char *id)
{
    size_t n = 0;
    for (; id[n] != '\0'; n++)
        if (id[n] <= ' ' || id[n] > '~')
            return false;
    return n > 0 && n < PROVIDER_ID_MAX;
}

static bool accepted(const cJSON *root, long status, struct send_outcome *out)
{
    if (status < 200 || status > 299)
        return false;
    const char *id = json_str(cJSON_GetArrayItem(json_arr(root, "messages"), 0), "id");
    if (id == NULL || !plain(id))
        return false;
    out->verdict = SEND_SENT;
    out->words = "";
    (void)snprintf(out->provider_id, sizeof out->provider_id, "%s", id);
    return true;
}

static void answered(const struct http_answer *a, struct send_outcome *out)
{
    char code[ERROR_CODE_MAX];
    (void)snprintf(code, sizeof code, "http %ld", a->status % 1000);
    cJSON *root = json_parse(a->body, a->len, &answer_limits, NULL);
    const cJSON *error = json_obj(root, "error");
    int64_t number = 0;
    if (json_i64(error, "code", &number)) {
        struct trouble t = trouble_of_code(number, a->status, json_true(error, "is_transient"));
        (void)snprintf(code, sizeof code, "%d", (int)number);
        fill(out, t, code);
    } else if (!accepted(root, a->status, out)) {
        fill(out, trouble_of_status(a->status), code);
    }
    cJSON_Delete(root);
}

void whatsapp_answer(const struct http_answer *a, struct send_outcome *out)
{
    *out = (struct send_outcome){.retry_after_s = -1};
    switch (a->end) {
    case HTTP_ANSWERED:
        out->retry_after_s = a->retry_after_s;
        answered(a, out);
        return;
    case HTTP_NOT_SENT:
        fill(out, (struct trouble){SEND_RETRY, "channel not reached, nothing was sent"}, "not sent");
        return;
    case HTTP_UNCERTAIN:
        break;
    }
    fill(out, (struct trouble){SEND_UNCERTAIN, "no answer, outcome unknown"}, "no answer");
}
