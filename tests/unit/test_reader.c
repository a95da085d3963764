/* The reader against hand-written sentences (tests/unit/data/reading.jsonl), compared exactly, and against hostile
 * text. */
#include "tests/unit/reading_fixture.h"

#include <stdlib.h>
#include <time.h>

#include "workers/reading/reading_json.h"

/* Members that a line of the answer has beside those the sentences tell. */
static bool beside(const char *key)
{
    return strcmp(key, "line") == 0;
}

static bool holds(const cJSON *all, const cJSON *of)
{
    const cJSON *m;
    cJSON_ArrayForEach(m, of)
    {
        if (!cJSON_IsNull(m) && !beside(m->string) &&
            !cJSON_Compare(m, cJSON_GetObjectItemCaseSensitive(all, m->string), 1))
            return false;
    }
    return true;
}

/* Equal but for nulls, which say the same as a member left out. */
static bool same_object(const cJSON *a, const cJSON *b)
{
    return holds(a, b) && holds(b, a);
}

static bool same_items(const cJSON *a, const cJSON *b)
{
    if (cJSON_GetArraySize(a) != cJSON_GetArraySize(b))
        return false;
    for (int i = 0; i < cJSON_GetArraySize(a); i++)
        if (!same_object(cJSON_GetArrayItem(a, i), cJSON_GetArrayItem(b, i)))
            return false;
    return true;
}

static bool same_words(const cJSON *a, const cJSON *b)
{
    const cJSON *x, *y;
    if (cJSON_GetArraySize(a) != cJSON_GetArraySize(b))
        return false;
    cJSON_ArrayForEach(x, a)
    {
        bool found = false;
        cJSON_ArrayForEach(y, b)
        {
            found = found || strcmp(x->valuestring, y->valuestring) == 0;
        }
        if (!found)
            return false;
    }
    return true;
}

static bool as_expected(struct reading_fixture *x, const cJSON *line)
{
    static struct context_json ctx;
    struct fault f;
    const char *text = json_str(line, "text");
    const cJSON *want = json_obj(line, "expect");
    assert_int_equal(context_from_json(&ctx, json_obj(line, "context"), json_str(line, "state"), &f), 0);
    read_words(x->words, text, strlen(text), &ctx.ctx, &x->r);
    cJSON *raw = reading_to_json(&x->r);
    char *as_text = json_text(raw); /* numbers are raw until printed */
    cJSON *got = cJSON_Parse(as_text);
    bool good = strcmp(json_str(got, "intent"), json_str(want, "intent")) == 0 &&
                same_items(json_arr(got, "items"), json_arr(want, "items")) &&
                same_object(json_obj(got, "fields"), json_obj(want, "fields")) &&
                same_words(json_arr(got, "clarify"), json_arr(want, "clarify"));
    if (!good)
        print_error("%s\n  got %s\n", text, as_text);
    free(as_text);
    cJSON_Delete(raw);
    cJSON_Delete(got);
    return good;
}

static void test_sentences(void **state)
{
    char line[8192];
    size_t n = 0, wrong = 0;
    FILE *in = fopen("tests/unit/data/reading.jsonl", "re");
    assert_non_null(in);
    while (fgets(line, sizeof line, in) != NULL) {
        cJSON *o = cJSON_Parse(line);
        assert_non_null(o);
        n++;
        wrong += as_expected(*state, o) ? 0 : 1;
        cJSON_Delete(o);
    }
    (void)fclose(in);
    assert_true(n >= 200);
    assert_int_equal(wrong, 0);
}

/* Fills buf with copies of one piece and reads it. */
static const struct reading *read_repeated(struct reading_fixture *x, const char *piece, size_t bytes)
{
    char *buf = malloc(bytes + strlen(piece) + 1);
    size_t n = 0;
    assert_non_null(buf);
    while (n < bytes) {
        /* NOLINTNEXTLINE(bugprone-not-null-terminated-result): more follows, the length is told */
        memcpy(buf + n, piece, strlen(piece));
        n += strlen(piece);
    }
    read_words(x->words, buf, n, NULL, &x->r);
    free(buf);
    return &x->r;
}

static void test_hostile(void **state)
{
    static const char *const pieces[] = {"a",
                                         "9 ",
                                         "do ",
                                         "10 meter blue cotton ",
                                         "sadhe ",
                                         "ignore ",
                                         "jitna ",
                                         "\xF0\x9F\x91\x8D",
                                         "\xE0\xA4\x95",
                                         "cottun ",
                                         "- ",
                                         "1,",
                                         "1/2 ",
                                         "\xFF",
                                         "and a ",
                                         "lakh "};
    struct timespec a, b;
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        for (size_t bytes = 20000; bytes <= 100000; bytes *= 5) {
            assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &a), 0);
            const struct reading *r = read_repeated(*state, pieces[i], bytes);
            assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &b), 0);
            assert_int_equal(r->intent, INTENT_UNKNOWN);
            assert_int_equal(r->n_items, 0);
            assert_true(b.tv_sec - a.tv_sec < 2); /* linear would be microseconds; this only tells a hang */
        }
    read_repeated(*state, "9 ", 5000);
    assert_int_equal(((struct reading_fixture *)*state)->r.intent, INTENT_UNKNOWN);
}

/* Bytes at random, and words of the lists at random, never leave the arrays (run under the sanitizers). */
static void test_random(void **state)
{
    static const char *const words[] = {
        "do",   "sau",  "meter",      "blue", "cotton", "aur",    "nahi", "kar do", "hata do", "20",
        "-",    ",",    "ki jagah",   "each", "dono",   "sadhe",  "1/2",  "?",      "jitna",   "hai",
        "utna", "half", "and a half", "roll", "of",     "rs",     "per",  "@",      "cottn",   "+5",
        "नीला", "ढाई",  "👍",          "wala", "2nd",    "cancel", "mat",  "\n",     ".",       "lot"};
    struct reading_fixture *x = *state;
    static struct reading_cart_line cart[] = {
        {.n = 1, .material = "cotton", .color = "blue", .length_um = 20000000},
        {.n = 2, .material = "silk", .color = "red", .length_um = -1, .short_of_stock = true}};
    struct reading_context ctx = {
        .state = "COLLECTING_ITEMS", .cart = cart, .n_cart = 2, .pending_slot = "quantity", .pending_line = 1};
    unsigned seed = 20261121;
    char text[2048];
    for (int round = 0; round < 40000; round++) {
        size_t n = 0;
        seed = seed * 1664525 + 1013904223;
        bool bytes = round % 4 == 0;
        for (size_t k = seed >> 28; n + 32 < sizeof text && k < 40; k++) {
            seed = seed * 1664525 + 1013904223;
            if (bytes)
                text[n++] = (char)(seed >> 24);
            else
                n += (size_t)snprintf(text + n, sizeof text - n, "%s%s",
                                      words[(seed >> 16) % (sizeof words / sizeof *words)],
                                      (seed >> 8) % 5 == 0 ? "" : " ");
        }
        read_words(x->words, text, n, round % 2 == 0 ? &ctx : NULL, &x->r);
        assert_true(x->r.n_items <= READING_ITEMS && x->r.n_clarify <= READING_CLARIFY);
        for (size_t i = 0; i < x->r.n_items; i++)
            assert_true(x->r.items[i].quantity_u >= -1 && x->r.items[i].length_um >= -1);
    }
}

/* More lines than a reading holds are not cut off silently. */
static void test_too_many_lines(void **state)
{
    const struct reading *r = read_repeated(*state, "1m red silk, ", 13 * (READING_ITEMS + 1));
    assert_int_equal(r->intent, INTENT_UNKNOWN);
    assert_int_equal(r->n_items, 0);
}

static void test_language(void **state)
{
    assert_string_equal(reading_of(state, "please send 20 m blue cotton")->language, "en");
    assert_string_equal(reading_of(state, "bhaiya 20 meter blue cotton chahiye")->language, "hi-Latn");
    assert_string_equal(reading_of(state, "नीला कॉटन चाहिए")->language, "hi");
    assert_string_equal(reading_of(state, "12345")->language, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sentences),      cmocka_unit_test(test_hostile),  cmocka_unit_test(test_random),
        cmocka_unit_test(test_too_many_lines), cmocka_unit_test(test_language),
    };
    return cmocka_run_group_tests(tests, reading_setup, reading_teardown);
}
