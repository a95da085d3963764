#include "workers/reading/message.h"

#include <string.h>

enum { REST_LEAST = 3 }; /* letters of a word that a unit was typed on to */

struct found {
    struct message *m;
    size_t at;
    bool of_shop;
};

/* Keeps the longest matches: a shorter one gives way when the row is full. */
static void keep(void *arg, const struct sense *sense, size_t length, uint32_t mask)
{
    const struct found *f = arg;
    struct match *row = f->m->matches[f->at];
    uint8_t *n = &f->m->n_matches[f->at];
    struct match one = {.sense = sense, .mask = mask, .length = (uint8_t)length, .of_shop = f->of_shop};
    if (*n < MATCHES) {
        row[(*n)++] = one;
        return;
    }
    size_t least = 0;
    for (size_t i = 1; i < MATCHES; i++)
        if (row[i].length < row[least].length)
            least = i;
    if (row[least].length < length)
        row[least] = one;
}

static enum slot slot_of_goods(const struct word *w)
{
    for (const struct sense *s = word_senses(w); s != NULL; s = s->next)
        if (s->slot == SLOT_COLOR || s->slot == SLOT_MATERIAL || s->slot == SLOT_PRODUCT)
            return s->slot;
    return SLOT_PRODUCT;
}

static bool same_goods(const struct message *m, const struct word *a, bool a_own, const struct word *b, bool b_own)
{
    const struct sense *x = word_senses(a), *y = word_senses(b);
    while (x != NULL && x->slot != SLOT_COLOR && x->slot != SLOT_MATERIAL && x->slot != SLOT_PRODUCT)
        x = x->next;
    while (y != NULL && y->slot != SLOT_COLOR && y->slot != SLOT_MATERIAL && y->slot != SLOT_PRODUCT)
        y = y->next;
    return x != NULL && y != NULL && shopwords_goods(m->s, x, a_own) == shopwords_goods(m->s, y, b_own);
}

/* A word that no list holds: another spelling of one that it does, or a slip in a word for goods. A slip must be nearer
 * to one word than to any other with a different meaning; else it is unclear and asked about. */
static void correct(struct message *m, size_t i, const char *s, size_t n)
{
    m->own[i] = spelling_find(m->s->spellings, s, n);
    m->listed[i] = spelling_find(m->l->spellings, s, n);
    if (m->own[i] != NULL || m->listed[i] != NULL)
        return;
    m->own[i] = spelling_sound(m->s->spellings, s, n);
    if (m->own[i] == NULL)
        m->listed[i] = spelling_sound(m->l->spellings, s, n);
    if (m->own[i] != NULL || m->listed[i] != NULL)
        return;
    struct nearest own = {.distance = UINT8_MAX, .second = UINT8_MAX}, listed = own;
    spelling_near(m->s->spellings, s, n, &own);
    spelling_near(m->l->spellings, s, n, &listed);
    bool shop_first = own.distance <= listed.distance;
    const struct nearest *a = shop_first ? &own : &listed, *b = shop_first ? &listed : &own;
    if (a->best == NULL)
        return;
    bool tie =
        a->other != NULL && a->second == a->distance && !same_goods(m, a->best, shop_first, a->other, shop_first);
    tie =
        tie || (b->best != NULL && b->distance == a->distance && strcmp(word_text(a->best), word_text(b->best)) != 0 &&
                !same_goods(m, a->best, shop_first, b->best, !shop_first));
    if (tie) {
        m->unclear[i] = slot_of_goods(a->best);
        return;
    }
    const char *text = word_text(a->best);
    m->own[i] = phrasebook_word(m->s->book, text, strlen(text));
    m->listed[i] = phrasebook_word(m->l->book, text, strlen(text));
}

static bool is_unit(const struct word *w)
{
    const struct sense *s = word_senses(w);
    while (s != NULL && s->slot != SLOT_UNIT)
        s = s->next;
    return s != NULL;
}

static void tell_language(struct message *m)
{
    size_t count[LEXICON_LANGS] = {0}, goods[LEXICON_LANGS] = {0}, best = 0;
    for (size_t i = 0; i < m->text.n; i++) {
        if (m->text.tokens[i].kind != TOKEN_WORD || m->listed[i] == NULL)
            continue;
        uint32_t langs = word_langs(m->listed[i]);
        bool borrowed = word_of_goods(m->listed[i]) || is_unit(m->listed[i]); /* every language takes these freely */
        size_t weight = borrowed ? 1 : TEXT_TOKENS;
        for (size_t k = 0; k < m->l->n_langs; k++)
            if (langs == (uint32_t)1 << k) {
                count[k] += weight;
                goods[k] += word_of_goods(m->listed[i]) ? 1 : 0;
            }
    }
    for (size_t k = 1; k < m->l->n_langs; k++)
        if (count[k] > count[best])
            best = k;
    size_t own =
        m->l->n_langs; /* "3 meter lal cotton": of two kinds of words for goods, those that no language lends */
    for (size_t k = 0; k < m->l->n_langs; k++)
        if (goods[k] > 0 && (m->l->lends >> k & 1) == 0 && (own == m->l->n_langs || goods[k] > goods[own]))
            own = k;
    if ((m->l->lends >> best & 1) != 0 && count[best] < TEXT_TOKENS && own < m->l->n_langs)
        best = own;
    m->language[0] = '\0';
    if (count[best] > 0)
        memcpy(m->language, m->l->langs[best], sizeof m->language);
}

static bool is_known(const struct message *m, const char *s, size_t n)
{
    return phrasebook_word(m->l->book, s, n) != NULL || phrasebook_word(m->s->book, s, n) != NULL;
}

/* "20mtrblue": the bytes of the unit that a word no list holds begins with, where what is left is a word; else 0. */
static size_t unit_in_front(const struct message *m, const struct token *k)
{
    const char *s = m->text.bytes + k->at;
    bool plain = k->kind == TOKEN_WORD && k->glued && k->raw_end - k->raw_at == k->len;
    if (!plain || is_known(m, s, k->len))
        return 0;
    for (size_t n = k->len - 1; k->len > REST_LEAST && n > 0; n--) {
        const struct word *unit = k->len - n >= REST_LEAST ? phrasebook_word(m->l->book, s, n) : NULL;
        if (unit != NULL && is_unit(unit) && is_known(m, s + n, k->len - n))
            return n;
    }
    return 0;
}

/* Takes units apart from the words that were typed on to them behind a number. */
static void part_units(struct message *m)
{
    struct text *t = &m->text;
    for (size_t i = 1; i < t->n && t->n < TEXT_TOKENS; i++) {
        size_t n = t->tokens[i - 1].kind == TOKEN_NUMBER ? unit_in_front(m, &t->tokens[i]) : 0;
        if (n == 0)
            continue;
        memmove(&t->tokens[i + 1], &t->tokens[i], (t->n - i) * sizeof t->tokens[0]);
        t->n++;
        struct token *unit = &t->tokens[i], *rest = unit + 1;
        unit->len = (uint16_t)n;
        unit->raw_end = (uint16_t)(unit->raw_at + n);
        rest->at = (uint16_t)(rest->at + n);
        rest->len = (uint16_t)(rest->len - n);
        rest->raw_at = unit->raw_end;
        rest->glued = false;
    }
}

bool message_match(struct message *m, const char *text, size_t n)
{
    m->n = 0;
    if (!text_read(&m->text, text, n))
        return false;
    part_units(m);
    for (size_t i = 0; i < m->text.n; i++) {
        const struct token *k = &m->text.tokens[i];
        const char *s = m->text.bytes + k->at;
        m->used[i] = false;
        m->unclear[i] = SLOT_NONE;
        m->listed[i] = phrasebook_word(m->l->book, s, k->len);
        m->own[i] = phrasebook_word(m->s->book, s, k->len);
        if (m->own[i] == NULL && m->listed[i] != NULL) { /* another spelling, that the shop need not know */
            const char *text_of = word_text(m->listed[i]);
            m->own[i] = phrasebook_word(m->s->book, text_of, strlen(text_of));
        }
        if (m->listed[i] == NULL && m->own[i] == NULL && k->kind == TOKEN_WORD)
            correct(m, i, s, k->len);
        else if (m->own[i] == NULL && k->devanagari && is_unit(m->listed[i]))
            m->own[i] = spelling_sound(m->s->spellings, s, k->len); /* a unit here, and a word of a name in the shop */
    }
    for (size_t i = 0; i < m->text.n; i++) {
        m->n_matches[i] = 0;
        struct found f = {.m = m, .at = i, .of_shop = true};
        phrasebook_match(m->s->book, m->own + i, m->text.n - i, keep, &f);
        f.of_shop = false;
        phrasebook_match(m->l->book, m->listed + i, m->text.n - i, keep, &f);
    }
    tell_language(m);
    return true;
}

const struct match *match_at(const struct message *m, size_t at, enum slot slot, enum act act)
{
    const struct match *best = NULL;
    if (at >= m->text.n)
        return NULL;
    for (size_t i = 0; i < m->n_matches[at]; i++) {
        const struct match *k = &m->matches[at][i];
        bool fits = k->sense->slot == slot && (act == ACT_NONE || k->sense->value == (int64_t)act);
        if (fits && (best == NULL || k->length > best->length))
            best = k;
    }
    return best;
}

bool cue_at(const struct message *m, size_t at, enum cue cue)
{
    for (size_t i = 0; at < m->text.n && i < m->n_matches[at]; i++)
        if (m->matches[at][i].sense->slot == SLOT_CUE && m->matches[at][i].sense->value == (int64_t)cue)
            return true;
    return false;
}

bool mark_at(const struct message *m, size_t at, char mark)
{
    return at < m->text.n && m->text.tokens[at].kind == TOKEN_MARK && m->text.tokens[at].mark == mark;
}
