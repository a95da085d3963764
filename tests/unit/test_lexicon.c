/* Lists are validated when they are loaded: what is wrong is told with file and line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "workers/reading/lexicon.h"

/* A folder of lists with one language, "xx". */
struct lists {
    char dir[64];
    char files[8][96];
    size_t n;
};

static void put(struct lists *l, const char *name, const char *text)
{
    char path[sizeof l->files[0]];
    (void)snprintf(path, sizeof path, "%.60s/%.30s", l->dir, name);
    memcpy(l->files[l->n++], path, sizeof path);
    FILE *out = fopen(path, "we");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

static void begin(struct lists *l)
{
    char path[96];
    *l = (struct lists){.dir = "/tmp/lexicon-XXXXXX"};
    assert_non_null(mkdtemp(l->dir));
    (void)snprintf(path, sizeof path, "%s/xx", l->dir);
    assert_int_equal(mkdir(path, 0700), 0);
    put(l, "units.list", "# name = kind factor\nm = length 1000000\nroll = package\n");
}

static void end(struct lists *l)
{
    char path[96];
    for (size_t i = 0; i < l->n; i++)
        (void)unlink(l->files[i]); /* a file written twice stands twice */
    (void)snprintf(path, sizeof path, "%s/xx", l->dir);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(l->dir), 0);
}

/* Loading fails and the fault's words hold both parts. */
static void refused(const char *name, const char *text, const char *place, const char *why)
{
    struct lists l;
    struct fault f = {.text = ""};
    begin(&l);
    put(&l, name, text);
    struct lexicon *x = lexicon_new(l.dir, &f);
    end(&l);
    assert_null(x);
    assert_int_equal(f.verdict, VERDICT_STOP);
    if (strstr(f.text, place) == NULL || strstr(f.text, why) == NULL)
        fail_msg("\"%s\" tells neither %s nor %s", f.text, place, why);
}

static void test_refusals(void **state)
{
    (void)state;
    refused("xx/colors.list", "red = lal\nblue = neela, lal\n", "xx/colors.list:2", "already has another meaning");
    refused("xx/numbers.list", "2 = do\n12 = do\n", "xx/numbers.list:2", "already has another meaning");
    refused("xx/numbers.list", "2 = do\n\n# x\n2 = do?\n", "xx/numbers.list:4", "already has another meaning");
    refused("xx/numbers.list", "100 = sau\n", "xx/numbers.list:1", "whole number from 0 to 99");
    refused("xx/numbers.list", "two = do\n", "xx/numbers.list:1", "whole number from 0 to 99");
    refused("xx/scales.list", "7 = saat\n", "xx/scales.list:1", "a scale from 100");
    refused("xx/fractions.list", "beside 1/2 = adha\n", "xx/fractions.list:1", "beside");
    refused("xx/fractions.list", "alone 1/3 = tihai\n", "xx/fractions.list:1", "alone");
    refused("xx/units.list", "yard = gaz\n", "xx/units.list:1", "unknown unit");
    refused("xx/intents.list", "cancel = band\nlaunch = udao\n", "xx/intents.list:2", "unknown slot \"launch\"");
    refused("xx/answers.list", "cancel = band\n", "xx/answers.list:1", "unknown slot");
    refused("xx/connectives.list", "xor = ya\n", "xx/connectives.list:1", "unknown slot");
    refused("xx/verses.list", "a = b\n", "xx/verses.list", "unknown list");
    refused("xx/colors.list", "red = l\xC3\x28l\n", "xx/colors.list:1", "not UTF-8");
    refused("xx/colors.list", "red\n", "xx/colors.list:1", "meaning = words");
    refused("xx/colors.list", "red = \n", "xx/colors.list:1", "empty");
    refused("xx/colors.list", "red = lal,, rakt\n", "xx/colors.list:1", "empty word");
    refused("xx/intents.list", "command = .. ignore\n", "xx/intents.list:1", "both ends");
    refused("xx/variants.list", "nahi = nahin\nna = nahin\n", "xx/variants.list:2", "already has a meaning");
    refused("xx/units.list", "m = mezo/mezos, mtr\n", "xx/units.list:1", "plural is missing");
    refused("units.list", "m = length\n", "units.list:1", "micrometres");
    refused("units.list", "m = volume 5\n", "units.list:1", "unknown kind");
}

static void test_missing(void **state)
{
    (void)state;
    struct fault f = {.text = ""};
    assert_null(lexicon_new("/nonexistent/lists", &f));
    assert_non_null(strstr(f.text, "/nonexistent/lists"));
}

/* A language is nothing but its files: one made up here reads at once, and the code knew none of its words. */
static void test_new_language(void **state)
{
    (void)state;
    struct lists l;
    struct fault f = {.text = ""};
    static struct reading r;
    begin(&l);
    put(&l, "xx/numbers.list", "3 = tri\n20+ = vin\n5 = pen\n");
    put(&l, "xx/units.list", "m = mezo/mezos\n");
    put(&l, "xx/colors.list", "red = rugo\n");
    put(&l, "xx/materials.list", "silk = silko\n");
    put(&l, "xx/answers.list", "confirm = jes bone\n");
    struct lexicon *x = lexicon_new(l.dir, &f);
    end(&l);
    if (x == NULL)
        fail_msg("%s", f.text);
    struct shopwords *s = shopwords_new(x, NULL, 0, NULL, 0);
    static const char order[] = "Vin pen MEZOS rugo silko", yes[] = "jes, bone", sure[] = "jes bone!";
    read_words(s, order, strlen(order), NULL, &r);
    assert_int_equal(r.intent, INTENT_PLACE_ORDER);
    assert_int_equal(r.n_items, 1);
    assert_int_equal(r.items[0].length_um, 25000000);
    assert_string_equal(r.items[0].material, "silk");
    assert_string_equal(r.items[0].color, "red");
    assert_string_equal(r.language, "xx");
    read_words(s, yes, strlen(yes), NULL, &r);
    assert_int_equal(r.intent, INTENT_UNKNOWN);
    read_words(s, sure, strlen(sure), NULL, &r);
    assert_int_equal(r.intent, INTENT_CONFIRM_ORDER);
    shopwords_free(&s);
    lexicon_free(&x);
}

/* A shop's names hide the lists' names, its spelling is the one told, and slips go to the nearest or are asked about.
 */
static void test_shop(void **state)
{
    (void)state;
    struct fault f = {.text = ""};
    static struct reading r;
    static const char *const none[] = {NULL}, *const navy[] = {"navy blue", NULL};
    static const struct catalogue_entry entries[] = {
        {.id = "1", .name = "Cotton", .material = "Cotton", .aliases = none, .unit = "m"},
        {.id = "2", .name = "Royal Satin", .material = "Satin", .aliases = none, .unit = "m"},
        {.id = "3", .name = "Linen", .material = "Linen", .aliases = none, .unit = "m"},
        {.id = "4", .name = "Lining", .material = "Lining", .aliases = none, .unit = "m"}};
    static const struct catalogue_word words[] = {{.slot = "color", .name = "Navy", .aliases = navy}};
    struct lexicon *x = lexicon_new("schema/lexicon", &f);
    if (x == NULL)
        fail_msg("%s", f.text);
    struct shopwords *s = shopwords_new(x, entries, 4, words, 1);
    static const struct {
        const char *text, *product, *material, *color, *clarify;
    } rows[] = {
        {"10 m neela suti", "", "Cotton", "blue", ""}, {"10 m navy blue cotton", "", "Cotton", "Navy", ""},
        {"10 m nevy cottn", "", "Cotton", "Navy", ""}, {"10 m red royal satin", "Royal Satin", "", "red", ""},
        {"10 m red satin", "", "Satin", "red", ""},    {"10 m red linin", "", "", "red", "material"},
        {"10 m red liningg", "", "Lining", "red", ""}, {"10 m red coton", "", "Cotton", "red", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        read_words(s, rows[i].text, strlen(rows[i].text), NULL, &r);
        assert_int_equal(r.n_items, 1);
        assert_string_equal(r.items[0].product, rows[i].product);
        assert_string_equal(r.items[0].material, rows[i].material);
        assert_string_equal(r.items[0].color, rows[i].color);
        assert_string_equal(r.n_clarify > 0 ? r.clarify[0] : "", rows[i].clarify);
        assert_int_equal(r.items[0].length_um, 10000000);
    }
    shopwords_free(&s);
    lexicon_free(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_refusals), cmocka_unit_test(test_missing),
                                       cmocka_unit_test(test_new_language), cmocka_unit_test(test_shop)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
