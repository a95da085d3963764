#include "tests/platform/sim.h"

#include "common/base/json.h"

#include <event2/buffer.h>
#include <event2/keyvalq_struct.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

void answer_json(struct evhttp_request *req, int code, cJSON *o)
{
    char *text = json_text(o);
    cJSON_Delete(o);
    struct evbuffer *b = evbuffer_new();
    evbuffer_add_printf(b, "%s\n", text);
    free(text);
    evhttp_add_header(evhttp_request_get_output_headers(req), "Content-Type", "application/json");
    evhttp_send_reply(req, code, NULL, b);
    evbuffer_free(b);
}

char *body_of(struct evhttp_request *req, size_t *n)
{
    struct evbuffer *in = evhttp_request_get_input_buffer(req);
    *n = evbuffer_get_length(in);
    char *text = malloc(*n + 1);
    if (text == NULL)
        abort();
    evbuffer_copyout(in, text, *n);
    text[*n] = '\0';
    return text;
}

static void refuse(struct evhttp_request *req, int code, const char *words)
{
    cJSON *o = cJSON_CreateObject();
    json_put_str(o, "error", words);
    answer_json(req, code, o);
}

static void say(struct sim *s, struct evhttp_request *req, const cJSON *o)
{
    if (json_str(o, "from") == NULL || (json_str(o, "text") == NULL && json_obj(o, "message") == NULL)) {
        refuse(req, 400, "say needs from, and text or message");
        return;
    }
    char id[80];
    webhook_message(s, o, id);
    cJSON *a = cJSON_CreateObject();
    json_put_str(a, "message_id", id);
    answer_json(req, 202, a);
}

static void status(struct sim *s, struct evhttp_request *req, const cJSON *o)
{
    const char *account = json_str(o, "account_id"), *id = json_str(o, "id"), *to = json_str(o, "to"),
               *what = json_str(o, "status");
    if (account == NULL || id == NULL || to == NULL || what == NULL) {
        refuse(req, 400, "status needs account_id, id, to and status");
        return;
    }
    webhook_status(s, account, id, to, what, json_str(o, "dedupe_key"), 0);
    answer_json(req, 202, cJSON_CreateObject());
}

static void behaviour(struct sim *s, struct evhttp_request *req, const cJSON *o)
{
    struct fault f;
    struct behaviour *b = behaviour_new(o, &f);
    if (b == NULL) {
        refuse(req, 400, f.text);
        return;
    }
    LL_APPEND(s->behaviours, b);
    answer_json(req, 200, cJSON_CreateObject());
}

/* ?since=N gives the sends after the Nth. */
static void sends(struct sim *s, struct evhttp_request *req)
{
    struct evkeyvalq q = {0};
    const char *query = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(req));
    long since = 0;
    if (query != NULL && evhttp_parse_query_str(query, &q) == 0) {
        const char *v = evhttp_find_header(&q, "since");
        since = v != NULL ? strtol(v, NULL, 10) : 0;
        evhttp_clear_headers(&q);
    }
    cJSON *all = cJSON_CreateArray();
    const cJSON *one;
    long i = 0;
    cJSON_ArrayForEach(one, s->sends)
    {
        if (i++ >= since)
            cJSON_AddItemToArray(all, cJSON_Duplicate(one, true));
    }
    answer_json(req, 200, all);
}

static void counts(struct sim *s, struct evhttp_request *req)
{
    cJSON *o = cJSON_CreateObject();
    json_put_i64(o, "requests", s->requests);
    json_put_i64(o, "refused", s->refused);
    json_put_i64(o, "accepted", cJSON_GetArraySize(s->sends));
    json_put_i64(o, "webhooks", s->webhooks);
    json_put_i64(o, "attempts", s->attempts);
    json_put_i64(o, "acknowledged", s->acknowledged);
    answer_json(req, 200, o);
}

void control(struct sim *s, struct evhttp_request *req, const char *what)
{
    if (evhttp_request_get_command(req) == EVHTTP_REQ_GET) {
        if (strcmp(what, "sends") == 0)
            sends(s, req);
        else if (strcmp(what, "counts") == 0)
            counts(s, req);
        else
            refuse(req, 404, "no such page");
        return;
    }
    size_t n;
    char *text = body_of(req, &n);
    if (strcmp(what, "webhook") == 0) { /* the bytes as they are, signed */
        webhook_post(s, text, n);
        free(text);
        answer_json(req, 202, cJSON_CreateObject());
        return;
    }
    struct fault f = {0};
    cJSON *o = json_parse(text, n, &json_limits_default, &f);
    free(text);
    if (o == NULL)
        refuse(req, 400, f.text);
    else if (strcmp(what, "say") == 0)
        say(s, req, o);
    else if (strcmp(what, "status") == 0)
        status(s, req, o);
    else if (strcmp(what, "behave") == 0)
        behaviour(s, req, o);
    else if (strcmp(what, "reset") == 0) {
        behaviours_free(&s->behaviours);
        answer_json(req, 200, cJSON_CreateObject());
    } else
        refuse(req, 404, "no such page");
    cJSON_Delete(o);
}
