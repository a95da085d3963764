#include "workers/reading/model/envelope.h"

#include "common/base/json.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const struct json_limits limits = {.bytes = 256 * 1024, .depth = 16, .values = 20000};

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void trim(const char **s, size_t *n)
{
    while (*n > 0 && blank(**s)) {
        (*s)++;
        (*n)--;
    }
    while (*n > 0 && blank((*s)[*n - 1]))
        (*n)--;
}

/* The answer without white space and without the code fence that some models put around it ("```json"). NULL when there
 * is none, or more than any document has. */
static char *unfenced(const char *s)
{
    static const char fence[] = "```";
    const size_t mark = sizeof fence - 1;
    size_t n = strlen(s);
    trim(&s, &n);
    if (n >= 2 * mark && memcmp(s, fence, mark) == 0 && memcmp(s + n - mark, fence, mark) == 0) {
        size_t label = mark;
        while (label < n - mark && s[label] != '\n' && s[label] != '{')
            label++;
        s += label;
        n -= label + mark;
        trim(&s, &n);
    }
    if (n == 0 || n > MODEL_CONTENT)
        return NULL;
    char *out = strndup(s, n);
    if (out == NULL)
        abort();
    return out;
}

enum model_outcome envelope_content(const char *body, size_t n, char **content)
{
    struct fault f;
    *content = NULL;
    cJSON *o = json_parse(body, n, &limits, &f);
    const cJSON *choice = cJSON_GetArrayItem(json_arr(o, "choices"), 0), *message = json_obj(choice, "message");
    const char *reason = json_str(choice, "finish_reason"), *refusal = json_str(message, "refusal");
    const char *said = json_str(message, "content");
    enum model_outcome outcome = MODEL_MALFORMED;
    if ((refusal != NULL && *refusal != '\0') || (reason != NULL && strcmp(reason, "content_filter") == 0))
        outcome = MODEL_REFUSED;
    else if (reason != NULL && strcmp(reason, "length") == 0)
        outcome = MODEL_CUT;
    else if (said != NULL && (*content = unfenced(said)) != NULL)
        outcome = MODEL_ANSWERED;
    cJSON_Delete(o);
    return outcome;
}
