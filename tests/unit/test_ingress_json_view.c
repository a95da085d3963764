#include "ingress/json_view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct json_view view;

static const struct json_node *see(const char *text)
{
    struct fault f;
    if (json_view_read(&view, text, strlen(text), &f) != 0)
        fail_msg("%s: %s", text, f.text);
    return view.nodes;
}

static void assert_slice(const struct json_node *v, const char *want)
{
    assert_non_null(v);
    assert_int_equal(v->n, strlen(want));
    assert_memory_equal(v->p, want, v->n);
}

static void values_are_slices_as_they_stand(void **state)
{
    (void)state;
    const struct json_node *o = see(" { \"a\" : [ 1.50 , {\"b\":\"x\\\"y\"} , null ] , \"c\":-2e9\n, \"d\" : \"\" } ");
    assert_slice(json_view_get(o, "a"), "[ 1.50 , {\"b\":\"x\\\"y\"} , null ]");
    assert_slice(json_view_get(o, "c"), "-2e9");
    assert_slice(json_view_get(o, "d"), "\"\"");
    assert_null(json_view_get(o, "b"));
    assert_null(json_view_get(json_view_get(o, "a"), "b"));
    assert_null(json_view_get(NULL, "a"));
    const struct json_node *a = json_view_get_kind(o, "a", JSON_ARRAY);
    assert_null(json_view_get_kind(o, "a", JSON_OBJECT));
    assert_int_equal(a->kids, 3);
    const struct json_node *e = json_view_first(a);
    assert_slice(e, "1.50");
    e = json_view_next(e);
    assert_slice(json_view_get(e, "b"), "\"x\\\"y\"");
    assert_slice(json_view_next(e), "null");
    assert_int_equal(o->kids, 3);
    assert_int_equal(o->skip, view.n);
}

static void lone_values_are_values(void **state)
{
    (void)state;
    assert_slice(see("17"), "17");
    assert_slice(see(" \"\\\\\" "), "\"\\\\\"");
    assert_slice(see("[]"), "[]");
    assert_slice(see("{}"), "{}");
}

static void names_said_twice_are_found(void **state)
{
    (void)state;
    struct fault f;
    static const char twice[] = "{\"a\":{\"x\":1,\"yy\":2,\"x\":3}}";
    assert_int_equal(json_view_read(&view, twice, sizeof twice - 1, &f), -1);
    assert_int_equal(f.verdict, VERDICT_REJECT);
    (void)see("{\"a\":{\"x\":1},\"b\":{\"x\":1}}");
    for (int last = 0; last < 2; last++) { /* many members: another way of looking */
        char text[4096] = "{";
        size_t n = 1;
        for (int i = 0; i < 100; i++)
            n += (size_t)snprintf(text + n, sizeof text - n, "\"n%d\":%d,", i, i);
        (void)snprintf(text + n, sizeof text - n, "\"n%d\":0}", last ? 57 : 100);
        assert_int_equal(json_view_read(&view, text, strlen(text), &f), last ? -1 : 0);
    }
}

static void ids_are_plain_text(void **state)
{
    (void)state;
    static const struct {
        const char *text, *id; /* NULL: no id */
    } rows[] = {
        {"\"a/b\"", "a/b"},
        {"\"a\\/b\\u0041\"", "a/bA"},
        {"12345678901234567890", "12345678901234567890"},
        {"\"\"", NULL},
        {"\"a b\"", NULL},
        {"\"\\u0905\"", NULL},
        {"\"\xe0\xa4\x85\"", NULL},
        {"1.5", NULL},
        {"-1", NULL},
        {"true", NULL},
        {"[1]", NULL},
        {"\"a\\n\"", NULL},
        {"\"a\\u0000\"", NULL},
        {"\"0123456789012345678901234567890\"", "0123456789012345678901234567890"},
        {"\"01234567890123456789012345678901\"", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[32] = "x";
        bool good = json_view_ascii(see(rows[i].text), out, sizeof out);
        if (good != (rows[i].id != NULL) || strcmp(out, good ? rows[i].id : "") != 0)
            fail_msg("%s gave %d \"%s\"", rows[i].text, good, out);
    }
}

static void pasting_mends_half_pairs_and_nuls_only(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"\"plain\"", "\"plain\""},
        {"\"\\u0905\\n\\\"\"", "\"\\u0905\\n\\\"\""},
        {"\"\\ud83d\\ude4f\"", "\"\\ud83d\\ude4f\""},
        {"\"\\uD83D\"", "\"\\ufffd\""},
        {"\"\\ude4f\\ud83d\"", "\"\\ufffd\\ufffd\""},
        {"\"\\ud83d\\ud83d\\ude4f\"", "\"\\ufffd\\ud83d\\ude4f\""},
        {"\"\\ud83d\\n\"", "\"\\ufffd\\n\""},
        {"\"\\\\ud83d\"", "\"\\\\ud83d\""},
        {"\"a\\u0000b\"", "\"a\\ufffdb\""},
        {"\"\\\\u0000\"", "\"\\\\u0000\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        UT_string out;
        utstring_init(&out);
        const struct json_node *v = see(rows[i].in);
        json_view_paste(&out, v->p, v->n);
        assert_string_equal(utstring_body(&out), rows[i].out);
        utstring_done(&out);
    }
}

static int done(void **state)
{
    (void)state;
    json_view_free(&view);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_slices_as_they_stand),
        cmocka_unit_test(lone_values_are_values),
        cmocka_unit_test(names_said_twice_are_found),
        cmocka_unit_test(ids_are_plain_text),
        cmocka_unit_test(pasting_mends_half_pairs_and_nuls_only),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
