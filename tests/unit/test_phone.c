/* Phones, routing keys and what a log may show of them. */
#include "common/base/phone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void normalises(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"919812345678", "919812345678"},
        {"+91 98123-45678", "919812345678"},
        {" +91 (98123) 45678", "919812345678"},
        {"12345678", "12345678"},
        {"123456789012345", "123456789012345"},
        {"1234567", ""},
        {"1234567890123456", ""},
        {"09812345678", ""},
        {"++919812345678", ""},
        {"91+9812345678", ""},
        {"91981234567x", ""},
        {"\xe0\xa5\xa7\xe0\xa5\xa8\xe0\xa5\xa9\xe0\xa5\xaa\xe0\xa5\xab\xe0\xa5\xac\xe0\xa5\xad\xe0\xa5\xae", ""},
        {"", ""},
        {"+", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char out[PHONE_MAX] = "dirty";
        assert_int_equal(phone_normalise(rows[i].text, out), rows[i].want[0] != '\0');
        assert_string_equal(out, rows[i].want);
    }
}

static void keys(void **state)
{
    (void)state;
    char out[KEY_MAX];
    char id[KEY_MAX + 1];
    assert_true(customer_key("+919812345678", "wa", "IN.1", out));
    assert_string_equal(out, "919812345678");
    assert_true(customer_key(NULL, "wa", "IN.1349", out));
    assert_string_equal(out, "wa:IN.1349");
    assert_true(customer_key("", "tg", "12345", out));
    assert_string_equal(out, "tg:12345");
    assert_true(customer_key("no number", "tg", "12345", out));
    assert_string_equal(out, "tg:12345");
    assert_false(customer_key(NULL, "wa", NULL, out));
    assert_false(customer_key("", "wa", "", out));
    assert_false(customer_key(NULL, "wa", "a\nb", out));
    assert_false(customer_key(NULL, "wa", "\xc3\xa9", out));
    memset(id, 'x', sizeof id);
    id[KEY_MAX - 3] = '\0'; /* "wa:" and the NUL need four */
    assert_false(customer_key(NULL, "wa", id, out));
    assert_string_equal(out, "");
    id[KEY_MAX - 4] = '\0';
    assert_true(customer_key(NULL, "wa", id, out));
    assert_int_equal(strlen(out), KEY_MAX - 1);
}

static void masks(void **state)
{
    (void)state;
    char a[16], b[16];
    customer_mask("919812345678", a);
    customer_mask("919812345679", b);
    assert_int_equal(strlen(a), 11);
    assert_memory_equal(a, "..78#", 5);
    assert_memory_equal(b, "..79#", 5);
    assert_string_not_equal(a + 5, b + 5);
    assert_null(strstr("919812345678", a + 2));
    customer_mask("ab", a);
    assert_memory_equal(a, "..#", 3);
    assert_null(strstr(a, "ab#"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normalises),
        cmocka_unit_test(keys),
        cmocka_unit_test(masks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
