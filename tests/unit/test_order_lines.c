/* Lines of an order: found by their names, offered when short, changed, replaced, removed. */
#include "order_fixture.h"

static void say_items(struct chat *c, enum intent intent, size_t n, const struct reading_item *items)
{
    struct reading r = reading_of(intent, n, items);
    say_reading(c, &r);
}

static struct order_line *line_of(struct chat *c, int line_no)
{
    return &c->s.order.lines[line_no - 1];
}

static void ambiguous_names_are_asked(void **state)
{
    (void)state;
    struct match m = match_goods(&shop_catalogue, "", "cotton", "white");
    assert_string_equal(m.variant->variant_id, "v-cotton-white"); /* the product of that name, not all made of cotton */
    m = match_goods(&shop_catalogue, "poplin", "cotton", "");
    assert_string_equal(m.variant->variant_id, "v-poplin-white");
    m = match_goods(&shop_catalogue, "", "", "white");
    assert_null(m.product);
    m = match_goods(&shop_catalogue, "", "cotton", "purple");
    assert_string_equal(m.product->product_id, "p-cotton");
    assert_null(m.variant);
    static struct variant twins[] = {
        {.product_id = "a", .variant_id = "a1", .name = "fine", .material = "wool", .color = "red"},
        {.product_id = "b", .variant_id = "b1", .name = "rough", .material = "wool", .color = "red"},
        {.product_id = "b", .variant_id = "b2", .name = "rough", .material = "wool", .color = "tan"}};
    const struct catalogue c = {1, twins, 3};
    assert_null(match_goods(&c, "", "wool", "red").product);
    assert_string_equal(match_goods(&c, "", "wool", "tan").variant->variant_id, "b2");
    assert_null(match_goods(&c, "", "wool", "").product);
}

static int64_t metres_of(struct reading_item it, const char *material, const char *color, bool *assumed)
{
    struct stock_batch rolls[] = {{.variant_id = "v-cotton-blue", .roll_um = 10 * M},
                                  {.variant_id = "v-cotton-blue", .roll_um = 10 * M},
                                  {.variant_id = "v-cotton-white", .roll_um = 10 * M},
                                  {.variant_id = "v-cotton-white", .roll_um = 40 * M}};
    struct stock stock = {rolls, 4};
    struct match m = match_goods(&shop_catalogue, "", material, color);
    int64_t um = -1;
    *assumed = false;
    return match_quantity(&it, &m, &stock, &um, assumed) == QUANTITY_SAID ? um : -1;
}

static void quantities_become_metres_or_questions(void **state)
{
    (void)state;
    bool assumed;
    struct reading_item it = item_of(ACTION_ADD, 0, "", "", -1);
    it.quantity_u = 2 * M;
    assert_int_equal(metres_of(it, "cotton", "blue", &assumed), 2 * M);
    assert_true(assumed);
    assert_int_equal(metres_of(it, "lace", "white", &assumed), -1); /* sold by the piece */
    (void)snprintf(it.unit, sizeof it.unit, "roll");
    assert_int_equal(metres_of(it, "cotton", "blue", &assumed), 20 * M);
    assert_false(assumed);
    assert_int_equal(metres_of(it, "cotton", "white", &assumed), -1); /* rolls of two lengths */
    assert_int_equal(metres_of(it, "cotton", "", &assumed), -1);
    (void)snprintf(it.unit, sizeof it.unit, "kg");
    assert_int_equal(metres_of(it, "cotton", "blue", &assumed), -1);
    it = item_of(ACTION_ADD, 0, "", "", 32918400);
    (void)snprintf(it.unit, sizeof it.unit, "yd");
    it.quantity_u = 36 * M;
    assert_int_equal(metres_of(it, "cotton", "blue", &assumed), 32918400);
    it = item_of(ACTION_ADD, 0, "", "", 1000000 * M + 1);
    assert_int_equal(metres_of(it, "cotton", "blue", &assumed), -1);
}

static void shortage_offers_what_there_is(void **state)
{
    (void)state;
    struct chat *c = chat_in(ORDER_NEGOTIATION);
    assert_said(c, "1. blue cotton: 20 m of one lot, you asked for 50 m.");
    assert_said(c, "Reply \"ok\"");
    assert_unsaid(c, "green");
    say_intent(c, INTENT_ACCEPT_AVAILABLE);
    assert_int_equal(c->s.order.state, ORDER_FINAL);
    assert_int_equal(line_of(c, 1)->quantity_um, 20 * M);
    assert_int_equal(line_of(c, 1)->requested_um, 50 * M);
    assert_said(c, "Total ₹2,520");
    chat_free(&c);
    c = chat_in(ORDER_NEGOTIATION);
    say_intent(c, INTENT_CONFIRM_ORDER); /* "yes" to an offer that has one meaning */
    assert_int_equal(c->s.order.state, ORDER_FINAL);
    assert_int_equal(c->plan.stock, PLAN_STOCK_NONE);
    chat_free(&c);
}

static void out_of_stock_proposes_other_goods(void **state)
{
    (void)state;
    struct chat *c = chat_new();
    wants(c, "polyester", "blue", 15);
    assert_int_equal(c->s.order.state, ORDER_NEGOTIATION);
    assert_said(c, "1. blue polyester: not in stock; there is red polyester, blue cotton.");
    say_intent(c, INTENT_CONFIRM_ORDER); /* nothing to take: asks on */
    assert_int_equal(c->s.order.state, ORDER_NEGOTIATION);
    say_intent(c, INTENT_REQUEST_ALTERNATIVE);
    assert_said(c, "red polyester, blue cotton");
    say_item(c, INTENT_CHOOSE_OPTION, item_of(ACTION_REPLACE, 1, "", "red", -1));
    assert_int_equal(c->s.order.state, ORDER_FINAL);
    assert_int_equal(line_of(c, 1)->status, LINE_REPLACED);
    assert_int_equal(line_of(c, 1)->replaced_by, 2);
    assert_string_equal(line_of(c, 2)->variant_id, "v-poly-red");
    assert_int_equal(line_of(c, 2)->quantity_um, 15 * M);
    assert_unsaid(c, "blue polyester");
    say_item(c, INTENT_CHOOSE_OPTION,
             item_of(ACTION_REPLACE, 1, "", "red", -1)); /* said twice: no second replacement */
    assert_int_equal(c->s.order.n_lines, 2);
    say_item(c, INTENT_EDIT_ITEM, item_of(ACTION_REPLACE, 1, "cotton", "green", -1)); /* and again something else */
    assert_int_equal(line_of(c, 2)->replaced_by, 3);
    assert_string_equal(line_of(c, 3)->variant_id, "v-cotton-green");
    assert_int_equal(c->s.order.state, ORDER_FINAL);
    chat_free(&c);
}

static void at_most_three_alternatives_material_first(void **state)
{
    (void)state;
    struct chat *c = chat_new();
    c->batches[1].variant_id[0] = '\0'; /* no green cotton */
    const struct variant *found[ALTERNATIVES];
    assert_int_equal(match_alternatives(&shop_catalogue, &c->stock, &shop_variants[2], 5 * M, found), 3);
    assert_string_equal(found[0]->variant_id, "v-cotton-blue");
    assert_string_equal(found[1]->variant_id, "v-cotton-white");
    assert_string_equal(found[2]->variant_id, "v-poplin-white");
    assert_int_equal(match_alternatives(&shop_catalogue, &c->stock, &shop_variants[5], 5 * M, found), 2);
    assert_string_equal(found[0]->variant_id, "v-poly-red");
    assert_string_equal(found[1]->variant_id, "v-cotton-blue");
    assert_int_equal(match_alternatives(&shop_catalogue, &c->stock, &shop_variants[5], 1000 * M, found), 0);
    chat_free(&c);
}

static void accept_one_and_drop_another(void **state)
{
    (void)state;
    struct chat *c = chat_new();
    const struct reading_item items[] = {item_of(ACTION_ADD, 0, "cotton", "blue", 50 * M),
                                         item_of(ACTION_ADD, 0, "polyester", "blue", 6 * M),
                                         item_of(ACTION_ADD, 0, "silk", "gold", 3 * M)};
    say_items(c, INTENT_PLACE_ORDER, 3, items);
    assert_int_equal(c->s.order.state, ORDER_NEGOTIATION);
    assert_said(c, "Write what to take instead, or reply \"ok\"");
    assert_said(c, "The rest is there:\n3. gold silk, 3 m");
    say_item(c, INTENT_ACCEPT_AVAILABLE, item_of(ACTION_ACCEPT, 1, "", "", 20 * M));
    assert_int_equal(c->s.order.state, ORDER_NEGOTIATION); /* one line is still open */
    assert_unsaid(c, "blue cotton: ");
    say_item(c, INTENT_CANCEL_ITEM, item_of(ACTION_REMOVE, 0, "polyester", "blue", -1));
    assert_int_equal(c->s.order.state, ORDER_FINAL);
    assert_unsaid(c, "polyester");
    assert_said(c, "3. gold silk");
    chat_free(&c);
    c = chat_new();
    say_items(c, INTENT_PLACE_ORDER, 3, items);
    const struct reading_item both[] = {item_of(ACTION_ACCEPT, 1, "", "", 20 * M),
                                        item_of(ACTION_REMOVE, 2, "", "", -1)};
    say_items(c, INTENT_MULTI, 2, both);
    assert_int_equal(c->s.order.state, ORDER_FINAL);
    assert_int_equal(line_of(c, 2)->status, LINE_CANCELLED);
    chat_free(&c);
}

/* A "yes" to an offer is never answered by the same offer while something remains to be sold. */
static void yes_goes_on_without_what_is_out(void **state)
{
    (void)state;
    const struct reading_item items[] = {item_of(ACTION_ADD, 0, "cotton", "blue", 50 * M),
                                         item_of(ACTION_ADD, 0, "polyester", "blue", 6 * M),
                                         item_of(ACTION_ADD, 0, "silk", "gold", 3 * M)};
    struct chat *c = chat_new();
    say_items(c, INTENT_PLACE_ORDER, 3, items);
    say_intent(c, INTENT_CONFIRM_ORDER);
    assert_int_equal(c->s.order.state, ORDER_FINAL); /* the summary wants a "yes" of its own */
    assert_int_equal(line_of(c, 1)->quantity_um, 20 * M);
    assert_int_equal(line_of(c, 2)->status, LINE_CANCELLED);
    assert_said(c, "Left out, not in stock: blue polyester.");
    chat_free(&c);

    c = chat_new();
    say_items(c, INTENT_PLACE_ORDER, 3, items);
    say_item(c, INTENT_ACCEPT_AVAILABLE, item_of(ACTION_ACCEPT, 2, "", "", -1)); /* this one line alone */
    assert_int_equal(c->s.order.state, ORDER_NEGOTIATION);
    assert_int_equal(line_of(c, 2)->status, LINE_CANCELLED);
    assert_said(c, "Left out, not in stock: blue polyester.");
    assert_said(c, "1. blue cotton: 20 m");
    chat_free(&c);

    c = chat_new();
    say_items(c, INTENT_PLACE_ORDER, 1, items + 1);
    assert_said(c, "For each line");
    say_intent(c, INTENT_CONFIRM_ORDER); /* nothing would remain: the question stands */
    assert_int_equal(c->s.order.state, ORDER_NEGOTIATION);
    assert_int_equal(line_of(c, 1)->status, LINE_NEGOTIATING);
    chat_free(&c);
}

static void all_lines_removed_cancels(void **state)
{
    (void)state;
    struct chat *c = chat_in(ORDER_NEGOTIATION);
    say_intent(c, INTENT_CANCEL_ITEM);
    assert_int_equal(c->s.order.state, ORDER_CANCELLED);
    assert_string_equal(c->plan.closure_reason, "no_lines");
    assert_int_equal(c->s.order.version, 2);
    wants(c, "cotton", "blue", 5); /* begins anew */
    assert_true(c->plan.order_new);
    assert_string_equal(c->s.order.order_id, "order-2");
    assert_int_equal(c->s.order.version, 1);
    chat_free(&c);
}

static void unclear_line_changes_nothing(void **state)
{
    (void)state;
    struct chat *c = chat_in(ORDER_FINAL);
    const struct reading_item items[] = {item_of(ACTION_SET, 1, "", "", 5 * M),
                                         item_of(ACTION_REMOVE, 0, "silk", "", -1)};
    say_items(c, INTENT_MULTI, 2, items);
    assert_int_equal(c->s.order.state, ORDER_FINAL);
    assert_false(c->plan.order_changed);
    assert_said(c, "Which line do you mean?");
    assert_int_equal(line_of(c, 1)->quantity_um, 20 * M);
    chat_free(&c);
}

static void changes_at_the_summary(void **state)
{
    (void)state;
    struct chat *c = chat_in(ORDER_FINAL);
    say_item(c, INTENT_EDIT_ITEM, item_of(ACTION_SET, 1, "", "", 15 * M));
    assert_int_equal(c->s.order.state, ORDER_FINAL);
    assert_said(c, "blue cotton, 15 m");
    say_item(c, INTENT_ADD_ITEM, item_of(ACTION_ADD, 0, "silk", "", 2 * M));
    assert_said(c, "2. gold silk, 2 m");
    say_item(c, INTENT_EDIT_ITEM, item_of(ACTION_SET, 1, "", "", 25 * M));
    assert_int_equal(c->s.order.state, ORDER_NEGOTIATION);
    say_item(c, INTENT_EDIT_ITEM, item_of(ACTION_SET, 0, "", "", 18 * M)); /* the one line that is open */
    assert_int_equal(c->s.order.state, ORDER_FINAL);
    assert_int_equal(line_of(c, 1)->quantity_um, 18 * M);
    say_item(c, INTENT_EDIT_ITEM, item_of(ACTION_SET, 1, "cotton", "purple", -1)); /* not a colour of the shop */
    assert_int_equal(c->s.order.state, ORDER_COLLECTING);
    assert_string_equal(c->s.order.pending_slot, "color");
    say_item(c, INTENT_PROVIDE_VALUE, item_of(ACTION_SET, 0, "", "white", -1));
    assert_int_equal(c->s.order.state, ORDER_FINAL);
    assert_string_equal(line_of(c, 3)->variant_id, "v-cotton-white");
    assert_int_equal(line_of(c, 3)->quantity_um, 18 * M);
    say_intent(c, INTENT_DENY);
    assert_int_equal(c->s.order.state, ORDER_FINAL);
    assert_said(c, "What shall I change?");
    chat_free(&c);
}

static void stock_gone_at_confirmation(void **state)
{
    (void)state;
    struct chat *c = chat_in(ORDER_FINAL);
    c->batches[0].rolls_free = 1;
    say_intent(c, INTENT_CONFIRM_ORDER);
    assert_int_equal(c->s.order.state, ORDER_NEGOTIATION);
    assert_int_equal(c->plan.stock, PLAN_STOCK_NONE);
    assert_false(c->plan.asks_owner);
    assert_said(c, "10 m of one lot, you asked for 20 m");
    chat_free(&c);
}

static void two_lines_do_not_share_a_roll(void **state)
{
    (void)state;
    struct chat *c = chat_in(ORDER_FINAL);
    say_item(c, INTENT_ADD_ITEM, item_of(ACTION_ADD, 0, "cotton", "blue", 5 * M));
    assert_int_equal(c->s.order.state, ORDER_NEGOTIATION);
    assert_int_equal(line_of(c, 2)->stock, STOCK_OUT);
    chat_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ambiguous_names_are_asked),
        cmocka_unit_test(quantities_become_metres_or_questions),
        cmocka_unit_test(shortage_offers_what_there_is),
        cmocka_unit_test(out_of_stock_proposes_other_goods),
        cmocka_unit_test(at_most_three_alternatives_material_first),
        cmocka_unit_test(accept_one_and_drop_another),
        cmocka_unit_test(yes_goes_on_without_what_is_out),
        cmocka_unit_test(all_lines_removed_cancels),
        cmocka_unit_test(unclear_line_changes_nothing),
        cmocka_unit_test(changes_at_the_summary),
        cmocka_unit_test(stock_gone_at_confirmation),
        cmocka_unit_test(two_lines_do_not_share_a_roll),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
