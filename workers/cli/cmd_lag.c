#include "workers/cli/cmd_lag.h"

#include "common/base/clock.h"
#include "common/config/settings.h"
#include "workers/lag/ask.h"
#include "workers/lag/table.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_NO_ANSWER = 1, EXIT_WRONG_CALL = 2, PATIENCE_US = 3 * 1000000 };

static const char usage[] =
    "usage: munim lag [--json]\n"
    "\n"
    "What waits in the queues, per group, topic and partition, asked of Kafka itself. SECONDS is the age of the "
    "oldest\n"
    "record the group has not committed, 0.0 when it has caught up; \"-\" is not known. --json: one object a line.\n"
    "Exit status: 0 printed, 1 Kafka does not answer or a topic is missing, 2 usage.\n";

struct asking {
    struct event_base *base;
    struct ask *ask;
    struct event *again;
    int64_t until_us;
    bool json;
    int status;
};

static void on_again(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    ask_begin(((struct asking *)arg)->ask);
}

/* A cluster that has just started, or is moving a coordinator, answers a moment later. */
static void on_done(void *arg, const struct lag_view *v, const struct fault *f)
{
    static const struct timeval moment = {.tv_usec = 200000};
    struct asking *a = arg;
    UT_string out;
    if (v == NULL && f->verdict == VERDICT_RETRY && clock_mono_us() < a->until_us) {
        evtimer_add(a->again, &moment);
        return;
    }
    event_base_loopbreak(a->base);
    if (v == NULL) {
        (void)fprintf(stderr, "munim lag: %s\n", f->text);
        a->status = EXIT_NO_ANSWER;
        return;
    }
    utstring_init(&out);
    (a->json ? lag_json_lines : lag_table)(v, clock_wall_ms(), &out);
    (void)fputs(utstring_body(&out), stdout);
    utstring_done(&out);
}

static int run(const struct settings *s, bool json)
{
    struct fault f = {0};
    struct asking a = {.base = event_base_new(), .until_us = clock_mono_us() + PATIENCE_US, .json = json};
    if (a.base == NULL || (a.again = evtimer_new(a.base, on_again, &a)) == NULL)
        abort();
    a.ask = ask_new(a.base, s, on_done, &a, &f);
    if (a.ask == NULL) {
        (void)fprintf(stderr, "munim lag: %s\n", f.text);
        a.status = EXIT_NO_ANSWER;
    } else {
        ask_begin(a.ask);
        event_base_dispatch(a.base);
    }
    ask_free(&a.ask);
    event_free(a.again);
    event_base_free(a.base);
    return a.status;
}

int cmd_lag(int argc, char **argv)
{
    struct fault f = {0};
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        (void)fputs(usage, stdout);
        return 0;
    }
    struct settings *s = settings_new(&argc, argv, &f);
    bool json = argc == 2 && strcmp(argv[1], "--json") == 0;
    int status = EXIT_WRONG_CALL;
    if (s == NULL)
        (void)fprintf(stderr, "munim lag: %s\n", f.text);
    else if (argc > 1 && !json)
        (void)fputs(usage, stderr);
    else
        status = run(s, json);
    settings_free(&s);
    return status;
}
