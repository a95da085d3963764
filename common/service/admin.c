#include "common/service/admin.h"

#include "common/metrics/metrics.h"
#include "common/service/listen.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD_MOST = 8192, BODY_MOST = 0, IDLE_SECONDS = 30 };

struct admin {
    struct evhttp *http;
    struct admin_hooks hooks;
    char address[64];
};

static void answer(struct evhttp_request *r, int status, const char *type, const char *text, size_t n)
{
    struct evbuffer *body = evbuffer_new();
    if (body == NULL || evbuffer_add(body, text, n) != 0)
        abort();
    evhttp_add_header(evhttp_request_get_output_headers(r), "Content-Type", type);
    evhttp_add_header(evhttp_request_get_output_headers(r), "Cache-Control", "no-store");
    evhttp_send_reply(r, status, NULL, body);
    evbuffer_free(body);
}

static void answer_words(struct evhttp_request *r, int status, const char *words)
{
    char line[320];
    int n = snprintf(line, sizeof line, "%s\n", words);
    answer(r, status, "text/plain; charset=utf-8", line, (size_t)n);
}

/* Alive means that the loop turns; whether Kafka is up is a question of readiness. */
static void on_livez(struct evhttp_request *r, void *arg)
{
    (void)arg;
    answer_words(r, 200, "alive");
}

static void on_readyz(struct evhttp_request *r, void *arg)
{
    const struct admin *a = arg;
    struct fault why = {.text = "not ready"};
    if (a->hooks.ready(a->hooks.arg, &why))
        answer_words(r, 200, "ready");
    else
        answer_words(r, 503, why.text);
}

static void on_metrics(struct evhttp_request *r, void *arg)
{
    const struct admin *a = arg;
    UT_string page;
    if (a->hooks.metrics != NULL)
        a->hooks.metrics(a->hooks.arg);
    utstring_init(&page);
    metrics_page(&page);
    answer(r, 200, "text/plain; version=0.0.4; charset=utf-8", utstring_body(&page), utstring_len(&page));
    utstring_done(&page);
}

static void on_other(struct evhttp_request *r, void *arg)
{
    (void)arg;
    answer_words(r, 404, "there are /livez, /readyz and /metrics");
}

struct admin *admin_new(struct event_base *base, const char *address, const struct admin_hooks *hooks, struct fault *f)
{
    evutil_socket_t fd = listen_tcp(address, false, f);
    if (fd < 0)
        return NULL;
    struct admin *a = calloc(1, sizeof *a);
    if (a == NULL || (a->http = evhttp_new(base)) == NULL || evhttp_accept_socket(a->http, fd) != 0)
        abort();
    a->hooks = *hooks;
    listen_name(fd, a->address);
    evhttp_set_allowed_methods(a->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
    evhttp_set_max_headers_size(a->http, HEAD_MOST);
    evhttp_set_max_body_size(a->http, BODY_MOST);
    evhttp_set_timeout(a->http, IDLE_SECONDS);
    evhttp_set_cb(a->http, "/livez", on_livez, a);
    evhttp_set_cb(a->http, "/readyz", on_readyz, a);
    evhttp_set_cb(a->http, "/metrics", on_metrics, a);
    evhttp_set_gencb(a->http, on_other, a);
    return a;
}

void admin_free(struct admin **a)
{
    if (*a == NULL)
        return;
    evhttp_free((*a)->http);
    free(*a);
    *a = NULL;
}

const char *admin_address(const struct admin *a)
{
    return a->address;
}
