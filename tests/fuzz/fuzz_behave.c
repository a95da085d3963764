/* The simulator's rules: read or refused in words; a rule that is used up no longer decides. Input: a rule a line. */
#include "tests/fuzz/fuzz.h"

#include "common/base/json.h"
#include "tests/platform/behave.h"

#include <utlist.h>

static struct behaviour *rule(const char *line, size_t n)
{
    struct fault f = {.text = ""};
    cJSON *o = json_parse(line, n, &json_limits_default, &f);
    if (o == NULL)
        return NULL;
    struct behaviour *b = behaviour_new(o, &f);
    ENSURE(b != NULL || (f.verdict == VERDICT_REJECT && f.text[0] != '\0'));
    cJSON_Delete(o);
    return b;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct behaviour *rules = NULL;
    const char *p = (const char *)data, *end = p + n;
    while (p < end) {
        const char *lf = memchr(p, '\n', (size_t)(end - p));
        size_t len = (size_t)((lf != NULL ? lf : end) - p);
        struct behaviour *b = rule(p, len);
        if (b != NULL)
            LL_APPEND(rules, b);
        p += len + 1;
    }
    for (int i = 0; i < 8; i++) {
        const struct behaviour *b;
        long left = 0, now = 0;
        LL_FOREACH(rules, b) left += b->times > 0 ? b->times > 8 ? 8 : b->times : 0;
        struct behaviour what = behave(&rules, i % 2 == 0 ? "919812345678" : "*");
        ENSURE(what.mode <= BEHAVE_CLOSE && what.times >= -1);
        ENSURE(what.delay_ms >= 0 && what.status_ms >= 0 && (what.http == 0 || (what.http >= 200 && what.http < 600)));
        ENSURE(memchr(what.to, 0, sizeof what.to) != NULL && memchr(what.statuses, 0, sizeof what.statuses) != NULL);
        LL_FOREACH(rules, b) now += b->times > 0 ? b->times > 8 ? 8 : b->times : 0;
        ENSURE(now <= left);
    }
    behaviours_free(&rules);
    return 0;
}
