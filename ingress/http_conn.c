#include "ingress/http_conn.h"

#include "common/base/clock.h"
#include "ingress/http_reply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utlist.h>

static void conn_read(evutil_socket_t fd, short what, void *arg);
static void conn_write(evutil_socket_t fd, short what, void *arg);

void conn_enter(struct http_conn *c, enum http_phase phase)
{
    struct http_server *s = c->server;
    DL_DELETE(s->phase[c->phase], c);
    c->phase = phase;
    if (phase != PHASE_WAITING) /* has no deadline here */
        c->since_us = clock_mono_us();
    DL_APPEND(s->phase[phase], c);
}

static void must(const void *p)
{
    if (p == NULL)
        abort();
}

void conn_open(struct http_server *s, int fd)
{
    struct http_conn *c = calloc(1, sizeof *c);
    must(c);
    c->server = s;
    c->fd = fd;
    c->phase = PHASE_IDLE;
    c->since_us = clock_mono_us();
    DL_APPEND(s->phase[PHASE_IDLE], c);
    llhttp_init(&c->parser, HTTP_REQUEST, &s->callbacks);
    c->parser.data = c;
    event_assign(&c->rd, s->base, fd, EV_READ | EV_PERSIST, conn_read, c);
    event_assign(&c->wr, s->base, fd, EV_WRITE | EV_PERSIST, conn_write, c);
    event_add(&c->rd, NULL);
    s->connections++;
}

static void conn_free(struct http_conn *c)
{
    http_parse_reset(c);
    DL_DELETE(c->server->phase[c->phase], c);
    free(c->in);
    free(c->out);
    free(c);
}

void conn_close(struct http_conn *c)
{
    struct http_server *s = c->server;
    if (c->fd >= 0) {
        event_del(&c->rd);
        event_del(&c->wr);
        close(c->fd);
        c->fd = -1;
        s->connections--;
    }
    if (c->phase != PHASE_WAITING && !c->parsing)
        conn_free(c);
    if (s->draining && s->connections == 0 && s->hooks.on_drained != NULL)
        s->hooks.on_drained(s->hooks.arg);
}

/* Our last byte is out. The input is swallowed for a while: closing on unread bytes would send a reset, and that can
 * reach the client before the answer does. */
static void leave(struct http_conn *c)
{
    http_parse_reset(c);
    free(c->in);
    c->in = NULL;
    c->in_len = 0;
    if (c->ended || shutdown(c->fd, SHUT_WR) != 0) {
        conn_enter(c, PHASE_LEAVING);
        conn_close(c);
        return;
    }
    conn_enter(c, PHASE_LEAVING);
    if (c->paused) {
        c->paused = false;
        event_add(&c->rd, NULL);
    }
}

/* The answer is out: on to the next request. */
static void go_on(struct http_conn *c)
{
    if (c->last) {
        leave(c);
        return;
    }
    http_parse_reset(c);
    conn_enter(c, PHASE_IDLE);
    if (c->paused) {
        c->paused = false;
        event_add(&c->rd, NULL);
    }
    if (!c->parsing && (c->in_len > 0 || c->ended))
        event_active(&c->rd, EV_READ, 1);
}

/* Writes the answer, or as much of it as the socket takes. */
static void put(struct http_conn *c, int status, const char *body, size_t n)
{
    char text[HTTP_REPLY_MAX];
    if (c->server->draining || (c->ended && c->in_len == 0 && !c->parsing))
        c->last = true;
    size_t len = http_reply(status, body, n, c->last, text);
    ssize_t sent = send(c->fd, text, len, MSG_NOSIGNAL);
    if (sent == (ssize_t)len) {
        go_on(c);
        return;
    }
    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
        c->last = c->ended = true; /* nobody reads any more */
        leave(c);
        return;
    }
    c->out_at = 0;
    c->out_len = len - (sent > 0 ? (size_t)sent : 0);
    c->out = malloc(c->out_len);
    must(c->out);
    memcpy(c->out, text + (len - c->out_len), c->out_len);
    conn_enter(c, PHASE_WRITING);
    event_add(&c->wr, NULL);
}

static void conn_write(evutil_socket_t fd, short what, void *arg)
{
    struct http_conn *c = arg;
    (void)what;
    ssize_t sent = send(fd, c->out + c->out_at, c->out_len - c->out_at, MSG_NOSIGNAL);
    if (sent < 0) {
        if (errno != EAGAIN && errno != EINTR)
            conn_close(c);
        return;
    }
    c->out_at += (size_t)sent;
    if (c->out_at < c->out_len)
        return;
    event_del(&c->wr);
    free(c->out);
    c->out = NULL;
    go_on(c);
}

void http_answer(struct http_conn *c, int status, const char *body, size_t n)
{
    if (c->fd < 0) { /* the client left, and only this answer kept c */
        conn_free(c);
        return;
    }
    put(c, status, body, n);
}

/* Refused by the server itself: the framing can no longer be trusted, so this is the connection's last answer. */
static void refuse(struct http_conn *c, int status, const char *reason)
{
    struct http_server *s = c->server;
    c->last = true;
    if (s->hooks.on_refused != NULL)
        s->hooks.on_refused(s->hooks.arg, reason);
    put(c, status, reason, strlen(reason));
}

/* Begins a request whose head is complete. False when it was refused. */
static bool begin(struct http_conn *c, size_t have)
{
    const struct http_head *h = &c->head;
    if (h->has_length && h->length > c->server->limits.body) {
        refuse(c, 413, "body_too_large");
        return false;
    }
    c->in_body = true;
    size_t sig = h->signature.n < HTTP_SIGNATURE_MAX ? h->signature.n : HTTP_SIGNATURE_MAX;
    if (sig > 0) {
        memcpy(c->signature, h->signature.p, sig);
        c->head.signature = (struct http_text){.p = c->signature, .n = sig};
    }
    if (h->expects_continue && h->http11 && have == h->len && (h->chunked || h->length > 0))
        (void)send(c->fd, "HTTP/1.1 100 Continue\r\n\r\n", 25, MSG_NOSIGNAL); /* lost: the client goes on by itself */
    return true;
}

/* The request goes on in a later recv: what is needed of its head must outlive the scratch buffer. */
static void keep_head(struct http_conn *c)
{
    if (c->target != NULL)
        return;
    c->target = malloc(c->head.target.n);
    must(c->target);
    memcpy(c->target, c->head.target.p, c->head.target.n);
    c->head.target.p = c->target;
}

static void hand_over(struct http_conn *c)
{
    struct http_server *s = c->server;
    struct http_request r = {
        .post = c->head.post, .target = c->head.target, .signature = c->head.signature, .body = c->body};
    conn_enter(c, PHASE_WAITING);
    s->hooks.on_request(s->hooks.arg, c, &r);
}

/* Gives bytes to the parser; returns how many were used. */
static size_t feed(struct http_conn *c, const char *p, size_t n)
{
    const struct http_limits *limits = &c->server->limits;
    llhttp_errno_t e = llhttp_execute(&c->parser, p, n);
    size_t used = e == HPE_OK ? n : (size_t)(llhttp_get_error_pos(&c->parser) - p);
    c->fed += used;
    if (c->fed > 2 * limits->body + limits->head) {
        refuse(c, 413, "body_too_large"); /* chunk lines and trailers count too, in however many pieces they come */
    } else if (e == HPE_PAUSED) {
        llhttp_resume(&c->parser);
        c->in_body = false;
        hand_over(c);
    } else if (e != HPE_OK) {
        refuse(c, c->refusal != 0 ? c->refusal : 400, c->reason != NULL ? c->reason : "framing");
    } else {
        keep_head(c);
    }
    return used;
}

/* Parses the n bytes at p (in the scratch buffer), one request after another, until one waits for its answer, the
 * bytes are used up or the connection ends. What is left is kept in c->in. False when c has gone. */
static bool conn_parse(struct http_conn *c, const char *p, size_t n)
{
    size_t at = 0;
    c->parsing = true;
    while (at < n && (c->phase == PHASE_IDLE || c->phase == PHASE_READING)) {
        if (!c->in_body) {
            enum http_head_end end = http_head_read(p + at, n - at, c->server->limits.head, &c->head);
            if (end == HTTP_HEAD_REFUSED)
                refuse(c, c->head.status, c->head.reason);
            if (end != HTTP_HEAD_WHOLE || !begin(c, n - at))
                break;
        }
        at += feed(c, p + at, n - at);
    }
    c->parsing = false;
    if (c->fd < 0) {
        conn_free(c);
        return false;
    }
    if (at < n && c->phase != PHASE_LEAVING) {
        c->in = malloc(n - at);
        must(c->in);
        memcpy(c->in, p + at, n - at);
        c->in_len = n - at;
    }
    if (c->phase == PHASE_IDLE && (c->in_len > 0 || c->in_body))
        conn_enter(c, PHASE_READING);
    return true;
}

/* Bytes came while an answer is owed: leave them in the socket. Only the client's leaving is of interest. */
static void peek(struct http_conn *c)
{
    char byte;
    ssize_t n = recv(c->fd, &byte, 1, MSG_PEEK);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n < 0) {
        conn_close(c);
        return;
    }
    c->ended = n == 0;
    c->paused = true;
    event_del(&c->rd);
}

static void swallow(struct http_conn *c)
{
    ssize_t n = recv(c->fd, c->server->scratch, c->server->scratch_size, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        conn_close(c);
}

static void conn_read(evutil_socket_t fd, short what, void *arg)
{
    struct http_conn *c = arg;
    struct http_server *s = c->server;
    (void)what;
    if (c->phase == PHASE_WAITING || c->phase == PHASE_WRITING) {
        peek(c);
        return;
    }
    if (c->phase == PHASE_LEAVING) {
        swallow(c);
        return;
    }
    size_t have = c->in_len;
    if (have > 0) {
        memcpy(s->scratch, c->in, have);
        free(c->in);
        c->in = NULL;
        c->in_len = 0;
    }
    ssize_t n = have < s->scratch_size ? recv(fd, s->scratch + have, s->scratch_size - have, 0) : 0;
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        conn_close(c);
        return;
    }
    c->ended = n == 0 && have < s->scratch_size;
    have += n > 0 ? (size_t)n : 0;
    if (have > 0 && !conn_parse(c, s->scratch, have))
        return;
    if ((c->ended && c->phase == PHASE_READING) || ((c->ended || s->draining) && c->phase == PHASE_IDLE))
        conn_close(c); /* no request will come, or not to its end */
}

void conn_expire(struct http_conn *c)
{
    if (c->phase == PHASE_READING)
        refuse(c, 408, "request_deadline");
    else
        conn_close(c);
}

void conn_hurry(struct http_conn *c)
{
    event_active(&c->rd, EV_READ, 1);
}
