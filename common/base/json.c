#include "common/base/json.h"

#include "common/base/json_scan.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* From 2^53 on a double no longer tells neighbours apart, so 2^53 itself may have been 2^53 + 1 in the text. */
#define INTEGER_BOUND INT64_C(9007199254740992)
#define EXACT_PRINT   INT64_C(1000000000000000)

enum { SMALL_OBJECT = 16 };

const struct json_limits json_limits_default = {.bytes = 3U << 20, .depth = 32, .values = 500000};

static void *must_have(size_t n)
{
    void *p = malloc(n);
    if (p == NULL)
        abort();
    return p;
}

/* cJSON answers NULL to a text that it cannot read and also when memory is out. The second must never be taken for the
 * first: the record would be refused, and its customer not answered. Before main, so that no tree is made without it.
 */
__attribute__((constructor)) static void abort_without_memory(void)
{
    cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = must_have, .free_fn = free});
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool repeated_pair(const cJSON *o)
{
    for (const cJSON *m = o->child; m != NULL; m = m->next)
        for (const cJSON *other = m->next; other != NULL; other = other->next)
            if (strcmp(m->string, other->string) == 0)
                return true;
    return false;
}

/* Pairs are cheapest for the objects that channels send; sorted, one with 100,000 members costs no quadratic time. */
static bool repeated_among(const cJSON *o, size_t n)
{
    if (n <= SMALL_OBJECT)
        return repeated_pair(o);
    const char **names = malloc(n * sizeof *names);
    if (names == NULL)
        abort();
    size_t i = 0;
    for (const cJSON *m = o->child; m != NULL; m = m->next)
        names[i++] = m->string;
    qsort(names, n, sizeof *names, by_name);
    bool found = false;
    for (i = 1; i < n && !found; i++)
        found = strcmp(names[i - 1], names[i]) == 0;
    free(names);
    return found;
}

/* What is wrong with the tree, NULL for nothing. Recursion is bounded by the depth limit that the scan has checked. A
 * number beyond a double's range would be printed as null. */
static const char *objection(const cJSON *v)
{
    size_t n = 0;
    for (const cJSON *m = v->child; m != NULL; m = m->next, n++) {
        const char *why = m->child != NULL || cJSON_IsNumber(m) ? objection(m) : NULL;
        if (why != NULL)
            return why;
    }
    if (cJSON_IsNumber(v) && !isfinite(v->valuedouble))
        return "a number out of range";
    return cJSON_IsObject(v) && n > 1 && repeated_among(v, n) ? "an object holds a name twice" : NULL;
}

cJSON *json_parse(const char *text, size_t n, const struct json_limits *limits, struct fault *f)
{
    if (json_scan(text, n, limits, f) != 0)
        return NULL;
    cJSON *v = cJSON_ParseWithLengthOpts(text, n, NULL, 0);
    const char *why = v != NULL ? objection(v) : "half of a surrogate pair";
    if (why == NULL)
        return v;
    cJSON_Delete(v);
    fault_set(f, VERDICT_REJECT, "not readable as JSON: %s", why);
    return NULL;
}

const cJSON *json_get(const cJSON *o, const char *key)
{
    return cJSON_IsObject(o) ? cJSON_GetObjectItemCaseSensitive(o, key) : NULL;
}

const cJSON *json_obj(const cJSON *o, const char *key)
{
    const cJSON *v = json_get(o, key);
    return cJSON_IsObject(v) ? v : NULL;
}

const cJSON *json_arr(const cJSON *o, const char *key)
{
    const cJSON *v = json_get(o, key);
    return cJSON_IsArray(v) ? v : NULL;
}

const char *json_str(const cJSON *o, const char *key)
{
    return cJSON_GetStringValue(json_get(o, key));
}

bool json_true(const cJSON *o, const char *key)
{
    return cJSON_IsTrue(json_get(o, key));
}

bool json_i64(const cJSON *o, const char *key, int64_t *out)
{
    const cJSON *v = json_get(o, key);
    if (cJSON_IsNumber(v)) {
        if (!(v->valuedouble > -(double)INTEGER_BOUND && v->valuedouble < (double)INTEGER_BOUND))
            return false;
        int64_t whole = (int64_t)v->valuedouble;
        if ((double)whole != v->valuedouble)
            return false;
        *out = whole;
        return true;
    }
    const char *text = cJSON_GetStringValue(v);
    if (text == NULL || text[text[0] == '-'] < '0' || text[text[0] == '-'] > '9')
        return false;
    char *end = NULL;
    errno = 0;
    long long whole = strtoll(text, &end, 10);
    if (errno != 0 || *end != '\0' || whole <= -INTEGER_BOUND || whole >= INTEGER_BOUND)
        return false;
    *out = whole;
    return true;
}

char *json_text(const cJSON *o)
{
    char *text = cJSON_PrintUnformatted(o);
    if (text == NULL)
        abort();
    return text;
}

static void put(cJSON *o, const char *key, cJSON *v)
{
    if (v == NULL || !cJSON_AddItemToObject(o, key, v))
        abort();
}

void json_put_str(cJSON *o, const char *key, const char *value)
{
    if (value != NULL)
        put(o, key, cJSON_CreateString(value));
}

void json_put_i64(cJSON *o, const char *key, int64_t value)
{
    /* cJSON prints numbers through a double: rounded from 2^53 on, and 10^15 as "1e+15". */
    if (value > -EXACT_PRINT && value < EXACT_PRINT) {
        put(o, key, cJSON_CreateNumber((double)value));
        return;
    }
    char digits[24];
    (void)snprintf(digits, sizeof digits, "%lld", (long long)value);
    put(o, key, cJSON_CreateRaw(digits));
}
