/* The word-list reader with the project's own lists and a small catalogue. Input: a text; or a context as JSON, a NUL
 * and a text. */
#include "tests/fuzz/reading_check.h"

#include "workers/reading/catalogue_file.h"

static struct lexicon *lexicon;
static struct shopwords *words;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    static struct catalogue_file *catalogue; /* the words borrow nothing of it, the leak check wants it kept */
    struct fault f = {.text = ""};
    FILE *in = fopen("tests/unit/data/catalogue.jsonl", "re");
    lexicon = lexicon_new("schema/lexicon", &f);
    if (lexicon == NULL)
        (void)fprintf(stderr, "%s\n", f.text);
    ENSURE(in != NULL && lexicon != NULL);
    catalogue = catalogue_file_new(in, "catalogue.jsonl", &f);
    (void)fclose(in);
    ENSURE(catalogue != NULL);
    words = shopwords_new(lexicon, catalogue->entries, catalogue->n_entries, catalogue->words, catalogue->n_words);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct context_json context;
    const char *text = (const char *)data;
    const char *nul = n > 0 ? memchr(text, 0, n) : NULL;
    struct fault f = {.text = ""};
    cJSON *o = NULL;
    if (nul != NULL) {
        o = json_parse(text, (size_t)(nul - text), &json_limits_default, &f);
        n -= (size_t)(nul + 1 - text);
        text = nul + 1;
    }
    if (o != NULL && context_from_json(&context, o, "NEGOTIATING", &f) == 0)
        read_and_check(words, lexicon, text, n, &context.ctx);
    else
        read_and_check(words, lexicon, text, n, NULL);
    cJSON_Delete(o);
    return 0;
}
