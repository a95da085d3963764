/* A listening TCP socket from "host:port", ":port" or "[::1]:port"; port 0 lets the kernel choose. */
#ifndef MUNIM_SERVICE_LISTEN_H
#define MUNIM_SERVICE_LISTEN_H

#include "common/base/fault.h"

#include <event2/util.h>
#include <stdbool.h>

/* Non-blocking, close-on-exec, SO_REUSEADDR; reuseport for several processes on one port. -1 and a STOP fault when the
 * address is wrong or taken. */
evutil_socket_t listen_tcp(const char *address, bool reuseport, struct fault *f);

/* The address it got, "127.0.0.1:41234". */
void listen_name(evutil_socket_t fd, char out[64]);

#endif
