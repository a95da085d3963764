/* The word-list reader with the project's own lists and a small catalogue. Input: a text; or a context as JSON, a NUL
 * and a text. */
#include "tests/fuzz/reading_check.h"

static struct lexicon *lexicon;
static struct shopwords *words;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    words = reading_words(&lexicon);
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
