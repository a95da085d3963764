#include "workers/masking/mask_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GAP_CELLS = 24, GAP_WORDS = 3, LABELS_MOST = 1024, LABEL_CELLS = 32 };

struct mask_labels {
    struct {
        struct cells text;
        int type;
    } list[LABELS_MOST];
    size_t n;
};

static const char *const names[] = {"phone", "email", "upi",          "gstin", "pan", "aadhaar", "reference",
                                    "card",  "cvv",   "bank_account", "ifsc",  "otp", "keep",    "joint"};

const char *mask_type_name(enum mask_type t)
{
    return names[t];
}

static int type_of(const char *name)
{
    for (int i = 0; i <= LABEL_JOINT; i++) {
        if (strcmp(names[i], name) == 0)
            return i;
    }
    return -1;
}

static char *trim(char *s)
{
    s += strspn(s, " \t\r\n");
    size_t n = strlen(s);
    while (n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL)
        s[--n] = '\0';
    return s;
}

static bool same(const struct cells *a, const struct cells *b)
{
    return a->n == b->n && memcmp(a->c, b->c, a->n * sizeof *a->c) == 0;
}

static int add_label(struct mask_labels *l, int type, const char *word, const char *path, int line, struct fault *f)
{
    struct cells t;
    cells_make(&t, word, strlen(word));
    for (size_t i = 0; i < l->n; i++) {
        if (same(&l->list[i].text, &t)) {
            cells_free(&t);
            return fault_set(f, VERDICT_STOP, "%.120s:%d: \"%.40s\" is a label already", path, line, word);
        }
    }
    if (l->n == LABELS_MOST || t.n == 0 || t.n > LABEL_CELLS) {
        cells_free(&t);
        return fault_set(f, VERDICT_STOP, "%.120s:%d: too many labels, or an empty or long one", path, line);
    }
    l->list[l->n].text = t;
    l->list[l->n++].type = type;
    return 0;
}

static int add_line(struct mask_labels *l, char *text, const char *path, int line, struct fault *f)
{
    char *equals = strchr(text, '='), *rest = equals, *one;
    if (trim(text)[0] == '\0' || trim(text)[0] == '#')
        return 0;
    if (equals == NULL)
        return fault_set(f, VERDICT_STOP, "%.120s:%d: a line is: type = label, label", path, line);
    *equals = '\0';
    rest = equals + 1;
    int type = type_of(trim(text));
    if (type < 0)
        return fault_set(f, VERDICT_STOP, "%.120s:%d: unknown type \"%.40s\"", path, line, trim(text));
    while ((one = strsep(&rest, ",")) != NULL) {
        if (add_label(l, type, trim(one), path, line, f) != 0)
            return -1;
    }
    return 0;
}

struct mask_labels *mask_labels_new(const char *path, struct fault *f)
{
    FILE *in = fopen(path, "re");
    if (in == NULL) {
        fault_set(f, VERDICT_STOP, "cannot read the labels %.120s: %s", path, strerror(errno));
        return NULL;
    }
    struct mask_labels *l = calloc(1, sizeof *l);
    if (l == NULL)
        abort();
    char *text = NULL;
    size_t room = 0;
    int line = 0, rc = 0;
    while (rc == 0 && getline(&text, &room, in) >= 0)
        rc = add_line(l, text, path, ++line, f);
    free(text);
    (void)fclose(in);
    if (rc != 0)
        mask_labels_free(&l);
    return l;
}

void mask_labels_free(struct mask_labels **lp)
{
    if (*lp == NULL)
        return;
    for (size_t i = 0; i < (*lp)->n; i++)
        cells_free(&(*lp)->list[i].text);
    free(*lp);
    *lp = NULL;
}

/* The longest label that begins at this cell; 0 for none. */
static size_t label_at(const struct mask_labels *l, const struct cells *t, size_t at, int *type)
{
    size_t best = 0;
    for (size_t i = 0; i < l->n; i++) {
        const struct cells *w = &l->list[i].text;
        if (w->n <= best || at + w->n > t->n || memcmp(t->c + at, w->c, w->n * sizeof *w->c) != 0 ||
            cell_word(t, at + w->n))
            continue;
        best = w->n;
        *type = l->list[i].type;
    }
    return best;
}

size_t labels_find(const struct mask_labels *l, const struct cells *t, struct label **out)
{
    struct label *list = malloc((t->n + 1) * sizeof *list);
    size_t n = 0;
    if (list == NULL)
        abort();
    for (size_t i = 0; i < t->n; i++) {
        int type = -1;
        if (!cell_word(t, i) || (i > 0 && cell_word(t, i - 1)))
            continue;
        size_t len = label_at(l, t, i, &type);
        if (len == 0)
            continue;
        list[n++] = (struct label){.from = i, .to = i + len, .type = type};
        i += len - 1;
    }
    *out = list;
    return n;
}

/* Few words and nothing else of weight between a label and its number: no digit, no end of line. */
static bool close_by(const struct cells *t, size_t from, size_t to)
{
    size_t words = 0;
    if (to - from > GAP_CELLS)
        return false;
    for (size_t i = from; i < to; i++) {
        if (cell_digit(t, i) || t->c[i] == '\n' || t->c[i] == '@')
            return false;
        words += cell_word(t, i) && (i == from || !cell_word(t, i - 1)) ? 1 : 0;
    }
    return words <= GAP_WORDS;
}

/* Whether nothing but joint words and marks stands in the cells [from, to): what is further off may speak of another
 * number, and a person's number must not stay for it. */
static bool joined(const struct cells *t, const struct label *labels, size_t n, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        size_t k = 0;
        while (k < n && (labels[k].type != LABEL_JOINT || i < labels[k].from || i >= labels[k].to))
            k++;
        if (cell_word(t, i) && k == n)
            return false;
    }
    return true;
}

/* The first label that ends near enough before a cell to speak of what stands there; they are in order of place. */
static size_t first_near(const struct label *labels, size_t n, size_t from)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (labels[middle].to + GAP_CELLS < from)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int label_of(const struct cells *t, const struct label *labels, size_t n, size_t from, size_t to, int type)
{
    const struct label *nearest = NULL;
    size_t first = first_near(labels, n, from), last = first;
    while (last < n && labels[last].from <= to + GAP_CELLS)
        last++;
    for (size_t i = first; i < last; i++) {
        if (labels[i].type == LABEL_JOINT)
            continue;
        bool near = labels[i].to <= from && close_by(t, labels[i].to, from);
        if (near && (labels[i].type != LABEL_KEEP || joined(t, labels + i, last - i, labels[i].to, from)))
            nearest = &labels[i];
        if (labels[i].from >= to && labels[i].type == MASK_OTP && type == MASK_OTP && nearest == NULL &&
            close_by(t, to, labels[i].from))
            return MASK_OTP;
    }
    if (nearest == NULL)
        return -1;
    return nearest->type == type || nearest->type == LABEL_KEEP ? nearest->type : -1;
}
