#include "tests/platform/sim.h"

#include "common/base/clock.h"
#include "common/base/digest.h"
#include "common/base/json.h"
#include "common/base/random.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>
#include <utstring.h>

/* One webhook until ingress has it. */
struct post {
    struct sim *sim;
    char *body;
    size_t n;
    char signature[32 + DIGEST_HEX + 16];
    long wait_ms;
    struct event *timer;
};

static void post_try(struct post *p);

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    post_try(arg);
}

static void post_later(struct post *p, long ms)
{
    struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};
    evtimer_add(p->timer, &tv);
}

static void on_answer(void *arg, const struct http_answer *a)
{
    struct post *p = arg;
    if (a->end == HTTP_ANSWERED && a->status == 200) {
        p->sim->acknowledged++;
        event_free(p->timer);
        free(p->body);
        free(p);
        return;
    }
    post_later(p, p->wait_ms);
    p->wait_ms = p->wait_ms * 2 > 2000 ? 2000 : p->wait_ms * 2;
}

static void post_try(struct post *p)
{
    const char *headers[] = {"Content-Type: application/json", p->signature, "User-Agent: facebookexternalua", NULL};
    struct http_request r = {
        .url = p->sim->webhook_url, .headers = headers, .body = p->body, .len = p->n, .timeout_ms = 20000};
    p->sim->attempts++;
    http_out_send(p->sim->out, &r, on_answer, p);
}

static void post_after(struct sim *s, char *body, size_t n, long after_ms)
{
    struct post *p = calloc(1, sizeof *p);
    if (p == NULL)
        abort();
    *p = (struct post){.sim = s, .body = body, .n = n, .wait_ms = 100};
    unsigned char d[DIGEST_BYTES];
    char hex[DIGEST_HEX];
    hmac_sha256(s->hmac, body, n, d);
    digest_hex(d, sizeof d, hex);
    (void)snprintf(p->signature, sizeof p->signature, "X-Hub-Signature-256: sha256=%s", hex);
    p->timer = evtimer_new(s->base, on_timer, p);
    s->webhooks++;
    post_later(p, after_ms);
}

void webhook_post(struct sim *s, const char *body, size_t n)
{
    char *copy = malloc(n + 1);
    if (copy == NULL)
        abort();
    memcpy(copy, body, n);
    copy[n] = '\0';
    post_after(s, copy, n, 0);
}

static void put_unit(UT_string *out, unsigned unit)
{
    utstring_printf(out, "\\u%04x", unit);
}

/* The channel writes everything beyond ASCII as \uxxxx, and signs what it writes. */
static char *escape(const char *json, size_t *n)
{
    UT_string out;
    utstring_init(&out);
    const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)json;
    while (*p != 0) {
        utf8proc_int32_t c = *p;
        utf8proc_ssize_t len = c < 0x80 ? 1 : utf8proc_iterate(p, -1, &c);
        if (len <= 0)
            break;
        if (c < 0x80)
            utstring_bincpy(&out, (const char *)p, 1);
        else if (c < 0x10000)
            put_unit(&out, (unsigned)c);
        else {
            put_unit(&out, 0xd800U + (((unsigned)c - 0x10000U) >> 10));
            put_unit(&out, 0xdc00U + (((unsigned)c - 0x10000U) & 0x3ffU));
        }
        p += len;
    }
    char *text = strdup(utstring_body(&out));
    *n = utstring_len(&out);
    utstring_done(&out);
    if (text == NULL)
        abort();
    return text;
}

/* {"object":..,"entry":[{"id":..,"changes":[{"field":"messages","value":{..}}]}]} around a value; value is taken. */
static void post_value(struct sim *s, cJSON *value, long after_ms)
{
    cJSON *o = cJSON_CreateObject(), *entry = cJSON_CreateObject(), *change = cJSON_CreateObject();
    json_put_str(o, "object", "whatsapp_business_account");
    cJSON_AddItemToArray(cJSON_AddArrayToObject(o, "entry"), entry);
    json_put_str(entry, "id", "100000000000001");
    cJSON_AddItemToArray(cJSON_AddArrayToObject(entry, "changes"), change);
    cJSON_AddItemToObject(change, "value", value);
    json_put_str(change, "field", "messages");
    char *plain = json_text(o);
    size_t n;
    char *body = escape(plain, &n);
    free(plain);
    cJSON_Delete(o);
    post_after(s, body, n, after_ms);
}

static cJSON *new_value(const char *account_id)
{
    cJSON *v = cJSON_CreateObject();
    json_put_str(v, "messaging_product", "whatsapp");
    cJSON *meta = cJSON_AddObjectToObject(v, "metadata");
    json_put_str(meta, "display_phone_number", "15550783881");
    json_put_str(meta, "phone_number_id", account_id);
    return v;
}

static void put_now(cJSON *o, const char *key)
{
    char seconds[24];
    (void)snprintf(seconds, sizeof seconds, "%lld", (long long)(clock_wall_ms() / 1000));
    json_put_str(o, key, seconds);
}

void webhook_message(struct sim *s, const cJSON *say, char message_id[80])
{
    const char *from = json_str(say, "from"), *name = json_str(say, "name"), *id = json_str(say, "message_id");
    const char *account = json_str(say, "account_id"), *text = json_str(say, "text");
    char uuid[UUID_TEXT];
    uuid7(clock_wall_ms(), uuid);
    if (id != NULL)
        (void)snprintf(message_id, 80, "%s", id);
    else
        (void)snprintf(message_id, 80, "wamid.SIM%s", uuid);
    cJSON *value = new_value(account != NULL ? account : "106540352242922");
    cJSON *contact = cJSON_CreateObject(), *message = cJSON_CreateObject();
    cJSON_AddItemToArray(cJSON_AddArrayToObject(value, "contacts"), contact);
    json_put_str(cJSON_AddObjectToObject(contact, "profile"), "name", name != NULL ? name : "Customer");
    json_put_str(contact, "wa_id", from);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(value, "messages"), message);
    json_put_str(message, "from", from);
    json_put_str(message, "id", message_id);
    put_now(message, "timestamp");
    const cJSON *fields = json_obj(say, "message"), *one;
    json_put_str(message, "type", json_str(fields, "type") != NULL ? json_str(fields, "type") : "text");
    cJSON_ArrayForEach(one, fields)
    {
        if (json_get(message, one->string) == NULL)
            cJSON_AddItemToObject(message, one->string, cJSON_Duplicate(one, true));
    }
    if (text != NULL)
        json_put_str(cJSON_AddObjectToObject(message, "text"), "body", text);
    int64_t repeat = 1;
    (void)json_i64(say, "repeat", &repeat);
    for (int64_t i = 1; i < repeat; i++)
        post_value(s, cJSON_Duplicate(value, true), 0);
    post_value(s, value, 0);
}

void webhook_status(struct sim *s, const char *account_id, const char *provider_id, const char *to, const char *status,
                    const char *opaque, long after_ms)
{
    cJSON *value = new_value(account_id), *o = cJSON_CreateObject();
    cJSON_AddItemToArray(cJSON_AddArrayToObject(value, "statuses"), o);
    json_put_str(o, "id", provider_id);
    json_put_str(o, "status", status);
    put_now(o, "timestamp");
    json_put_str(o, "recipient_id", to);
    json_put_str(o, "biz_opaque_callback_data", opaque);
    post_value(s, value, after_ms);
}
