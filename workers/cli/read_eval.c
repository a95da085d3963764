#include "workers/cli/read_eval.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 256, NAME = 48, ITEMS = 64 };

struct row {
    char name[NAME];
    unsigned long n, intents, exact, hit, said, wanted, invented, drops;
};

struct read_eval {
    struct row rows[ROWS];
    size_t n;
};

/* What one line counts. */
struct score {
    bool intent, exact;
    unsigned long hit, said, wanted, invented, drops;
};

struct read_eval *read_eval_new(void)
{
    struct read_eval *e = calloc(1, sizeof *e);
    if (e == NULL)
        abort();
    return e;
}

void read_eval_free(struct read_eval **e)
{
    free(*e);
    *e = NULL;
}

/* The line of the cart is told beside the goods on it; people name the goods. */
static bool counts(const cJSON *m)
{
    return !cJSON_IsNull(m) && strcmp(m->string, "line") != 0 && strcmp(m->string, "per_unit") != 0;
}

static bool numeric(const cJSON *m, double *v)
{
    char *end;
    if (cJSON_IsNumber(m)) {
        *v = m->valuedouble;
        return true;
    }
    if (!cJSON_IsString(m) || *m->valuestring == '\0')
        return false;
    *v = strtod(m->valuestring, &end);
    return *end == '\0';
}

/* Numbers may be told as decimal strings. */
static bool same(const cJSON *a, const cJSON *b)
{
    double x, y;
    if (a == NULL || b == NULL)
        return false;
    if (numeric(a, &x) && numeric(b, &y))
        return fabs(x - y) < 1e-9;
    return cJSON_Compare(a, b, 1);
}

static bool is_count(const cJSON *m)
{
    static const char *const names[] = {"quantity", "quantity_min", "quantity_max", "per_package", "amount",
                                        "percent",  "masons",       "labour",       "budget_min",  "budget_max"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(m->string, names[i]) == 0)
            return true;
    return false;
}

static unsigned long members(const cJSON *o)
{
    unsigned long n = 0;
    const cJSON *m;
    cJSON_ArrayForEach(m, o)
    {
        n += counts(m) ? 1 : 0;
    }
    return n;
}

static unsigned long agreeing(const cJSON *a, const cJSON *b)
{
    unsigned long n = 0;
    const cJSON *m;
    cJSON_ArrayForEach(m, a)
    {
        n += counts(m) && same(m, cJSON_GetObjectItemCaseSensitive(b, m->string)) ? 1 : 0;
    }
    return n;
}

/* Values of `got` that nobody said; want may be NULL. */
static unsigned long made_up(const cJSON *got, const cJSON *want)
{
    unsigned long n = 0;
    const cJSON *m;
    cJSON_ArrayForEach(m, got)
    {
        n += counts(m) && is_count(m) && !same(m, cJSON_GetObjectItemCaseSensitive(want, m->string)) ? 1 : 0;
    }
    return n;
}

static bool equal_objects(const cJSON *a, const cJSON *b)
{
    unsigned long n = members(a);
    return n == members(b) && agreeing(a, b) == n;
}

/* Each wanted item is held against the answer's item that agrees best and is not taken yet. */
static void score_items(const cJSON *want, const cJSON *got, struct score *s)
{
    bool taken[ITEMS] = {false};
    const cJSON *w, *g;
    int n_got = cJSON_GetArraySize(got), n_want = cJSON_GetArraySize(want), at = 0;
    s->exact = s->exact && n_got == n_want;
    cJSON_ArrayForEach(w, want)
    {
        int best = -1, i = 0;
        unsigned long most = 0;
        cJSON_ArrayForEach(g, got)
        {
            unsigned long a = i < ITEMS && !taken[i] ? agreeing(w, g) + 1 : 0;
            if (a > most) {
                most = a;
                best = i;
            }
            i++;
        }
        s->wanted += members(w);
        s->exact = s->exact && equal_objects(w, cJSON_GetArrayItem(got, at++));
        if (best < 0)
            continue;
        taken[best] = true;
        s->hit += most - 1;
        s->invented += made_up(cJSON_GetArrayItem(got, best), w);
    }
    at = 0;
    cJSON_ArrayForEach(g, got)
    {
        s->said += members(g);
        if (at < ITEMS && !taken[at++])
            s->invented += made_up(g, NULL);
    }
}

static bool same_set(const cJSON *a, const cJSON *b)
{
    const cJSON *x, *y;
    if (cJSON_GetArraySize(a) != cJSON_GetArraySize(b))
        return false;
    cJSON_ArrayForEach(x, a)
    {
        bool found = false;
        cJSON_ArrayForEach(y, b)
        {
            found = found || cJSON_Compare(x, y, 1);
        }
        if (!found)
            return false;
    }
    return true;
}

static struct score score_of(const cJSON *want, const cJSON *got)
{
    const cJSON *items = json_arr(want, "items"), *answered = json_arr(got, "items");
    const cJSON *clarify = json_arr(got, "clarify");
    const char *a = json_str(want, "intent"), *b = json_str(got, "intent");
    struct score s = {.intent = a != NULL && b != NULL && strcmp(a, b) == 0};
    s.exact = s.intent && same_set(json_arr(want, "clarify"), clarify);
    score_items(items, answered, &s);
    const cJSON *fields = json_obj(want, "fields"), *told = json_obj(got, "fields");
    s.wanted += members(fields);
    s.said += members(told);
    s.hit += agreeing(fields, told);
    s.invented += made_up(told, fields);
    s.exact = s.exact && equal_objects(fields, told);
    int lost = cJSON_GetArraySize(items) - cJSON_GetArraySize(answered);
    if (lost > 0 && cJSON_GetArraySize(clarify) == 0)
        s.drops = (unsigned long)lost;
    return s;
}

static void count(struct read_eval *e, const char *kind, const char *name, const struct score *s)
{
    char full[NAME];
    size_t i = 0;
    (void)snprintf(full, sizeof full, "%s%.36s", kind, name);
    while (i < e->n && strcmp(e->rows[i].name, full) != 0)
        i++;
    if (i == ROWS)
        return;
    struct row *r = &e->rows[i];
    if (i == e->n) {
        e->n++;
        (void)snprintf(r->name, sizeof r->name, "%s", full);
    }
    r->n++;
    r->intents += s->intent ? 1 : 0;
    r->exact += s->exact ? 1 : 0;
    r->hit += s->hit;
    r->said += s->said;
    r->wanted += s->wanted;
    r->invented += s->invented;
    r->drops += s->drops;
}

bool read_eval_add(struct read_eval *e, const cJSON *line, const cJSON *answer)
{
    const cJSON *want = json_obj(line, "expect"), *tag;
    const char *lang = json_str(line, "lang"), *domain = json_str(line, "domain");
    if (want == NULL)
        return false;
    const struct score s = score_of(want, answer);
    count(e, "", "all", &s);
    if (lang != NULL)
        count(e, "lang ", lang, &s);
    if (domain != NULL)
        count(e, "domain ", domain, &s);
    cJSON_ArrayForEach(tag, json_arr(line, "tags"))
    {
        if (cJSON_IsString(tag))
            count(e, "tag ", tag->valuestring, &s);
    }
    return s.exact;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct row *)a)->name, ((const struct row *)b)->name);
}

static double share(unsigned long part, unsigned long of)
{
    return of > 0 ? (double)part / (double)of : 1.0;
}

void read_eval_print(const struct read_eval *e, FILE *out)
{
    struct row rows[ROWS];
    memcpy(rows, e->rows, sizeof rows);
    qsort(rows, e->n, sizeof *rows, by_name);
    (void)fprintf(out, "%-24s %6s %7s %7s %7s %9s %6s\n", "", "lines", "intent", "slot F1", "exact", "invented",
                  "drops");
    for (size_t i = 0; i < e->n; i++) {
        const struct row *r = &rows[i];
        (void)fprintf(out, "%-24s %6lu %7.3f %7.3f %7.3f %9lu %6lu\n", r->name, r->n, share(r->intents, r->n),
                      share(2 * r->hit, r->said + r->wanted), share(r->exact, r->n), r->invented, r->drops);
    }
}
