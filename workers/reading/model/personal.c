#include "workers/reading/model/personal.h"

#include "workers/reading/model/personal_look.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MOST = 4, PERSON_LEAST = 3 };

static void *must(void *p)
{
    if (p == NULL)
        abort();
    return p;
}

/* ---- names ---- */

static bool ends(const struct look *k, size_t i)
{
    return i >= k->m.text.n || k->m.text.tokens[i].kind == TOKEN_MARK || says(k, i, SAYS_PLAIN) > 0;
}

/* Words from here on that make a name; behind a sure label also one that goods bear. */
static size_t name_end(const struct look *k, size_t at, bool sure)
{
    size_t end = at;
    while (end < at + NAME_MOST) {
        bool initial = any_mark(k, end, ".") && end > at && k->m.text.tokens[end - 1].len == 1;
        bool both = any_mark(k, end, "&") && end > at && loose(k, end + 1);
        bool goods_too = sure && named(k, end, true) && (end == at || ends(k, end + 1));
        if (!loose(k, end) && !initial && !both && !goods_too)
            break;
        end++;
    }
    return end;
}

/* "main .. bol raha hu": what the gap of the phrase stands for, when it may be a name. */
static void name_inside(struct look *k, size_t at)
{
    const struct hit *h = &k->hits[at][SAYS_NAME_AROUND];
    size_t from = at, to;
    if (h->length == 0)
        return;
    while ((h->mask >> (from - at) & 1) != 0)
        from++;
    for (to = from; to < at + h->length && (h->mask >> (to - at) & 1) == 0; to++)
        if (!loose(k, to) && !(named(k, to, false) && to == from))
            return;
    take(k, from, to, TAKEN_NAME);
}

static void see_names(struct look *k)
{
    for (size_t i = 0; i < k->m.text.n; i++) {
        size_t sure = says(k, i, SAYS_NAME_BEFORE), maybe = says(k, i, SAYS_NAME_MAYBE);
        size_t before = says(k, i, SAYS_TITLE_BEFORE), later = says(k, i, SAYS_TITLE_AFTER);
        size_t said = says(k, i, SAYS_NAME_AFTER);
        if (sure > 0) {
            size_t at = after(k, i + sure);
            take(k, at, name_end(k, at, true), TAKEN_NAME);
        }
        if (maybe > 0 || before > 0) {
            size_t at = after(k, i + (maybe > before ? maybe : before));
            if (any_mark(k, at, "."))
                at++;
            take(k, at, name_end(k, at, false), TAKEN_NAME);
        }
        if (later > 0 && name_begin(k, i) < i)
            take(k, name_begin(k, i), i + later, TAKEN_NAME);
        if (said > 0)
            take(k, name_begin(k, i), i, TAKEN_NAME);
        name_inside(k, i);
    }
}

/* Each word of the customer's own name, where it is no other word. */
static void see_person(struct look *k, const char *person)
{
    struct text *name = must(malloc(sizeof *name));
    const struct text *t = &k->m.text;
    if (!text_read(name, person, strlen(person)))
        name->n = 0;
    for (size_t i = 0; i < t->n; i++)
        for (size_t j = 0; j < name->n; j++) {
            const struct token *a = &t->tokens[i], *b = &name->tokens[j];
            if (b->kind == TOKEN_WORD && b->len >= PERSON_LEAST && a->len == b->len && loose(k, i) &&
                memcmp(t->bytes + a->at, name->bytes + b->at, a->len) == 0)
                take(k, i, i + 1, TAKEN_NAME);
        }
    free(name);
}

/* "9812345678 Ramesh", "contact Ramesh 9812345678": written like a name beside a number that was masked. */
static void see_beside(struct look *k)
{
    for (size_t i = 0; i < k->m.text.n; i++) {
        bool behind = i > 0 && k->masked[i - 1], ahead = i + 1 < k->m.text.n && k->masked[i + 1];
        if ((behind || ahead) && loose(k, i) && title(k, i))
            take(k, behind ? i : name_begin(k, i + 1), behind ? name_end(k, i, false) : i + 1, TAKEN_NAME);
    }
}

/* "Ramesh", but neither "END" nor "X". */
static bool written_as_name(const struct look *k, size_t i)
{
    const struct token *t = &k->m.text.tokens[i];
    return loose(k, i) && title(k, i) && t->raw_end - t->raw_at > 1 && islower((unsigned char)k->m.raw[t->raw_at + 1]);
}

/* "- Ramesh", or a last line of nothing but names: who wrote it. */
static void see_signature(struct look *k)
{
    size_t at = k->m.text.n, n = 0;
    while (at > 0 && written_as_name(k, at - 1)) {
        at--;
        n++;
    }
    if (n > 0 && n < NAME_MOST && at > 0 && any_mark(k, at - 1, "-\n"))
        take(k, at, k->m.text.n, TAKEN_NAME);
}

/* The words of whom the bill is for, as the word lists read them. */
static void see_bill_to(struct look *k, const char *text)
{
    const char *words = k->reading.fields.bill_to, *at = strstr(text, words);
    for (size_t i = 0; *words != '\0' && at != NULL && i < k->m.text.n; i++) {
        const struct token *t = &k->m.text.tokens[i];
        if (t->raw_at >= (size_t)(at - text) && t->raw_end <= (size_t)(at - text) + strlen(words))
            take(k, i, i + 1, TAKEN_NAME);
    }
}

/* ---- all of it ---- */

/* Neighbours of one kind are one span, with the marks between them. */
static size_t spans_of(const struct look *k, struct personal_span *out)
{
    size_t n = 0, last = 0;
    for (size_t i = 0; i < k->m.text.n; i++) {
        const struct token *t = &k->m.text.tokens[i];
        enum personal_kind kind = k->taken[i] == TAKEN_NAME ? PERSONAL_NAME : PERSONAL_ADDRESS;
        bool joins = n > 0 && i > 0 && last + 1 == i && out[n - 1].kind == kind;
        if (k->taken[i] == TAKEN_NOT)
            continue;
        if (joins && t->kind != TOKEN_MARK)
            out[n - 1].len = t->raw_end - out[n - 1].at;
        else if (t->kind != TOKEN_MARK)
            out[n++] = (struct personal_span){.at = t->raw_at, .len = (size_t)t->raw_end - t->raw_at, .kind = kind};
        last = joins || t->kind != TOKEN_MARK ? i : last;
    }
    return n;
}

size_t personal_find(const struct personal_lists *l, const struct personal_text *in, struct personal_span **out)
{
    struct look *k = must(calloc(1, sizeof *k));
    char *text = must(strndup(in->text, in->n));
    size_t n = 0;
    *out = NULL;
    if (look_begin(k, l, in, text)) {
        see_bill_to(k, text);
        see_addresses(k);
        see_names(k);
        see_person(k, in->person);
        see_beside(k);
        see_signature(k);
        *out = must(calloc(k->m.text.n + 1, sizeof **out));
        n = spans_of(k, *out);
    }
    free(text);
    free(k);
    if (n == 0) {
        free(*out);
        *out = NULL;
    }
    return n;
}
