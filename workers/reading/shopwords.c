#include "workers/reading/shopwords.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A name that several of the shop's goods share stands for none of them: the clerk asks which. */
static const char shared_name[] = "";

static size_t goods_of(struct shopwords *s, enum slot slot, const char *name, const struct catalogue_entry *e)
{
    for (size_t i = 0; i < s->n_goods; i++)
        if (s->goods[i].slot == slot && strcmp(s->goods[i].name, name) == 0)
            return i;
    struct goods *more = realloc(s->goods, (s->n_goods + 1) * sizeof *more);
    if (more == NULL)
        abort();
    s->goods = more;
    struct goods *g = &more[s->n_goods];
    *g = (struct goods){.slot = slot, .unit = -1};
    (void)snprintf(g->name, sizeof g->name, "%s", name);
    if (e != NULL && e->material != NULL)
        (void)snprintf(g->material, sizeof g->material, "%s", e->material);
    if (e != NULL && e->unit != NULL)
        g->unit = lexicon_unit(s->lexicon, e->unit);
    return s->n_goods++;
}

static void add_name(struct shopwords *s, const char *phrase, enum slot slot, size_t goods)
{
    struct text t;
    if (phrase == NULL || !text_read(&t, phrase, strlen(phrase)) || t.n == 0)
        return;
    struct sense as = {.slot = slot, .value = (int64_t)goods};
    struct sense *old = phrasebook_add(s->book, &t, NULL, &as);
    if (old != NULL && old->value != as.value)
        old->value = (int64_t)goods_of(s, slot, shared_name, NULL);
}

/* "Dolo 650" of the strength "650 mg": a figure after a brand is its strength, never how many. */
static void add_strength(struct shopwords *s, const struct catalogue_entry *e, enum slot slot, size_t goods)
{
    char phrase[2 * READING_WORD];
    size_t digits = e->strength != NULL ? strspn(e->strength, "0123456789.") : 0;
    if (digits == 0)
        return;
    (void)snprintf(phrase, sizeof phrase, "%.60s %.*s", e->brand, (int)(digits < 20 ? digits : 20), e->strength);
    add_name(s, phrase, slot, goods);
    (void)snprintf(phrase, sizeof phrase, "%.60s %.60s", e->brand, e->strength);
    add_name(s, phrase, slot, goods);
}

static bool same_text(const char *a, const char *b)
{
    struct text x, y;
    if (!text_read(&x, a, strlen(a)) || !text_read(&y, b, strlen(b)) || x.n != y.n)
        return false;
    return x.used == y.used && memcmp(x.bytes, y.bytes, x.used) == 0;
}

static void add_entry(struct shopwords *s, const struct catalogue_entry *e)
{
    bool is_material = e->material != NULL && same_text(e->name, e->material);
    enum slot slot = is_material ? SLOT_MATERIAL : SLOT_PRODUCT;
    bool branded = e->brand != NULL && *e->brand != '\0';
    size_t goods = goods_of(s, slot, branded ? e->brand : e->name, e);
    add_name(s, e->name, slot, goods);
    if (branded) {
        add_name(s, e->brand, slot, goods);
        add_strength(s, e, slot, goods);
    }
    if (!is_material && e->material != NULL && *e->material != '\0')
        add_name(s, e->material, SLOT_MATERIAL, goods_of(s, SLOT_MATERIAL, e->material, e));
    for (size_t i = 0; e->aliases != NULL && e->aliases[i] != NULL; i++)
        add_name(s, e->aliases[i], slot, goods);
}

static void add_word(struct shopwords *s, const struct catalogue_word *w)
{
    enum slot slot = strcmp(w->slot, "color") == 0      ? SLOT_COLOR
                     : strcmp(w->slot, "material") == 0 ? SLOT_MATERIAL
                     : strcmp(w->slot, "product") == 0  ? SLOT_PRODUCT
                                                        : SLOT_NONE;
    if (slot == SLOT_NONE)
        return;
    size_t goods = goods_of(s, slot, w->name, NULL);
    add_name(s, w->name, slot, goods);
    for (size_t i = 0; w->aliases != NULL && w->aliases[i] != NULL; i++)
        add_name(s, w->aliases[i], slot, goods);
}

/* Looks one whole name up in a book. */
struct lookup {
    size_t n;
    enum slot slot;
    const struct sense *found;
};

static void lookup_found(void *arg, const struct sense *sense, size_t length, uint32_t mask)
{
    struct lookup *k = arg;
    (void)mask;
    bool alike = sense->slot == k->slot || (k->slot == SLOT_MATERIAL && sense->slot == SLOT_PRODUCT);
    if (length == k->n && alike)
        k->found = sense;
}

static const struct sense *lookup(const struct phrasebook *b, enum slot slot, const char *name)
{
    struct text t;
    const struct word *words[PHRASE_MOST];
    if (!text_read(&t, name, strlen(name)) || t.n == 0 || t.n > PHRASE_MOST)
        return NULL;
    for (size_t i = 0; i < t.n; i++)
        words[i] = phrasebook_word(b, t.bytes + t.tokens[i].at, t.tokens[i].len);
    struct lookup k = {.n = t.n, .slot = slot};
    phrasebook_match(b, words, t.n, lookup_found, &k);
    return k.found;
}

/* "blue" of the lists is "Neela" of the shop when either book knows the other's name for it. */
static void join(struct shopwords *s)
{
    const struct lexicon *l = s->lexicon;
    s->instead = malloc((l->n_goods + 1) * sizeof *s->instead);
    if (s->instead == NULL)
        abort();
    for (size_t i = 0; i < l->n_goods; i++) {
        const struct sense *own = lookup(s->book, l->goods[i].slot, l->goods[i].name);
        s->instead[i] = own != NULL ? (int)own->value : -1;
    }
    for (size_t i = 0; i < s->n_goods; i++) {
        const struct sense *listed = lookup(l->book, s->goods[i].slot, s->goods[i].name);
        if (listed != NULL && listed->slot == s->goods[i].slot && s->instead[listed->value] < 0)
            s->instead[listed->value] = (int)i;
    }
}

struct shopwords *shopwords_new(const struct lexicon *l, const struct catalogue_entry *entries, size_t n_entries,
                                const struct catalogue_word *words, size_t n_words)
{
    struct shopwords *s = calloc(1, sizeof *s);
    if (s == NULL)
        abort();
    s->lexicon = l;
    s->book = phrasebook_new();
    for (size_t i = 0; i < n_entries; i++)
        add_entry(s, &entries[i]);
    for (size_t i = 0; i < n_words; i++)
        add_word(s, &words[i]);
    join(s);
    s->spellings = spelling_new(s->book, l->folds, l->n_folds);
    return s;
}

void shopwords_free(struct shopwords **s)
{
    if (*s == NULL)
        return;
    spelling_free(&(*s)->spellings);
    phrasebook_free(&(*s)->book);
    free((*s)->goods);
    free((*s)->instead);
    free(*s);
    *s = NULL;
}

const struct goods *shopwords_goods(const struct shopwords *s, const struct sense *sense, bool of_shop)
{
    if (of_shop)
        return &s->goods[sense->value];
    int own = s->instead[sense->value];
    return own >= 0 ? &s->goods[own] : &s->lexicon->goods[sense->value];
}
