#include "workers/cli/cmd_lexicon.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "workers/reading/reader.h"

enum { EXIT_OK = 0, EXIT_ERROR = 1, EXIT_WRONG_USE = 2, EXIT_BAD_DATA = 65 };

static void complain(void *arg, const char *text)
{
    (void)fprintf(arg, "%s\n", text);
}

int cmd_lexicon(int argc, char **argv)
{
    char dir[PATH_MAX];
    struct fault f;
    size_t words, languages;
    static const char usage[] = "usage: munim lexicon check [DIR]\n";
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        (void)fputs(usage, stdout);
        return EXIT_OK;
    }
    if (argc < 2 || argc > 3 || strcmp(argv[1], "check") != 0) {
        (void)fputs(usage, stderr);
        return EXIT_WRONG_USE;
    }
    if (argc == 3) {
        (void)snprintf(dir, sizeof dir, "%s", argv[2]);
    } else if (lexicon_dir(dir, sizeof dir, &f) != 0) {
        (void)fprintf(stderr, "munim lexicon: %s\n", f.text);
        return EXIT_ERROR;
    }
    size_t wrong = lexicon_check(dir, complain, stdout, &words, &languages);
    if (wrong > 0) {
        (void)printf(
            "%zu of the lists' lines in %s cannot be read; a word has one meaning in a slot, over all languages\n",
            wrong, dir);
        return EXIT_BAD_DATA;
    }
    (void)printf("%s: %zu languages, %zu words, no clash\n", dir, languages, words);
    return EXIT_OK;
}
