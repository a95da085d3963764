/* The receiving end of sd_notify: the pool is to its children what systemd is to the pool. The kernel tells who sent a
 * datagram, so that only a child can speak for itself. */
#ifndef MUNIM_POOL_NOTIFY_H
#define MUNIM_POOL_NOTIFY_H

#include "common/base/fault.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct notice {
    bool ready, stopping;
    char status[128]; /* "" when the datagram has none */
};

/* Reads the lines of one datagram (sd_notify(3)); assignments that the pool does not use are passed over. */
void notice_parse(const char *text, size_t n, struct notice *out);

struct notify;
typedef void (*notify_fn)(void *arg, pid_t sender, const struct notice *notice);

/* A socket in the abstract name space: no file to leave behind and no limit by the run directory's length. */
struct notify *notify_new(struct event_base *base, notify_fn fn, void *arg, struct fault *f);
void notify_free(struct notify **n);
const char *notify_name(const struct notify *n); /* "@munim-pool/...", for NOTIFY_SOCKET */

#endif
