/* One order as the approval topic tells it: read, refused, shown, and decided on. */
#include "common/base/json.h"
#include "workers/approvals/approval.h"
#include "workers/approvals/decide.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ORDER  "0192e4a0-7c1e-7d3a-9f00-1b2c3d4e5f64"
#define TENANT "0192e4a0-7c1e-7d3a-9f00-1b2c3d4e5f63"
#define ROUTE  "\"route\":{\"channel\":\"whatsapp\",\"account_id\":\"106540352242922\",\"key\":\"919812345678\"}"
#define HEAD   "\"order_id\":\"" ORDER "\",\"tenant_id\":\"" TENANT "\""
#define LINE                                                                                                           \
    "{\"line_no\":1,\"product\":\"blue cotton\",\"quantity\":\"20\",\"unit\":\"m\",\"batch\":\"L-17\","                \
    "\"amount_paise\":240000}"
#define SUMS  "\"taxable_paise\":240000,\"tax_paise\":12000,\"total_paise\":252000"
#define TIMES "\"asked_at\":\"2026-11-21T10:41:00.123Z\",\"expires_at\":\"2026-11-22T10:41:00.123Z\""

static const char waiting[] =
    "{" HEAD ",\"state\":\"WAITING_OWNER_CONFIRMATION\",\"version\":3,\"conversation\":\"c-1\","
    "\"customer\":\"Meera 919812345678\"," ROUTE ",\"lines\":[" LINE "]," SUMS "," TIMES ","
    "\"invoice_number\":null,\"closure_reason\":null,\"answers\":{}}";

static const char completed[] =
    "{" HEAD ",\"state\":\"ORDER_COMPLETED\",\"version\":4,\"conversation\":\"c-1\","
    "\"customer\":\"Meera 919812345678\"," ROUTE ",\"lines\":[" LINE "]," SUMS "," TIMES ","
    "\"invoice_number\":\"INV/26-27/000001\",\"closure_reason\":null,\"answers\":{"
    "\"d-1\":{\"verb\":\"approve\",\"outcome\":\"changed\",\"reason\":\"look again\",\"invoice_number\":null,"
    "\"by\":\"ravi\",\"at\":\"2026-11-21T10:44:00Z\"},"
    "\"d-2\":{\"verb\":\"approve\",\"outcome\":\"completed\",\"reason\":\"\",\"invoice_number\":\"INV/26-27/000001\","
    "\"by\":\"ravi\",\"at\":\"2026-11-21T10:45:00Z\"}}}";

static struct approval *read_whole(const char *text)
{
    struct fault f;
    struct approval *a = approval_new(text, strlen(text), &f);
    assert_non_null(a);
    return a;
}

static void an_order_that_waits(void **state)
{
    (void)state;
    struct approval *a = read_whole(waiting);
    assert_string_equal(a->order_id, ORDER);
    assert_string_equal(a->tenant_id, TENANT);
    assert_string_equal(a->state, "WAITING_OWNER_CONFIRMATION");
    assert_int_equal(a->version, 3);
    assert_string_equal(a->channel, "whatsapp");
    assert_string_equal(a->account_id, "106540352242922");
    assert_string_equal(a->key, "919812345678");
    assert_true(approval_waiting(a));
    approval_free(&a);
    assert_null(a);
    approval_free(&a);
}

static void refused(const char *text)
{
    struct fault f = {0};
    assert_null(approval_new(text, strlen(text), &f));
    assert_int_equal(f.verdict, VERDICT_REJECT);
    assert_true(strlen(f.text) > 0);
}

static void records_of_another_kind_are_refused(void **state)
{
    (void)state;
    refused("");
    refused("{");
    refused("[]");
    refused("null");
    refused("{" HEAD ",\"state\":\"ORDER_COMPLETED\",\"version\":1}");
    refused("{" HEAD ",\"state\":\"ORDER_COMPLETED\"," ROUTE "}");
    refused("{" HEAD ",\"version\":1," ROUTE "}");
    refused("{\"order_id\":\"" ORDER "\",\"state\":\"ORDER_COMPLETED\",\"version\":1," ROUTE "}");
    refused("{\"tenant_id\":\"" TENANT "\",\"state\":\"ORDER_COMPLETED\",\"version\":1," ROUTE "}");
    refused("{\"order_id\":\"" ORDER "-and-more\",\"tenant_id\":\"" TENANT "\",\"state\":\"X\",\"version\":1," ROUTE
            "}");
    refused("{\"order_id\":7,\"tenant_id\":\"" TENANT "\",\"state\":\"X\",\"version\":1," ROUTE "}");
    refused("{" HEAD ",\"state\":\"X\",\"version\":1,\"route\":{\"channel\":\"whatsapp\",\"account_id\":\"1\"}}");
}

static void answers_are_found_by_decision(void **state)
{
    (void)state;
    struct approval *a = read_whole(completed);
    struct answer w;
    assert_false(approval_waiting(a));
    assert_true(approval_answer(a, "d-2", &w));
    assert_string_equal(w.verb, "approve");
    assert_string_equal(w.outcome, "completed");
    assert_string_equal(w.reason, "");
    assert_string_equal(w.invoice_number, "INV/26-27/000001");
    assert_string_equal(w.by, "ravi");
    assert_string_equal(w.at, "2026-11-21T10:45:00Z");
    assert_true(approval_answer(a, "d-1", &w));
    assert_string_equal(w.outcome, "changed");
    assert_null(w.invoice_number);
    assert_false(approval_answer(a, "d-3", &w));
    approval_free(&a);
    a = read_whole("{" HEAD ",\"state\":\"X\",\"version\":1," ROUTE ",\"answers\":{\"d\":{\"verb\":\"approve\"}}}");
    assert_false(approval_answer(a, "d", &w));
    assert_false(approval_answer(a, "e", &w));
    approval_free(&a);
}

static void expect_json(const char *record, char *(*as)(const struct approval *a), const char *wanted)
{
    struct approval *a = read_whole(record);
    char *text = as(a);
    assert_string_equal(text, wanted);
    free(text);
    approval_free(&a);
}

#define SHOWN                                                                                                          \
    "\"conversation\":\"c-1\",\"customer\":\"Meera 919812345678\",\"lines\":[{\"product\":\"blue cotton\","            \
    "\"quantity\":\"20\",\"unit\":\"m\",\"batch\":\"L-17\",\"amount_paise\":240000}],\"total_paise\":252000," TIMES

static void the_documented_shape_and_no_more(void **state)
{
    (void)state;
    expect_json(waiting, approval_json, "{\"order_id\":\"" ORDER "\"," SHOWN ",\"version\":3}");
    expect_json("{" HEAD ",\"state\":\"COLLECTING_ITEMS\",\"version\":1," ROUTE
                ",\"lines\":[{\"product\":\"poplin\",\"batch\":null}],\"asked_at\":null}",
                approval_json,
                "{\"order_id\":\"" ORDER
                "\",\"conversation\":null,\"customer\":null,\"lines\":[{\"product\":\"poplin\","
                "\"quantity\":null,\"unit\":null,\"batch\":null,\"amount_paise\":null}],\"total_paise\":0,"
                "\"asked_at\":null,\"expires_at\":null,\"version\":1}");
}

static void the_whole_order_tells_its_state_too(void **state)
{
    (void)state;
    expect_json(waiting, approval_json_whole,
                "{\"order_id\":\"" ORDER "\"," SHOWN ",\"version\":3,\"state\":\"WAITING_OWNER_CONFIRMATION\","
                "\"taxable_paise\":240000,\"tax_paise\":12000,\"invoice_number\":null,\"closure_reason\":null,"
                "\"answers\":{}}");
}

static void expect_text(const char *record, void (*as)(const struct approval *a, UT_string *out), const char *wanted)
{
    struct approval *a = read_whole(record);
    UT_string out;
    utstring_init(&out);
    as(a, &out);
    assert_string_equal(utstring_body(&out), wanted);
    utstring_done(&out);
    approval_free(&a);
}

static void a_line_for_a_person(void **state)
{
    (void)state;
    expect_text(waiting, approval_line, ORDER "  Meera 919812345678        ₹2,520.00  20 m blue cotton\n");
    expect_text(completed, approval_line,
                ORDER "  Meera 919812345678        ₹2,520.00  20 m blue cotton  [ORDER_COMPLETED]\n");
}

static void a_page_for_a_person(void **state)
{
    (void)state;
    expect_text(completed, approval_page,
                "Order     " ORDER " (version 4)\n"
                "State     ORDER_COMPLETED\n"
                "Customer  Meera 919812345678\n"
                "  20      m   blue cotton                  lot L-17         ₹2,400.00\n"
                "Taxable   ₹2,400.00\n"
                "Tax       ₹120.00\n"
                "Total     ₹2,520.00\n"
                "Asked     2026-11-21T10:41:00.123Z\n"
                "Expires   2026-11-22T10:41:00.123Z\n"
                "Invoice   INV/26-27/000001\n"
                "Decision  2026-11-21T10:44:00Z: approve -> changed, look again (ravi)\n"
                "Decision  2026-11-21T10:45:00Z: approve -> completed (ravi)\n");
}

/* Whoever writes to the shop chooses his name; it reaches the owner's terminal. */
static void no_name_commands_the_terminal(void **state)
{
    (void)state;
    static const char evil[] =
        "{" HEAD ",\"state\":\"WAITING\\u001b[2J\",\"version\":1," ROUTE
        ",\"customer\":\"\\u001b]0;x\\u0007\\u202eM\\n\",\"lines\":[{\"product\":\"\\u009b31m\","
        "\"quantity\":\"\\r9\",\"unit\":\"m\",\"batch\":\"\\u001bc\",\"amount_paise\":1}],"
        "\"answers\":{\"d\":{\"verb\":\"approve\",\"outcome\":\"changed\",\"reason\":\"\\u001b[m\","
        "\"by\":\"\\u001bP\",\"at\":\"\\u001b\"}}}";
    struct approval *a = read_whole(evil);
    UT_string out;
    utstring_init(&out);
    approval_line(a, &out);
    assert_int_equal(strcspn(utstring_body(&out), "\n"), utstring_len(&out) - 1); /* one line */
    approval_page(a, &out);
    for (const char *p = utstring_body(&out); *p != '\0'; p++)
        assert_false((unsigned char)*p < ' ' && *p != '\n');
    assert_null(strstr(utstring_body(&out), "\xc2\x9b"));
    assert_null(strstr(utstring_body(&out), "\u202E"));
    utstring_done(&out);
    approval_free(&a);
}

static void a_decision_goes_where_the_order_came_from(void **state)
{
    (void)state;
    struct approval *a = read_whole(waiting);
    char *text = decision_json(a, "d-9", false, "too \"dear\"", 3, "ravi");
    assert_string_equal(text, "{\"decision_id\":\"d-9\"," HEAD ",\"verb\":\"reject\",\"reason\":\"too \\\"dear\\\"\","
                              "\"version\":3,\"by\":\"ravi\"," ROUTE "}");
    free(text);
    approval_free(&a);
}

static void words_of_a_decision(void **state)
{
    (void)state;
    char longest[DECIDE_REASON_MOST + 2];
    memset(longest, 'x', sizeof longest);
    longest[DECIDE_REASON_MOST] = '\0';
    assert_true(decide_words_fit(longest, DECIDE_REASON_MOST));
    longest[DECIDE_REASON_MOST] = 'x';
    longest[DECIDE_REASON_MOST + 1] = '\0';
    assert_false(decide_words_fit(longest, DECIDE_REASON_MOST));
    assert_true(decide_words_fit("नीला बिक गया", DECIDE_REASON_MOST));
    assert_false(decide_words_fit("", DECIDE_REASON_MOST));
    assert_false(decide_words_fit("   ", DECIDE_REASON_MOST));
    assert_false(decide_words_fit("a\nb", DECIDE_REASON_MOST));
    assert_false(decide_words_fit("a\xff", DECIDE_REASON_MOST));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_that_waits),
        cmocka_unit_test(records_of_another_kind_are_refused),
        cmocka_unit_test(answers_are_found_by_decision),
        cmocka_unit_test(the_documented_shape_and_no_more),
        cmocka_unit_test(the_whole_order_tells_its_state_too),
        cmocka_unit_test(a_line_for_a_person),
        cmocka_unit_test(a_page_for_a_person),
        cmocka_unit_test(no_name_commands_the_terminal),
        cmocka_unit_test(a_decision_goes_where_the_order_came_from),
        cmocka_unit_test(words_of_a_decision),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
