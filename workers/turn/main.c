/* munim-worker: reads inbound and decision, runs one turn per event, writes it in one transaction. */
#include "common/claim/installation.h"
#include "common/pg/schema_check.h"
#include "common/service/service.h"
#include "workers/turn/engine.h"

#include <stdlib.h>

struct worker {
    struct engine *engine;
    struct event *tick;
};

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct worker *w = arg;
    engine_tick(w->engine);
}

static void worker_stop(void **state)
{
    struct worker *w = *state;
    if (w == NULL)
        return;
    if (w->tick != NULL)
        event_free(w->tick);
    engine_free(&w->engine);
    free(w);
    *state = NULL;
}

static int worker_start(struct event_base *base, const struct settings *s, void **state, struct fault *f)
{
    struct worker *w = calloc(1, sizeof *w);
    if (w == NULL)
        abort();
    *state = w;
    if (schema_check(settings_text(s, "postgres", "url"), SCHEMA_WORKER, f) != 0 || installation_claim(s, f) != 0 ||
        (w->engine = engine_new(base, s, f)) == NULL)
        return -1;
    int64_t ms = settings_int(s, "worker", "sweep_every");
    struct timeval every = {.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000) * 1000};
    w->tick = event_new(base, -1, EV_PERSIST, on_tick, w);
    event_add(w->tick, &every);
    return 0;
}

static bool worker_ready(void *state, struct fault *f)
{
    return engine_ready(((struct worker *)state)->engine, f);
}

static void worker_metrics(void *state)
{
    engine_metrics(((struct worker *)state)->engine);
}

static void worker_idle(void *arg)
{
    (void)arg;
    service_quit(NULL);
}

static void worker_drain(void *state)
{
    engine_drain(((struct worker *)state)->engine, worker_idle, NULL);
}

int main(int argc, char **argv)
{
    const struct service svc = {
        .name = "munim-worker",
        .summary = "runs the shop's workflow for every customer message and owner's decision",
        .usage = "",
        .admin_section = "worker",
        .start = worker_start,
        .ready = worker_ready,
        .metrics = worker_metrics,
        .drain = worker_drain,
        .stop = worker_stop,
    };
    return service_run(&svc, argc, argv);
}
