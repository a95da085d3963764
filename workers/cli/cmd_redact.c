#include "workers/cli/cmd_redact.h"

#include "common/base/json.h"
#include "workers/cli/json_lines.h"
#include "workers/masking/mask.h"
#include "workers/reading/reader.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <utstring.h>

static const char usage[] =
    "usage: munim redact < lines\n"
    "Each line is {\"id\",\"text\"}; the answer is {\"id\",\"text\",\"tokens\":[{\"type\",\"text\","
    "\"token\"}]}. munim-redact(1) tells the rest.\n";

static void add_text(cJSON *o, const char *key, const char *text, size_t n)
{
    char *copy = strndup(text, n);
    if (copy == NULL)
        abort();
    json_put_str(o, key, copy);
    free(copy);
}

static int redact(void *arg, const cJSON *line, cJSON *out, struct fault *f)
{
    const struct mask_labels *labels = arg;
    const char *text = json_str(line, "text");
    if (text == NULL)
        return fault_set(f, VERDICT_REJECT, "the line has no text");
    struct mask_span *spans;
    size_t n = mask_find(labels, text, strlen(text), &spans), at = 0;
    unsigned numbers[MASK_TYPES] = {0};
    cJSON *tokens = cJSON_CreateArray();
    UT_string masked;
    utstring_init(&masked);
    for (size_t i = 0; i < n; i++) {
        const struct mask_span *s = &spans[i];
        char token[40];
        (void)snprintf(token, sizeof token, "<%s_%u>", mask_type_name(s->type), ++numbers[s->type]);
        utstring_bincpy(&masked, text + at, s->at - at);
        utstring_printf(&masked, "%s", token);
        at = s->at + s->len;
        cJSON *t = cJSON_CreateObject();
        json_put_str(t, "type", mask_type_name(s->type));
        add_text(t, "text", text + s->at, s->len);
        json_put_str(t, "token", token);
        cJSON_AddItemToArray(tokens, t);
    }
    utstring_bincpy(&masked, text + at, strlen(text) - at);
    add_text(out, "text", utstring_body(&masked), utstring_len(&masked));
    cJSON_AddItemToObject(out, "tokens", tokens);
    utstring_done(&masked);
    free(spans);
    return 0;
}

int cmd_redact_between(int argc, char **argv, FILE *in, FILE *out)
{
    if (argc > 1) {
        bool asked = strcmp(argv[1], "--help") == 0;
        (void)fputs(usage, asked ? stdout : stderr);
        return asked ? 0 : 2;
    }
    char dir[PATH_MAX], path[PATH_MAX + 32];
    struct fault f;
    struct mask_labels *labels = NULL;
    if (lexicon_dir(dir, sizeof dir, &f) == 0) {
        (void)snprintf(path, sizeof path, "%s/../masks/labels.list", dir);
        labels = mask_labels_new(path, &f);
    }
    if (labels == NULL) {
        (void)fprintf(stderr, "munim redact: %s\n", f.text);
        return 1;
    }
    int status = json_lines(in, out, redact, labels);
    mask_labels_free(&labels);
    return status;
}

int cmd_redact(int argc, char **argv)
{
    return cmd_redact_between(argc, argv, stdin, stdout);
}
