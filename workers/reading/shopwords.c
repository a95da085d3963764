#include "workers/reading/shopwords.h"
#include "workers/reading/value.h"

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
    (void)snprintf(g->name, sizeof g->name, "%.63s", name);
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

/* The last word of a name for many ("boxes"), by the languages' endings; false when none fits. */
static bool plural(const struct lexicon *l, const struct text *t, char *out, size_t room)
{
    const struct token *k = &t->tokens[t->n - 1];
    const struct fold *best = NULL;
    for (size_t i = 0; i < l->n_plurals && k->kind == TOKEN_WORD; i++) {
        size_t n = strlen(l->plurals[i].from);
        bool ends = n <= k->len && memcmp(t->bytes + k->at + k->len - n, l->plurals[i].from, n) == 0;
        if (ends && !k->devanagari && (best == NULL || n > strlen(best->from)))
            best = &l->plurals[i];
    }
    size_t used = 0;
    for (size_t i = 0; best != NULL && i < t->n && used + TOKEN_BYTES + 2 < room; i++) {
        int n = t->tokens[i].len - (i + 1 == t->n ? (int)strlen(best->from) : 0);
        used += (size_t)snprintf(out + used, room - used, "%s%.*s", i > 0 ? " " : "", n, t->bytes + t->tokens[i].at);
    }
    if (best != NULL)
        (void)snprintf(out + used, room - used, "%s", best->to);
    return best != NULL;
}

static bool holds(const struct text *t, size_t at, const char *part, size_t *n)
{
    struct text p;
    *n = 0;
    if (part == NULL || !text_read(&p, part, strlen(part)) || p.n == 0 || at + p.n > t->n)
        return false;
    for (size_t i = 0; i < p.n; i++) {
        const struct token *a = &t->tokens[at + i], *b = &p.tokens[i];
        if (a->len != b->len || memcmp(t->bytes + a->at, p.bytes + b->at, a->len) != 0)
            return false;
    }
    *n = p.n;
    return true;
}

/* The name without strength, form and size, and without marks: what is left is the product's. */
static void strip(const struct catalogue_entry *e, const char *name, char *out, size_t room)
{
    struct text t;
    char figure[24];
    size_t used = 0, n;
    out[0] = '\0';
    (void)snprintf(figure, sizeof figure, "%.*s", e->strength != NULL ? (int)strspn(e->strength, "0123456789.") : 0,
                   e->strength != NULL ? e->strength : "");
    if (!text_read(&t, name, strlen(name)))
        return;
    for (size_t i = 0; i < t.n; i += n) {
        if (holds(&t, i, e->strength, &n) || holds(&t, i, figure, &n) || holds(&t, i, e->form, &n) ||
            holds(&t, i, e->size, &n))
            continue;
        n = 1;
        if (t.tokens[i].kind != TOKEN_MARK && used + t.tokens[i].len + 2 < room)
            used += (size_t)snprintf(out + used, room - used, "%s%.*s", used > 0 ? " " : "", t.tokens[i].len,
                                     t.bytes + t.tokens[i].at);
    }
}

/* One way to call a product: in the singular and for many. */
static void call(struct shopwords *s, const struct catalogue_entry *e, const char *name, enum slot slot, size_t goods)
{
    struct text t;
    char bare[4 * READING_WORD], many[4 * READING_WORD];
    strip(e, name, bare, sizeof bare);
    add_name(s, bare, slot, goods);
    if (slot == SLOT_PRODUCT && text_read(&t, bare, strlen(bare)) && t.n > 0 &&
        plural(s->lexicon, &t, many, sizeof many))
        add_name(s, many, slot, goods);
}

static bool same_text(const char *a, const char *b)
{
    struct text x, y;
    if (!text_read(&x, a, strlen(a)) || !text_read(&y, b, strlen(b)) || x.n != y.n)
        return false;
    return x.used == y.used && memcmp(x.bytes, y.bytes, x.used) == 0;
}

static bool told(const char *s)
{
    return s != NULL && *s != '\0';
}

/* The figure of "650 mg" and what it is told in. */
static void figure_of(const struct lexicon *l, const char *text, enum slot in, int64_t *u, int *told_in)
{
    struct text t;
    *u = *told_in = -1;
    if (!told(text) || !text_read(&t, text, strlen(text)) || t.n == 0 || t.tokens[0].kind != TOKEN_NUMBER)
        return;
    *u = t.tokens[0].value_u;
    const struct word *w = t.n > 1 ? phrasebook_word(l->book, t.bytes + t.tokens[1].at, t.tokens[1].len) : NULL;
    for (const struct sense *x = word_senses(w); x != NULL; x = x->next)
        if (x->slot == in)
            *told_in = (int)x->value;
}

static void add_variant(struct shopwords *s, const struct catalogue_entry *e, size_t goods)
{
    if (!told(e->strength) && !told(e->size) && !told(e->form))
        return;
    struct variant_words *more = realloc(s->variants, (s->n_variants + 1) * sizeof *more);
    if (more == NULL)
        abort();
    s->variants = more;
    struct variant_words *v = &more[s->n_variants++];
    *v = (struct variant_words){.goods = goods};
    (void)snprintf(v->strength, sizeof v->strength, "%s", told(e->strength) ? e->strength : "");
    (void)snprintf(v->size, sizeof v->size, "%s", told(e->size) ? e->size : "");
    (void)snprintf(v->form, sizeof v->form, "%s", told(e->form) ? e->form : "");
    figure_of(s->lexicon, v->strength, SLOT_IN_STRENGTH, &v->strength_u, &v->strength_in);
    figure_of(s->lexicon, v->size, SLOT_IN_SIZE, &v->size_u, &v->size_in);
    s->strengths = s->strengths || told(e->strength);
    if (told(v->size) && v->size_in < 0)
        add_name(s, v->size, SLOT_SIZE, goods_of(s, SLOT_SIZE, v->size, NULL)); /* "large", "5 ply" */
}

static void add_value(struct shopwords *s, enum slot slot, const char *name)
{
    if (told(name))
        add_name(s, name, slot, goods_of(s, slot, name, NULL));
}

/* The catalogue's own letters for a stripped name: the part of the name that it begins with, or as it is. */
static const char *spelled(const struct catalogue_entry *e, const char *bare, char out[READING_WORD])
{
    char begin[READING_WORD];
    struct text t;
    for (size_t n = strlen(e->name); n > 0; n--) {
        (void)snprintf(begin, sizeof begin, "%.*s", (int)(n < sizeof begin ? n : sizeof begin - 1), e->name);
        if (begin[strlen(begin) - 1] != ' ' && text_read(&t, begin, strlen(begin)) && same_text(begin, bare)) {
            memcpy(out, begin, READING_WORD);
            return out;
        }
    }
    return told(bare) ? bare : e->name;
}

static void add_entry(struct shopwords *s, const struct catalogue_entry *e)
{
    char bare[4 * READING_WORD], own[READING_WORD];
    bool is_material = e->material != NULL && same_text(e->name, e->material);
    enum slot slot = is_material ? SLOT_MATERIAL : SLOT_PRODUCT;
    bool attributes = told(e->strength) || told(e->form) || told(e->size);
    strip(e, e->name, bare, sizeof bare);
    const char *name = told(e->brand) ? e->brand : attributes ? spelled(e, bare, own) : e->name;
    size_t goods = goods_of(s, slot, name, e);
    call(s, e, e->name, slot, goods);
    if (told(e->brand))
        call(s, e, e->brand, slot, goods);
    if (!attributes)
        add_name(s, e->name, slot, goods);
    add_variant(s, e, goods);
    if (!is_material && told(e->material))
        add_name(s, e->material, SLOT_MATERIAL, goods_of(s, SLOT_MATERIAL, e->material, e));
    for (size_t i = 0; e->aliases != NULL && e->aliases[i] != NULL; i++)
        call(s, e, e->aliases[i], slot, goods);
    if (told(e->generic) && !same_text(e->generic, name)) {
        size_t generic = goods_of(s, SLOT_PRODUCT, e->generic, e);
        call(s, e, e->generic, SLOT_PRODUCT, generic);
        add_variant(s, e, generic);
    }
    add_value(s, SLOT_FORM, e->form);
    for (size_t i = 0; e->tags != NULL && e->tags[i] != NULL; i++)
        add_value(s, SLOT_CATEGORY, e->tags[i]);
}

static void add_word(struct shopwords *s, const struct catalogue_word *w)
{
    bool of_unit = strcmp(w->slot, "unit") == 0;
    enum slot slot = of_unit ? SLOT_UNIT : slot_of_word(w->slot);
    int unit = of_unit ? lexicon_unit(s->lexicon, w->name) : -1;
    if (slot == SLOT_NONE || (of_unit && unit < 0))
        return;
    size_t goods = of_unit ? (size_t)unit : goods_of(s, slot, w->name, NULL);
    s->outlets = s->outlets || slot == SLOT_OUTLET;
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
    s->spellings = spelling_new(s->book, l);
    return s;
}

void shopwords_free(struct shopwords **s)
{
    if (*s == NULL)
        return;
    spelling_free(&(*s)->spellings);
    phrasebook_free(&(*s)->book);
    free((*s)->goods);
    free((*s)->variants);
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

/* By the name that readings tell, which need not be a phrase that people use ("2 months"). */
static const struct goods *by_own_name(const struct shopwords *s, enum slot slot, const char *name)
{
    for (size_t i = 0; i < s->n_goods; i++)
        if (s->goods[i].slot == slot && strcmp(s->goods[i].name, name) == 0)
            return &s->goods[i];
    for (size_t i = 0; i < s->lexicon->n_goods; i++)
        if (s->lexicon->goods[i].slot == slot && strcmp(s->lexicon->goods[i].name, name) == 0)
            return s->instead[i] >= 0 ? &s->goods[s->instead[i]] : &s->lexicon->goods[i];
    return NULL;
}

const struct goods *shopwords_named(const struct shopwords *s, enum slot slot, const char *name)
{
    const struct sense *own = lookup(s->book, slot, name);
    const struct sense *sense = own != NULL ? own : lookup(s->lexicon->book, slot, name);
    const struct goods *g = sense != NULL ? shopwords_goods(s, sense, own != NULL) : by_own_name(s, slot, name);
    return g != NULL && g->slot == slot && g->name[0] != '\0' ? g : NULL;
}
