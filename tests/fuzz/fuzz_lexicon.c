/* A language's list: refused with file and line, or loaded; and what is loaded reads a message in bounded time. Input:
 * which list, then its text, and behind a NUL another list's choice and text. */
#include "tests/fuzz/fuzz.h"

#include "workers/reading/lexicon.h"
#include "workers/reading/shopwords.h"

#include <sys/stat.h>
#include <unistd.h>

static const char *const topics[] = {"answers",   "colors",   "connectives", "filler",     "folds",
                                     "fractions", "intents",  "materials",   "measures",   "negation",
                                     "numbers",   "ordinals", "pronouns",    "quantities", "questions",
                                     "scales",    "units",    "variants",    "unheard"};
enum { TOPICS = sizeof topics / sizeof *topics };

static char dir[64];

static void path_of(char out[128], const char *topic)
{
    (void)snprintf(out, 128, "%.60s/xx/%s.list", dir, topic);
}

static void write_file(const char *path, const void *text, size_t n)
{
    FILE *out = fopen(path, "we");
    ENSURE(out != NULL);
    ENSURE(fwrite(text, 1, n, out) == n);
    ENSURE(fclose(out) == 0);
}

static void leave(void)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%.60s/units.list", dir);
    (void)unlink(path);
    (void)snprintf(path, sizeof path, "%.60s/xx", dir);
    (void)rmdir(path);
    (void)rmdir(dir);
}

static void enter(void)
{
    static const char units[] = "m = length 1000000\nyd = length 914400\npiece = count 1\nroll = package\n";
    char path[128];
    (void)snprintf(dir, sizeof dir, "%s",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm/fuzz-lexicon-XXXXXX" : "/tmp/fuzz-lexicon-XXXXXX");
    ENSURE(mkdtemp(dir) != NULL);
    (void)snprintf(path, sizeof path, "%.60s/xx", dir);
    ENSURE(mkdir(path, 0700) == 0);
    (void)snprintf(path, sizeof path, "%.60s/units.list", dir);
    write_file(path, units, sizeof units - 1);
    ENSURE(atexit(leave) == 0);
}

static void read_with(const struct lexicon *l)
{
    static const char text[] = "20 m lal cotton, do meter silk mat bhejo 1/2 dozen";
    static struct reading r;
    struct shopwords *s = shopwords_new(l, NULL, 0, NULL, 0);
    ENSURE(s != NULL);
    read_words(s, text, sizeof text - 1, NULL, &r);
    ENSURE(r.n_items <= READING_ITEMS && r.intent < INTENT_COUNT);
    shopwords_free(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char paths[2][128] = {"", ""};
    struct fault f = {.text = ""};
    if (dir[0] == '\0')
        enter();
    for (int i = 0; i < 2 && n > 0; i++) {
        path_of(paths[i], topics[fuzz_choice(&data, &n, TOPICS)]);
        const uint8_t *nul = n > 0 ? memchr(data, 0, n) : NULL;
        size_t len = nul != NULL && i == 0 ? (size_t)(nul - data) : n;
        write_file(paths[i], data, len);
        data += len + (nul != NULL && i == 0);
        n -= len + (nul != NULL && i == 0);
    }
    struct lexicon *l = lexicon_new(dir, &f);
    if (l != NULL)
        read_with(l);
    else
        ENSURE(f.verdict == VERDICT_STOP && strstr(f.text, dir) != NULL);
    lexicon_free(&l);
    for (int i = 0; i < 2; i++)
        if (paths[i][0] != '\0')
            (void)unlink(paths[i]);
    return 0;
}
