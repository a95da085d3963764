#include "tests/platform/sim.h"

#include "common/base/clock.h"
#include "common/base/json.h"
#include "common/base/random.h"

#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

/* An answer that comes later, or a request that is never answered. */
struct late {
    struct event *timer;
    struct evhttp_request *req;
    cJSON *answer;
};

static void on_late(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct late *l = arg;
    answer_json(l->req, 200, l->answer);
    event_free(l->timer);
    free(l);
}

static void answer_after(struct sim *s, struct evhttp_request *req, cJSON *answer, long ms)
{
    struct late *l = calloc(1, sizeof *l);
    if (l == NULL)
        abort();
    *l = (struct late){.req = req, .answer = answer};
    l->timer = evtimer_new(s->base, on_late, l);
    struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};
    evtimer_add(l->timer, &tv);
}

static cJSON *error_envelope(int code, const char *words)
{
    cJSON *o = cJSON_CreateObject(), *e = cJSON_AddObjectToObject(o, "error");
    json_put_str(e, "message", words);
    json_put_str(e, "type", "OAuthException");
    json_put_i64(e, "code", code);
    json_put_str(e, "fbtrace_id", "sim");
    return o;
}

static cJSON *success(const char *to, const char *id)
{
    cJSON *o = cJSON_CreateObject();
    json_put_str(o, "messaging_product", "whatsapp");
    cJSON *contact = cJSON_CreateObject(), *message = cJSON_CreateObject();
    json_put_str(contact, "input", to);
    json_put_str(contact, "wa_id", to);
    json_put_str(message, "id", id);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(o, "contacts"), contact);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(o, "messages"), message);
    return o;
}

static void witness(struct sim *s, const char *account_id, const cJSON *body, const char *to, const char *id)
{
    char at[25];
    clock_rfc3339(clock_wall_ms(), at);
    cJSON *o = cJSON_CreateObject();
    json_put_i64(o, "n", cJSON_GetArraySize(s->sends) + 1);
    json_put_str(o, "account_id", account_id);
    json_put_str(o, "to", to);
    json_put_str(o, "text", json_str(json_obj(body, "text"), "body"));
    json_put_str(o, "dedupe_key", json_str(body, "biz_opaque_callback_data"));
    json_put_str(o, "at", at);
    json_put_i64(o, "mono_us", clock_mono_us());
    json_put_str(o, "id", id);
    if (s->witness != NULL) {
        char *line = json_text(o);
        (void)fprintf(s->witness, "%s\n", line);
        (void)fflush(s->witness);
        free(line);
    }
    cJSON_AddItemToArray(s->sends, o);
}

static void send_statuses(struct sim *s, const struct behaviour *b, const char *account_id, const cJSON *body,
                          const char *to, const char *id)
{
    static const char *const forward[] = {"sent", "delivered", "read"};
    const char *opaque = json_str(body, "biz_opaque_callback_data");
    if (strcmp(b->statuses, "none") == 0)
        return;
    int rounds = strcmp(b->statuses, "twice") == 0 ? 2 : 1;
    bool reverse = strcmp(b->statuses, "reverse") == 0;
    for (int i = 0; i < 3 * rounds; i++) {
        int k = reverse ? 2 - i % 3 : i % 3;
        webhook_status(s, account_id, id, to, forward[k], opaque, b->status_ms * (i + 1));
    }
}

/* What the real one refuses before anything else. NULL when the body is a send. */
static const char *wrong_with(const cJSON *body, const char **to)
{
    *to = json_str(body, "to");
    if (*to == NULL)
        *to = json_str(body, "recipient");
    const char *product = json_str(body, "messaging_product");
    if (product == NULL || strcmp(product, "whatsapp") != 0)
        return "(#100) The parameter messaging_product is required.";
    if (*to == NULL)
        return "(#100) The parameter to is required.";
    const char *text = json_str(json_obj(body, "text"), "body");
    if (text == NULL || text[0] == '\0')
        return "(#100) The parameter text['body'] is required.";
    return NULL;
}

static void act(struct sim *s, struct evhttp_request *req, const char *account_id, const cJSON *body, const char *to)
{
    struct behaviour b = behave(&s->behaviours, to);
    char id[80], uuid[UUID_TEXT];
    uuid7(clock_wall_ms(), uuid);
    (void)snprintf(id, sizeof id, "wamid.SIM%s", uuid);
    if (b.accepted) {
        witness(s, account_id, body, to, id);
        send_statuses(s, &b, account_id, body, to, id);
    }
    switch (b.mode) {
    case BEHAVE_ACCEPT:
        answer_json(req, 200, success(to, id));
        break;
    case BEHAVE_LATE:
        answer_after(s, req, success(to, id), b.delay_ms);
        break;
    case BEHAVE_HANG:
        break;
    case BEHAVE_CLOSE:
        evhttp_connection_free(evhttp_request_get_connection(req));
        break;
    case BEHAVE_REFUSE:
        s->refused++;
        if (b.retry_after >= 0) {
            char seconds[16];
            (void)snprintf(seconds, sizeof seconds, "%d", b.retry_after);
            evhttp_add_header(evhttp_request_get_output_headers(req), "Retry-After", seconds);
        }
        answer_json(req, b.http, b.code != 0 ? error_envelope(b.code, "(sim) as told") : cJSON_CreateString("oops"));
        break;
    }
}

void send_api(struct sim *s, struct evhttp_request *req, const char *account_id)
{
    s->requests++;
    size_t n;
    char *text = body_of(req, &n);
    struct fault f;
    cJSON *body = json_parse(text, n, &json_limits_default, &f);
    free(text);
    const char *bearer = evhttp_find_header(evhttp_request_get_input_headers(req), "Authorization");
    const char *to = NULL, *wrong = body != NULL ? wrong_with(body, &to) : "(#100) The body is not JSON.";
    if (bearer == NULL || strncmp(bearer, "Bearer ", 7) != 0 || bearer[7] == '\0') {
        s->refused++;
        answer_json(req, 401, error_envelope(190, "Invalid OAuth access token."));
    } else if (wrong != NULL) {
        s->refused++;
        answer_json(req, 400, error_envelope(100, wrong));
    } else {
        act(s, req, account_id, body, to);
    }
    cJSON_Delete(body);
}
