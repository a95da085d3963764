/* One conversation's turns wait for each other, in the order in which they came; others do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "workers/turn/mailbox.h"

#include <stdio.h>
#include <string.h>

static struct turn turn_of(const char *account_id, const char *key)
{
    struct turn t = {.state = TURN_QUEUED};
    (void)snprintf(t.ev.channel, sizeof t.ev.channel, "whatsapp");
    (void)snprintf(t.ev.account_id, sizeof t.ev.account_id, "%s", account_id);
    (void)snprintf(t.ev.key, sizeof t.ev.key, "%s", key);
    return t;
}

static void one_after_another(void **state)
{
    (void)state;
    struct mailboxes all = {0};
    struct turn a = turn_of("1", "91"), b = turn_of("1", "91"), c = turn_of("1", "91");
    assert_true(mailbox_add(&all, &a));
    assert_false(mailbox_add(&all, &b));
    assert_false(mailbox_add(&all, &c));
    assert_ptr_equal(mailbox_remove(&all, &a), &b);
    assert_ptr_equal(mailbox_remove(&all, &b), &c);
    assert_null(mailbox_remove(&all, &c));
    assert_null(all.by_route);
}

/* A partition is taken back: its turns leave from anywhere, and only the first one's end lets another run. */
static void leaving_from_the_middle_wakes_nobody(void **state)
{
    (void)state;
    struct mailboxes all = {0};
    struct turn a = turn_of("1", "91"), b = turn_of("1", "91"), c = turn_of("1", "91");
    (void)mailbox_add(&all, &a);
    (void)mailbox_add(&all, &b);
    (void)mailbox_add(&all, &c);
    assert_null(mailbox_remove(&all, &b));
    assert_null(mailbox_remove(&all, &b)); /* twice is harmless */
    assert_ptr_equal(mailbox_remove(&all, &a), &c);
    assert_null(mailbox_remove(&all, &c));
    assert_null(all.by_route);
}

static void conversations_do_not_wait_for_each_other(void **state)
{
    (void)state;
    struct mailboxes all = {0};
    struct turn a = turn_of("1", "91"), b = turn_of("1", "92"), c = turn_of("2", "91");
    assert_true(mailbox_add(&all, &a));
    assert_true(mailbox_add(&all, &b));
    assert_true(mailbox_add(&all, &c));
    assert_null(mailbox_remove(&all, &b));
    assert_null(mailbox_remove(&all, &a));
    assert_null(mailbox_remove(&all, &c));
    assert_null(all.by_route);
}

/* The parts of a route cannot run into each other: "1" + "291" is not "12" + "91". */
static void routes_are_told_apart(void **state)
{
    (void)state;
    struct mailboxes all = {0};
    struct turn a = turn_of("1", "291"), b = turn_of("12", "91");
    assert_true(mailbox_add(&all, &a));
    assert_true(mailbox_add(&all, &b));
    (void)mailbox_remove(&all, &a);
    (void)mailbox_remove(&all, &b);
}

static void the_longest_route_fits(void **state)
{
    (void)state;
    struct mailboxes all = {0};
    struct turn a = {0}, b = {0};
    memset(a.ev.channel, 'c', sizeof a.ev.channel - 1);
    memset(a.ev.account_id, 'a', sizeof a.ev.account_id - 1);
    memset(a.ev.key, 'k', sizeof a.ev.key - 1);
    b.ev = a.ev;
    b.ev.key[sizeof b.ev.key - 2] = 'x';
    assert_true(mailbox_add(&all, &a));
    assert_true(mailbox_add(&all, &b));
    (void)mailbox_remove(&all, &a);
    (void)mailbox_remove(&all, &b);
    assert_null(all.by_route);
}

static void the_unreadable_wait_for_nobody(void **state)
{
    (void)state;
    struct mailboxes all = {0};
    struct turn a = {0}, b = {0};
    assert_true(mailbox_add(&all, &a));
    assert_true(mailbox_add(&all, &b));
    assert_null(mailbox_remove(&all, &a));
    assert_null(all.by_route);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_after_another),
        cmocka_unit_test(leaving_from_the_middle_wakes_nobody),
        cmocka_unit_test(conversations_do_not_wait_for_each_other),
        cmocka_unit_test(routes_are_told_apart),
        cmocka_unit_test(the_longest_route_fits),
        cmocka_unit_test(the_unreadable_wait_for_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
