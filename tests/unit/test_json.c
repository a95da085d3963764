/* JSON: what is taken, what is refused and why, and the typed look-ups. */
#include "common/base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static cJSON *parse(const char *text, struct fault *f)
{
    /* A copy of exactly that length: reading past it is seen by the sanitizer. */
    size_t n = strlen(text);
    char *exact = malloc(n > 0 ? n : 1);
    /* NOLINTNEXTLINE(bugprone-not-null-terminated-result): without its end on purpose */
    memcpy(exact, text, n);
    cJSON *v = json_parse(exact, n, &json_limits_default, f);
    free(exact);
    return v;
}

static void takes_valid_texts(void **state)
{
    (void)state;
    static const char *const good[] = {
        "0",
        "-0",
        "1.5e-3",
        "10",
        "\"\"",
        "true",
        "null",
        " {} ",
        "[]",
        "[1,2,[3,{}]]",
        "\t\r\n[ ]",
        "{\"a\":{\"a\":1}}",
        "\"\\ud83d\\ude00\"",
        "[[],{}]",
        "\"\xe0\xa4\xb9\xe0\xa4\xbe\"",
        "{\"a\":1,\"A\":2}",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct fault f = {.text = ""};
        cJSON *v = parse(good[i], &f);
        if (v == NULL)
            fail_msg("%s: %s", good[i], f.text);
        cJSON_Delete(v);
    }
}

static void refuses_with_words(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words;
    } bad[] = {
        {"", "ends too early"},
        {"{", "without a name"},
        {"{\"a\":1", "ends too early"},
        {"{\"a\":1,}", "without a name"},
        {"{\"a\" 1}", "without a colon"},
        {"{a:1}", "without a name"},
        {"[1,]", "unexpected character"},
        {"[1 2]", "missing comma"},
        {"[1}", "missing comma or bracket"},
        {"{\"a\":1]", "missing comma or bracket"},
        {"01", "leading zero"},
        {"-", "without digits"},
        {"1.", "fraction"},
        {"1e", "exponent"},
        {"+1", "unexpected"},
        {".5", "unexpected"},
        {"NaN", "unexpected"},
        {"nul", "unknown word"},
        {"True", "unexpected"},
        {"{} {}", "after the value"},
        {"1\v", "after the value"},
        {"\xef\xbb\xbf{}", "unexpected"},
        {"\"a", "without end"},
        {"\"\\x\"", "unknown escape"},
        {"\"\\u12g4\"", "hex"},
        {"\"\\u12", "cut"},
        {"\"\\", "without end"},
        {"\"a\nb\"", "control character"},
        {"\"\\u0000\"", "NUL"},
        {"{\"a\\u0000b\":1}", "NUL"},
        {"\"\xff\"", "UTF-8"},
        {"\"\xc0\xaf\"", "UTF-8"},
        {"\"\xed\xa0\x80\"", "UTF-8"},
        {"\"\xe0\xa4\"", "UTF-8"},
        {"\"\\ud83d\"", "surrogate"},
        {"\"\\ude00\"", "surrogate"},
        {"[1e999]", "out of range"},
        {"{\"a\":{\"b\":-1e999}}", "out of range"},
        {"{\"a\":1,\"a\":2}", "twice"},
        {"{\"a\":1,\"\\u0061\":2}", "twice"},
        {"[{\"x\":{\"b\":1,\"c\":2,\"b\":3}}]", "twice"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct fault f = {.text = ""};
        cJSON *v = parse(bad[i].text, &f);
        if (v != NULL || strstr(f.text, bad[i].words) == NULL)
            fail_msg("%s: \"%s\" wanted in \"%s\"", bad[i].text, bad[i].words, f.text);
        assert_int_equal(f.verdict, VERDICT_REJECT);
    }
}

/* An empty body has no bytes to point to. */
static void refuses_nothing_at_all(void **state)
{
    (void)state;
    struct fault f;
    assert_null(json_parse(NULL, 0, &json_limits_default, &f));
    assert_int_equal(f.verdict, VERDICT_REJECT);
}

static void refuses_a_nul_byte(void **state)
{
    (void)state;
    struct fault f;
    assert_null(json_parse("\"a\0b\"", 5, &json_limits_default, &f));
    assert_non_null(strstr(f.text, "NUL"));
    assert_null(json_parse("{}\0", 3, &json_limits_default, &f));
}

/* Objects of more than a few members are looked through in another way. */
static void finds_repeats_in_large_objects(void **state)
{
    (void)state;
    enum { MEMBERS = 20000 };
    struct fault f;
    char *text = malloc(MEMBERS * 12 + 32);
    size_t n = 1;
    text[0] = '{';
    for (int i = 0; i < MEMBERS; i++)
        n += (size_t)sprintf(text + n, "\"k%d\":1,", i);
    size_t last = n - 1;
    text[last] = '}';
    cJSON *v = json_parse(text, n, &json_limits_default, &f);
    assert_non_null(v);
    cJSON_Delete(v);
    n = last + (size_t)sprintf(text + last, ",\"k77\":2}");
    assert_null(json_parse(text, n, &json_limits_default, &f));
    assert_non_null(strstr(f.text, "twice"));
    free(text);
}

static void keeps_the_limits(void **state)
{
    (void)state;
    struct fault f;
    char deep[2 * 1000];
    memset(deep, '[', 1000);
    memset(deep + 1000, ']', 1000);
    assert_null(json_parse(deep, sizeof deep, &json_limits_default, &f));
    assert_non_null(strstr(f.text, "too deep"));
    assert_null(json_parse(deep + 1000 - 33, 66, &json_limits_default, &f));
    cJSON *v = json_parse(deep + 1000 - 32, 64, &json_limits_default, &f);
    assert_non_null(v);
    cJSON_Delete(v);

    const struct json_limits three = {.bytes = 100, .depth = 2, .values = 3};
    v = json_parse("[1,2]", 5, &three, &f);
    assert_non_null(v);
    cJSON_Delete(v);
    assert_null(json_parse("[1,2,3]", 7, &three, &f));
    assert_non_null(strstr(f.text, "too many values"));
    char spaces[101];
    memset(spaces, ' ', sizeof spaces);
    spaces[0] = '1';
    v = json_parse(spaces, 100, &three, &f);
    assert_non_null(v);
    cJSON_Delete(v);
    assert_null(json_parse(spaces, 101, &three, &f));
    assert_non_null(strstr(f.text, "at most 100"));
}

static void typed_lookups(void **state)
{
    (void)state;
    cJSON *o = parse("{\"s\":\"x\",\"S\":\"y\",\"o\":{},\"a\":[],\"t\":true,\"f\":false,\"n\":null,\"i\":7}", NULL);
    assert_string_equal(json_str(o, "s"), "x");
    assert_string_equal(json_str(o, "S"), "y");
    assert_null(json_str(o, "i"));
    assert_null(json_str(o, "none"));
    assert_non_null(json_obj(o, "o"));
    assert_null(json_obj(o, "a"));
    assert_non_null(json_arr(o, "a"));
    assert_null(json_arr(o, "o"));
    assert_null(json_get(json_arr(o, "a"), "s"));
    assert_null(json_get(NULL, "s"));
    assert_true(json_true(o, "t"));
    assert_false(json_true(o, "f"));
    assert_false(json_true(o, "i"));
    assert_true(cJSON_IsNull(json_get(o, "n")));
    cJSON_Delete(o);
}

static void integers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        int64_t value;
    } rows[] = {
        {"7", true, 7},
        {"-7", true, -7},
        {"7.0", true, 7},
        {"1e3", true, 1000},
        {"9007199254740991", true, INT64_C(9007199254740991)},
        {"9007199254740992", false, 0}, /* as a double it is also 2^53 + 1 */
        {"9007199254740993", false, 0},
        {"-9007199254740993", false, 0},
        {"1e300", false, 0},
        {"7.5", false, 0},
        {"\"1718000000\"", true, 1718000000},
        {"\"-3\"", true, -3},
        {"\"9007199254740993\"", false, 0},
        {"\"99999999999999999999\"", false, 0},
        {"\"\"", false, 0},
        {"\" 1\"", false, 0},
        {"\"+1\"", false, 0},
        {"\"1x\"", false, 0},
        {"\"-\"", false, 0},
        {"true", false, 0},
        {"null", false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[80];
        int64_t got = 0;
        (void)snprintf(text, sizeof text, "{\"v\":%s}", rows[i].text);
        cJSON *o = parse(text, NULL);
        assert_non_null(o);
        if (json_i64(o, "v", &got) != rows[i].ok || got != rows[i].value)
            fail_msg("%s gave %lld", rows[i].text, (long long)got);
        cJSON_Delete(o);
    }
}

static void printing(void **state)
{
    (void)state;
    cJSON *o = cJSON_CreateObject();
    json_put_str(o, "a", "\"x\"\n");
    json_put_str(o, "none", NULL);
    json_put_i64(o, "i", -12);
    json_put_i64(o, "j", INT64_C(1000000000000000));
    json_put_i64(o, "k", INT64_MAX);
    char *text = json_text(o);
    assert_string_equal(text, "{\"a\":\"\\\"x\\\"\\n\",\"i\":-12,\"j\":1000000000000000,\"k\":9223372036854775807}");
    free(text);
    cJSON_Delete(o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_valid_texts),
        cmocka_unit_test(refuses_with_words),
        cmocka_unit_test(refuses_nothing_at_all),
        cmocka_unit_test(refuses_a_nul_byte),
        cmocka_unit_test(keeps_the_limits),
        cmocka_unit_test(finds_repeats_in_large_objects),
        cmocka_unit_test(typed_lookups),
        cmocka_unit_test(integers),
        cmocka_unit_test(printing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
