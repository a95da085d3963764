#include "ingress/http_server.h"

#include "common/base/clock.h"
#include "ingress/http_conn.h"
#include "ingress/http_reply.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utlist.h>

enum { ACCEPTS_AT_ONCE = 64, SWEEP_MOST_MS = 1000, SWEEP_LEAST_MS = 20, SLOW_US = 1000000 };

static void told(const struct http_server *s, const char *reason)
{
    if (s->hooks.on_refused != NULL)
        s->hooks.on_refused(s->hooks.arg, reason);
}

static void turn_away(struct http_server *s, int fd)
{
    static const char why[] = "too many connections";
    char text[HTTP_REPLY_MAX];
    size_t n = http_reply(503, why, sizeof why - 1, true, text);
    (void)send(fd, text, n, MSG_NOSIGNAL); /* best effort: the closing says the same */
    close(fd);
    told(s, "connections");
}

/* At the cap, or when descriptors are out: a crowd that says nothing, or says it slowly, keeps nobody out. Whoever was
 * answered and lingers goes first, then the longest idle, then the slowest request of over a second (an honest one
 * takes milliseconds). False when all are at work. */
static bool make_room(struct http_server *s)
{
    struct http_conn *c = s->phase[PHASE_LEAVING] != NULL ? s->phase[PHASE_LEAVING] : s->phase[PHASE_IDLE];
    if (c == NULL)
        c = s->phase[PHASE_READING];
    if (c == NULL || (c->phase == PHASE_READING && clock_mono_us() - c->since_us < SLOW_US))
        return false;
    if (c->phase != PHASE_LEAVING)
        told(s, "displaced");
    conn_close(c);
    return true;
}

/* Takes what waits in the backlog. False when there is no more. */
static bool accept_one(struct http_server *s)
{
    int fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && (errno == ECONNABORTED || errno == EINTR))
        return true;
    if (fd < 0 && (errno == EMFILE || errno == ENFILE) && make_room(s))
        return true;
    if (fd < 0) {
        if (errno != EAGAIN) /* descriptors or memory are out: the backlog waits, the next wake-up tries again */
            told(s, "accept");
        return false;
    }
    if (s->connections >= s->limits.connections && !make_room(s)) {
        turn_away(s, fd);
        return true;
    }
    int one = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    conn_open(s, fd);
    return true;
}

static void on_accept(evutil_socket_t fd, short what, void *arg)
{
    struct http_server *s = arg;
    (void)fd;
    (void)what;
    for (int i = 0; i < ACCEPTS_AT_ONCE && accept_one(s); i++)
        ;
}

static int64_t phase_ms(const struct http_server *s, enum http_phase phase)
{
    switch (phase) {
    case PHASE_IDLE:
        return s->limits.idle_ms;
    case PHASE_READING:
    case PHASE_WRITING:
        return s->limits.request_ms;
    case PHASE_LEAVING:
        return s->limits.linger_ms;
    case PHASE_WAITING: /* the hook's owner has a deadline of his own */
    case PHASE_COUNT:
        break;
    }
    return INT64_MAX / 1000;
}

/* Each list is in the order of entering and all on it may stay equally long: only heads can be due. */
static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
    struct http_server *s = arg;
    (void)fd;
    (void)what;
    int64_t now = clock_mono_us();
    for (int i = 0; i < PHASE_COUNT; i++) {
        int64_t allowed = phase_ms(s, (enum http_phase)i) * 1000;
        while (s->phase[i] != NULL && now - s->phase[i]->since_us >= allowed)
            conn_expire(s->phase[i]);
    }
}

static struct timeval sweep_every(const struct http_limits *l)
{
    int64_t ms = l->request_ms < l->idle_ms ? l->request_ms : l->idle_ms;
    ms = (ms < l->linger_ms ? ms : l->linger_ms) / 4;
    ms = ms > SWEEP_MOST_MS ? SWEEP_MOST_MS : ms < SWEEP_LEAST_MS ? SWEEP_LEAST_MS : ms;
    return (struct timeval){.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
}

struct http_server *http_server_new(struct event_base *base, evutil_socket_t listener, const struct http_limits *limits,
                                    const struct http_hooks *hooks)
{
    struct http_server *s = calloc(1, sizeof *s);
    size_t scratch = limits->head * 2 > HTTP_SCRATCH_LEAST ? limits->head * 2 : HTTP_SCRATCH_LEAST;
    char *buffer = malloc(scratch);
    if (s == NULL || buffer == NULL)
        abort();
    s->scratch = buffer;
    s->scratch_size = scratch;
    s->base = base;
    s->listener = listener;
    s->limits = *limits;
    s->hooks = *hooks;
    http_parse_callbacks(&s->callbacks);
    event_assign(&s->accept_ev, base, listener, EV_READ | EV_PERSIST, on_accept, s);
    event_add(&s->accept_ev, NULL);
    struct timeval every = sweep_every(limits);
    event_assign(&s->sweep_ev, base, -1, EV_PERSIST, on_sweep, s);
    event_add(&s->sweep_ev, &every);
    return s;
}

static void stop_listening(struct http_server *s)
{
    if (s->listener < 0)
        return;
    event_del(&s->accept_ev);
    close(s->listener);
    s->listener = -1;
}

void http_server_drain(struct http_server *s)
{
    if (s->draining)
        return;
    while (accept_one(s)) /* who is in the backlog was let in by the kernel: closing would reset him */
        ;
    stop_listening(s);
    s->draining = true;
    struct http_conn *c;
    DL_FOREACH(s->phase[PHASE_IDLE], c)
    conn_hurry(c);
    if (s->connections == 0 && s->hooks.on_drained != NULL)
        s->hooks.on_drained(s->hooks.arg);
}

void http_server_free(struct http_server **sp)
{
    struct http_server *s = *sp;
    if (s == NULL)
        return;
    *sp = NULL;
    s->hooks = (struct http_hooks){.arg = NULL};
    stop_listening(s);
    event_del(&s->sweep_ev);
    for (int i = 0; i < PHASE_COUNT; i++)
        while (s->phase[i] != NULL) {
            struct http_conn *c = s->phase[i];
            conn_enter(c, PHASE_LEAVING); /* no answer is owed any more */
            conn_close(c);
        }
    free(s->scratch);
    free(s);
}

size_t http_server_connections(const struct http_server *s)
{
    return s->connections;
}
