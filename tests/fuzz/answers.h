/* The client's side of an HTTP conversation over a socket pair. */
#ifndef MUNIM_TESTS_FUZZ_ANSWERS_H
#define MUNIM_TESTS_FUZZ_ANSWERS_H

#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

/* Final answers among what the client has received; adds to *n. False when the server has closed. */
static inline bool receive(int fd, unsigned *n)
{
    static char in[65536];
    ssize_t got = recv(fd, in, sizeof in, MSG_DONTWAIT);
    for (char *p = in; got > 0 && (p = memmem(p, (size_t)(in + got - p), "HTTP/1.1 ", 9)) != NULL; p++)
        *n += p[9] != '1';
    return got != 0;
}

#endif
