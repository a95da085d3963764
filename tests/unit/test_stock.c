/* Allocation: one lot per line, whole rolls, then one loose piece, then one cut roll. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "workers/desk/stock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define M ((int64_t)1000000)

static struct stock_piece pieces[3];
static struct stock_batch batches[2];
static struct stock shelf = {batches, 1};

static void batch(size_t i, const char *id, int rolls, int64_t roll_m, size_t n_pieces)
{
    batches[i] =
        (struct stock_batch){.roll_um = roll_m * M, .rolls_free = rolls, .pieces = pieces, .n_pieces = n_pieces};
    (void)snprintf(batches[i].batch_id, UUID_TEXT, "%s", id);
    (void)snprintf(batches[i].variant_id, UUID_TEXT, "v");
    shelf.n_batches = i + 1;
}

static void piece(size_t i, int64_t metres)
{
    (void)snprintf(pieces[i].piece_id, UUID_TEXT, "piece-%zu", i);
    pieces[i].free_um = metres * M;
}

static struct allocation allocate(int64_t metres, enum stock_status status)
{
    struct allocation a;
    assert_int_equal(stock_allocate(&shelf, "v", metres * M, &a), status);
    return a;
}

static void assert_take(const struct stock_take *t, const char *piece_id, int rolls, int64_t metres)
{
    assert_string_equal(t->piece_id, piece_id);
    assert_int_equal(t->rolls, rolls);
    assert_int_equal(t->length_um, metres * M);
}

static void two_rolls_fill_twenty_metres(void **state)
{
    (void)state;
    batch(0, "a", 2, 10, 0);
    struct allocation a = allocate(20, STOCK_FULL);
    assert_int_equal(a.n_takes, 1);
    assert_take(&a.takes[0], "", 2, 20);
    stock_take_off(&shelf, &a);
    assert_int_equal(batches[0].rolls_free, 0);
    allocate(1, STOCK_OUT);
}

static void rest_comes_from_the_piece_that_leaves_least_waste(void **state)
{
    (void)state;
    piece(0, 5);
    piece(1, 9);
    piece(2, 7);
    batch(0, "a", 3, 10, 3);
    struct allocation a = allocate(24, STOCK_FULL); /* rest 4: 5 leaves a useless end, 7 leaves 3 m */
    assert_int_equal(a.n_takes, 2);
    assert_take(&a.takes[0], "", 2, 20);
    assert_take(&a.takes[1], "piece-2", 0, 4);
    a = allocate(9, STOCK_FULL);
    assert_take(&a.takes[0], "piece-1", 0, 9); /* exact */
    a = allocate(8, STOCK_FULL);
    assert_take(&a.takes[0], "piece-1", 0, 8); /* the only one that fits */
    stock_take_off(&shelf, &a);
    assert_int_equal(pieces[1].free_um, 1 * M);
    assert_int_equal(batches[0].rolls_free, 3);
}

static void roll_is_cut_when_no_piece_fits(void **state)
{
    (void)state;
    piece(0, 2);
    batch(0, "a", 2, 10, 1);
    struct allocation a = allocate(13, STOCK_FULL);
    assert_int_equal(a.n_takes, 2);
    assert_take(&a.takes[0], "", 1, 10);
    assert_take(&a.takes[1], "", 1, 3);
    stock_take_off(&shelf, &a);
    assert_int_equal(batches[0].rolls_free, 0);
}

static void oldest_lot_that_fills_the_line_alone(void **state)
{
    (void)state;
    batch(0, "old", 1, 10, 0);
    batch(1, "new", 3, 10, 0);
    struct allocation a = allocate(20, STOCK_FULL);
    assert_string_equal(a.batch_id, "new");
    a = allocate(10, STOCK_FULL);
    assert_string_equal(a.batch_id, "old");
    a = allocate(35, STOCK_PARTIAL); /* 40 m lie there, but of two lots */
    assert_string_equal(a.batch_id, "new");
    assert_int_equal(a.length_um, 30 * M);
}

static void pieces_are_not_joined(void **state)
{
    (void)state;
    piece(0, 4);
    piece(1, 5);
    batch(0, "a", 0, 10, 2);
    struct allocation a = allocate(9, STOCK_PARTIAL);
    assert_int_equal(a.length_um, 5 * M);
    assert_int_equal(a.n_takes, 1);
}

static void nothing_is_allocated_of_nothing(void **state)
{
    (void)state;
    struct allocation a;
    batch(0, "a", 2, 10, 0);
    assert_int_equal(stock_allocate(&shelf, "other", M, &a), STOCK_OUT);
    assert_int_equal(stock_allocate(&shelf, "v", 0, &a), STOCK_OUT);
    assert_int_equal(stock_allocate(NULL, "v", M, &a), STOCK_OUT);
    assert_int_equal(a.n_takes, 0);
}

static void roll_length_needs_batches_that_agree(void **state)
{
    (void)state;
    batch(0, "a", 2, 10, 0);
    batch(1, "b", 2, 10, 0);
    assert_int_equal(stock_roll_length(&shelf, "v"), 10 * M);
    batch(1, "b", 2, 12, 0);
    assert_int_equal(stock_roll_length(&shelf, "v"), -1);
    assert_int_equal(stock_roll_length(&shelf, "other"), -1);
}

static int64_t free_of(const struct stock_batch *b)
{
    int64_t um = b->roll_um * b->rolls_free;
    for (size_t i = 0; i < b->n_pieces; i++)
        um += b->pieces[i].free_um;
    return um;
}

/* The most one lot gives, by trying every number of whole rolls. */
static int64_t most_of_one_lot(int64_t wanted)
{
    int64_t most = 0;
    for (size_t i = 0; i < shelf.n_batches; i++) {
        const struct stock_batch *b = &shelf.batches[i];
        for (int rolls = 0; rolls <= b->rolls_free; rolls++) {
            int64_t rest = wanted - rolls * b->roll_um, end = rolls < b->rolls_free ? b->roll_um : 0;
            for (size_t p = 0; p < b->n_pieces; p++)
                end = b->pieces[p].free_um > end ? b->pieces[p].free_um : end;
            int64_t gives = rest < 0 ? 0 : rolls * b->roll_um + (rest < end ? rest : end);
            most = gives > most ? gives : most;
        }
    }
    return most;
}

static void random_shelf(struct stock_piece own[2][3])
{
    shelf.n_batches = (size_t)(rand() % 3);
    for (size_t i = 0; i < shelf.n_batches; i++) {
        batches[i] = (struct stock_batch){.roll_um = (1 + rand() % 12) * M, .rolls_free = rand() % 4, .pieces = own[i]};
        (void)snprintf(batches[i].batch_id, UUID_TEXT, "b%zu", i);
        (void)snprintf(batches[i].variant_id, UUID_TEXT, "v");
        batches[i].n_pieces = (size_t)(rand() % 4);
        for (size_t p = 0; p < batches[i].n_pieces; p++) {
            (void)snprintf(own[i][p].piece_id, UUID_TEXT, "b%d-%d", (int)i, (int)p);
            own[i][p].free_um = (rand() % 15) * M / 2;
        }
    }
}

static void any_allocation_is_honest(void **state)
{
    (void)state;
    static struct stock_piece own[2][3];
    srand(20261121);
    for (int round = 0; round < 20000; round++) {
        random_shelf(own);
        int64_t wanted = (1 + rand() % 60) * M / 2;
        int64_t possible = most_of_one_lot(wanted);
        struct allocation a;
        enum stock_status status = stock_allocate(&shelf, "v", wanted, &a);
        assert_int_equal(a.length_um, possible);
        assert_int_equal(status, possible == wanted ? STOCK_FULL : possible > 0 ? STOCK_PARTIAL : STOCK_OUT);
        int64_t sum = 0, before = 0, after = 0;
        for (size_t t = 0; t < a.n_takes; t++)
            sum += a.takes[t].length_um;
        assert_int_equal(sum, a.length_um);
        for (size_t i = 0; i < shelf.n_batches; i++)
            before += free_of(&batches[i]);
        stock_take_off(&shelf, &a);
        for (size_t i = 0; i < shelf.n_batches; i++) {
            after += free_of(&batches[i]);
            assert_true(batches[i].rolls_free >= 0);
            for (size_t p = 0; p < batches[i].n_pieces; p++)
                assert_true(batches[i].pieces[p].free_um >= 0);
        }
        assert_true(before - after >= sum); /* a cut roll counts whole until it is sold */
    }
}

static void clone_shares_nothing(void **state)
{
    (void)state;
    piece(0, 5);
    batch(0, "a", 2, 10, 1);
    struct stock *copy = stock_clone(&shelf);
    struct allocation a = allocate(25, STOCK_FULL);
    stock_take_off(copy, &a);
    assert_int_equal(batches[0].rolls_free, 2);
    assert_int_equal(pieces[0].free_um, 5 * M);
    assert_int_equal(copy->batches[0].rolls_free, 0);
    assert_int_equal(copy->batches[0].pieces[0].free_um, 0);
    stock_free(&copy);
    assert_null(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_rolls_fill_twenty_metres),
        cmocka_unit_test(rest_comes_from_the_piece_that_leaves_least_waste),
        cmocka_unit_test(roll_is_cut_when_no_piece_fits),
        cmocka_unit_test(oldest_lot_that_fills_the_line_alone),
        cmocka_unit_test(pieces_are_not_joined),
        cmocka_unit_test(nothing_is_allocated_of_nothing),
        cmocka_unit_test(roll_length_needs_batches_that_agree),
        cmocka_unit_test(any_allocation_is_honest),
        cmocka_unit_test(clone_shares_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
