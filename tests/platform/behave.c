#include "tests/platform/behave.h"

#include "common/base/json.h"

#include <limits.h>
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

static const char *const statuses[] = {"normal", "none", "twice", "reverse"};

static const char *const keys[] = {"mode",        "to",       "times",    "http",     "code",
                                   "retry_after", "delay_ms", "accepted", "statuses", "status_ms"};

/* Where the text stands in the list; n when it does not. */
static size_t place_of(const char *text, const char *const *list, size_t n)
{
    size_t i = 0;
    while (i < n && (text == NULL || strcmp(text, list[i]) != 0))
        i++;
    return i;
}

static int take_number(const cJSON *o, const char *key, long least, long most, long *out, struct fault *f)
{
    int64_t v;
    if (json_get(o, key) == NULL)
        return 0;
    if (!json_i64(o, key, &v) || v < least || v > most)
        return fault_set(f, VERDICT_REJECT, "%s is a whole number from %ld to %ld", key, least, most);
    *out = (long)v;
    return 0;
}

static int take_text(const cJSON *o, const char *key, char *out, size_t room, struct fault *f)
{
    if (json_get(o, key) == NULL)
        return 0;
    const char *v = json_str(o, key);
    if (v == NULL || strlen(v) >= room)
        return fault_set(f, VERDICT_REJECT, "%s is a text of at most %zu bytes", key, room - 1);
    memcpy(out, v, strlen(v) + 1);
    return 0;
}

/* A slip of the pen in a rule would make a test see what it did not ask for. */
static int take_all(const cJSON *o, struct behaviour *b, struct fault *f)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, o)
    {
        if (place_of(one->string, keys, sizeof keys / sizeof *keys) == sizeof keys / sizeof *keys)
            return fault_set(f, VERDICT_REJECT, "a rule has no member \"%.40s\"", one->string);
    }
    size_t mode = place_of(json_str(o, "mode"), modes, sizeof modes / sizeof *modes);
    if (mode == sizeof modes / sizeof *modes)
        return fault_set(f, VERDICT_REJECT, "mode is one of accept, refuse, late, hang, close");
    b->mode = (enum behave_mode)mode;
    b->accepted = b->mode != BEHAVE_REFUSE;
    long http = b->http, code = b->code, retry = b->retry_after;
    if (take_number(o, "http", 200, 599, &http, f) != 0 || take_number(o, "code", 0, INT_MAX, &code, f) != 0 ||
        take_number(o, "retry_after", 0, INT_MAX, &retry, f) != 0 ||
        take_number(o, "times", -1, LONG_MAX, &b->times, f) != 0 ||
        take_number(o, "delay_ms", 0, INT_MAX, &b->delay_ms, f) != 0 ||
        take_number(o, "status_ms", 0, INT_MAX, &b->status_ms, f) != 0 ||
        take_text(o, "to", b->to, sizeof b->to, f) != 0 ||
        take_text(o, "statuses", b->statuses, sizeof b->statuses, f) != 0)
        return -1;
    b->http = (int)http;
    b->code = (int)code;
    b->retry_after = (int)retry;
    if (place_of(b->statuses, statuses, sizeof statuses / sizeof *statuses) == sizeof statuses / sizeof *statuses)
        return fault_set(f, VERDICT_REJECT, "statuses is one of normal, none, twice, reverse");
    if (json_get(o, "accepted") == NULL)
        return 0;
    if (!cJSON_IsBool(json_get(o, "accepted")))
        return fault_set(f, VERDICT_REJECT, "accepted is true or false");
    b->accepted = json_true(o, "accepted");
    return 0;
}

struct behaviour *behaviour_new(const cJSON *o, struct fault *f)
{
    struct behaviour *b = malloc(sizeof *b);
    if (b == NULL)
        abort();
    *b = normal;
    if (take_all(o, b, f) != 0) {
        free(b);
        return NULL;
    }
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
