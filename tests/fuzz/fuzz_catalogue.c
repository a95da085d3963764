/* A catalogue as JSON lines, joined with the project's lists, and a message read with it. Input: the lines, a NUL, the
 * message. */
#include "tests/fuzz/reading_check.h"

#include "workers/reading/catalogue_file.h"

static struct lexicon *lexicon;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    struct fault f = {.text = ""};
    lexicon = lexicon_new("schema/lexicon", &f);
    if (lexicon == NULL)
        (void)fprintf(stderr, "%s\n", f.text);
    ENSURE(lexicon != NULL);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct fault f = {.text = ""};
    const uint8_t *nul = n > 0 ? memchr(data, 0, n) : NULL;
    size_t len = nul != NULL ? (size_t)(nul - data) : n;
    if (len == 0)
        return 0;
    FILE *in = fmemopen((void *)(uintptr_t)data, len, "r");
    ENSURE(in != NULL);
    struct catalogue_file *c = catalogue_file_new(in, "c", &f);
    (void)fclose(in);
    if (c == NULL) {
        ENSURE(f.verdict == VERDICT_REJECT && strncmp(f.text, "c:", 2) == 0);
        return 0;
    }
    struct shopwords *s = shopwords_new(lexicon, c->entries, c->n_entries, c->words, c->n_words);
    ENSURE(s != NULL);
    const char *text = nul != NULL ? (const char *)nul + 1 : "";
    read_and_check(s, lexicon, text, nul != NULL ? n - len - 1 : 0, NULL);
    shopwords_free(&s);
    catalogue_file_free(&c);
    return 0;
}
