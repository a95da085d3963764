#include "workers/reading/catalogue_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "common/base/json.h"

/* One parsed line, kept as long as its strings are borrowed. */
struct catalogue_text {
    cJSON *json;
    const char **aliases, **tags;
    struct catalogue_text *next;
};

static void *grown(void *array, size_t n, size_t size)
{
    void *more = realloc(array, (n + 1) * size);
    if (more == NULL)
        abort();
    return more;
}

static const char **strings_of(const cJSON *o, const char *key)
{
    const cJSON *list = json_arr(o, key), *one;
    const char **out = calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof *out);
    size_t n = 0;
    if (out == NULL)
        abort();
    cJSON_ArrayForEach(one, list)
    {
        if (cJSON_IsString(one))
            out[n++] = one->valuestring;
    }
    return out;
}

static int add_line(struct catalogue_file *c, const char *text, size_t n, struct fault *f)
{
    cJSON *o = json_parse(text, n, &json_limits_default, f);
    if (o == NULL)
        return -1;
    struct catalogue_text *t = calloc(1, sizeof *t);
    if (t == NULL)
        abort();
    *t = (struct catalogue_text){.json = o, .next = c->text};
    c->text = t;
    if (!cJSON_IsObject(o))
        return fault_set(f, VERDICT_REJECT, "the line is JSON but no object");
    const char *kind = json_str(o, "kind"), *name = json_str(o, "name"), *id = json_str(o, "id"),
               *slot = json_str(o, "slot");
    t->aliases = strings_of(o, "aliases");
    t->tags = strings_of(o, "tags");
    kind = kind != NULL ? kind : "product";
    if (name == NULL || *name == '\0')
        return fault_set(f, VERDICT_REJECT, "the entry has no name");
    if (strcmp(kind, "product") == 0) {
        if (id == NULL || *id == '\0')
            return fault_set(f, VERDICT_REJECT, "the product has no id");
        c->entries = grown(c->entries, c->n_entries, sizeof *c->entries);
        c->entries[c->n_entries++] = (struct catalogue_entry){.id = id,
                                                              .name = name,
                                                              .material = json_str(o, "material"),
                                                              .aliases = t->aliases,
                                                              .unit = json_str(o, "unit"),
                                                              .brand = json_str(o, "brand"),
                                                              .strength = json_str(o, "strength"),
                                                              .form = json_str(o, "form"),
                                                              .size = json_str(o, "size"),
                                                              .generic = json_str(o, "generic"),
                                                              .tags = t->tags};
    } else if (strcmp(kind, "word") == 0 || strcmp(kind, "outlet") == 0) {
        slot = *kind == 'o' ? kind : slot;
        if (slot == NULL)
            return fault_set(f, VERDICT_REJECT, "the word has no slot");
        c->words = grown(c->words, c->n_words, sizeof *c->words);
        c->words[c->n_words++] = (struct catalogue_word){.slot = slot, .name = name, .aliases = t->aliases};
    } else {
        return fault_set(f, VERDICT_REJECT, "the kind is none of product, word and outlet");
    }
    return 0;
}

struct catalogue_file *catalogue_file_new(FILE *in, const char *name, struct fault *f)
{
    struct catalogue_file *c = calloc(1, sizeof *c);
    struct fault why;
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    int at = 0, rc = 0;
    if (c == NULL)
        abort();
    while (rc == 0 && (n = getline(&line, &room, in)) >= 0) {
        at++;
        size_t len = (size_t)n;
        while (len > 0 && strchr(" \t\r\n", line[len - 1]) != NULL)
            len--;
        if (len > 0 && add_line(c, line, len, &why) != 0)
            rc = fault_set(f, VERDICT_REJECT, "%.100s:%d: %.120s", name, at, why.text);
    }
    if (rc == 0 && ferror(in))
        rc = fault_set(f, VERDICT_REJECT, "cannot read %.150s: %s", name, strerror(errno));
    free(line);
    if (rc != 0)
        catalogue_file_free(&c);
    return c;
}

void catalogue_file_free(struct catalogue_file **c)
{
    if (*c == NULL)
        return;
    while ((*c)->text != NULL) {
        struct catalogue_text *next = (*c)->text->next;
        cJSON_Delete((*c)->text->json);
        free((*c)->text->aliases);
        free((*c)->text->tags);
        free((*c)->text);
        (*c)->text = next;
    }
    free((*c)->entries);
    free((*c)->words);
    free(*c);
    *c = NULL;
}
