/* A turn's states, what it forgets when it is planned anew, and the parked event that a redrive works on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "workers/turn/engine_private.h"
#include "workers/turn/engine_replay.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STATES = TURN_ENDED + 1 };

static const bool allowed[STATES][STATES] = {
    [TURN_QUEUED][TURN_HYDRATING] = true,      [TURN_QUEUED][TURN_PLANNED] = true,
    [TURN_QUEUED][TURN_ENDED] = true,          [TURN_HYDRATING][TURN_QUEUED] = true,
    [TURN_HYDRATING][TURN_STOCKTAKING] = true, [TURN_HYDRATING][TURN_PLANNED] = true,
    [TURN_HYDRATING][TURN_ENDED] = true,       [TURN_HYDRATING][TURN_ASKING] = true,
    [TURN_ASKING][TURN_QUEUED] = true,         [TURN_ASKING][TURN_PLANNED] = true,
    [TURN_ASKING][TURN_ENDED] = true,          [TURN_STOCKTAKING][TURN_QUEUED] = true,
    [TURN_STOCKTAKING][TURN_PLANNED] = true,   [TURN_STOCKTAKING][TURN_ENDED] = true,
    [TURN_PLANNED][TURN_QUEUED] = true,        [TURN_PLANNED][TURN_COMMITTING] = true,
    [TURN_PLANNED][TURN_ENDED] = true,         [TURN_COMMITTING][TURN_QUEUED] = true,
    [TURN_COMMITTING][TURN_PLANNED] = true,    [TURN_COMMITTING][TURN_ENDED] = true,
};

/* In a child, because an edge that is not in the table aborts. */
static bool aborts(enum turn_state from, enum turn_state to)
{
    pid_t child = fork();
    if (child == 0) {
        (void)signal(SIGABRT, SIG_DFL);
        struct turn t = {.state = from};
        turn_move(&t, to);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void only_the_tables_edges(void **state)
{
    (void)state;
    for (enum turn_state from = TURN_QUEUED; from <= TURN_ENDED; from++) {
        for (enum turn_state to = TURN_QUEUED; to <= TURN_ENDED; to++) {
            if (allowed[from][to]) {
                struct turn t = {.state = from};
                turn_move(&t, to);
                assert_int_equal(t.state, to);
            } else {
                assert_true(aborts(from, to));
            }
        }
    }
}

static struct turn *made(const char *type, const char *json)
{
    rd_kafka_message_t m = {.offset = 7};
    struct turn *t = turn_new(&m);
    struct fault f;
    t->m = NULL; /* nothing of Kafka's to give back */
    assert_int_equal(event_read(type, json, strlen(json), "d", &t->ev, &f), 0);
    return t;
}

static const char command[] = "{\"command_id\":\"c-1\",\"channel\":\"whatsapp\",\"account_id\":\"1\",\"key\":\"91\","
                              "\"conversation_id\":\"01890000-0000-7000-8000-000000000001\"}";
static const char message[] = "{\"channel\":\"whatsapp\",\"account_id\":\"1\",\"message_id\":\"m-1\",\"key\":\"91\","
                              "\"identities\":[\"p:91\"],\"address\":\"91\",\"kind\":\"text\",\"text\":\"20m\"}";

/* What the answer to the redrive's query brings. */
static void answered(struct turn *t, int64_t parked_id, int64_t left)
{
    struct fault f;
    t->replay_event = calloc(1, sizeof *t->replay_event);
    assert_non_null(t->replay_event);
    assert_int_equal(event_read(CE_INBOUND_MESSAGE, message, strlen(message), "d", t->replay_event, &f), 0);
    t->replay_event_id = parked_id;
    t->replay_left = left;
}

static void planned_anew_it_knows_nothing_of_before(void **state)
{
    (void)state;
    struct turn *t = made(CE_INBOUND_MESSAGE, message);
    t->fate = FATE_PLAN;
    turn_open(t);
    t->session->version = 9;
    turn_open(t);
    assert_int_equal(t->session->version, 0); /* another hydrate starts afresh */
    t->session->version = 9;
    t->conflicts = 2;
    t->alone = true;
    (void)strcpy(t->reason, "words");
    assert_non_null(turn_plan_take(t));
    turn_reset(t);
    assert_int_equal(t->fate, FATE_NONE);
    assert_int_equal(t->session->version, 0);
    assert_null(t->plan);
    assert_string_equal(t->reason, "");
    assert_string_equal(t->ev.inbox_id, "m-1");
    assert_int_equal(t->conflicts, 2); /* what was counted stays */
    assert_true(t->alone);
    turn_free(&t);
    assert_null(t);
}

static void a_plan_is_used_again(void **state)
{
    (void)state;
    struct turn *a = made(CE_INBOUND_MESSAGE, message), *b = made(CE_INBOUND_MESSAGE, message);
    struct plan *p = turn_plan_take(a);
    assert_ptr_equal(turn_plan_take(a), p);
    turn_reset(a);
    assert_ptr_equal(turn_plan_take(b), p);
    assert_ptr_not_equal(turn_plan_take(a), p);
    turn_free(&a);
    turn_free(&b);
}

/* The answer came and the group then failed: the operator's event is still the turn's own, and no parked row is in hand
 * that the commit would take for done. */
static void an_answer_alone_changes_nothing(void **state)
{
    (void)state;
    struct turn *t = made(CE_INBOUND_REDRIVE, command);
    answered(t, 5, 1);
    assert_int_equal(t->replay_id, 0);
    turn_reset(t);
    assert_int_equal(t->ev.kind, EVENT_REDRIVE);
    assert_string_equal(t->ev.inbox_id, "c-1");
    assert_int_equal(t->replay_event_id, 0);
    assert_null(t->replay_event);
    turn_free(&t);
}

static void a_redrive_stands_for_the_parked_event(void **state)
{
    (void)state;
    struct turn *t = made(CE_INBOUND_REDRIVE, command);
    assert_false(replay_next(t)); /* nothing is parked */
    answered(t, 5, 2);
    assert_true(replay_next(t));
    assert_int_equal(t->replay_id, 5);
    assert_false(t->replay_last);
    assert_true(t->alone);
    assert_string_equal(t->ev.inbox_id, "m-1");
    assert_string_equal(t->command->inbox_id, "c-1");
    turn_reset(t);
    assert_string_equal(t->ev.inbox_id, "c-1");
    assert_int_equal(t->replay_id, 0);
    answered(t, 6, 1);
    assert_true(replay_next(t));
    assert_true(t->replay_last);
    turn_free(&t);
}

static void giving_up_leaves_the_event_parked(void **state)
{
    (void)state;
    struct turn *t = made(CE_INBOUND_REDRIVE, command);
    answered(t, 5, 1);
    assert_true(replay_next(t));
    replay_give_up(t);
    assert_string_equal(t->ev.inbox_id, "c-1");
    assert_int_equal(t->replay_id, 0); /* the commit marks no row */
    assert_false(t->replay_last);      /* and clears no flag */
    assert_int_equal(t->fate, FATE_PLAN);
    assert_int_equal(t->plan->n_replies, 0);
    turn_free(&t);
}

/* Which failures are the row's own. A fence, a lost race of the server's and an outage are not. */
static void what_is_blamed_on_the_data(void **state)
{
    (void)state;
    static const char *const blamed[] = {"22P02", "22021", "23502", "23503", "23505",
                                         "23514", "54000", "MU008", "MU009"};
    static const char *const not_blamed[] = {"MU001", "40001", "40P01", "53100", "55P03",
                                             "57P01", "08006", "42P01", ""};
    for (size_t i = 0; i < sizeof blamed / sizeof *blamed; i++)
        assert_true(engine_blames_data(blamed[i]));
    for (size_t i = 0; i < sizeof not_blamed / sizeof *not_blamed; i++)
        assert_false(engine_blames_data(not_blamed[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_tables_edges),
        cmocka_unit_test(planned_anew_it_knows_nothing_of_before),
        cmocka_unit_test(a_plan_is_used_again),
        cmocka_unit_test(an_answer_alone_changes_nothing),
        cmocka_unit_test(a_redrive_stands_for_the_parked_event),
        cmocka_unit_test(giving_up_leaves_the_event_parked),
        cmocka_unit_test(what_is_blamed_on_the_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
