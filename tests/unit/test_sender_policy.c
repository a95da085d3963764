/* What becomes of a message whose outcome stayed unknown, and what a person may decide about it. */
#include "workers/sender/policy.h"
#include "workers/sender/ruling.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void by_class(void **state)
{
    (void)state;
    assert_int_equal(unknown_policy("reply", false), UNKNOWN_RESEND);
    assert_int_equal(unknown_policy("reply", true), UNKNOWN_HOLD);
    assert_int_equal(unknown_policy("greeting", false), UNKNOWN_DROP);
    assert_int_equal(unknown_policy("greeting", true), UNKNOWN_DROP);
    assert_int_equal(unknown_policy("bill", false), UNKNOWN_HOLD);
    assert_int_equal(unknown_policy("bill", true), UNKNOWN_HOLD);
    assert_int_equal(unknown_policy("", false), UNKNOWN_HOLD);
    assert_int_equal(unknown_policy("campaign", false), UNKNOWN_HOLD);
}

static void settled_by(void **state)
{
    (void)state;
    assert_string_equal(unknown_settled_by(UNKNOWN_RESEND), "window");
    assert_string_equal(unknown_settled_by(UNKNOWN_DROP), "window");
    assert_string_equal(unknown_settled_by(UNKNOWN_HOLD), "held");
}

#define ROUTE "\"channel\":\"whatsapp\",\"account_id\":\"1065\""

static int read_ruling(const char *value, struct ruling *r)
{
    struct fault f = {0};
    int rc = ruling_read(r, value, strlen(value), &f);
    if (rc != 0)
        assert_int_equal(f.verdict, VERDICT_REJECT);
    return rc;
}

static void ruling(void **state)
{
    (void)state;
    struct ruling r;
    assert_int_equal(read_ruling("{" ROUTE ",\"dedupe_key\":\"ab12\",\"verb\":\"resend\",\"by\":\"me\"}", &r), 0);
    assert_string_equal(r.channel, "whatsapp");
    assert_string_equal(r.account_id, "1065");
    assert_string_equal(r.dedupe_key, "ab12");
    assert_true(r.resend);
    assert_int_equal(read_ruling("{" ROUTE ",\"dedupe_key\":\"ab12\",\"verb\":\"leave\"}", &r), 0);
    assert_false(r.resend);
}

static void no_ruling(void **state)
{
    (void)state;
    struct ruling r;
    assert_int_equal(read_ruling("", &r), -1);
    assert_int_equal(read_ruling("{" ROUTE ",\"dedupe_key\":\"ab12\",\"verb\":\"forget\"}", &r), -1);
    assert_int_equal(read_ruling("{" ROUTE ",\"dedupe_key\":\"ab12\"}", &r), -1);
    assert_int_equal(read_ruling("{" ROUTE ",\"dedupe_key\":\"\",\"verb\":\"leave\"}", &r), -1);
    assert_int_equal(read_ruling("{\"account_id\":\"1065\",\"dedupe_key\":\"ab12\",\"verb\":\"leave\"}", &r), -1);
    char value[512] = "{" ROUTE ",\"verb\":\"leave\",\"dedupe_key\":\"";
    memset(value + strlen(value), 'a', 300);
    strcat(value, "\"}");
    assert_int_equal(read_ruling(value, &r), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_class),
        cmocka_unit_test(settled_by),
        cmocka_unit_test(ruling),
        cmocka_unit_test(no_ruling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
