/* The project's own lists and a small catalogue, loaded once for a group of tests. Run from the project's root. */
#ifndef MUNIM_TESTS_READING_FIXTURE_H
#define MUNIM_TESTS_READING_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "workers/reading/catalogue_file.h"
#include "workers/reading/reader.h"

struct reading_fixture {
    struct lexicon *lexicon;
    struct catalogue_file *catalogue;
    struct shopwords *words;
    struct reading r;
};

static inline int reading_setup(void **state)
{
    static struct reading_fixture x;
    struct fault f = {.text = ""};
    FILE *in = fopen("tests/unit/data/catalogue.jsonl", "re");
    assert_non_null(in);
    x.lexicon = lexicon_new("schema/lexicon", &f);
    if (x.lexicon == NULL)
        fail_msg("%s", f.text);
    x.catalogue = catalogue_file_new(in, "catalogue.jsonl", &f);
    (void)fclose(in);
    assert_non_null(x.catalogue);
    x.words = shopwords_new(x.lexicon, x.catalogue->entries, x.catalogue->n_entries, x.catalogue->words,
                            x.catalogue->n_words);
    *state = &x;
    return 0;
}

static inline int reading_teardown(void **state)
{
    struct reading_fixture *x = *state;
    shopwords_free(&x->words);
    catalogue_file_free(&x->catalogue);
    lexicon_free(&x->lexicon);
    return 0;
}

static inline const struct reading *reading_of(void **state, const char *text)
{
    struct reading_fixture *x = *state;
    read_words(x->words, text, strlen(text), NULL, &x->r);
    return &x->r;
}

/* The quantity of the one line that the text orders, in millionths; fails the test when there is no one line. */
static inline int64_t quantity_of(void **state, const char *text)
{
    const struct reading *r = reading_of(state, text);
    if (r->n_items != 1)
        fail_msg("\"%s\" gives %zu lines", text, r->n_items);
    return r->items[0].quantity_u;
}

#endif
