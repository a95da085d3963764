/* JSON: what is taken can be printed, and the print is taken again and means the same. The ingress' view and the tree
 * agree about what is taken, up to what only who decodes can see: names that are equal once their escapes are read,
 * half a surrogate pair, an escaped NUL, a number that no double holds. */
#include "tests/fuzz/fuzz.h"

#include "common/base/json.h"
#include "ingress/json_view.h"

static const struct json_limits small = {.bytes = 2048, .depth = 4, .values = 40};

static size_t count(const cJSON *v, unsigned depth, unsigned *deepest)
{
    size_t n = 1;
    bool inner = cJSON_IsObject(v) || cJSON_IsArray(v);
    depth += inner;
    *deepest = depth > *deepest ? depth : *deepest;
    for (const cJSON *m = v->child; m != NULL; m = m->next)
        n += count(m, depth, deepest);
    return n;
}

static void members(const cJSON *v)
{
    static const char *const names[] = {"a", "id", "code", ""};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int64_t number = 0;
        const char *text = json_str(v, names[i]);
        if (json_i64(v, names[i], &number))
            ENSURE(number > -(INT64_C(1) << 53) && number < INT64_C(1) << 53);
        ENSURE(text == NULL || json_get(v, names[i]) != NULL);
        ENSURE(json_obj(v, names[i]) == NULL || json_arr(v, names[i]) == NULL);
    }
}

static void reprint(const cJSON *v)
{
    struct fault f = {.text = ""};
    char *text = json_text(v);
    cJSON *again = json_parse(text, strlen(text), &json_limits_default, &f);
    ENSURE(again != NULL);
    ENSURE(cJSON_Compare(v, again, true));
    cJSON_Delete(again);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct json_view view;
    const char *text = (const char *)data;
    struct fault f = {.text = ""}, g = {.text = ""};
    cJSON *v = json_parse(text, n, &json_limits_default, &f);
    int seen = json_view_read(&view, text, n, &g);
    if (v != NULL) {
        unsigned deepest = 0;
        size_t values = count(v, 0, &deepest);
        ENSURE(seen == 0);
        ENSURE(view.n == values && view.nodes[0].skip == values);
        reprint(v);
        members(v);
        cJSON *little = json_parse(text, n, &small, &g);
        ENSURE((little != NULL) == (n <= small.bytes && deepest <= small.depth && values <= small.values));
        cJSON_Delete(little);
    } else {
        ENSURE(f.verdict == VERDICT_REJECT && f.text[0] != '\0');
        ENSURE(seen != 0 || strstr(f.text, "surrogate") != NULL || strstr(f.text, "twice") != NULL ||
               strstr(f.text, "out of range") != NULL || strstr(f.text, "NUL") != NULL);
    }
    cJSON_Delete(v);
    return 0;
}
