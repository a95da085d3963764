/* Conversations with the order flow, from the first message to the bill. */
#include "order_fixture.h"

static void say_lang(struct chat *c, enum intent intent, const char *language, const struct reading_item *it)
{
    struct reading r = reading_of(intent, it != NULL ? 1 : 0, it);
    (void)snprintf(r.language, sizeof r.language, "%s", language);
    say_reading(c, &r);
}

static void say_items(struct chat *c, enum intent intent, size_t n, const struct reading_item *items)
{
    struct reading r = reading_of(intent, n, items);
    say_reading(c, &r);
}

static struct order_line *line_of(struct chat *c, int line_no)
{
    return &c->s.order.lines[line_no - 1];
}

static void twenty_metres_of_blue_cotton(void **state)
{
    (void)state;
    struct chat *c = chat_new();
    wants(c, "cotton", "blue", 20);
    assert_true(c->plan.order_new && c->plan.order_changed);
    assert_string_equal(c->plan.order.order_id, "order-1");
    assert_int_equal(c->s.order.state, ORDER_FINAL);
    assert_int_equal(c->s.order.version, 1);
    assert_string_equal(line_of(c, 1)->variant_id, "v-cotton-blue");
    assert_said(c, "1. blue cotton, 20 m x ₹120/m = ₹2,400");
    assert_said(c, "GST ₹120\nTotal ₹2,520");
    assert_unsaid(c, "Round-off");
    assert_int_equal(c->plan.stock, PLAN_STOCK_NONE);
    assert_false(c->plan.approval);

    say_intent(c, INTENT_CONFIRM_ORDER);
    assert_int_equal(c->s.order.state, ORDER_WAITING);
    assert_int_equal(c->s.order.version, 2);
    assert_true(c->plan.asks_owner && c->plan.approval);
    assert_int_equal(c->plan.stock, PLAN_STOCK_HOLD);
    assert_int_equal(c->plan.holds[0].allocation.n_takes, 1);
    assert_int_equal(c->plan.holds[0].allocation.takes[0].rolls, 2);
    assert_string_equal(c->plan.holds[0].allocation.dye_lot, "L-17");

    decide(c, true, 2);
    assert_int_equal(c->s.order.state, ORDER_COMPLETED);
    assert_int_equal(c->plan.outcome, DECISION_COMPLETED);
    assert_int_equal(c->plan.stock, PLAN_STOCK_SELL);
    assert_true(c->plan.has_invoice && c->plan.approval);
    assert_string_equal(c->plan.invoice.lines[0].description, "blue cotton");
    assert_string_equal(c->plan.invoice.lines[0].hsn, "5208");
    assert_string_equal(c->plan.invoice.place_of_supply, "27");
    assert_int_equal(c->plan.invoice.total_paise, 252000);
    assert_int_equal(c->plan.replies[0].cls, CLASS_BILL);
    assert_said(c, INVOICE_MARK);
    assert_said(c, "Total ₹2,520");
    chat_free(&c);
}

static void two_items_in_one_message(void **state)
{
    (void)state;
    struct chat *c = chat_new();
    const struct reading_item items[] = {item_of(ACTION_ADD, 0, "cotton", "blue", 10 * M),
                                         item_of(ACTION_ADD, 0, "polyester", "red", 6 * M)};
    say_items(c, INTENT_PLACE_ORDER, 2, items);
    assert_int_equal(c->s.order.state, ORDER_FINAL);
    assert_said(c, "1. blue cotton, 10 m");
    assert_said(c, "2. red polyester, 6 m x ₹80.33/m = ₹481.98");
    assert_said(c, "Round-off -₹0.08\nTotal ₹1,766"); /* 1,681.98 + 2 x 30 + 2 x 12.05 */
    say_intent(c, INTENT_CONFIRM_ORDER);
    assert_int_equal(c->plan.n_holds, 2);
    decide(c, true, c->s.order.version);
    assert_int_equal(c->plan.invoice.total_paise, 176600);
    assert_int_equal(c->plan.invoice.round_off_paise, -8);
    chat_free(&c);
}

static void open_details_are_asked_one_by_one(void **state)
{
    (void)state;
    struct chat *c = chat_new();
    wants(c, "", "blue", 5);
    assert_int_equal(c->s.order.state, ORDER_NONE);
    assert_false(c->plan.order_changed);
    assert_said(c, "cotton, poplin, polyester, silk, lace");
    wants(c, "cotton", "", -1);
    assert_int_equal(c->s.order.state, ORDER_COLLECTING);
    assert_string_equal(c->s.order.pending_slot, "color");
    assert_said(c, "Which colour of cotton? We have blue, white, green.");
    say_item(c, INTENT_PROVIDE_VALUE, item_of(ACTION_SET, 1, "", "green", -1));
    assert_string_equal(c->s.order.pending_slot, "quantity");
    assert_int_equal(c->s.order.pending_line, 1);
    assert_said(c, "How many metres of green cotton");
    struct reading_item bare = item_of(ACTION_SET, 0, "", "", 12 * M);
    bare.length_um = -1;
    bare.unit[0] = '\0';
    say_item(c, INTENT_PROVIDE_VALUE, bare);
    assert_int_equal(c->s.order.state, ORDER_FINAL);
    assert_string_equal(c->s.order.pending_slot, "");
    assert_said(c, "green cotton, 12 m");
    assert_unsaid(c, "as metres"); /* the question named them */
    assert_int_equal(c->s.order.n_lines, 1);
    chat_free(&c);
}

static void only_colour_needs_no_question(void **state)
{
    (void)state;
    struct chat *c = chat_new();
    wants(c, "silk", "", 2);
    assert_said(c, "gold silk, 2 m x ₹450.50/m = ₹901");
    chat_free(&c);
}

static void range_is_asked_and_bare_number_is_told(void **state)
{
    (void)state;
    struct chat *c = chat_new();
    struct reading_item it = item_of(ACTION_ADD, 0, "cotton", "blue", -1);
    it.quantity_min_u = 10 * M;
    it.quantity_max_u = 12 * M;
    say_item(c, INTENT_PLACE_ORDER, it);
    assert_string_equal(c->s.order.pending_slot, "quantity");
    it = item_of(ACTION_ADD, 0, "polyester", "red", -1);
    it.quantity_u = 7500000;
    say_item(c, INTENT_CANCEL_ORDER, it);
    say_item(c, INTENT_PLACE_ORDER, it);
    assert_int_equal(c->s.order.state, ORDER_FINAL);
    assert_said(c, "red polyester, 7.5 m");
    assert_said(c, "I took the number as metres.");
    assert_string_equal(c->s.order.order_id, "order-2");
    chat_free(&c);
}

static void unknown_goods_beside_known_ones_are_not_dropped(void **state)
{
    (void)state;
    struct chat *c = chat_new();
    const struct reading_item items[] = {item_of(ACTION_ADD, 0, "cotton", "blue", 10 * M),
                                         item_of(ACTION_ADD, 0, "velvet", "red", 6 * M)};
    say_items(c, INTENT_PLACE_ORDER, 2, items);
    assert_int_equal(c->s.order.state, ORDER_COLLECTING);
    assert_string_equal(c->s.order.pending_slot, "material");
    assert_said(c, "Which cloth do you need?");
    say_intent(c, INTENT_DENY); /* nothing else */
    assert_int_equal(c->s.order.state, ORDER_FINAL);
    assert_said(c, "1. blue cotton, 10 m");
    chat_free(&c);
}

static void price_is_frozen_when_quoted(void **state)
{
    (void)state;
    struct chat *c = chat_in(ORDER_FINAL);
    shop_variants[0].price_paise = 99900;
    say_intent(c, INTENT_CONFIRM_ORDER);
    decide(c, true, c->s.order.version);
    shop_variants[0].price_paise = 12000;
    assert_int_equal(c->plan.invoice.lines[0].price_paise, 12000);
    assert_int_equal(c->plan.invoice.total_paise, 252000);
    chat_free(&c);
}

static void cancel_in_every_state(void **state)
{
    (void)state;
    const enum order_state open[] = {ORDER_COLLECTING, ORDER_NEGOTIATION, ORDER_FINAL, ORDER_WAITING};
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++) {
        struct chat *c = chat_in(open[i]);
        int64_t version = c->s.order.version;
        say_intent(c, INTENT_CANCEL_ORDER);
        assert_int_equal(c->s.order.state, ORDER_CANCELLED);
        assert_string_equal(c->plan.closure_reason, "customer");
        assert_int_equal(c->s.order.version, version + 1);
        assert_int_equal(c->plan.stock, open[i] == ORDER_WAITING ? PLAN_STOCK_RELEASE : PLAN_STOCK_NONE);
        assert_int_equal(c->plan.approval, open[i] == ORDER_WAITING);
        assert_said(c, "cancelled");
        chat_free(&c);
    }
    struct chat *c = chat_new();
    say_intent(c, INTENT_CANCEL_ORDER);
    assert_false(c->plan.transitions[0].ok);
    assert_false(c->plan.order_changed);
    assert_said(c, "There is no open order");
    chat_free(&c);
}

static void customer_cannot_edit_while_the_owner_decides(void **state)
{
    (void)state;
    struct chat *c = chat_in(ORDER_WAITING);
    say_item(c, INTENT_EDIT_ITEM, item_of(ACTION_SET, 1, "", "", 5 * M));
    assert_said(c, "cannot be changed now");
    assert_false(c->plan.order_changed);
    say_intent(c, INTENT_CONFIRM_ORDER);
    assert_said(c, "owner is looking");
    assert_int_equal(c->plan.stock, PLAN_STOCK_NONE);
    assert_int_equal(c->s.order.version, 2);
    chat_free(&c);
}

static void late_customer_closes_a_lapsed_order(void **state)
{
    (void)state;
    struct chat *c = chat_in(ORDER_WAITING);
    c->s.order.expired = true;
    wants(c, "silk", "", 2);
    assert_int_equal(c->s.order.state, ORDER_CANCELLED);
    assert_string_equal(c->s.order.closure_reason, "expired");
    assert_int_equal(c->plan.stock, PLAN_STOCK_RELEASE);
    assert_int_equal(c->plan.outcome, DECISION_NONE);
    decide(c, true, 2);
    assert_int_equal(c->plan.outcome, DECISION_EXPIRED);
    chat_free(&c);
}

static void small_talk_changes_nothing(void **state)
{
    (void)state;
    const struct reading_item ask = item_of(ACTION_ASK, 0, "cotton", "blue", -1);
    for (enum order_state s = ORDER_NONE; s <= ORDER_WAITING; s++) {
        struct chat *c = chat_in(s);
        struct order before = c->s.order;
        say_intent(c, INTENT_GREETING);
        assert_int_equal(c->plan.replies[0].cls, CLASS_GREETING);
        assert_said(c, "Gupta Textiles");
        say_item(c, INTENT_ASK_PRICE, ask);
        assert_said(c, "blue cotton: ₹120/m");
        say_item(c, INTENT_ASK_STOCK, ask);
        assert_said(c, "blue cotton: up to 20 m of one lot.");
        say_intent(c, INTENT_THANKS);
        assert_unsaid(c, " \n");
        say_intent(c, INTENT_ASK_STATUS);
        say_intent(c, INTENT_UNKNOWN);
        assert_said(c, "did not understand");
        turn(c, &(struct turn_input){.kind = TURN_NO_TEXT});
        assert_said(c, "Please type");
        assert_memory_equal(&before, &c->s.order, sizeof before);
        chat_free(&c);
    }
}

static void price_of_goods_in_several_colours(void **state)
{
    (void)state;
    struct chat *c = chat_new();
    say_item(c, INTENT_ASK_PRICE, item_of(ACTION_ASK, 0, "cotton", "", -1));
    assert_said(c, "blue cotton: ₹120/m\nwhite cotton: ₹110/m\ngreen cotton: ₹125/m");
    assert_said(c, "for example: 20 m blue cotton");
    say_item(c, INTENT_ASK_STOCK, item_of(ACTION_ASK, 0, "polyester", "blue", -1));
    assert_said(c, "blue polyester: not in stock.");
    say_intent(c, INTENT_ASK_PRICE);
    assert_said(c, "Which cloth");
    chat_free(&c);
}

static void language_of_the_customer(void **state)
{
    (void)state;
    struct chat *c = chat_new();
    const struct reading_item it = item_of(ACTION_ADD, 0, "cotton", "blue", 20 * M);
    say_lang(c, INTENT_PLACE_ORDER, "hi", &it);
    assert_string_equal(c->plan.language, "hi");
    assert_said(c, "आपका ऑर्डर:\n1. blue cotton, 20 m");
    say_lang(c, INTENT_CONFIRM_ORDER, "", NULL); /* "ok" tells no language: stays */
    assert_string_equal(c->plan.language, "");
    assert_said(c, "धन्यवाद");
    decide(c, true, 2);
    assert_said(c, "मालिक ने आपका ऑर्डर मंज़ूर कर दिया है");
    say_lang(c, INTENT_ASK_STATUS, "hi-Latn", NULL);
    assert_said(c, "Aapka koi order khula nahin hai.");
    chat_free(&c);
    c = chat_new();
    c->s.language[0] = '\0';
    say_lang(c, INTENT_GREETING, "", NULL);
    assert_said(c, "namaste");
    chat_free(&c);
}

static void long_orders_are_said_in_several_messages(void **state)
{
    (void)state;
    struct chat *c = chat_new();
    struct reading r = reading_of(INTENT_PLACE_ORDER, 0, NULL);
    for (r.n_items = 0; r.n_items < READING_ITEMS; r.n_items++)
        r.items[r.n_items] = item_of(ACTION_ADD, 0, "polyester", "red", 1000);
    c->batches[4].rolls_free = 100;
    shop_variants[4].name = "polyester of the finest weave, double width, for curtains";
    for (size_t i = 0; i < r.n_items; i++)
        (void)snprintf(r.items[i].product, sizeof r.items[i].product, "%s", shop_variants[4].name);
    say_reading(c, &r);
    assert_int_equal(c->s.order.n_lines, ORDER_LINES);
    assert_true(c->plan.n_replies >= 2);
    assert_said(c, "Reply \"confirm\"");
    say_item(c, INTENT_ADD_ITEM, item_of(ACTION_ADD, 0, "silk", "", 2 * M));
    assert_said(c, "the rest was not added");
    shop_variants[4].name = "polyester";
    chat_free(&c);
}

static void reader_sees_the_cart(void **state)
{
    (void)state;
    struct chat *c = chat_in(ORDER_NEGOTIATION);
    say_item(c, INTENT_ADD_ITEM, item_of(ACTION_ADD, 0, "silk", "", 2 * M));
    struct reading_cart_line lines[ORDER_LINES];
    struct reading_context ctx;
    order_reading_context(&c->s, lines, &ctx);
    assert_string_equal(ctx.state, "CUSTOMER_NEGOTIATION");
    assert_int_equal(ctx.n_cart, 2);
    assert_true(ctx.cart[0].short_of_stock && !ctx.cart[1].short_of_stock);
    assert_string_equal(ctx.cart[0].material, "cotton");
    assert_string_equal(ctx.cart[0].color, "blue");
    assert_int_equal(ctx.cart[0].available_um, 20 * M);
    say_intent(c, INTENT_CANCEL_ORDER);
    order_reading_context(&c->s, lines, &ctx);
    assert_string_equal(ctx.state, "");
    assert_int_equal(ctx.n_cart, 0);
    chat_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(twenty_metres_of_blue_cotton),
        cmocka_unit_test(two_items_in_one_message),
        cmocka_unit_test(open_details_are_asked_one_by_one),
        cmocka_unit_test(only_colour_needs_no_question),
        cmocka_unit_test(range_is_asked_and_bare_number_is_told),
        cmocka_unit_test(unknown_goods_beside_known_ones_are_not_dropped),
        cmocka_unit_test(price_is_frozen_when_quoted),
        cmocka_unit_test(cancel_in_every_state),
        cmocka_unit_test(customer_cannot_edit_while_the_owner_decides),
        cmocka_unit_test(late_customer_closes_a_lapsed_order),
        cmocka_unit_test(small_talk_changes_nothing),
        cmocka_unit_test(price_of_goods_in_several_colours),
        cmocka_unit_test(language_of_the_customer),
        cmocka_unit_test(long_orders_are_said_in_several_messages),
        cmocka_unit_test(reader_sees_the_cart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
