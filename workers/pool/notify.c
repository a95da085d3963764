#include "workers/pool/notify.h"

#include "common/base/random.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct notify {
    int fd;
    struct event *event;
    notify_fn fn;
    void *arg;
    char name[64];
};

static bool is(const char *line, size_t n, const char *text)
{
    return n == strlen(text) && memcmp(line, text, n) == 0;
}

void notice_parse(const char *text, size_t n, struct notice *out)
{
    static const char status[] = "STATUS=";
    *out = (struct notice){0};
    while (n > 0) {
        const char *end = memchr(text, '\n', n);
        size_t size = end != NULL ? (size_t)(end - text) : n;
        if (is(text, size, "READY=1"))
            out->ready = true;
        else if (is(text, size, "STOPPING=1"))
            out->stopping = true;
        else if (size >= sizeof(status) - 1 && memcmp(text, status, sizeof(status) - 1) == 0)
            snprintf(out->status, sizeof(out->status), "%.*s", (int)(size - sizeof(status) + 1),
                     text + sizeof(status) - 1);
        size_t step = size + (end != NULL);
        text += step;
        n -= step;
    }
}

/* The sender's pid as the kernel gives it; 0 when it gives none. */
static pid_t sender_of(struct msghdr *msg)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS) {
            struct ucred cred;
            memcpy(&cred, CMSG_DATA(c), sizeof(cred));
            return cred.pid;
        }
    }
    return 0;
}

static void on_datagram(evutil_socket_t fd, short what, void *arg)
{
    struct notify *n = arg;
    (void)what;
    for (;;) {
        char text[2048];
        union {
            struct cmsghdr align;
            char bytes[CMSG_SPACE(sizeof(struct ucred))];
        } control;
        struct iovec iov = {.iov_base = text, .iov_len = sizeof(text)};
        struct msghdr msg = {
            .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
        ssize_t size = recvmsg(fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
        if (size < 0)
            return;
        struct notice notice;
        notice_parse(text, (size_t)size, &notice);
        n->fn(n->arg, sender_of(&msg), &notice);
    }
}

static int open_socket(struct notify *n)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int one = 1;
    snprintf(n->name, sizeof(n->name), "@munim-pool/%d/%08x", (int)getpid(), random_u32());
    size_t size = strlen(n->name);
    memcpy(at.sun_path + 1, n->name + 1, size - 1);
    n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (n->fd < 0 || setsockopt(n->fd, SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)) != 0)
        return -1;
    return bind(n->fd, (struct sockaddr *)&at, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size));
}

struct notify *notify_new(struct event_base *base, notify_fn fn, void *arg, struct fault *f)
{
    struct notify *n = calloc(1, sizeof(*n));
    if (n == NULL)
        abort();
    n->fn = fn;
    n->arg = arg;
    if (open_socket(n) != 0) {
        fault_set(f, VERDICT_STOP, "cannot open the socket for the children's notifications: %s", strerror(errno));
        notify_free(&n);
        return NULL;
    }
    n->event = event_new(base, n->fd, EV_READ | EV_PERSIST, on_datagram, n);
    if (n->event == NULL || event_add(n->event, NULL) != 0)
        abort();
    return n;
}

void notify_free(struct notify **np)
{
    struct notify *n = *np;
    if (n == NULL)
        return;
    if (n->event != NULL)
        event_free(n->event);
    if (n->fd >= 0)
        close(n->fd);
    free(n);
    *np = NULL;
}

const char *notify_name(const struct notify *n)
{
    return n->name;
}
