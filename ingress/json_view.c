#include "ingress/json_view.h"

#include "common/base/json.h"
#include "common/base/json_scan.h"

#include <stdlib.h>
#include <string.h>

enum { FEW_MEMBERS = 16, DEPTH_MOST = 64 };

void json_view_free(struct json_view *v)
{
    free(v->nodes);
    *v = (struct json_view){.n = 0};
}

static struct json_node *add(struct json_view *v)
{
    if (v->n == v->cap) {
        v->cap = v->cap > 0 ? v->cap * 2 : 256;
        v->nodes = realloc(v->nodes, v->cap * sizeof *v->nodes);
        if (v->nodes == NULL)
            abort();
    }
    struct json_node *node = &v->nodes[v->n++];
    *node = (struct json_node){.skip = 1};
    return node;
}

static int by_name(const void *a, const void *b)
{
    const struct json_node *x = *(const struct json_node *const *)a, *y = *(const struct json_node *const *)b;
    size_t n = x->name_n < y->name_n ? x->name_n : y->name_n;
    int d = memcmp(x->name, y->name, n);
    return d != 0 ? d : (x->name_n > y->name_n) - (x->name_n < y->name_n);
}

static bool same_name(const struct json_node *a, const struct json_node *b)
{
    return a->name_n == b->name_n && memcmp(a->name, b->name, a->name_n) == 0;
}

static bool repeats_sorted(const struct json_node *o)
{
    const struct json_node **sorted = malloc(o->kids * sizeof(struct json_node *));
    if (sorted == NULL)
        abort();
    const struct json_node *m = o + 1;
    for (uint32_t i = 0; i < o->kids; i++, m += m->skip)
        sorted[i] = m;
    qsort(sorted, o->kids, sizeof *sorted, by_name);
    bool found = false;
    for (uint32_t i = 1; i < o->kids && !found; i++)
        found = same_name(sorted[i - 1], sorted[i]);
    free(sorted);
    return found;
}

static bool repeats(const struct json_node *o)
{
    if (o->kids > FEW_MEMBERS)
        return repeats_sorted(o);
    const struct json_node *a = o + 1;
    for (uint32_t i = 0; i < o->kids; i++, a += a->skip) {
        const struct json_node *b = a + a->skip;
        for (uint32_t j = i + 1; j < o->kids; j++, b += b->skip)
            if (same_name(a, b))
                return true;
    }
    return false;
}

/* Just behind the closing quote; p is behind the opening one. The text is checked: there is a closing quote. */
static const char *string_end(const char *p, const char *end)
{
    for (;;) {
        const char *quote = memchr(p, '"', (size_t)(end - p));
        const char *slash = memchr(p, '\\', (size_t)(quote - p));
        if (slash == NULL)
            return quote + 1;
        p = slash + 2;
    }
}

/* What is open: a stack of node numbers, since the array moves when it grows. */
struct open {
    size_t at[DEPTH_MOST];
    unsigned n;
};

/* Ends the value that is open innermost. False when it is an object with a name twice. */
static bool close_one(struct json_view *v, struct open *open, const char *behind)
{
    size_t at = open->at[--open->n];
    struct json_node *o = &v->nodes[at];
    o->n = (uint32_t)(behind - o->p);
    o->skip = (uint32_t)(v->n - at);
    return o->kind != JSON_OBJECT || o->kids < 2 || !repeats(o);
}

static const char *scalar_end(const char *p, const char *end)
{
    while (p < end && *p != ',' && *p != ']' && *p != '}' && (unsigned char)*p > ' ')
        p++;
    return p;
}

/* Begins the value at p; returns where to read on. name is NULL but in an object. */
static const char *value(struct json_view *v, struct open *open, const char *p, const char *end, const char *name,
                         size_t name_n)
{
    size_t at = v->n;
    struct json_node *node = add(v);
    node->p = p;
    node->name = name;
    node->name_n = (uint32_t)name_n;
    if (open->n > 0)
        v->nodes[open->at[open->n - 1]].kids++;
    if (*p == '{' || *p == '[') {
        node->kind = *p == '{' ? JSON_OBJECT : JSON_ARRAY;
        open->at[open->n++] = at;
        return p + 1;
    }
    node->kind = *p == '"' ? JSON_STRING : JSON_OTHER;
    const char *behind = *p == '"' ? string_end(p + 1, end) : scalar_end(p, end);
    node->n = (uint32_t)(behind - p);
    return behind;
}

int json_view_read(struct json_view *v, const char *text, size_t n, struct fault *f)
{
    v->n = 0;
    struct json_limits limits = json_limits_default;
    limits.nul = true;
    if (json_scan(text, n, &limits, f) != 0)
        return -1;
    struct open open = {.n = 0};
    const char *p = text;
    const char *end = text + n;
    const char *name = NULL;
    size_t name_n = 0;
    while (p < end) {
        char c = *p;
        if (c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == ',' || c == ':') {
            p++;
        } else if (c == '}' || c == ']') {
            if (!close_one(v, &open, ++p))
                return fault_set(f, VERDICT_REJECT, "not readable as JSON: an object holds a name twice");
        } else if (c == '"' && name == NULL && open.n > 0 && v->nodes[open.at[open.n - 1]].kind == JSON_OBJECT) {
            name = p + 1;
            p = string_end(name, end);
            name_n = (size_t)(p - 1 - name);
        } else {
            p = value(v, &open, p, end, name, name_n);
            name = NULL;
            name_n = 0;
        }
    }
    return 0;
}

const struct json_node *json_view_get(const struct json_node *o, const char *name)
{
    if (o == NULL || o->kind != JSON_OBJECT)
        return NULL;
    size_t n = strlen(name);
    const struct json_node *m = o + 1;
    for (uint32_t i = 0; i < o->kids; i++, m += m->skip)
        if (m->name_n == n && memcmp(m->name, name, n) == 0)
            return m;
    return NULL;
}

const struct json_node *json_view_get_kind(const struct json_node *o, const char *name, enum json_kind kind)
{
    const struct json_node *m = json_view_get(o, name);
    return m != NULL && m->kind == kind ? m : NULL;
}

const struct json_node *json_view_first(const struct json_node *o)
{
    return o + 1;
}

const struct json_node *json_view_next(const struct json_node *e)
{
    return e + e->skip;
}

bool json_view_says(const struct json_node *v, const char *word)
{
    return v != NULL && v->kind == JSON_STRING && v->n == strlen(word) + 2 && memcmp(v->p + 1, word, v->n - 2) == 0;
}

static unsigned hex4(const char *p)
{
    unsigned u = 0;
    for (int i = 0; i < 4; i++) {
        unsigned c = (unsigned char)p[i];
        u = u * 16 + (c <= '9' ? c - '0' : (c | 0x20U) - 'a' + 10);
    }
    return u;
}

/* One character of a string, decoded; advances *p. 0 for what no id holds. */
static char plain(const char **p)
{
    char c = *(*p)++;
    if (c != '\\')
        return c;
    c = *(*p)++;
    if (c == '"' || c == '\\' || c == '/')
        return c;
    if (c != 'u')
        return 0;
    unsigned u = hex4(*p);
    *p += 4;
    return u < 0x7f ? (char)u : (char)0;
}

bool json_view_ascii(const struct json_node *v, char *out, size_t room)
{
    size_t n = 0;
    out[0] = '\0';
    if (v == NULL || (v->kind != JSON_STRING && v->kind != JSON_OTHER))
        return false;
    bool quoted = v->kind == JSON_STRING;
    const char *p = v->p + (quoted ? 1 : 0);
    const char *end = v->p + v->n - (quoted ? 1 : 0);
    while (p < end && n + 1 < room) {
        char c = quoted ? plain(&p) : *p++;
        if (c <= ' ' || c > '~' || (!quoted && (c < '0' || c > '9')))
            break;
        out[n++] = c;
        if (p == end) {
            out[n] = '\0';
            return true;
        }
    }
    out[0] = '\0';
    return false;
}

/* The length of a \u escape at p that is to be kept (6, or 12 for a pair); 0 for half a pair and for a NUL. */
static size_t escape_kept(const char *p, const char *end)
{
    unsigned u = hex4(p + 2);
    if (u < 0xd800 || u > 0xdfff)
        return u != 0 ? 6 : 0;
    bool pair =
        u < 0xdc00 && end - p >= 12 && p[6] == '\\' && p[7] == 'u' && hex4(p + 8) >= 0xdc00 && hex4(p + 8) <= 0xdfff;
    return pair ? 12 : 0;
}

void json_view_paste(UT_string *out, const char *p, size_t n)
{
    const char *end = p + n;
    const char *from = p;
    const char *slash;
    while (p < end && (slash = memchr(p, '\\', (size_t)(end - p))) != NULL) {
        if (slash[1] != 'u') {
            p = slash + 2;
            continue;
        }
        size_t kept = escape_kept(slash, end);
        p = slash + (kept > 0 ? kept : 6);
        if (kept == 0) {
            utstring_bincpy(out, from, (size_t)(slash - from));
            utstring_bincpy(out, "\\ufffd", 6);
            from = p;
        }
    }
    utstring_bincpy(out, from, (size_t)(end - from));
}
