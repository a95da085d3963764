/* The supervisor: starts the tree's processes, hears from them, starts them again, drains them in order.
 *
 *   starting  all are told to run, not all have said READY yet
 *   running   every one has been ready once; one that is down for the moment shows in its own state
 *   stopping  stage by stage: TERM, and KILL for what is left after the drain time
 *   stopped   none is left
 *
 * The pool signals only pids that it forked and has not reaped, so it never ends a process of somebody else. */
#ifndef MUNIM_POOL_POOL_H
#define MUNIM_POOL_POOL_H

#include "common/config/settings.h"
#include "workers/pool/throttle.h"
#include "workers/pool/tree.h"

#include <event2/event.h>

enum process_state {
    PROCESS_STARTING,
    PROCESS_RUNNING,
    PROCESS_STOPPING,
    PROCESS_THROTTLED, /* waits for its next start */
    PROCESS_STOPPED
};

struct pool_process {
    const struct pool_row *row;
    struct pool_service *service;
    char name[64];
    pid_t pid; /* 0: none */
    enum process_state state;
    bool was_ready;    /* this pid */
    bool ever_ready;   /* any pid so far */
    unsigned restarts; /* starts after the first */
    int64_t since_ms;  /* wall clock, when the state began */
    char status[128];  /* the process's own words, "" for none */
    char last_end[24]; /* how the pid before ended, "exit 78" or "signal KILL"; "" while none has */
    struct event *timer;
    struct pool *pool;
};

/* What the processes of one row share. */
struct pool_service {
    const struct pool_row *row;
    char **argv; /* owned, NULL-ended */
    struct throttle throttle;
};

enum pool_state { POOL_STARTING, POOL_RUNNING, POOL_STOPPING, POOL_STOPPED };

struct pool {
    struct event_base *base;
    const struct settings *settings;
    char run[512];  /* the run directory, as the settings have it */
    char home[512]; /* where the programs are */
    int lock_fd;    /* held from start to end: one pool per run directory */
    enum pool_state state;
    int stage; /* while stopping */
    struct throttle_limits limits;
    int64_t drain_ms;
    struct pool_service *services;
    struct pool_process *processes;
    int service_count, process_count;
    struct notify *notify;
    struct event *child_event; /* SIGCHLD */
    struct event *drain_timer;
    void (*ended)(void);
};

/* Makes the run directory and starts every process of rows. ended is called once, when a drain is complete. NULL and a
 * fault (STOP: another pool runs here, or a setting is wrong). */
struct pool *pool_new(struct event_base *base, const struct settings *s, const struct pool_row *rows,
                      void (*ended)(void), struct fault *f);

/* Every process is ready at this moment; else false and the first that is not, in f. */
bool pool_ready(const struct pool *p, struct fault *f);

/* Begins the drain; idempotent. */
void pool_drain(struct pool *p);

/* Ends what is left at once and frees everything: after a complete drain nothing is left, after a hurried one the
 * processes get TERM and two seconds, then KILL. */
void pool_free(struct pool **p);

const char *pool_state_name(enum pool_state state);
const char *process_state_name(enum process_state state);

#endif
