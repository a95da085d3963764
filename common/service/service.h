/* The skeleton of every daemon: settings, log, loop, signals as events, admin port, systemd notification, drain.
 * main() is a table of contents: one struct service and one call to service_run. */
#ifndef MUNIM_SERVICE_SERVICE_H
#define MUNIM_SERVICE_SERVICE_H

#include "common/base/fault.h"
#include "common/config/settings.h"

#include <event2/event.h>
#include <stdbool.h>

struct service {
    const char *name;          /* "munim-worker" */
    const char *summary;       /* for --help, one line */
    const char *usage;         /* further lines of --help: own flags, exit codes; may be "" */
    const char *admin_section; /* section whose admin_listen is the admin port; NULL for none */
    /* Opens everything; *state is the daemon's own. -1 ends the process: exit 75 for RETRY, 78 for STOP;
     * stop is called first when *state is not NULL. */
    int (*start)(struct event_base *base, const struct settings *s, void **state, struct fault *f);
    /* What /readyz says: true, or false with words in f. Called at each probe, must not block. */
    bool (*ready)(void *state, struct fault *f);
    void (*metrics)(void *state); /* fill gauges before a scrape; may be NULL */
    /* First TERM or INT: take nothing new, finish what is in hand; call service_quit when done. At the second, or
     * after [service] drain_timeout, the loop ends anyway. */
    void (*drain)(void *state);
    void (*stop)(void **state); /* after the loop: close and free */
};

/* Handles --help, --version, --print-config, --check-config and flags. Writes the admin port's address to the file
 * MUNIM_ADDRESS_FILE names (lines "admin=host:port", and what service_address adds), which is how ports chosen by the
 * kernel become known. Tells systemd READY=1 when start has returned, STOPPING=1 at drain, WATCHDOG=1 from the loop.
 * Returns the exit status: 0 clean, 64 usage, 75 may pass by itself, 78 configuration or schema. */
int service_run(const struct service *svc, int argc, char **argv);

/* From hooks. code 0 ends cleanly; with a fault: exit status by its verdict (RETRY 75, STOP 78), logged. */
void service_quit(const struct fault *f);
/* Adds "key=value" to the address file, e.g. ("ingress", "127.0.0.1:41234"). */
void service_address(const char *key, const char *value);

#endif
