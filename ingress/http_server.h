/* An HTTP/1.1 server for small requests on plain libevent events with llhttp as its parser.
 *
 * One recv and one send for an ordinary request; a connection that waits holds no buffer. Requests of one connection
 * are answered in order: the next is not read before the last is answered. Every phase of a connection has a
 * deadline for the whole phase, so that one byte at a time keeps nobody's place. */
#ifndef MUNIM_INGRESS_HTTP_SERVER_H
#define MUNIM_INGRESS_HTTP_SERVER_H

#include "ingress/http_head.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_server;
struct http_conn;

struct http_limits {
    size_t head;        /* bytes of a request's head */
    size_t body;        /* bytes of its body */
    size_t bodies;      /* bytes of all bodies being collected; beyond it 503 */
    size_t connections; /* at once; a further one displaces an idle or slow one, else is told 503 and closed */
    int64_t request_ms; /* from a request's first byte to its last */
    int64_t idle_ms;    /* between requests */
    int64_t linger_ms;  /* after a last answer: how long the rest of the input is swallowed */
};

struct http_request {
    bool post; /* else GET */
    struct http_text target;
    struct http_text signature; /* n is 0 where the field is missing */
    struct http_text body;
};

struct http_hooks {
    /* A whole request. Its texts are valid inside the call only. The callee owes exactly one http_answer, now or
     * later; c stays valid until then, whatever the client does. */
    void (*on_request)(void *arg, struct http_conn *c, const struct http_request *r);
    /* A request, or a connection, that the server refused by itself; reason is a fixed word. */
    void (*on_refused)(void *arg, const char *reason);
    /* After http_server_drain: the last connection has gone. */
    void (*on_drained)(void *arg);
    void *arg;
};

/* Takes the listening socket (non-blocking) over. Never NULL: memory running out aborts. */
struct http_server *http_server_new(struct event_base *base, evutil_socket_t listener, const struct http_limits *limits,
                                    const struct http_hooks *hooks);
void http_server_free(struct http_server **s); /* closes everything; owed answers must not come any more */

/* Stops accepting, closes idle connections, answers what is in hand with "Connection: close". */
void http_server_drain(struct http_server *s);

size_t http_server_connections(const struct http_server *s);

/* Answers the request that c is waiting with; body may be NULL with n 0. Afterwards c is no longer the caller's. */
void http_answer(struct http_conn *c, int status, const char *body, size_t n);

#endif
