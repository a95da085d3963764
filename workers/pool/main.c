/* munim-pool: the parent of an instance's processes. */
#include "common/service/service.h"
#include "workers/pool/options.h"
#include "workers/pool/pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void ended(void)
{
    service_quit(NULL);
}

static int start(struct event_base *base, const struct settings *s, void **state, struct fault *f)
{
    *state = pool_new(base, s, pool_rows, ended, f);
    return *state != NULL ? 0 : -1;
}

static bool ready(void *state, struct fault *f)
{
    return pool_ready(state, f);
}

static void drain(void *state)
{
    pool_drain(state);
}

static void stop(void **state)
{
    pool_free((struct pool **)state);
}

static int print_tree(int argc, char **argv)
{
    struct fault f = {0};
    struct settings *s = settings_new(&argc, argv, &f);
    if (s == NULL) {
        fprintf(stderr, "munim-pool: %s\n", f.text);
        return 78;
    }
    tree_print(pool_rows, s, stdout);
    settings_free(&s);
    return 0;
}

static const struct service pool_service = {
    .name = "munim-pool",
    .summary = "starts, restarts and drains the processes of one munim instance",
    .usage = "  --tree              print the process tree under the settings in force\n",
    .start = start,
    .ready = ready,
    .drain = drain,
    .stop = stop,
};

int main(int argc, char **argv)
{
    options_to_environment(&argc, argv);
    if (options_take(&argc, argv, "--tree"))
        return print_tree(argc, argv);
    options_choose_port();
    /* The pool ends its own drain: each stage has [pool] drain_timeout, and [service] drain_timeout is a child's. */
    char **own = calloc((size_t)argc + 2, sizeof(*own));
    if (own == NULL)
        abort();
    memcpy(own, argv, (size_t)argc * sizeof(*own));
    own[argc] = (char[]){"--service.drain_timeout=1h"};
    int status = service_run(&pool_service, argc + 1, own);
    free(own);
    return status;
}
