#include "workers/reading/spelling.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "workers/reading/lexicon.h"

enum { FOLD_LEAST = 3, NEAR_LEAST = 4, NEAR_SHORT = 5, NEAR_TWO = 7, NEAR_MOST = 32 };

struct folded {
    char key[TOKEN_BYTES];
    const struct word *word; /* NULL: several words fold to this */
    UT_hash_handle hh;
};

struct target {
    const struct word *word;
    uint32_t letters;
    uint8_t n;
    char opening;
};

struct spelling {
    const struct phrasebook *book;
    const struct lexicon *l;
    struct folded *index, *heard; /* by folded letters; names of goods by their sounds */
    struct target *targets;
    size_t n_targets;
};

enum { SCRIPT_BYTES = 3 }; /* of a letter of an Indic script */

/* All letters of an Indic script. */
static bool indic(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i += SCRIPT_BYTES)
        if ((unsigned char)s[i] != 0xE0 || i + SCRIPT_BYTES > n)
            return false;
    return n > 0;
}

static bool ascii(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (s[i] < 'a' || s[i] > 'z')
            return false;
    return true;
}

/* The folded form; rules are tried in the lists' order at each place, a rule's result is not folded again. */
static size_t fold(const struct spelling *s, const char *word, size_t n, char key[TOKEN_BYTES])
{
    size_t used = 0;
    for (size_t i = 0; i < n && used < TOKEN_BYTES - 8;) {
        size_t r = 0, from = 0;
        for (; r < s->l->n_folds; r++) {
            from = strlen(s->l->folds[r].from);
            if (from <= n - i && memcmp(word + i, s->l->folds[r].from, from) == 0)
                break;
        }
        const char *to = r < s->l->n_folds ? s->l->folds[r].to : NULL;
        if (to == NULL) {
            key[used++] = word[i++];
            continue;
        }
        size_t len = strlen(to);
        memcpy(key + used, to, len);
        used += len;
        i += from;
    }
    key[used] = '\0';
    return used;
}

/* Whether both words mean the same by themselves, so that it is no matter which of them is found. */
static bool same_sense(const struct word *a, const struct word *b)
{
    const struct sense *x = word_senses(a), *y = word_senses(b);
    return x != NULL && y != NULL && x->slot == y->slot && x->value == y->value;
}

static bool vowel_sign(const char *s)
{
    return (unsigned char)s[1] == 0xA4 ? (unsigned char)s[2] >= 0xBE
                                       : (unsigned char)s[1] == 0xA5 && (unsigned char)s[2] < 0x8D;
}

/* A vowel sign written twice is written once. */
static size_t single_signs(const char *word, size_t n, char out[TOKEN_BYTES])
{
    size_t used = 0;
    for (size_t i = 0; i + SCRIPT_BYTES <= n && used + SCRIPT_BYTES < TOKEN_BYTES; i += SCRIPT_BYTES) {
        if (i > 0 && vowel_sign(word + i) && memcmp(word + i, word + i - SCRIPT_BYTES, SCRIPT_BYTES) == 0)
            continue;
        memcpy(out + used, word + i, SCRIPT_BYTES);
        used += SCRIPT_BYTES;
    }
    return used;
}

static const struct fold *fold_at(const struct fold *folds, size_t n_folds, const char *word, size_t n)
{
    for (size_t i = 0; i < n_folds; i++)
        if (strlen(folds[i].from) <= n && memcmp(word, folds[i].from, strlen(folds[i].from)) == 0)
            return &folds[i];
    return NULL;
}

static bool latin_vowel(char c)
{
    /* NOLINTNEXTLINE(bugprone-not-null-terminated-result): '\0' is no vowel */
    return memchr("aeiou", c, 5) != NULL;
}

/* The consonants of a word, and behind them whether it ends in a vowel. */
static size_t sounds(const struct spelling *s, const char *word, size_t n, char key[TOKEN_BYTES])
{
    static const char virama[] = "\xE0\xA5\x8D";
    bool latin = ascii(word, n), vowel = false, joined = false, spoken = !latin;
    size_t used = 0;
    for (size_t i = 0; i < n && used < TOKEN_BYTES - 4;) {
        const struct fold *f = latin ? fold_at(s->l->sounds, s->l->n_sounds, word + i, n - i)
                                     : fold_at(s->l->letters, s->l->n_letters, word + i, n - i);
        const char *to = f != NULL ? f->to : "";
        char own[2] = {word[i], '\0'};
        bool stop = !latin && memcmp(word + i, virama, SCRIPT_BYTES) == 0;
        if (f == NULL && latin && !latin_vowel(word[i]))
            to = own;
        bool again = used > 0 && *to != '\0' && joined && key[used - 1] == *to && to[1] == '\0';
        if (*to != '\0' && !again) {
            memcpy(key + used, to, strlen(to));
            used += strlen(to);
        }
        spoken = spoken || latin_vowel(word[i]);
        vowel = *to == '\0' && !stop;
        joined = latin ? *to != '\0' : stop;
        i += f != NULL ? strlen(f->from) : latin ? 1 : SCRIPT_BYTES;
    }
    if (used < 2 || !spoken)
        return 0; /* an abbreviation sounds like nothing */
    key[used++] = vowel ? '+' : '-';
    key[used] = '\0';
    return used;
}

/* How a word of Latin letters begins: a vowel, or the sound of its consonants. */
static char opening(const struct spelling *s, const char *word, size_t n)
{
    char key[TOKEN_BYTES] = "";
    if (latin_vowel(word[0]) || n >= TOKEN_BYTES || sounds(s, word, n, key) == 0)
        return word[0];
    return key[0];
}

static void put_key(struct folded **index, const char key[TOKEN_BYTES], const struct word *w)
{
    struct folded *f = NULL;
    HASH_FIND_STR(*index, key, f);
    if (f == NULL) {
        f = calloc(1, sizeof *f);
        if (f == NULL)
            abort();
        memcpy(f->key, key, sizeof f->key);
        f->word = word_of_number(w) ? NULL : w;
        HASH_ADD_STR(*index, key, f);
    } else if (f->word != NULL && (word_of_number(w) || !same_sense(f->word, w))) {
        f->word = NULL;
    }
}

/* Colours and cloths are listed in every script; their short names sound like too much else. */
static bool cloth(const struct word *w)
{
    for (const struct sense *s = word_senses(w); s != NULL; s = s->next)
        if (s->slot == SLOT_COLOR || s->slot == SLOT_MATERIAL)
            return true;
    return false;
}

static void index_word(void *arg, const struct word *w)
{
    struct spelling *s = arg;
    const char *text = word_text(w);
    size_t n = strlen(text);
    char key[TOKEN_BYTES];
    memset(key, 0, sizeof key);
    if (n < TOKEN_BYTES && (ascii(text, n) || indic(text, n)) && s->l->n_folds > 0) {
        (void)fold(s, text, n, key);
        put_key(&s->index, key, w);
    }
    memset(key, 0, sizeof key);
    if (word_of_goods(w) && !cloth(w) && n < TOKEN_BYTES && ascii(text, n) && sounds(s, text, n, key) > 0)
        put_key(&s->heard, key, w);
    if (!word_of_goods(w) || word_of_number(w) || !ascii(text, n) || n < NEAR_LEAST || n > NEAR_MOST)
        return;
    struct target *more = realloc(s->targets, (s->n_targets + 1) * sizeof *more);
    if (more == NULL)
        abort();
    s->targets = more;
    struct target *t = &more[s->n_targets++];
    *t = (struct target){.word = w, .n = (uint8_t)n, .opening = opening(s, text, n)};
    for (size_t i = 0; i < n; i++)
        /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): ascii() saw a to z alone */
        t->letters |= (uint32_t)1 << (text[i] - 'a');
}

struct spelling *spelling_new(const struct phrasebook *b, const struct lexicon *l)
{
    struct spelling *s = calloc(1, sizeof *s);
    if (s == NULL)
        abort();
    *s = (struct spelling){.book = b, .l = l};
    phrasebook_each_word(b, index_word, s);
    return s;
}

void spelling_free(struct spelling **s)
{
    if (*s == NULL)
        return;
    struct folded *f, *next;
    HASH_ITER(hh, (*s)->index, f, next)
    {
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): HASH_DEL leaves no link to what was freed */
        HASH_DEL((*s)->index, f);
        free(f);
    }
    HASH_ITER(hh, (*s)->heard, f, next)
    {
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): HASH_DEL leaves no link to what was freed */
        HASH_DEL((*s)->heard, f);
        free(f);
    }
    free((*s)->targets);
    free(*s);
    *s = NULL;
}

/* Runs of three and more of one letter cut to `keep`; 0 when there is no such run. */
static size_t squeeze(const char *word, size_t n, size_t keep, char out[TOKEN_BYTES])
{
    size_t used = 0;
    bool changed = false;
    for (size_t i = 0; i < n && used < TOKEN_BYTES;) {
        size_t run = 1;
        while (i + run < n && word[i + run] == word[i])
            run++;
        size_t take = run > 2 ? keep : run;
        changed = changed || take != run;
        for (size_t k = 0; k < take && used < TOKEN_BYTES; k++)
            out[used++] = word[i];
        i += run;
    }
    return changed ? used : 0;
}

const struct word *spelling_find(const struct spelling *s, const char *word, size_t n)
{
    char buf[TOKEN_BYTES], key[TOKEN_BYTES];
    const struct word *w = NULL;
    if (n < TOKEN_BYTES && indic(word, n)) {
        size_t used = single_signs(word, n, buf);
        if (used < n && (w = phrasebook_word(s->book, buf, used)) != NULL)
            return word_of_number(w) ? NULL : w;
        struct folded *f = NULL;
        used = fold(s, buf, used, key);
        HASH_FIND(hh, s->index, key, used, f);
        return f != NULL && n >= FOLD_LEAST * SCRIPT_BYTES ? f->word : NULL;
    }
    if (n >= TOKEN_BYTES || !ascii(word, n))
        return NULL;
    for (size_t keep = 2; keep >= 1 && w == NULL; keep--) {
        size_t used = squeeze(word, n, keep, buf);
        if (used > 0)
            w = phrasebook_word(s->book, buf, used);
    }
    if (w != NULL)
        return w;
    if (n < FOLD_LEAST)
        return NULL;
    size_t used = squeeze(word, n, 1, buf);
    struct folded *f = NULL;
    size_t len = used > 0 ? fold(s, buf, used, key) : fold(s, word, n, key);
    HASH_FIND(hh, s->index, key, len, f);
    return f != NULL ? f->word : NULL;
}

const struct word *spelling_sound(const struct spelling *s, const char *word, size_t n)
{
    char key[TOKEN_BYTES] = "";
    struct folded *f = NULL;
    if (n >= TOKEN_BYTES || !indic(word, n) || sounds(s, word, n, key) == 0)
        return NULL;
    HASH_FIND_STR(s->heard, key, f);
    return f != NULL ? f->word : NULL;
}

/* Optimal string alignment: insertion, deletion, replacement and the swap of neighbours cost one each. */
static unsigned distance(const char *a, size_t na, const char *b, size_t nb, unsigned most)
{
    unsigned row[3][NEAR_MOST + 2];
    unsigned *before = row[0], *last = row[1], *now = row[2];
    for (size_t j = 0; j <= nb; j++)
        last[j] = (unsigned)j;
    for (size_t i = 1; i <= na; i++) {
        unsigned least = now[0] = (unsigned)i;
        for (size_t j = 1; j <= nb; j++) {
            unsigned cost = a[i - 1] == b[j - 1] ? 0 : 1;
            unsigned d = last[j - 1] + cost;
            d = last[j] + 1 < d ? last[j] + 1 : d;
            d = now[j - 1] + 1 < d ? now[j - 1] + 1 : d;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < d)
                d = before[j - 2] + 1;
            now[j] = d;
            least = d < least ? d : least;
        }
        if (least > most)
            return most + 1;
        unsigned *t = before;
        before = last;
        last = now;
        now = t;
    }
    return last[nb];
}

/* Whether two words may be one with a slip in it. The first letter is seldom the wrong one, unless it changed places;
 * and one consonant for another makes another word of a short one. */
static bool may_slip(const struct target *t, const char *word, size_t n, uint32_t letters, char opens)
{
    static const uint32_t vowels =
        1U << 0 | 1U << ('e' - 'a') | 1U << ('i' - 'a') | 1U << ('o' - 'a') | 1U << ('u' - 'a');
    const char *own = word_text(t->word);
    uint32_t differ = letters ^ t->letters;
    bool swapped = word[0] == own[1] && word[1] == own[0];
    if (opens != t->opening && !swapped)
        return false;
    if (t->n != n)
        return true;
    return n == NEAR_LEAST ? differ == 0 : n > NEAR_SHORT || (differ & ~vowels) == 0;
}

void spelling_near(const struct spelling *s, const char *word, size_t n, struct nearest *near)
{
    if (n < NEAR_LEAST || n > NEAR_MOST || !ascii(word, n))
        return;
    unsigned most = n >= NEAR_TWO ? 2 : 1;
    uint32_t letters = 0;
    char opens = opening(s, word, n);
    for (size_t i = 0; i < n; i++)
        /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): ascii() saw a to z alone */
        letters |= (uint32_t)1 << (word[i] - 'a');
    for (size_t i = 0; i < s->n_targets; i++) {
        const struct target *t = &s->targets[i];
        size_t gap = t->n > n ? t->n - n : n - t->n;
        if (gap > most || (unsigned)__builtin_popcount(letters ^ t->letters) > 2 * most)
            continue;
        if (!may_slip(t, word, n, letters, opens))
            continue;
        unsigned d = distance(word, n, word_text(t->word), t->n, most);
        if (d > most)
            continue;
        if (d < near->distance) {
            near->other = near->best;
            near->second = near->distance;
            near->best = t->word;
            near->distance = d;
        } else if (d < near->second) {
            near->other = t->word;
            near->second = d;
        }
    }
}
