/* The owner's decisions: each takes effect once, on what the owner saw, or not at all. */
#include "order_fixture.h"

static void assert_untouched(const struct chat *c, const struct order *before)
{
    assert_false(c->plan.order_changed || c->plan.has_invoice || c->plan.asks_owner);
    assert_int_equal(c->plan.stock, PLAN_STOCK_NONE);
    assert_memory_equal(before, &c->plan.order, sizeof *before);
    assert_int_equal(c->plan.n_replies, 0);
}

static void second_approval_is_already_decided(void **state)
{
    (void)state;
    struct chat *c = chat_in(ORDER_COMPLETED);
    struct order before = c->s.order;
    decide(c, true, 2);
    assert_int_equal(c->plan.outcome, DECISION_ALREADY);
    assert_non_null(strstr(c->plan.outcome_reason, "INV/26-27/000001"));
    assert_true(c->plan.approval);
    assert_untouched(c, &before);
    decide(c, false, before.version);
    assert_int_equal(c->plan.outcome, DECISION_ALREADY);
    assert_untouched(c, &before);
    chat_free(&c);
}

static void rejection_releases_and_tells_why(void **state)
{
    (void)state;
    struct chat *c = chat_in(ORDER_REJECTED);
    assert_int_equal(c->plan.outcome, DECISION_REJECTED);
    assert_int_equal(c->plan.stock, PLAN_STOCK_RELEASE);
    assert_string_equal(c->plan.closure_reason, "owner");
    assert_true(c->plan.approval);
    assert_false(c->plan.has_invoice);
    assert_said(c, "Reason: no lorry today.");
    struct order before = c->s.order;
    decide(c, true, before.version);
    assert_int_equal(c->plan.outcome, DECISION_ALREADY);
    assert_untouched(c, &before);
    chat_free(&c);
}

static void decision_on_another_version_changes_nothing(void **state)
{
    (void)state;
    for (int approve = 0; approve < 2; approve++) {
        struct chat *c = chat_in(ORDER_WAITING);
        struct order before = c->s.order;
        decide(c, approve == 1, before.version - 1);
        assert_int_equal(c->plan.outcome, DECISION_CHANGED);
        assert_true(c->plan.approval);
        assert_untouched(c, &before);
        chat_free(&c);
    }
}

static void decision_before_the_customer_confirmed(void **state)
{
    (void)state;
    struct chat *c = chat_in(ORDER_FINAL);
    struct order before = c->s.order;
    decide(c, true, before.version);
    assert_int_equal(c->plan.outcome, DECISION_CHANGED);
    assert_untouched(c, &before);
    chat_free(&c);
}

static void late_decision_closes_the_order(void **state)
{
    (void)state;
    for (int approve = 0; approve < 2; approve++) {
        struct chat *c = chat_in(ORDER_WAITING);
        c->s.order.expired = true;
        decide(c, approve == 1, c->s.order.version);
        assert_int_equal(c->plan.outcome, DECISION_EXPIRED);
        assert_int_equal(c->s.order.state, ORDER_CANCELLED);
        assert_string_equal(c->plan.closure_reason, "expired");
        assert_int_equal(c->plan.stock, PLAN_STOCK_RELEASE);
        assert_int_equal(c->s.order.version, 3);
        assert_said(c, "did not answer in time");
        struct order before = c->s.order;
        decide(c, approve == 1, before.version);
        assert_int_equal(c->plan.outcome, DECISION_EXPIRED);
        assert_untouched(c, &before);
        chat_free(&c);
    }
}

static void decision_on_a_cancelled_order(void **state)
{
    (void)state;
    struct chat *c = chat_in(ORDER_CANCELLED);
    struct order before = c->s.order;
    decide(c, false, before.version);
    assert_int_equal(c->plan.outcome, DECISION_CHANGED);
    assert_untouched(c, &before);
    chat_free(&c);
}

static void unknown_order(void **state)
{
    (void)state;
    struct chat *c = chat_new();
    struct order before = c->s.order;
    decide(c, true, 1);
    assert_int_equal(c->plan.outcome, DECISION_UNKNOWN_ORDER);
    assert_false(c->plan.approval);
    assert_untouched(c, &before);
    chat_free(&c);
}

static void lapsed_holds_are_found_again(void **state)
{
    (void)state;
    struct chat *c = chat_in(ORDER_WAITING);
    c->s.order.holds_lapsed = true;
    c->batches[0].rolls_free = 0; /* its lot was sold, another has come */
    put_batch(c, "b-blue-2", "v-cotton-blue", "L-18", 1, 30);
    decide(c, true, 2);
    assert_int_equal(c->plan.outcome, DECISION_COMPLETED);
    assert_int_equal(c->plan.stock, PLAN_STOCK_REHOLD_SELL);
    assert_int_equal(c->plan.n_holds, 1);
    assert_string_equal(c->plan.holds[0].allocation.batch_id, "b-blue-2");
    assert_string_equal(c->s.order.lines[0].batch_id, "b-blue-2");
    assert_int_equal(c->plan.invoice.total_paise, 252000);
    chat_free(&c);
}

static void lapsed_holds_that_are_gone_leave_the_order_waiting(void **state)
{
    (void)state;
    struct chat *c = chat_in(ORDER_WAITING);
    struct order before = c->s.order;
    before.holds_lapsed = c->s.order.holds_lapsed = true;
    c->batches[0].rolls_free = 1;
    decide(c, true, 2);
    assert_int_equal(c->plan.outcome, DECISION_SHORTAGE);
    assert_string_equal(c->plan.outcome_reason, "line 1, blue cotton: 20 m needed, 10 m left in one lot");
    assert_true(c->plan.approval);
    assert_untouched(c, &before);
    chat_free(&c);
}

static void commit_that_found_less(void **state)
{
    (void)state;
    struct chat *c = chat_in(ORDER_WAITING);
    struct order before = c->s.order;
    struct decision d = {.approve = true, .version = 2};
    order_turn_short(&c->s, &(struct turn_input){.kind = TURN_DECISION, .decision = &d}, &c->plan);
    assert_int_equal(c->plan.outcome, DECISION_SHORTAGE);
    assert_true(c->plan.approval);
    assert_untouched(c, &before);
    chat_free(&c);
    c = chat_in(ORDER_FINAL);
    before = c->s.order;
    struct reading yes = reading_of(INTENT_CONFIRM_ORDER, 0, NULL);
    order_turn_short(&c->s, &(struct turn_input){.kind = TURN_READING, .reading = &yes}, &c->plan);
    assert_false(c->plan.order_changed || c->plan.approval);
    assert_int_equal(c->plan.stock, PLAN_STOCK_NONE);
    assert_said(c, "once more");
    chat_free(&c);
}

static void long_reason_is_cut_between_characters(void **state)
{
    (void)state;
    struct chat *c = chat_in(ORDER_WAITING);
    struct decision d = {.approve = false, .version = 2};
    for (size_t i = 0; i + 4 < sizeof d.reason; i += 3)
        memcpy(d.reason + i, "क", 4);
    turn(c, &(struct turn_input){.kind = TURN_DECISION, .decision = &d});
    assert_int_equal(strlen(c->plan.outcome_reason), 198);
    assert_said(c, d.reason);
    chat_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(second_approval_is_already_decided),
        cmocka_unit_test(rejection_releases_and_tells_why),
        cmocka_unit_test(decision_on_another_version_changes_nothing),
        cmocka_unit_test(decision_before_the_customer_confirmed),
        cmocka_unit_test(late_decision_closes_the_order),
        cmocka_unit_test(decision_on_a_cancelled_order),
        cmocka_unit_test(unknown_order),
        cmocka_unit_test(lapsed_holds_are_found_again),
        cmocka_unit_test(lapsed_holds_that_are_gone_leave_the_order_waiting),
        cmocka_unit_test(commit_that_found_less),
        cmocka_unit_test(long_reason_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
