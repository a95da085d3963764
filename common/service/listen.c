#include "common/service/listen.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* "host:port" into its parts; brackets around an IPv6 host are taken off. */
static int split(const char *address, char host[256], char port[8], struct fault *f)
{
    const char *colon = strrchr(address, ':');
    const char *from = address;
    const char *to = colon;
    if (colon != NULL && *address == '[' && colon > address + 1 && colon[-1] == ']') {
        from++;
        to--;
    }
    bool bare_v6 = colon != NULL && from == address && memchr(address, ':', (size_t)(colon - address)) != NULL;
    if (colon == NULL || bare_v6 || colon[1] == '\0' || strspn(colon + 1, "0123456789") != strlen(colon + 1) ||
        strlen(colon + 1) > 5 || atoi(colon + 1) > 65535 || to - from > 255)
        return fault_set(f, VERDICT_STOP, "\"%s\" is no address to listen on: host:port, :port or [::1]:port is wanted",
                         address);
    (void)snprintf(host, 256, "%.*s", (int)(to - from), from);
    (void)snprintf(port, 8, "%s", colon + 1);
    return 0;
}

static evutil_socket_t open_one(const struct addrinfo *a, bool reuseport)
{
    int fd = socket(a->ai_family, a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);
    if (fd < 0)
        return -1;
    int on = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        (reuseport && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) ||
        bind(fd, a->ai_addr, a->ai_addrlen) != 0 || listen(fd, SOMAXCONN) != 0) {
        int why = errno;
        close(fd);
        errno = why;
        return -1;
    }
    return fd;
}

evutil_socket_t listen_tcp(const char *address, bool reuseport, struct fault *f)
{
    char host[256], port[8];
    if (split(address, host, port, f) != 0)
        return -1;
    const struct addrinfo want = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found = NULL;
    /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): split() has filled it */
    int rc = getaddrinfo(host[0] != '\0' ? host : NULL, port, &want, &found);
    if (rc != 0) {
        fault_set(f, VERDICT_STOP, "cannot listen on %s: %s", address, gai_strerror(rc));
        return -1;
    }
    evutil_socket_t fd = -1;
    for (const struct addrinfo *a = found; a != NULL && fd < 0; a = a->ai_next)
        fd = open_one(a, reuseport);
    if (fd < 0)
        fault_set(f, VERDICT_STOP, "cannot listen on %s: %s", address, strerror(errno));
    freeaddrinfo(found);
    return fd;
}

void listen_name(evutil_socket_t fd, char out[64])
{
    struct sockaddr_storage a = {0};
    socklen_t len = sizeof a;
    char host[48], port[8];
    out[0] = '\0';
    if (getsockname(fd, (struct sockaddr *)&a, &len) != 0 ||
        getnameinfo((struct sockaddr *)&a, len, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return;
    (void)snprintf(out, 64, a.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}
