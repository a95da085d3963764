/* Offsets between fetch and commit: the position never passes a record whose turn is not done. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "workers/turn/track.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add(struct track *t, int64_t offset)
{
    char digest[DIGEST_HEX];
    (void)snprintf(digest, sizeof digest, "%064lld", (long long)offset);
    track_add(t, offset, digest);
}

static void stays_before_the_oldest(void **state)
{
    (void)state;
    struct track t;
    int64_t next, last;
    const char *digest;
    track_init(&t, 5);
    for (int64_t o = 5; o < 10; o++)
        add(&t, o);
    track_mark(&t, 6, true);
    track_mark(&t, 7, true);
    assert_false(track_position(&t, &next, &last, &digest));
    track_mark(&t, 5, true);
    assert_true(track_position(&t, &next, &last, &digest));
    assert_int_equal(next, 8);
    assert_int_equal(last, 7);
    assert_int_equal(strtol(digest, NULL, 10), 7);
    track_moved(&t, 8);
    assert_int_equal(t.next_offset, 8);
    assert_int_equal(track_count(&t), 2);
    track_done(&t);
}

static void undone_marks_hold_it_back(void **state)
{
    (void)state;
    struct track t;
    int64_t next, last;
    const char *digest;
    track_init(&t, 0);
    add(&t, 0);
    add(&t, 1);
    track_mark(&t, 0, true);
    track_mark(&t, 1, true);
    track_mark(&t, 0, false);
    assert_false(track_position(&t, &next, &last, &digest));
    track_done(&t);
}

static void offsets_may_have_holes(void **state)
{
    (void)state;
    struct track t;
    int64_t next, last;
    const char *digest;
    track_init(&t, -1);
    add(&t, 100);
    add(&t, 105);
    track_mark(&t, 103, true); /* no such record: nothing happens */
    track_mark(&t, 100, true);
    assert_true(track_position(&t, &next, &last, &digest));
    assert_int_equal(next, 101);
    assert_int_equal(track_span(&t), 6);
    track_mark(&t, 105, true);
    assert_true(track_position(&t, &next, &last, &digest));
    assert_int_equal(next, 106);
    track_done(&t);
}

/* Against a plain array, with thousands of records through a ring that grows and wraps. */
static void agrees_with_a_plain_model(void **state)
{
    (void)state;
    enum { N = 5000 };
    bool done[N] = {false};
    struct track t;
    track_init(&t, 0);
    int64_t added = 0, position = 0;
    srand(7);
    while (position < N) {
        for (int k = rand() % 50; k > 0 && added < N; k--)
            add(&t, added++);
        for (int k = 0; k < 40 && added > position; k++) {
            int64_t o = position + rand() % (added - position);
            done[o] = true;
            track_mark(&t, o, true);
        }
        int64_t want = position, next = position, last;
        const char *digest;
        while (want < added && done[want])
            want++;
        bool moved = track_position(&t, &next, &last, &digest);
        assert_int_equal(moved, want > position);
        if (moved) {
            assert_int_equal(next, want);
            assert_int_equal(strtol(digest, NULL, 10), want - 1);
            track_moved(&t, next);
            position = next;
        }
        assert_int_equal(track_count(&t), added - position);
    }
    track_done(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stays_before_the_oldest),
        cmocka_unit_test(undone_marks_hold_it_back),
        cmocka_unit_test(offsets_may_have_holes),
        cmocka_unit_test(agrees_with_a_plain_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
