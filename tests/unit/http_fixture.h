/* A scripted HTTP server on a real socket, run by the same loop as the client under test. Included once per program. */
#ifndef MUNIM_TESTS_HTTP_FIXTURE_H
#define MUNIM_TESTS_HTTP_FIXTURE_H

#include "common/base/clock.h"
#include "common/http_out/http_out.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { LONGEST_MS = 20000, ANSWERS_MAX = 16, BIG = 300 * 1024 };

/* What the server does with a whole request, by its count. */
enum act { ACT_ANSWER, ACT_CLOSE, ACT_SILENCE, ACT_HALF, ACT_BIG, ACT_REDIRECT, ACT_THROTTLE };

static struct world {
    struct event_base *base;
    struct evconnlistener *listener;
    struct http_out *http;
    char url[64];
    enum act script[ANSWERS_MAX];
    int requests, connections;
    char head[2048], body[2048]; /* of the last request */
    struct bufferevent *open[ANSWERS_MAX];

    int answers;
    struct {
        enum http_end end;
        long status, retry_after_s;
        char body[128], error[256];
        size_t len;
    } log[ANSWERS_MAX];
} w;

static inline void answer(struct bufferevent *bev, enum act act)
{
    static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    struct evbuffer *out = bufferevent_get_output(bev);
    switch (act) {
    case ACT_ANSWER:
        evbuffer_add(out, ok, sizeof ok - 1);
        return;
    case ACT_CLOSE:
        shutdown(bufferevent_getfd(bev), SHUT_RDWR);
        return;
    case ACT_SILENCE:
        return;
    case ACT_HALF:
        evbuffer_add(out, ok, sizeof ok - 4);
        return;
    case ACT_BIG:
        evbuffer_add_printf(out, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", BIG);
        for (int i = 0; i < BIG; i++)
            evbuffer_add(out, "x", 1);
        return;
    case ACT_REDIRECT:
        evbuffer_add_printf(out, "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
        return;
    case ACT_THROTTLE:
        evbuffer_add_printf(out, "HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\n{}");
        return;
    }
}

static inline void on_read(struct bufferevent *bev, void *arg)
{
    (void)arg;
    struct evbuffer *in = bufferevent_get_input(bev);
    size_t have = evbuffer_get_length(in);
    const char *data = (const char *)evbuffer_pullup(in, -1);
    const char *end = memmem(data, have, "\r\n\r\n", 4);
    if (end == NULL)
        return;
    size_t head = (size_t)(end - data) + 4;
    const char *length = memmem(data, head, "Content-Length: ", 16);
    size_t body = length != NULL ? (size_t)strtoul(length + 16, NULL, 10) : 0;
    if (have < head + body)
        return;
    (void)snprintf(w.head, sizeof w.head, "%.*s", (int)head, data);
    (void)snprintf(w.body, sizeof w.body, "%.*s", (int)body, data + head);
    evbuffer_drain(in, head + body);
    answer(bev, w.script[w.requests++]);
}

static inline void on_gone(struct bufferevent *bev, short what, void *arg)
{
    (void)what;
    struct bufferevent **slot = arg;
    bufferevent_free(bev);
    *slot = NULL;
}

static inline void on_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa, int len, void *arg)
{
    (void)l;
    (void)sa;
    (void)len;
    (void)arg;
    struct bufferevent **slot = &w.open[w.connections++];
    *slot = bufferevent_socket_new(w.base, fd, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(*slot, on_read, NULL, on_gone, slot);
    bufferevent_enable(*slot, EV_READ | EV_WRITE);
}

static inline int port_of(int fd)
{
    struct sockaddr_in sin = {0};
    socklen_t n = sizeof sin;
    if (getsockname(fd, (struct sockaddr *)&sin, &n) != 0)
        return -1;
    return ntohs(sin.sin_port);
}

static inline int open_world(void **state)
{
    (void)state;
    w = (struct world){.base = event_base_new()};
    struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    w.listener = evconnlistener_new_bind(w.base, on_accept, NULL, LEV_OPT_CLOSE_ON_FREE, 16, (struct sockaddr *)&sin,
                                         sizeof sin);
    (void)snprintf(w.url, sizeof w.url, "http://127.0.0.1:%d/v1/send", port_of(evconnlistener_get_fd(w.listener)));
    w.http = http_out_new(w.base, 4);
    return 0;
}

static inline int close_world(void **state)
{
    (void)state;
    http_out_free(&w.http);
    for (int i = 0; i < ANSWERS_MAX; i++)
        if (w.open[i] != NULL)
            bufferevent_free(w.open[i]);
    if (w.listener != NULL)
        evconnlistener_free(w.listener);
    event_base_free(w.base);
    return 0;
}

#define WITH_SERVER(f) cmocka_unit_test_setup_teardown(f, open_world, close_world)

#endif
