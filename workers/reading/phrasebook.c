#include "workers/reading/phrasebook.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct node;

/* An edge of the trie; word NULL is the gap. */
struct edge_key {
    const struct node *from;
    const struct word *word;
};

struct node {
    struct edge_key key;
    struct sense *senses;
    bool has_gap, has_next;
    UT_hash_handle hh;
};

struct word {
    char *text;
    const struct node *alone;
    struct word *same; /* the spelling that the phrases use, NULL for itself */
    uint32_t langs;
    bool goods, number;
    UT_hash_handle hh;
};

struct phrasebook {
    struct word *words;
    struct node *nodes;
    struct node root;
};

static void *must(void *p)
{
    if (p == NULL)
        abort();
    return p;
}

struct phrasebook *phrasebook_new(void)
{
    return must(calloc(1, sizeof(struct phrasebook)));
}

static void senses_free(struct sense *s)
{
    while (s != NULL) {
        struct sense *next = s->next;
        free(s);
        s = next;
    }
}

void phrasebook_free(struct phrasebook **b)
{
    if (*b == NULL)
        return;
    struct word *w, *w_next;
    HASH_ITER(hh, (*b)->words, w, w_next)
    {
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): HASH_DEL leaves no link to what was freed */
        HASH_DEL((*b)->words, w);
        free(w->text);
        free(w);
    }
    struct node *n, *n_next;
    HASH_ITER(hh, (*b)->nodes, n, n_next)
    {
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): HASH_DEL leaves no link to what was freed */
        HASH_DEL((*b)->nodes, n);
        senses_free(n->senses);
        free(n);
    }
    free(*b);
    *b = NULL;
}

const struct word *phrasebook_word(const struct phrasebook *b, const char *s, size_t n)
{
    struct word *w = NULL;
    HASH_FIND(hh, b->words, s, n, w);
    return w != NULL && w->same != NULL ? w->same : w;
}

static struct word *word_add(struct phrasebook *b, const char *s, size_t n)
{
    struct word *w = NULL;
    HASH_FIND(hh, b->words, s, n, w);
    if (w != NULL)
        return w->same != NULL ? w->same : w;
    w = must(calloc(1, sizeof *w));
    w->text = must(strndup(s, n));
    HASH_ADD_KEYPTR(hh, b->words, w->text, n, w);
    return w;
}

static struct node *child(const struct phrasebook *b, const struct node *from, const struct word *word)
{
    struct edge_key key = {.from = from, .word = word};
    struct node *n = NULL;
    /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): two pointers have no gaps */
    HASH_FIND(hh, b->nodes, &key, sizeof key, n);
    return n;
}

static struct node *child_add(struct phrasebook *b, struct node *from, const struct word *word)
{
    struct node *n = child(b, from, word);
    if (n != NULL)
        return n;
    n = must(calloc(1, sizeof *n));
    n->key = (struct edge_key){.from = from, .word = word};
    HASH_ADD(hh, b->nodes, key, sizeof n->key, n);
    from->has_next = true;
    from->has_gap = from->has_gap || word == NULL;
    return n;
}

struct sense *phrasebook_add(struct phrasebook *b, const struct text *t, const bool *gap_before, const struct sense *as)
{
    struct node *at = &b->root;
    struct word *w = NULL;
    bool goods =
        as->slot == SLOT_COLOR || as->slot == SLOT_MATERIAL || as->slot == SLOT_PRODUCT || as->slot == SLOT_OUTLET;
    bool number = as->slot == SLOT_NUMBER || as->slot == SLOT_SCALE || as->slot == SLOT_FRACTION;
    for (size_t i = 0; i < t->n; i++) {
        if (gap_before != NULL && gap_before[i])
            at = child_add(b, at, NULL);
        w = word_add(b, t->bytes + t->tokens[i].at, t->tokens[i].len);
        w->langs |= as->lang;
        w->goods = w->goods || goods;
        w->number = w->number || (number && t->n == 1);
        at = child_add(b, at, w);
    }
    if (t->n == 1)
        w->alone = at;
    for (struct sense *s = at->senses; s != NULL; s = s->next)
        if (s->slot == as->slot)
            return s;
    struct sense *s = must(malloc(sizeof *s));
    *s = *as;
    s->next = at->senses;
    at->senses = s;
    return NULL;
}

const struct sense *word_senses(const struct word *w)
{
    return w != NULL && w->alone != NULL ? w->alone->senses : NULL;
}

uint32_t word_langs(const struct word *w)
{
    return w->langs;
}

const char *word_text(const struct word *w)
{
    return w->text;
}

bool word_of_goods(const struct word *w)
{
    return w->goods;
}

bool word_of_number(const struct word *w)
{
    return w->number;
}

bool phrasebook_same(struct phrasebook *b, const char *word, const char *other, uint32_t lang)
{
    struct word *w = word_add(b, word, strlen(word));
    struct word *o = NULL;
    HASH_FIND_STR(b->words, other, o);
    if (o != NULL)
        return false;
    o = word_add(b, other, strlen(other));
    o->same = w;
    w->langs |= lang;
    return true;
}

struct walk {
    const struct phrasebook *b;
    const struct word *const *words;
    size_t n;
    phrase_fn *found;
    void *arg;
};

/* The trie is as deep as the longest phrase of the lists, and a gap tries PHRASE_GAP + 1 places: bounded. */
static void walk_on(const struct walk *w, const struct node *at, size_t i, uint32_t mask)
{
    for (const struct sense *s = at->senses; s != NULL; s = s->next)
        w->found(w->arg, s, i, mask);
    if (!at->has_next)
        return;
    if (i < w->n && w->words[i] != NULL) {
        const struct node *next = child(w->b, at, w->words[i]);
        if (next != NULL)
            walk_on(w, next, i + 1, mask | (uint32_t)1 << i);
    }
    if (!at->has_gap)
        return;
    const struct node *gap = child(w->b, at, NULL);
    for (size_t skip = 0; skip <= PHRASE_GAP && i + skip < w->n; skip++) {
        if (w->words[i + skip] == NULL)
            continue;
        const struct node *next = child(w->b, gap, w->words[i + skip]);
        if (next != NULL)
            walk_on(w, next, i + skip + 1, mask | (uint32_t)1 << (i + skip));
    }
}

void phrasebook_match(const struct phrasebook *b, const struct word *const *words, size_t n, phrase_fn *found,
                      void *arg)
{
    struct walk w = {.b = b, .words = words, .n = n < PHRASE_MOST ? n : PHRASE_MOST, .found = found, .arg = arg};
    if (n > 0 && words[0] != NULL)
        walk_on(&w, &b->root, 0, 0);
}

void phrasebook_each_word(const struct phrasebook *b, word_fn *each, void *arg)
{
    struct word *w, *next;
    HASH_ITER(hh, b->words, w, next)
    {
        each(arg, w);
    }
}
