#include "workers/reading/lexicon.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "workers/reading/spelling.h"

int lexicon_unit(const struct lexicon *l, const char *name)
{
    for (size_t i = 0; i < l->n_units; i++)
        if (strcmp(l->units[i].name, name) == 0)
            return (int)i;
    return -1;
}

size_t lexicon_goods(struct lexicon *l, enum slot slot, const char *name)
{
    for (size_t i = 0; i < l->n_goods; i++)
        if (l->goods[i].slot == slot && strcmp(l->goods[i].name, name) == 0)
            return i;
    struct goods *more = realloc(l->goods, (l->n_goods + 1) * sizeof *more);
    if (more == NULL)
        abort();
    l->goods = more;
    struct goods *g = &more[l->n_goods];
    *g = (struct goods){.slot = slot, .unit = -1};
    (void)snprintf(g->name, sizeof g->name, "%s", name);
    return l->n_goods++;
}

static int no_dots(const struct dirent *d)
{
    return d->d_name[0] != '.';
}

/* The lists of one language; its variants alone, or all but those: a variant must be known before the phrases it is in.
 */
static int load_language(struct lexicon *l, const char *dir, size_t lang, bool variants, struct fault *f)
{
    char path[4096];
    struct dirent **list = NULL;
    (void)snprintf(path, sizeof path, "%s/%s", dir, l->langs[lang]);
    int n = scandir(path, &list, no_dots, alphasort);
    if (n < 0)
        return fault_set(f, VERDICT_STOP, "cannot read the word lists in %.180s: %s", path, strerror(errno));
    int rc = 0;
    for (int i = 0; i < n; i++) {
        char *dot = strrchr(list[i]->d_name, '.');
        if (rc == 0 && dot != NULL && strcmp(dot, ".list") == 0) {
            (void)snprintf(path, sizeof path, "%s/%s/%s", dir, l->langs[lang], list[i]->d_name);
            *dot = '\0';
            if (variants == (strcmp(list[i]->d_name, "variants") == 0))
                rc = lexicon_load(l, (uint32_t)1 << lang, list[i]->d_name, path, f);
        }
        free(list[i]);
    }
    free(list);
    return rc;
}

/* Every folder below dir is a language. */
static int find_languages(struct lexicon *l, const char *dir, struct fault *f)
{
    struct dirent **list = NULL;
    int n = scandir(dir, &list, no_dots, alphasort);
    if (n < 0)
        return fault_set(f, VERDICT_STOP, "cannot read the word lists in %.180s: %s", dir, strerror(errno));
    int rc = 0;
    for (int i = 0; i < n; i++) {
        char path[4096];
        struct stat st;
        const char *lang = list[i]->d_name;
        (void)snprintf(path, sizeof path, "%s/%s", dir, lang);
        if (rc == 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
            if (l->n_langs == LEXICON_LANGS || strlen(lang) >= sizeof l->langs[0])
                rc = fault_set(f, VERDICT_STOP, "%.180s: too many languages, or too long a name", path);
            else
                (void)snprintf(l->langs[l->n_langs++], sizeof l->langs[0], "%.7s", lang);
        }
        free(list[i]);
    }
    free(list);
    if (rc == 0 && l->n_langs == 0)
        rc = fault_set(f, VERDICT_STOP, "no language below %.180s: a folder of word lists each is expected", dir);
    return rc;
}

static int load_all(struct lexicon *l, const char *dir, struct fault *f)
{
    char path[4096];
    l->book = phrasebook_new();
    (void)snprintf(path, sizeof path, "%s/units.list", dir);
    int rc = lexicon_load(l, 0, "", path, f);
    if (rc == 0)
        rc = find_languages(l, dir, f);
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; rc == 0 && i < l->n_langs; i++)
            rc = load_language(l, dir, i, pass == 0, f);
    return rc;
}

static struct lexicon *empty(void)
{
    struct lexicon *l = calloc(1, sizeof *l);
    if (l == NULL)
        abort();
    return l;
}

static void count_phrase(void *arg, const struct word *w)
{
    (void)w;
    (*(size_t *)arg)++;
}

size_t lexicon_check(const char *dir, lexicon_fault_fn *complain, void *arg, size_t *phrases, size_t *languages)
{
    struct fault f;
    struct lexicon *l = empty();
    l->complain = complain;
    l->complain_arg = arg;
    if (load_all(l, dir, &f) != 0) {
        complain(arg, f.text);
        l->wrong++;
    }
    *phrases = 0;
    *languages = l->n_langs;
    phrasebook_each_word(l->book, count_phrase, phrases);
    size_t wrong = l->wrong;
    lexicon_free(&l);
    return wrong;
}

struct lexicon *lexicon_new(const char *dir, struct fault *f)
{
    struct lexicon *l = empty();
    if (load_all(l, dir, f) != 0) {
        lexicon_free(&l);
        return NULL;
    }
    l->spellings = spelling_new(l->book, l);
    return l;
}

void lexicon_free(struct lexicon **l)
{
    if (*l == NULL)
        return;
    spelling_free(&(*l)->spellings);
    phrasebook_free(&(*l)->book);
    for (size_t i = 0; i < (*l)->n_files; i++)
        free((*l)->files[i]);
    free((*l)->goods);
    free(*l);
    *l = NULL;
}
