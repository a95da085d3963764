/* The claimed partitions, and when one has to be worked through with care. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "workers/turn/partition.h"

static struct claim_part claimed(const char *topic, int32_t number, int claims, int attempts)
{
    return (struct claim_part){
        .topic = topic, .partition = number, .epoch = 7, .next_offset = 42, .claims = claims, .attempts = attempts};
}

static void found_by_topic_and_number(void **state)
{
    (void)state;
    struct partitions all = {0};
    struct claim_part a = claimed("inbound", 0, 1, 0), b = claimed("decision", 0, 1, 0),
                      c = claimed("inbound", 1, 1, 0);
    struct partition *pa = partition_add(&all, &a), *pb = partition_add(&all, &b), *pc = partition_add(&all, &c);
    assert_ptr_equal(partition_find(&all, "inbound", 0), pa);
    assert_ptr_equal(partition_find(&all, "decision", 0), pb);
    assert_ptr_equal(partition_find(&all, "inbound", 1), pc);
    assert_null(partition_find(&all, "decision", 1));
    assert_int_equal(pa->epoch, 7);
    assert_int_equal(pa->track.next_offset, 42);
    partition_remove(&all, pb);
    assert_null(partition_find(&all, "decision", 0));
    assert_ptr_equal(partition_find(&all, "inbound", 0), pa);
    partition_remove(&all, pa);
    partition_remove(&all, pc);
    assert_null(all.first);
}

/* The name is the claim's only inside its call. */
static void keeps_the_name(void **state)
{
    (void)state;
    struct partitions all = {0};
    char name[] = "munim.inbound.v1";
    struct claim_part a = claimed(name, 3, 1, 0);
    struct partition *p = partition_add(&all, &a);
    name[0] = 'x';
    assert_ptr_equal(partition_find(&all, "munim.inbound.v1", 3), p);
    partition_remove(&all, p);
}

static bool careful(int claims, int attempts)
{
    struct partitions all = {0};
    struct claim_part a = claimed("inbound", 0, claims, attempts);
    struct partition *p = partition_add(&all, &a);
    bool found = p->careful;
    partition_remove(&all, p);
    return found;
}

static void careful_from_the_second_claim(void **state)
{
    (void)state;
    assert_false(careful(1, 0));
    assert_true(careful(2, 0));
    assert_true(careful(3, 2));
    assert_true(careful(1, 1)); /* an attempt was begun and never ended */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(found_by_topic_and_number),
        cmocka_unit_test(keeps_the_name),
        cmocka_unit_test(careful_from_the_second_claim),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
