/* Random conversations: whatever is said in whatever order, what must hold of an order holds (check_plan asserts it
 * after every turn, the rest is here). */
#include "order_fixture.h"

enum { TALKS = 3000, TURNS = 14 };

static int pick(int n)
{
    return rand() % n;
}

static const char *const materials[] = {"", "cotton", "polyester", "silk", "poplin", "lace", "velvet"};
static const char *const colors[] = {"", "", "blue", "white", "green", "red", "gold", "purple"};
static const char *const units[] = {"m", "m", "m", "", "roll", "kg", "yd"};

static struct reading_item random_item(void)
{
    int64_t um = pick(3) == 0 ? -1 : pick(10) == 0 ? 0 : (1 + pick(300)) * M / 4;
    struct reading_item it = item_of((enum item_action)pick(ACTION_RETURN + 1), pick(3) == 0 ? pick(5) : 0,
                                     materials[pick(7)], colors[pick(8)], um);
    if (pick(4) == 0)
        (void)snprintf(it.product, sizeof it.product, "%s", materials[pick(7)]);
    if (pick(6) == 0)
        (void)snprintf(it.from_color, sizeof it.from_color, "%s", colors[pick(8)]);
    it.any_color = pick(8) == 0;
    (void)snprintf(it.unit, sizeof it.unit, "%s", units[pick(7)]);
    if (strcmp(it.unit, "m") != 0 && strcmp(it.unit, "yd") != 0)
        it.length_um = -1;
    if (um < 0 && pick(4) == 0) {
        it.quantity_min_u = 2 * M;
        it.quantity_max_u = 3 * M;
    }
    return it;
}

static struct reading random_reading(void)
{
    static const enum intent common[] = {INTENT_PLACE_ORDER,   INTENT_ADD_ITEM,     INTENT_EDIT_ITEM,
                                         INTENT_CONFIRM_ORDER, INTENT_CANCEL_ITEM,  INTENT_ACCEPT_AVAILABLE,
                                         INTENT_MULTI,         INTENT_PROVIDE_VALUE};
    struct reading_item items[4];
    size_t n = (size_t)pick(4);
    for (size_t i = 0; i < n; i++)
        items[i] = random_item();
    struct reading r = reading_of(pick(3) == 0 ? (enum intent)pick(INTENT_COUNT) : common[pick(8)], n, items);
    const char *const languages[] = {"", "en", "hi", "hi-Latn"};
    (void)snprintf(r.language, sizeof r.language, "%s", languages[pick(4)]);
    return r;
}

static void random_shelf(struct chat *c)
{
    static struct stock_piece pieces[8][2];
    for (size_t i = 0; i < c->stock.n_batches; i++) {
        c->batches[i].rolls_free = pick(4);
        c->batches[i].pieces = pieces[i];
        c->batches[i].n_pieces = (size_t)pick(3);
        for (size_t p = 0; p < c->batches[i].n_pieces; p++) {
            (void)snprintf(pieces[i][p].piece_id, UUID_TEXT, "piece-%d-%d", (int)i, (int)p);
            pieces[i][p].free_um = pick(20) * M / 2;
        }
    }
}

static void random_turn(struct chat *c)
{
    if (pick(12) == 0)
        turn(c, &(struct turn_input){.kind = TURN_NO_TEXT});
    else if (pick(6) == 0)
        decide(c, pick(2) == 0, c->s.order.version - (pick(4) == 0 ? 1 : 0));
    else {
        struct reading r = random_reading();
        say_reading(c, &r);
    }
}

static bool over(enum order_state s)
{
    return s == ORDER_COMPLETED || s == ORDER_REJECTED || s == ORDER_CANCELLED;
}

static void assert_lines_kept(const struct order *before, const struct order *after)
{
    assert_true(after->n_lines >= before->n_lines);
    for (size_t i = 0; i < before->n_lines; i++) {
        const struct order_line *was = &before->lines[i], *is = &after->lines[i];
        assert_string_equal(was->product_id, is->product_id);
        if (was->variant_id[0] != '\0')
            assert_string_equal(was->variant_id, is->variant_id);
        if (was->price_paise >= 0)
            assert_int_equal(was->price_paise, is->price_paise);
        if (was->status == LINE_CANCELLED || was->status == LINE_REPLACED)
            assert_memory_equal(was, is, sizeof *was);
    }
}

static void assert_state_is_true(const struct order *o)
{
    size_t live = 0, accepted = 0;
    for (size_t i = 0; i < o->n_lines; i++) {
        live += o->lines[i].status <= LINE_ACCEPTED ? 1 : 0;
        accepted += o->lines[i].status == LINE_ACCEPTED ? 1 : 0;
    }
    if (o->state == ORDER_FINAL || o->state == ORDER_WAITING) {
        assert_int_equal(accepted, live); /* nothing unresolved is ever confirmed */
        assert_true(accepted > 0 && o->total_paise > 0);
        assert_string_equal(o->pending_slot, "");
    }
    if (o->state == ORDER_NEGOTIATION)
        assert_true(accepted < live);
    if (o->state == ORDER_COLLECTING)
        assert_string_not_equal(o->pending_slot, "");
}

static void any_conversation_keeps_the_rules(void **state)
{
    (void)state;
    size_t reached[ORDER_STATE_COUNT] = {0};
    srand(20261121);
    for (int talk = 0; talk < TALKS; talk++) {
        struct chat *c = chat_new();
        for (int i = 0; i < TURNS; i++) {
            if (pick(3) == 0)
                random_shelf(c);
            c->s.order.expired = c->s.order.state == ORDER_WAITING && pick(8) == 0;
            c->s.order.holds_lapsed = c->s.order.state == ORDER_WAITING && pick(3) == 0;
            struct order before = c->s.order;
            random_turn(c);
            const struct plan *p = &c->plan;
            reached[c->s.order.state]++;
            assert_true(p->n_replies > 0 || p->outcome != DECISION_NONE);
            assert_int_equal(p->has_invoice, p->outcome == DECISION_COMPLETED);
            if (over(before.state) && !p->order_new)
                assert_memory_equal(&before, &c->s.order, sizeof before);
            if (!p->order_new)
                assert_lines_kept(&before, &c->s.order);
            assert_state_is_true(&c->s.order);
        }
        chat_free(&c);
    }
    for (enum order_state s = ORDER_NONE; s < ORDER_STATE_COUNT; s++)
        assert_true(reached[s] > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_conversation_keeps_the_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
