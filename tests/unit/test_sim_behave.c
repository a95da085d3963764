/* How the simulated channel is told to misbehave, and which rule a send meets. */
#include "common/base/json.h"
#include "tests/platform/behave.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include <cmocka.h>

static struct behaviour *rule(const char *text, struct fault *f)
{
    cJSON *o = json_parse(text, strlen(text), &json_limits_default, f);
    assert_non_null(o);
    struct behaviour *b = behaviour_new(o, f);
    cJSON_Delete(o);
    return b;
}

static void add(struct behaviour **list, const char *text)
{
    struct fault f;
    struct behaviour *b = rule(text, &f);
    assert_non_null(b);
    LL_APPEND(*list, b);
}

static void refused(const char *text, const char *word)
{
    struct fault f = {0};
    assert_null(rule(text, &f));
    assert_int_equal(f.verdict, VERDICT_REJECT);
    assert_non_null(strstr(f.text, word));
}

static void without_rules_a_send_is_accepted(void **state)
{
    (void)state;
    struct behaviour *none = NULL;
    struct behaviour b = behave(&none, "919812345678");
    assert_int_equal(b.mode, BEHAVE_ACCEPT);
    assert_true(b.accepted);
    assert_string_equal(b.statuses, "normal");
}

static void a_rule_read_whole(void **state)
{
    (void)state;
    struct behaviour *list = NULL;
    add(&list, "{\"mode\":\"refuse\",\"to\":\"91\",\"times\":3,\"http\":429,\"code\":130429,\"retry_after\":7,"
               "\"delay_ms\":40,\"accepted\":true,\"statuses\":\"reverse\",\"status_ms\":5}");
    assert_int_equal(list->mode, BEHAVE_REFUSE);
    assert_string_equal(list->to, "91");
    assert_int_equal(list->times, 3);
    assert_int_equal(list->http, 429);
    assert_int_equal(list->code, 130429);
    assert_int_equal(list->retry_after, 7);
    assert_int_equal(list->delay_ms, 40);
    assert_true(list->accepted);
    assert_string_equal(list->statuses, "reverse");
    assert_int_equal(list->status_ms, 5);
    behaviours_free(&list);
    assert_null(list);
}

static void only_a_refusal_is_not_taken_unless_told(void **state)
{
    (void)state;
    static const char *const modes[] = {"accept", "refuse", "late", "hang", "close"};
    for (int m = 0; m < 5; m++) {
        char text[64];
        struct behaviour *list = NULL;
        (void)snprintf(text, sizeof text, "{\"mode\":\"%s\"}", modes[m]);
        add(&list, text);
        assert_int_equal((int)list->mode, m);
        assert_int_equal(list->accepted, list->mode != BEHAVE_REFUSE);
        behaviours_free(&list);
    }
    struct behaviour *list = NULL;
    add(&list, "{\"mode\":\"close\",\"accepted\":false}");
    assert_false(list->accepted);
    behaviours_free(&list);
}

static void the_first_rule_that_fits_and_has_turns_left(void **state)
{
    (void)state;
    struct behaviour *list = NULL;
    add(&list, "{\"mode\":\"hang\",\"to\":\"919800000002\"}");
    add(&list, "{\"mode\":\"refuse\",\"times\":2}");
    add(&list, "{\"mode\":\"late\",\"times\":1}");
    assert_int_equal(behave(&list, "919800000001").mode, BEHAVE_REFUSE);
    assert_int_equal(behave(&list, "919800000002").mode, BEHAVE_HANG);
    assert_int_equal(behave(&list, "919800000001").mode, BEHAVE_REFUSE);
    assert_int_equal(behave(&list, "919800000001").mode, BEHAVE_LATE);
    assert_int_equal(behave(&list, "919800000001").mode, BEHAVE_ACCEPT);
    assert_int_equal(behave(&list, "919800000002").mode, BEHAVE_HANG); /* for ever */
    behaviours_free(&list);
}

static void a_rule_used_up_before_it_began(void **state)
{
    (void)state;
    struct behaviour *list = NULL;
    add(&list, "{\"mode\":\"hang\",\"times\":0}");
    assert_int_equal(behave(&list, "919800000001").mode, BEHAVE_ACCEPT);
    behaviours_free(&list);
}

static void slips_of_the_pen_are_refused(void **state)
{
    (void)state;
    refused("{}", "mode");
    refused("[]", "mode");
    refused("{\"mode\":\"explode\"}", "mode");
    refused("{\"mode\":1}", "mode");
    refused("{\"mode\":\"accept\",\"time\":1}", "time");
    refused("{\"mode\":\"accept\",\"times\":-2}", "times");
    refused("{\"mode\":\"accept\",\"times\":\"many\"}", "times");
    refused("{\"mode\":\"refuse\",\"http\":99}", "http");
    refused("{\"mode\":\"refuse\",\"retry_after\":-1}", "retry_after");
    refused("{\"mode\":\"late\",\"delay_ms\":1.5}", "delay_ms");
    refused("{\"mode\":\"accept\",\"statuses\":\"thrice\"}", "statuses");
    refused("{\"mode\":\"accept\",\"statuses\":\"backwards\"}", "statuses");
    refused("{\"mode\":\"accept\",\"accepted\":\"yes\"}", "accepted");
    refused("{\"mode\":\"accept\",\"to\":91}", "to");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_rules_a_send_is_accepted),
        cmocka_unit_test(a_rule_read_whole),
        cmocka_unit_test(only_a_refusal_is_not_taken_unless_told),
        cmocka_unit_test(the_first_rule_that_fits_and_has_turns_left),
        cmocka_unit_test(a_rule_used_up_before_it_began),
        cmocka_unit_test(slips_of_the_pen_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
