/* The admin port: /livez, /readyz and /metrics. Meant for the machine or the cluster, never for the internet. */
#ifndef MUNIM_SERVICE_ADMIN_H
#define MUNIM_SERVICE_ADMIN_H

#include "common/base/fault.h"

#include <event2/event.h>
#include <stdbool.h>

struct admin;

struct admin_hooks {
    bool (*ready)(void *arg, struct fault *f); /* false with words */
    void (*metrics)(void *arg);                /* before each scrape; may be NULL */
    void *arg;
};

/* Listens on address ("127.0.0.1:0"); hooks are copied. NULL and a STOP fault when it cannot. */
struct admin *admin_new(struct event_base *base, const char *address, const struct admin_hooks *hooks, struct fault *f);
void admin_free(struct admin **a);

/* "127.0.0.1:41234"; lives as long as a. */
const char *admin_address(const struct admin *a);

#endif
