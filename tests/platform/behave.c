#include "tests/platform/behave.h"

#include "common/base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

static const char *const modes[] = {"accept", "refuse", "late", "hang", "close"};

static const struct behaviour normal = {.mode = BEHAVE_ACCEPT,
                                        .to = "*",
                                        .times = -1,
                                        .http = 400,
                                        .retry_after = -1,
                                        .accepted = true,
                                        .statuses = "normal",
                                        .status_ms = 20};

static void take_long(const cJSON *o, const char *key, long *out)
{
    int64_t v;
    if (json_i64(o, key, &v))
        *out = (long)v;
}

struct behaviour *behaviour_new(const cJSON *o, struct fault *f)
{
    const char *mode = json_str(o, "mode");
    size_t m = 0;
    while (m < sizeof modes / sizeof *modes && (mode == NULL || strcmp(mode, modes[m]) != 0))
        m++;
    if (m == sizeof modes / sizeof *modes) {
        fault_set(f, VERDICT_REJECT, "mode is one of accept, refuse, late, hang, close");
        return NULL;
    }
    struct behaviour *b = malloc(sizeof *b);
    if (b == NULL)
        abort();
    *b = normal;
    b->mode = (enum behave_mode)m;
    b->accepted = b->mode != BEHAVE_REFUSE;
    long http = b->http, code = 0, retry = -1;
    take_long(o, "http", &http);
    take_long(o, "code", &code);
    take_long(o, "retry_after", &retry);
    take_long(o, "times", &b->times);
    take_long(o, "delay_ms", &b->delay_ms);
    take_long(o, "status_ms", &b->status_ms);
    b->http = (int)http;
    b->code = (int)code;
    b->retry_after = (int)retry;
    if (json_get(o, "accepted") != NULL)
        b->accepted = json_true(o, "accepted");
    if (json_str(o, "to") != NULL)
        (void)snprintf(b->to, sizeof b->to, "%s", json_str(o, "to"));
    if (json_str(o, "statuses") != NULL)
        (void)snprintf(b->statuses, sizeof b->statuses, "%s", json_str(o, "statuses"));
    return b;
}

void behaviours_free(struct behaviour **list)
{
    struct behaviour *b, *tmp;
    LL_FOREACH_SAFE(*list, b, tmp)
    {
        free(b);
    }
    *list = NULL;
}

struct behaviour behave(struct behaviour **list, const char *to)
{
    struct behaviour *b;
    LL_FOREACH(*list, b)
    {
        if (b->times == 0 || (strcmp(b->to, "*") != 0 && strcmp(b->to, to) != 0))
            continue;
        if (b->times > 0)
            b->times--;
        return *b;
    }
    return normal;
}
