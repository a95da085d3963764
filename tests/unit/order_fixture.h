/* A shop, a customer and the commit's part of a turn, for tests of the order flow: what order_turn planned becomes the
 * session of the next turn, as Postgres would give it back. */
#ifndef MUNIM_TESTS_ORDER_FIXTURE_H
#define MUNIM_TESTS_ORDER_FIXTURE_H

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "workers/flows/order.h"
#include "workers/flows/order_match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define M ((int64_t)1000000)

static struct variant shop_variants[] = {
    {"v-cotton-blue", "p-cotton", "cotton", "cotton", "blue", 12000, 500, "5208", "m"},
    {"v-cotton-white", "p-cotton", "cotton", "cotton", "white", 11000, 500, "5208", "m"},
    {"v-cotton-green", "p-cotton", "cotton", "cotton", "green", 12500, 500, "5208", "m"},
    {"v-poplin-white", "p-poplin", "poplin", "cotton", "white", 9000, 500, "5208", "m"},
    {"v-poly-red", "p-poly", "polyester", "polyester", "red", 8033, 500, "5407", "m"},
    {"v-poly-blue", "p-poly", "polyester", "polyester", "blue", 8000, 500, "5407", "m"},
    {"v-silk-gold", "p-silk", "silk", "silk", "gold", 45050, 500, "5007", "m"},
    {"v-lace-white", "p-lace", "lace", "lace", "white", 3000, 1800, "5804", "piece"},
};
static const struct catalogue shop_catalogue = {1, shop_variants, sizeof shop_variants / sizeof shop_variants[0]};
static const struct shop test_shop = {"t-1", "Gupta Textiles", "27", "", "INV"};

struct chat {
    struct session s;
    struct stock stock;
    struct stock_batch batches[8];
    struct plan plan;
    int orders;
};

static inline void put_batch(struct chat *c, const char *id, const char *variant, const char *lot, int rolls,
                             int64_t roll_m)
{
    struct stock_batch *b = &c->batches[c->stock.n_batches++];
    memset(b, 0, sizeof *b);
    (void)snprintf(b->batch_id, sizeof b->batch_id, "%s", id);
    (void)snprintf(b->variant_id, sizeof b->variant_id, "%s", variant);
    (void)snprintf(b->dye_lot, sizeof b->dye_lot, "%s", lot);
    b->rolls_free = rolls;
    b->roll_um = roll_m * M;
}

/* Blue cotton: two rolls of 10 m. Green and white cotton, red polyester and silk: plenty. Blue polyester: none. */
static inline struct chat *chat_new(void)
{
    struct chat *c = calloc(1, sizeof *c);
    assert_non_null(c);
    (void)snprintf(c->s.language, sizeof c->s.language, "en");
    c->s.shop = &test_shop;
    c->s.catalogue = &shop_catalogue;
    c->s.stock = &c->stock;
    c->stock.batches = c->batches;
    put_batch(c, "b-blue", "v-cotton-blue", "L-17", 2, 10);
    put_batch(c, "b-green", "v-cotton-green", "L-20", 10, 40);
    put_batch(c, "b-white", "v-cotton-white", "L-21", 10, 40);
    put_batch(c, "b-poplin", "v-poplin-white", "L-22", 10, 40);
    put_batch(c, "b-red", "v-poly-red", "L-30", 5, 60);
    put_batch(c, "b-silk", "v-silk-gold", "L-40", 5, 20);
    return c;
}

static inline void chat_free(struct chat **c)
{
    free(*c);
    *c = NULL;
}

static inline struct reading_item item_of(enum item_action action, int line, const char *material, const char *color,
                                          int64_t um)
{
    struct reading_item it = {.action = action,
                              .line = line,
                              .quantity_u = um,
                              .quantity_min_u = -1,
                              .quantity_max_u = -1,
                              .length_um = um,
                              .per_package_u = -1};
    (void)snprintf(it.material, sizeof it.material, "%s", material);
    (void)snprintf(it.color, sizeof it.color, "%s", color);
    (void)snprintf(it.unit, sizeof it.unit, "%s", um >= 0 ? "m" : "");
    return it;
}

static inline struct reading reading_of(enum intent intent, size_t n, const struct reading_item *items)
{
    struct reading r = {.intent = intent, .n_items = n, .language = "en", .reader = "words"};
    if (n > 0)
        memcpy(r.items, items, n * sizeof *items);
    return r;
}

/* Called with every plan, where a test counts what was walked. */
static void (*turn_seen)(const struct plan *p);

/* What must hold of every plan, whatever was said. */
static inline void check_plan(const struct session *s, const struct plan *p)
{
    assert_in_range(p->n_transitions, 1, PLAN_TRANSITIONS);
    assert_int_equal(p->order.version, (p->order_new ? 0 : s->order.version) + (p->order_changed ? 1 : 0) -
                                           (p->order.state == ORDER_NONE ? s->order.version : 0));
    assert_true(!p->order_new || p->order_changed);
    for (size_t i = 0; i < p->n_replies; i++)
        assert_in_range(strlen(p->replies[i].text), 1, PLAN_REPLY_TEXT - 1);
    size_t accepted = 0;
    for (size_t i = 0; i < p->order.n_lines; i++) {
        const struct order_line *l = &p->order.lines[i];
        if (l->status == LINE_REPLACED)
            assert_true(l->replaced_by > l->line_no);
        if (l->status != LINE_ACCEPTED)
            continue;
        accepted++;
        assert_true(l->variant_id[0] != '\0' && l->batch_id[0] != '\0');
        assert_true(l->price_paise > 0 && l->quantity_um > 0 && l->amount_paise > 0 && l->stock == STOCK_FULL);
    }
    bool places = p->stock == PLAN_STOCK_HOLD || p->stock == PLAN_STOCK_REHOLD_SELL;
    assert_int_equal(p->n_holds, places ? accepted : 0);
    for (size_t h = 0; h < p->n_holds; h++) {
        const struct order_line *l = &p->order.lines[p->holds[h].line_no - 1];
        assert_int_equal(l->status, LINE_ACCEPTED);
        assert_int_equal(l->quantity_um, p->holds[h].allocation.length_um);
        assert_string_equal(l->batch_id, p->holds[h].allocation.batch_id);
    }
}

/* The holds of a plan are there to be had, all of them at once. */
static inline void check_holds(const struct stock *free_stock, const struct plan *p)
{
    struct stock *left = stock_clone(free_stock);
    for (size_t h = 0; h < p->n_holds; h++)
        stock_take_off(left, &p->holds[h].allocation);
    for (size_t i = 0; i < left->n_batches; i++) {
        assert_true(left->batches[i].rolls_free >= 0);
        for (size_t k = 0; k < left->batches[i].n_pieces; k++)
            assert_true(left->batches[i].pieces[k].free_um >= 0);
    }
    stock_free(&left);
}

static inline void turn(struct chat *c, const struct turn_input *in)
{
    char new_id[UUID_TEXT];
    (void)snprintf(new_id, sizeof new_id, "order-%d", c->orders + 1);
    if (!order_needs_stock(&c->s, in)) /* then the turn must do without */
        c->s.stock = NULL;
    order_turn(&c->s, in, new_id, &c->plan);
    c->s.stock = &c->stock;
    check_plan(&c->s, &c->plan);
    check_holds(&c->stock, &c->plan);
    if (turn_seen != NULL)
        turn_seen(&c->plan);
    c->orders += c->plan.order_new ? 1 : 0;
    if (c->plan.language[0] != '\0')
        memcpy(c->s.language, c->plan.language, sizeof c->s.language);
    if (c->plan.order_changed)
        c->s.order = c->plan.order;
    if (c->plan.has_invoice)
        (void)snprintf(c->s.order.invoice_number, sizeof c->s.order.invoice_number, "INV/26-27/000001");
}

static inline void say_reading(struct chat *c, const struct reading *r)
{
    turn(c, &(struct turn_input){.kind = TURN_READING, .reading = r});
}

static inline void say_intent(struct chat *c, enum intent intent)
{
    struct reading r = reading_of(intent, 0, NULL);
    say_reading(c, &r);
}

static inline void say_item(struct chat *c, enum intent intent, struct reading_item it)
{
    struct reading r = reading_of(intent, 1, &it);
    say_reading(c, &r);
}

static inline void decide(struct chat *c, bool approve, int64_t version)
{
    struct decision d = {.decision_id = "d-1", .approve = approve, .reason = "no lorry today", .version = version};
    turn(c, &(struct turn_input){.kind = TURN_DECISION, .decision = &d});
}

static inline void wants(struct chat *c, const char *material, const char *color, int64_t metres)
{
    say_item(c, INTENT_PLACE_ORDER, item_of(ACTION_ADD, 0, material, color, metres < 0 ? -1 : metres * M));
}

/* Talks the order into a state, as a customer and an owner would. */
static inline struct chat *chat_in(enum order_state state)
{
    struct chat *c = chat_new();
    if (state == ORDER_NONE)
        return c;
    wants(c, "cotton", "blue", state == ORDER_COLLECTING ? -1 : state == ORDER_NEGOTIATION ? 50 : 20);
    if (state == ORDER_CANCELLED)
        say_intent(c, INTENT_CANCEL_ORDER);
    if (state == ORDER_WAITING || state == ORDER_COMPLETED || state == ORDER_REJECTED)
        say_intent(c, INTENT_CONFIRM_ORDER);
    if (state == ORDER_COMPLETED || state == ORDER_REJECTED)
        decide(c, state == ORDER_COMPLETED, c->s.order.version);
    assert_int_equal(c->s.order.state, state);
    return c;
}

static inline const char *reply(const struct chat *c)
{
    assert_true(c->plan.n_replies > 0);
    return c->plan.replies[c->plan.n_replies - 1].text;
}

#define assert_said(c, words)                                                                                          \
    do {                                                                                                               \
        if (strstr(reply(c), (words)) == NULL)                                                                         \
            fail_msg("\"%s\" is not in \"%s\"", (words), reply(c));                                                    \
    } while (0)
#define assert_unsaid(c, words) assert_null(strstr(reply(c), (words)))

#endif
