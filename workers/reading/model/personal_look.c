#include "workers/reading/model/personal_look.h"

#include <string.h>

enum { NAME_MOST = 4 };

struct finding {
    struct look *k;
    size_t at;
};

static void found(void *arg, const struct sense *sense, size_t length, uint32_t mask)
{
    const struct finding *f = arg;
    struct hit *h = &f->k->hits[f->at][sense->value];
    if (length > h->length)
        *h = (struct hit){.length = (uint8_t)length, .mask = mask};
}

size_t says(const struct look *k, size_t at, enum personal_cue cue)
{
    return at < k->m.text.n ? k->hits[at][cue].length : 0;
}

/* A phrase of something else's name says nothing of a person's. */
static void see_cues(struct look *k, const struct personal_lists *l)
{
    const struct word *words[TEXT_TOKENS];
    const struct text *t = &k->m.text;
    for (size_t i = 0; i < t->n; i++)
        words[i] = phrasebook_word(l->book, t->bytes + t->tokens[i].at, t->tokens[i].len);
    for (size_t i = 0; i < t->n; i++) {
        struct finding f = {.k = k, .at = i};
        phrasebook_match(l->book, words + i, t->n - i, found, &f);
    }
    for (size_t i = 0; i < t->n; i++)
        for (size_t j = i; j < i + says(k, i, SAYS_KEEP) && j < t->n; j++)
            for (size_t c = 0; c < SAYS_KEEP; c++)
                k->hits[j][c].length = 0;
}

/* Where the reading's own words stand in the message. */
static void keep_words(struct look *k, const char *text, const char *words)
{
    size_t len = strlen(words);
    const char *at = len > 0 ? strstr(text, words) : NULL;
    for (size_t i = 0; at != NULL && i < k->m.text.n; i++) {
        const struct token *t = &k->m.text.tokens[i];
        if (t->raw_at >= (size_t)(at - text) && t->raw_end <= (size_t)(at - text) + len)
            k->kept[i] = true;
    }
}

static void see_kept(struct look *k, const char *text)
{
    const struct message *m = &k->m;
    if (k->reading.intent == INTENT_PROGRESS_UPDATE)
        keep_words(k, text, k->reading.fields.site);
    if (k->reading.intent == INTENT_LEAD_INFO)
        keep_words(k, text, k->reading.fields.location);
    for (size_t i = 0; i < m->text.n; i++) {
        const struct match *city = match_at(m, i, SLOT_LOCATION, ACT_NONE);
        for (size_t j = i; city != NULL && j < i + city->length; j++)
            k->kept[j] = true;
    }
    for (size_t i = 0; i < m->n; i++) {
        const struct span *s = &m->spans[i];
        bool of_goods = i + 1 < m->n && m->spans[i + 1].kind == SPAN_GOODS;
        for (size_t j = s->at; j < s->end; j++) {
            k->kept[j] = k->kept[j] || s->kind == SPAN_OUTLET;
            k->counted[j] = s->kind == SPAN_QUANTITY && (s->unit >= 0 || of_goods);
            k->measured[j] = s->kind == SPAN_QUANTITY && s->unit >= 0;
        }
    }
}

static void see_masked(struct look *k, const struct personal_text *in)
{
    for (size_t i = 0, s = 0; i < k->m.text.n; i++) {
        const struct token *t = &k->m.text.tokens[i];
        while (s < in->n_masked && in->masked[s].at + in->masked[s].len <= t->raw_at)
            s++;
        k->masked[i] = s < in->n_masked && in->masked[s].at < t->raw_end;
    }
}

bool is_word(const struct look *k, size_t i)
{
    return i < k->m.text.n && k->m.text.tokens[i].kind == TOKEN_WORD && !k->masked[i] && !k->kept[i];
}

bool title(const struct look *k, size_t i)
{
    char c = k->m.raw[k->m.text.tokens[i].raw_at];
    return c >= 'A' && c <= 'Z';
}

bool loose(const struct look *k, size_t i)
{
    if (is_word(k, i) && says(k, i, SAYS_GIVEN) == 1)
        return true;
    if (!is_word(k, i) || says(k, i, SAYS_PLAIN) == 1 || k->m.n_matches[i] > 0)
        return false;
    return (k->m.listed[i] == NULL && k->m.own[i] == NULL) || title(k, i);
}

bool named(const struct look *k, size_t i, bool common_too)
{
    if (!is_word(k, i) || says(k, i, SAYS_PLAIN) == 1)
        return false;
    for (size_t j = 0; j < k->m.n_matches[i]; j++) {
        const struct sense *s = k->m.matches[i][j].sense;
        bool common = common_too && s->slot == SLOT_PLAIN && s->value == ACT_COMMON;
        if (!slot_is_named(s->slot) && s->slot != SLOT_UNIT && !common)
            return false;
    }
    return true;
}

bool any_mark(const struct look *k, size_t i, const char *marks)
{
    const struct token *t = &k->m.text.tokens[i];
    return i < k->m.text.n && t->kind == TOKEN_MARK && strchr(marks, t->mark) != NULL;
}

void take(struct look *k, size_t from, size_t to, enum taken as)
{
    for (size_t i = from; i < to; i++)
        if (!k->kept[i] && !k->masked[i] && k->taken[i] == TAKEN_NOT)
            k->taken[i] = (uint8_t)as;
}

size_t after(const struct look *k, size_t at)
{
    while (any_mark(k, at, ":-=,\n"))
        at++;
    return at;
}

size_t name_begin(const struct look *k, size_t end)
{
    size_t at = end;
    while (at > 0 && end - at < NAME_MOST &&
           (loose(k, at - 1) || (at < end && any_mark(k, at - 1, "&.") && at > 1 && loose(k, at - 2))))
        at--;
    return at;
}

bool look_begin(struct look *k, const struct personal_lists *l, const struct personal_text *in, const char *text)
{
    if (!message_begin(&k->m, in->words, in->text, in->n, in->ctx))
        return false;
    read_words(in->words, in->text, in->n, in->ctx, &k->reading);
    see_cues(k, l);
    see_kept(k, text);
    see_masked(k, in);
    return true;
}
