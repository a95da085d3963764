#include "common/base/failpoint.h"
#include "common/http_out/http_out.h"

#include "common/http_out/transfer.h"

#include <stdlib.h>
#include <utlist.h>

struct http_out {
    struct event_base *base;
    CURLM *multi;
    struct event *timer;
    struct transfer *transfers; /* utlist */
    size_t in_flight;
    unsigned depth; /* owners' callbacks on the stack */
    bool closed;
};

/* Fails when memory is out or the handle is broken. Going on would leave requests that nobody drives, without a
 * deadline and without an end. */
static void must(CURLMcode code)
{
    if (code != CURLM_OK)
        abort();
}

static void finish(struct http_out *h, struct transfer *t, CURLcode code)
{
    struct http_answer a;
    transfer_answer(t, code, &a);
    curl_multi_remove_handle(h->multi, t->easy);
    DL_DELETE(h->transfers, t);
    h->in_flight--;
    t->on_answer(t->arg, &a);
    transfer_free(t);
}

/* Hands out what has ended. An owner may send or free from its callback: the memory of h stays until the stack is
 * unwound. */
static void collect(struct http_out *h)
{
    CURLMsg *m;
    int left;
    h->depth++;
    while (!h->closed && (m = curl_multi_info_read(h->multi, &left)) != NULL) {
        struct transfer *t = NULL;
        if (m->msg != CURLMSG_DONE)
            continue;
        CURLcode code = m->data.result;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
        finish(h, t, code);
    }
    if (--h->depth == 0 && h->closed)
        free(h);
}

static void on_event(evutil_socket_t fd, short what, void *arg)
{
    struct http_out *h = arg;
    int running = 0;
    if ((what & EV_READ) != 0)
        FAILPOINT("sender.bytes", NULL);
    int flags = ((what & EV_READ) != 0 ? CURL_CSELECT_IN : 0) | ((what & EV_WRITE) != 0 ? CURL_CSELECT_OUT : 0);
    must(curl_multi_socket_action(h->multi, fd, flags, &running));
    collect(h);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct http_out *h = arg;
    int running = 0;
    must(curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running));
    collect(h);
}

static int set_timer(CURLM *multi, long ms, void *arg)
{
    (void)multi;
    struct http_out *h = arg;
    const struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};
    if (ms < 0)
        evtimer_del(h->timer);
    else
        evtimer_add(h->timer, &tv);
    return 0;
}

static int set_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
    (void)easy;
    struct http_out *h = arg;
    struct event *ev = socket_arg;
    if (ev != NULL)
        event_free(ev);
    ev = NULL;
    if (what != CURL_POLL_REMOVE) {
        short flags = EV_PERSIST;
        if (what != CURL_POLL_OUT)
            flags |= EV_READ;
        if (what != CURL_POLL_IN)
            flags |= EV_WRITE;
        ev = event_new(h->base, fd, flags, on_event, h);
        if (ev == NULL)
            abort();
        event_add(ev, NULL);
    }
    must(curl_multi_assign(h->multi, fd, ev));
    return 0;
}

struct http_out *http_out_new(struct event_base *base, long max_connections_per_host)
{
    struct http_out *h = calloc(1, sizeof *h);
    if (h == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        abort();
    h->base = base;
    h->timer = evtimer_new(base, on_timer, h);
    h->multi = curl_multi_init();
    if (h->timer == NULL || h->multi == NULL)
        abort();
    must(curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, set_socket));
    must(curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h));
    must(curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, set_timer));
    must(curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h));
    must(curl_multi_setopt(h->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING));
    must(curl_multi_setopt(h->multi, CURLMOPT_MAX_HOST_CONNECTIONS, max_connections_per_host));
    must(curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, max_connections_per_host * 4));
    return h;
}

void http_out_free(struct http_out **hp)
{
    struct http_out *h = *hp;
    struct transfer *t, *next;
    *hp = NULL;
    if (h == NULL || h->closed)
        return;
    h->closed = true;
    DL_FOREACH_SAFE(h->transfers, t, next)
    {
        curl_multi_remove_handle(h->multi, t->easy);
        DL_DELETE(h->transfers, t);
        transfer_free(t);
    }
    curl_multi_cleanup(h->multi);
    event_free(h->timer);
    if (h->depth == 0)
        free(h);
}

void http_out_send(struct http_out *h, const struct http_request *r, http_answer_fn *on_answer, void *arg)
{
    struct transfer *t = transfer_new(r, on_answer, arg);
    DL_APPEND(h->transfers, t);
    h->in_flight++;
    /* libcurl answers this with a timer of 0 ms: the request begins in the next turn of the loop. */
    must(curl_multi_add_handle(h->multi, t->easy));
}

size_t http_out_in_flight(const struct http_out *h)
{
    return h->in_flight;
}
