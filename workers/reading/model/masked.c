#include "workers/reading/model/masked.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utstring.h>

enum { TOKEN_ROOM = 40, PERSON_LEAST = 3, KIND_PERSON = MASK_TYPES, KIND_ADDRESS, KINDS };

/* A span of one of the kinds that mask_find knows, a name or an address. */
struct taken {
    size_t at, len;
    int kind;
};

struct substitute {
    char name[TOKEN_ROOM];
    char *text;
    int kind;
};

struct masked {
    const struct mask_labels *labels;
    char *person;
    const struct personal_lists *lists; /* NULL: only the customer's own name is known */
    const struct shopwords *words;
    const struct reading_context *ctx;
    struct substitute *tokens;
    size_t n;
    unsigned numbers[KINDS];
};

static void *must(void *p)
{
    if (p == NULL)
        abort();
    return p;
}

struct masked *masked_new(const struct mask_labels *labels, const char *person)
{
    struct masked *m = must(calloc(1, sizeof *m));
    m->labels = labels;
    m->person = must(strdup(person != NULL && strlen(person) >= PERSON_LEAST ? person : ""));
    return m;
}

void masked_free(struct masked **mp)
{
    struct masked *m = *mp;
    if (m == NULL)
        return;
    for (size_t i = 0; i < m->n; i++)
        free(m->tokens[i].text);
    free(m->tokens);
    free(m->person);
    free(m);
    *mp = NULL;
}

void masked_personal(struct masked *m, const struct personal_lists *lists, const struct shopwords *words,
                     const struct reading_context *ctx)
{
    m->lists = lists;
    m->words = words;
    m->ctx = ctx;
}

static bool word_byte(char c)
{
    return isalnum((unsigned char)c) || (c & 0x80) != 0;
}

/* Where the name stands as words of its own in text[from, to), ASCII case aside; `to` when it does not. */
static size_t find_person(const struct masked *m, const char *text, size_t from, size_t to)
{
    size_t len = strlen(m->person);
    for (size_t i = from; len > 0 && i + len <= to; i++) {
        bool starts = i == 0 || !word_byte(text[i - 1]);
        bool ends = i + len == to || !word_byte(text[i + len]);
        if (starts && ends && strncasecmp(text + i, m->person, len) == 0)
            return i;
    }
    return to;
}

static int by_place(const void *pa, const void *pb)
{
    const struct taken *a = pa, *b = pb;
    return a->at < b->at ? -1 : a->at > b->at;
}

/* Names and addresses between what the masks took, of a message. */
static size_t take_personal(const struct masked *m, const char *text, size_t n, const struct mask_span *spans,
                            size_t n_spans, struct taken *all)
{
    struct personal_span *more;
    const struct personal_text in = {.words = m->words,
                                     .ctx = m->ctx,
                                     .text = text,
                                     .n = n,
                                     .masked = spans,
                                     .n_masked = n_spans,
                                     .person = m->person};
    size_t found = personal_find(m->lists, &in, &more);
    for (size_t i = 0; i < found; i++)
        all[i] = (struct taken){
            .at = more[i].at, .len = more[i].len, .kind = more[i].kind == PERSONAL_NAME ? KIND_PERSON : KIND_ADDRESS};
    free(more);
    return found;
}

/* All that must not leave, in order of place: what the masks find, of a message what it tells of persons, and the
 * customer's own name wherever else it stands. */
static struct taken *take(const struct masked *m, const char *text, size_t n, bool message, size_t *count)
{
    struct mask_span *spans;
    size_t n_spans = mask_find(m->labels, text, n, &spans), at = 0;
    struct taken *all = must(calloc(2 * n + 1, sizeof *all));
    size_t known = message && m->lists != NULL ? take_personal(m, text, n, spans, n_spans, all) : 0;
    for (size_t i = 0; i < n_spans; i++)
        all[known++] = (struct taken){.at = spans[i].at, .len = spans[i].len, .kind = (int)spans[i].type};
    qsort(all, known, sizeof *all, by_place);
    *count = known;
    for (size_t i = 0; i <= known; i++) {
        size_t end = i < known ? all[i].at : n, found;
        while ((found = find_person(m, text, at, end)) < end) {
            all[(*count)++] = (struct taken){.at = found, .len = strlen(m->person), .kind = KIND_PERSON};
            at = found + strlen(m->person);
        }
        at = i < known ? all[i].at + all[i].len : n;
    }
    qsort(all, *count, sizeof *all, by_place);
    free(spans);
    return all;
}

static const char *token_of(struct masked *m, int kind, const char *text, size_t n)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->tokens[i].kind == kind && strlen(m->tokens[i].text) == n && memcmp(m->tokens[i].text, text, n) == 0)
            return m->tokens[i].name;
    m->tokens = must(realloc(m->tokens, (m->n + 1) * sizeof *m->tokens));
    struct substitute *t = &m->tokens[m->n++];
    t->kind = kind;
    t->text = must(strndup(text, n));
    (void)snprintf(t->name, sizeof t->name, "<%s_%u>",
                   kind == KIND_PERSON    ? "name"
                   : kind == KIND_ADDRESS ? "address"
                                          : mask_type_name((enum mask_type)kind),
                   ++m->numbers[kind]);
    return t->name;
}

static char *with_tokens(struct masked *m, const char *text, size_t n, bool message)
{
    size_t count, at = 0;
    struct taken *all = take(m, text, n, message, &count);
    UT_string out;
    utstring_init(&out);
    for (size_t i = 0; i < count; i++) {
        utstring_bincpy(&out, text + at, all[i].at - at);
        const char *token = token_of(m, all[i].kind, text + all[i].at, all[i].len);
        utstring_bincpy(&out, token, strlen(token));
        at = all[i].at + all[i].len;
    }
    utstring_bincpy(&out, text + at, n - at);
    free(all);
    return utstring_body(&out); /* the string's memory is the caller's now */
}

char *masked_text(struct masked *m, const char *text, size_t n)
{
    return with_tokens(m, text, n, false);
}

char *masked_message(struct masked *m, const char *text, size_t n)
{
    return with_tokens(m, text, n, true);
}

char *masked_blank(struct masked *m, const char *text, size_t n)
{
    size_t count;
    struct taken *all = take(m, text, n, true, &count);
    char *out = must(malloc(n + 1));
    memcpy(out, text, n);
    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): a text is shorter than SIZE_MAX */
    out[n] = '\0';
    for (size_t i = 0; i < count; i++)
        memset(out + all[i].at, ' ', all[i].len);
    free(all);
    return out;
}

static const struct substitute *known(const struct masked *m, const char *text, size_t n)
{
    for (size_t i = 0; i < m->n; i++)
        if (strlen(m->tokens[i].name) == n && memcmp(m->tokens[i].name, text, n) == 0)
            return &m->tokens[i];
    return NULL;
}

bool masked_is_token(const struct masked *m, const char *text)
{
    return known(m, text, strlen(text)) != NULL;
}

/* The length of "<word_7>" at the beginning of s, 0 when there is none. */
static size_t token_like(const char *s)
{
    size_t n = 1;
    while (islower((unsigned char)s[n]) || s[n] == '_')
        n++;
    if (n < 3 || s[n - 1] != '_' || !isdigit((unsigned char)s[n]))
        return 0;
    while (isdigit((unsigned char)s[n]))
        n++;
    return s[n] == '>' ? n + 1 : 0;
}

bool masked_restore(const struct masked *m, const char *from, char *to, size_t room)
{
    size_t used = 0;
    while (*from != '\0') {
        size_t n = *from == '<' ? token_like(from) : 0;
        const struct substitute *t = n > 0 ? known(m, from, n) : NULL;
        const char *piece = t != NULL ? t->text : from;
        size_t len = t != NULL ? strlen(t->text) : 1;
        if ((n > 0 && t == NULL) || used + len >= room)
            return false;
        memcpy(to + used, piece, len);
        used += len;
        from += n > 0 ? n : 1;
    }
    to[used] = '\0';
    return true;
}
