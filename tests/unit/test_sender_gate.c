/* The gate's index: who may go next. */
#include "workers/sender/gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct gate_fact head(const char *id, enum head_state state, const char *key, int64_t due_us)
{
    return (struct gate_fact){.conversation_id = id,
                              .partition = 3,
                              .open = true,
                              .state = state,
                              .key = key,
                              .account = "whatsapp/1",
                              .due_us = due_us};
}

static void apply(struct gate *g, struct gate_fact fact, int64_t now)
{
    gate_apply(g, &fact, now);
}

static void one_at_a_time(void **state)
{
    (void)state;
    struct gate g = {0};
    apply(&g, head("a", HEAD_PENDING, "a1", 0), 10);
    apply(&g, head("b", HEAD_PENDING, "b1", 0), 10);
    struct gate_conv *c = gate_next(&g);
    assert_string_equal(c->key, "a1");
    assert_int_equal(c->partition, 3);
    /* While a1 is being sent nothing that is read of the conversation makes it ready again. */
    apply(&g, head("a", HEAD_PENDING, "a1", 0), 10);
    apply(&g, head("a", HEAD_PENDING, "a2", 0), 10);
    assert_string_equal(gate_next(&g)->key, "b1");
    assert_null(gate_next(&g));
    /* Settled: read again, the next message is the head. */
    gate_block(&g, "a");
    assert_null(gate_next(&g));
    apply(&g, head("a", HEAD_PENDING, "a2", 0), 10);
    assert_string_equal(gate_next(&g)->key, "a2");
    gate_clear(&g);
    assert_null(g.by_id);
}

static void blocked_heads(void **state)
{
    (void)state;
    struct gate g = {0};
    apply(&g, head("a", HEAD_UNCERTAIN, "a1", 0), 0);
    apply(&g, head("b", HEAD_SENDING, "b1", 0), 0);
    apply(&g, head("c", HEAD_NONE, "", 0), 0);
    assert_null(gate_next(&g));
    assert_int_equal(g.counts[GATE_BLOCKED], 3);
    assert_int_equal(gate_holes(&g), 1);
    /* The hole is filled, the uncertain one settled and nothing is left of it. */
    apply(&g, head("c", HEAD_PENDING, "c1", 0), 0);
    apply(&g, (struct gate_fact){.conversation_id = "a", .open = false}, 0);
    assert_int_equal(gate_holes(&g), 0);
    assert_int_equal(g.counts[GATE_BLOCKED], 1);
    assert_string_equal(gate_next(&g)->key, "c1");
    assert_null(gate_next(&g));
    gate_clear(&g);
}

static void waits(void **state)
{
    (void)state;
    struct gate g = {0};
    apply(&g, head("a", HEAD_PENDING, "a1", 100), 10);
    assert_null(gate_next(&g));
    gate_tick(&g, 99);
    assert_null(gate_next(&g));
    gate_tick(&g, 100);
    struct gate_conv *c = gate_next(&g);
    assert_string_equal(c->key, "a1");
    gate_wait(&g, c, 500);
    gate_tick(&g, 499);
    assert_null(gate_next(&g));
    gate_tick(&g, 500);
    assert_string_equal(gate_next(&g)->key, "a1");
    gate_clear(&g);
}

static void blocked_by_turns(void **state)
{
    (void)state;
    struct gate g = {0};
    char id[16], ids[3][UUID_TEXT];
    for (int i = 0; i < 5; i++) {
        (void)snprintf(id, sizeof id, "c%d", i);
        apply(&g, head(id, HEAD_UNCERTAIN, "k", 0), 0);
    }
    assert_int_equal(gate_blocked(&g, ids, 3), 3);
    assert_string_equal(ids[0], "c0");
    assert_string_equal(ids[2], "c2");
    assert_int_equal(gate_blocked(&g, ids, 3), 3);
    assert_string_equal(ids[0], "c3");
    assert_string_equal(ids[2], "c0");
    assert_int_equal(g.counts[GATE_BLOCKED], 5);
    gate_clear(&g);
    assert_int_equal(gate_blocked(&g, ids, 3), 0);
}

static void unknown_is_nothing(void **state)
{
    (void)state;
    struct gate g = {0};
    gate_block(&g, "nobody");
    apply(&g, (struct gate_fact){.conversation_id = "nobody", .open = false}, 0);
    assert_null(gate_next(&g));
    assert_null(g.by_id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_at_a_time),    cmocka_unit_test(blocked_heads),      cmocka_unit_test(waits),
        cmocka_unit_test(blocked_by_turns), cmocka_unit_test(unknown_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
