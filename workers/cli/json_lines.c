#include "workers/cli/json_lines.h"

#include "common/base/json.h"

#include <stdlib.h>
#include <sys/types.h>

/* {"id":..} first, whatever the id is; null where the line has none. */
static cJSON *begin(const cJSON *line)
{
    cJSON *o = cJSON_CreateObject();
    const cJSON *id = json_get(line, "id");
    cJSON *copy = id != NULL ? cJSON_Duplicate(id, true) : cJSON_CreateNull();
    if (o == NULL || copy == NULL || !cJSON_AddItemToObject(o, "id", copy))
        abort();
    return o;
}

static void answer_line(FILE *out, const cJSON *line, const struct fault *why, json_line_fn *answer, void *arg)
{
    struct fault f = *why;
    cJSON *o = begin(line);
    if (line == NULL || answer(arg, line, o, &f) != 0) {
        cJSON_Delete(o);
        o = begin(line);
        json_put_str(o, "error", f.text);
    }
    char *text = json_text(o);
    (void)fprintf(out, "%s\n", text);
    free(text);
    cJSON_Delete(o);
}

int json_lines(FILE *in, FILE *out, json_line_fn *answer, void *arg)
{
    char *text = NULL;
    size_t room = 0;
    ssize_t n;
    int status = JSON_LINES_OK;
    while ((n = getline(&text, &room, in)) >= 0) {
        struct fault f = {.text = "the line is JSON but no object"};
        size_t len = (size_t)n - (n > 0 && text[n - 1] == '\n' ? 1 : 0);
        cJSON *line = json_parse(text, len, &json_limits_default, &f);
        bool good = cJSON_IsObject(line);
        if (!good)
            status = JSON_LINES_BAD_DATA;
        answer_line(out, good ? line : NULL, &f, answer, arg);
        cJSON_Delete(line);
    }
    free(text);
    return fflush(out) == 0 && !ferror(in) ? status : JSON_LINES_BROKEN;
}
