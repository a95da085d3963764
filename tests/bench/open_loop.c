/* An open-loop generator: signed webhooks at a fixed rate, each timed from the moment it was due, not from when the
 * last answer allowed it. A request that is due while every connection is busy waits in line, and its wait counts.
 *   open_loop HOST PORT PATH WEBHOOKS RATE CONNECTIONS    (WEBHOOKS: lines of signature, tab, body; each sent once)
 * prints a line per webhook: number, due, answered (CLOCK_MONOTONIC, microseconds), HTTP status or 0. */
#include <event2/event.h>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { REQUEST_MOST = 16384, ANSWER_MOST = 4096, CONNECTIONS_MOST = 1024, DRAIN_S = 15, LEAD_US = 20000 };

struct webhook {
    char *text; /* the whole request */
    size_t n;
    int64_t due_us, answered_us;
    int status;
};

struct conn {
    struct load *l;
    struct event *readable;
    int fd;
    struct webhook *busy;
    size_t got;
    char in[ANSWER_MOST];
};

struct load {
    struct event_base *base;
    struct webhook *all;
    size_t n, due, sent, answered;
    int clock_fd;
    double gap_us;
    struct conn conns[CONNECTIONS_MOST];
    size_t n_conns;
    struct conn *idle[CONNECTIONS_MOST];
    size_t n_idle;
};

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void finish(struct conn *c, int status)
{
    struct load *l = c->l;
    c->busy->answered_us = now_us();
    c->busy->status = status;
    c->busy = NULL;
    c->got = 0;
    if (++l->answered == l->n)
        event_base_loopbreak(l->base);
}

static void lose(struct conn *c)
{
    event_del(c->readable);
    if (c->busy != NULL)
        finish(c, 0);
}

static void send_due(struct load *l)
{
    while (l->sent < l->due && l->n_idle > 0) {
        struct conn *c = l->idle[--l->n_idle];
        c->busy = &l->all[l->sent++];
        if (send(c->fd, c->busy->text, c->busy->n, MSG_NOSIGNAL) != (ssize_t)c->busy->n)
            lose(c);
    }
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct conn *c = arg;
    ssize_t got = recv(fd, c->in + c->got, ANSWER_MOST - 1 - c->got, 0);
    if (got <= 0) {
        lose(c);
        return;
    }
    c->got += (size_t)got;
    c->in[c->got] = '\0';
    const char *end = strstr(c->in, "\r\n\r\n"), *length = strcasestr(c->in, "\r\ncontent-length:");
    if (end == NULL || c->busy == NULL)
        return;
    size_t body = length != NULL && length < end ? strtoul(length + 17, NULL, 10) : 0;
    if (c->got < (size_t)(end - c->in) + 4 + body)
        return;
    finish(c, c->got > 12 ? atoi(c->in + 9) : 0);
    c->l->idle[c->l->n_idle++] = c;
    send_due(c->l);
}

static void arm(struct load *l, int64_t at_us)
{
    const struct itimerspec at = {.it_value = {at_us / 1000000, at_us % 1000000 * 1000}};
    (void)timerfd_settime(l->clock_fd, TFD_TIMER_ABSTIME, &at, NULL);
}

static void on_clock(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct load *l = arg;
    uint64_t ticks;
    if (read(fd, &ticks, sizeof ticks) < 0)
        return;
    int64_t now = now_us();
    while (l->due < l->n && l->all[l->due].due_us <= now)
        l->due++;
    send_due(l);
    if (l->due < l->n)
        arm(l, l->all[l->due].due_us);
}

/* The first webhook is due a little after the start, so that none is late because of the start itself. */
static void start_clock(struct load *l)
{
    int64_t first = now_us() + LEAD_US;
    l->clock_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    for (size_t i = 0; i < l->n; i++)
        l->all[i].due_us = first + (int64_t)((double)i * l->gap_us);
    event_add(event_new(l->base, l->clock_fd, EV_READ | EV_PERSIST, on_clock, l), NULL);
    arm(l, first);
}

static void connect_all(struct load *l, const char *host, const char *port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    (void)inet_pton(AF_INET, host, &to.sin_addr);
    for (size_t i = 0; i < l->n_conns; i++) {
        struct conn *c = &l->conns[i];
        int on = 1;
        c->l = l;
        c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (c->fd < 0 || connect(c->fd, (const struct sockaddr *)&to, sizeof to) != 0) {
            perror("open_loop: connect");
            exit(1);
        }
        (void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        evutil_make_socket_nonblocking(c->fd);
        c->readable = event_new(l->base, c->fd, EV_READ | EV_PERSIST, on_readable, c);
        event_add(c->readable, NULL);
        l->idle[l->n_idle++] = c;
    }
}

static void read_webhooks(struct load *l, const char *file, const char *host, const char *path)
{
    static char line[REQUEST_MOST];
    FILE *in = fopen(file, "r");
    size_t room = 0;
    if (in == NULL) {
        perror("open_loop: webhooks");
        exit(1);
    }
    while (fgets(line, sizeof line, in) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *body = strchr(line, '\t');
        if (body == NULL)
            continue;
        *body++ = '\0';
        if (l->n == room) {
            room = room == 0 ? 1024 : room * 2;
            l->all = realloc(l->all, room * sizeof *l->all);
            if (l->all == NULL)
                abort();
        }
        struct webhook *w = &l->all[l->n++];
        *w = (struct webhook){0};
        int n = asprintf(&w->text,
                         "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
                         "Authorization: Bearer bench\r\nX-Hub-Signature-256: sha256=%s\r\n\r\n%s",
                         path, host, strlen(body), line, body);
        if (n < 0)
            abort();
        w->n = (size_t)n;
    }
    (void)fclose(in);
}

int main(int argc, char **argv)
{
    static struct load l;
    if (argc != 7 || (l.n_conns = strtoul(argv[6], NULL, 10)) < 1 || l.n_conns > CONNECTIONS_MOST ||
        atof(argv[5]) <= 0) {
        (void)fprintf(stderr, "usage: open_loop HOST PORT PATH WEBHOOKS RATE CONNECTIONS\n");
        return 64;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    l.base = event_base_new();
    l.gap_us = 1e6 / atof(argv[5]);
    read_webhooks(&l, argv[4], argv[1], argv[3]);
    if (l.n == 0)
        return 1;
    connect_all(&l, argv[1], argv[2]);
    start_clock(&l);
    struct timeval most = {.tv_sec = (time_t)((double)l.n * l.gap_us / 1e6) + DRAIN_S};
    event_base_loopexit(l.base, &most);
    event_base_dispatch(l.base);
    for (size_t i = 0; i < l.n; i++)
        (void)printf("%zu %lld %lld %d\n", i, (long long)l.all[i].due_us, (long long)l.all[i].answered_us,
                     l.all[i].status);
    return l.answered == l.n ? 0 : 1;
}
