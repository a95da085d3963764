#include "common/metrics/metrics.h"

#include "common/metrics/process.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <utarray.h>
#include <uthash.h>

const double metric_seconds[] = {0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 0};

enum { LABELS_MOST = 3, VALUE_MOST = 256, KEY_MOST = LABELS_MOST * VALUE_MOST };

struct metric_series {
    char *key; /* the label values, each ended by NUL */
    size_t key_len;
    double value;      /* of a histogram: the sum */
    uint64_t count;    /* of a histogram */
    uint64_t *buckets; /* not cumulative, one per bound */
    UT_hash_handle hh;
};

static const char *const no_values[LABELS_MOST];

/* Families live in their modules for as long as the process does. */
static UT_array *families;

static void *need(void *p)
{
    if (p == NULL)
        abort();
    return p;
}

static const double *bounds_of(const struct metric *m)
{
    return m->bounds != NULL ? m->bounds : metric_seconds;
}

static size_t n_bounds(const struct metric *m)
{
    size_t n = 0;
    while (bounds_of(m)[n] > 0)
        n++;
    return n;
}

/* One value per label, each cut to VALUE_MOST - 1 bytes and ended by NUL. A missing value is "". */
static size_t make_key(const struct metric *m, const char *const *values, char out[KEY_MOST])
{
    size_t n = 0;
    for (size_t i = 0; i < LABELS_MOST && m->labels[i] != NULL; i++) {
        (void)snprintf(out + n, VALUE_MOST, "%s", values[i] != NULL ? values[i] : "");
        n += strlen(out + n) + 1;
    }
    return n;
}

static struct metric_series *find(const struct metric *m, const char *const *values)
{
    char key[KEY_MOST];
    size_t n = make_key(m, values, key);
    struct metric_series *s = NULL;
    HASH_FIND(hh, m->series, key, n, s);
    return s;
}

static struct metric_series *touch(struct metric *m, const char *const *values)
{
    struct metric_series *s = find(m, values);
    if (s != NULL)
        return s;
    metric_register(m);
    s = find(m, values);
    if (s != NULL)
        return s;
    char key[KEY_MOST];
    s = need(calloc(1, sizeof *s));
    s->key_len = make_key(m, values, key);
    s->key = need(malloc(s->key_len + 1));
    memcpy(s->key, key, s->key_len);
    if (m->type == METRIC_HISTOGRAM)
        s->buckets = need(calloc(n_bounds(m), sizeof *s->buckets));
    HASH_ADD_KEYPTR(hh, m->series, s->key, s->key_len, s);
    return s;
}

static bool is_registered(const struct metric *m)
{
    for (size_t i = 0; i < utarray_len(families); i++)
        if (*(struct metric **)utarray_eltptr(families, i) == m)
            return true;
    return false;
}

void metric_register(struct metric *m)
{
    if (families == NULL)
        utarray_new(families, &ut_ptr_icd);
    if (is_registered(m))
        return;
    utarray_push_back(families, &m);
    if (m->labels[0] == NULL)
        touch(m, no_values);
}

void metric_add(struct metric *m, const char *v0, const char *v1, double n)
{
    touch(m, (const char *const[LABELS_MOST]){v0, v1})->value += n;
}

void metric_set(struct metric *m, const char *v0, const char *v1, double value)
{
    touch(m, (const char *const[LABELS_MOST]){v0, v1})->value = value;
}

void metric_set_values(struct metric *m, const char *const *values, double value)
{
    touch(m, values)->value = value;
}

void metric_observe(struct metric *m, const char *v0, const char *v1, double seconds)
{
    struct metric_series *s = touch(m, (const char *const[LABELS_MOST]){v0, v1});
    s->value += seconds;
    s->count++;
    for (size_t i = 0; bounds_of(m)[i] > 0; i++) {
        if (seconds <= bounds_of(m)[i]) {
            /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): who observes has a histogram */
            s->buckets[i]++;
            return;
        }
    }
}

void metric_clear(struct metric *m)
{
    struct metric_series *s, *next;
    HASH_ITER(hh, m->series, s, next)
    {
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): HASH_DEL leaves no link to what was freed */
        HASH_DEL(m->series, s);
        free(s->key);
        free(s->buckets);
        free(s);
    }
}

double metric_value(const struct metric *m, const char *v0, const char *v1)
{
    const struct metric_series *s = find(m, (const char *const[LABELS_MOST]){v0, v1});
    return s != NULL ? s->value : 0;
}

/* Label values also escape the quote; help does not. */
static void put_escaped(UT_string *out, const char *text, bool quote)
{
    for (; *text != '\0'; text++) {
        if (*text == '\n')
            utstring_bincpy(out, "\\n", 2);
        else if (*text == '\\' || (quote && *text == '"'))
            utstring_printf(out, "\\%c", *text);
        else
            utstring_bincpy(out, text, 1);
    }
}

static void put_double(UT_string *out, double v)
{
    char text[40];
    if (isnan(v) || isinf(v)) {
        utstring_printf(out, "%s", isnan(v) ? "NaN" : v > 0 ? "+Inf" : "-Inf");
        return;
    }
    (void)snprintf(text, sizeof text, "%.15g", v);
    if (strtod(text, NULL) != v)
        (void)snprintf(text, sizeof text, "%.17g", v);
    utstring_printf(out, "%s", text);
}

/* name{labels,le="..."}; suffix "_bucket" and the like, le NULL for none. */
static void put_name(UT_string *out, const struct metric *m, const struct metric_series *s, const char *suffix,
                     const double *le)
{
    const char *value = s->key;
    bool open = false;
    utstring_printf(out, "%s%s", m->name, suffix);
    for (size_t i = 0; i < LABELS_MOST && m->labels[i] != NULL; i++, value += strlen(value) + 1) {
        utstring_printf(out, "%s%s=\"", open ? "," : "{", m->labels[i]);
        put_escaped(out, value, true);
        utstring_bincpy(out, "\"", 1);
        open = true;
    }
    if (le != NULL) {
        utstring_printf(out, "%sle=\"", open ? "," : "{");
        put_double(out, *le);
        utstring_bincpy(out, "\"", 1);
        open = true;
    }
    utstring_printf(out, open ? "} " : " ");
}

static void put_histogram(UT_string *out, const struct metric *m, const struct metric_series *s)
{
    const double infinite = HUGE_VAL;
    uint64_t below = 0;
    for (size_t i = 0; bounds_of(m)[i] > 0; i++) {
        below += s->buckets[i];
        put_name(out, m, s, "_bucket", &bounds_of(m)[i]);
        utstring_printf(out, "%llu\n", (unsigned long long)below);
    }
    put_name(out, m, s, "_bucket", &infinite);
    utstring_printf(out, "%llu\n", (unsigned long long)s->count);
    put_name(out, m, s, "_sum", NULL);
    put_double(out, s->value);
    utstring_bincpy(out, "\n", 1);
    put_name(out, m, s, "_count", NULL);
    utstring_printf(out, "%llu\n", (unsigned long long)s->count);
}

static void put_family(UT_string *out, const struct metric *m)
{
    static const char *const types[] = {"counter", "gauge", "histogram"};
    utstring_printf(out, "# HELP %s ", m->name);
    put_escaped(out, m->help, false);
    utstring_printf(out, "\n# TYPE %s %s\n", m->name, types[m->type]);
    for (const struct metric_series *s = m->series; s != NULL; s = s->hh.next) {
        if (m->type == METRIC_HISTOGRAM) {
            put_histogram(out, m, s);
            continue;
        }
        put_name(out, m, s, "", NULL);
        put_double(out, s->value);
        utstring_bincpy(out, "\n", 1);
    }
}

void metrics_page(UT_string *out)
{
    for (size_t i = 0; families != NULL && i < utarray_len(families); i++)
        put_family(out, *(struct metric **)utarray_eltptr(families, i));
    metrics_process(out);
}
