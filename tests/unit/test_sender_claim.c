/* Where a claimed partition is read from. */
#include "common/claim/claim.h"
#include "common/claim/claim_decide.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

struct row {
    const char *name;
    int64_t next, last;
    bool digest;
    int64_t low, high;
    const char *cluster, *now;
    enum claim_start start;
    int64_t at;
};

static const struct row rows[] = {
    {"new partition, empty log", -1, -1, false, 0, 0, "", "", CLAIM_START_AT, 0},
    {"new partition, old log", -1, -1, false, 40, 90, "", "k", CLAIM_START_AT, 40},
    {"usual", 50, 49, true, 0, 90, "k", "k", CLAIM_COMPARE_AT, 49},
    {"all read", 90, 89, true, 0, 90, "k", "k", CLAIM_COMPARE_AT, 89},
    {"offsets with gaps", 50, 47, true, 0, 90, "k", "k", CLAIM_COMPARE_AT, 47},
    {"last record is the log's first", 50, 49, true, 49, 90, "k", "k", CLAIM_COMPARE_AT, 49},
    {"last record expired", 50, 49, true, 50, 90, "k", "k", CLAIM_START_AT, 50},
    {"everything expired", 50, 49, true, 50, 50, "k", "k", CLAIM_START_AT, 50},
    {"no digest kept", 50, 49, false, 0, 90, "k", "k", CLAIM_START_AT, 50},
    {"unread records expired", 50, 49, true, 51, 90, "k", "k", CLAIM_TRUNCATED, 51},
    {"log ends earlier", 50, 49, true, 0, 49, "k", "k", CLAIM_TRUNCATED, 0},
    {"log made anew", 50, 49, true, 0, 0, "k", "k", CLAIM_TRUNCATED, 0},
    {"another cluster", 50, 49, true, 0, 90, "k", "l", CLAIM_TRUNCATED, 0},
    {"another cluster, nothing read", -1, -1, false, 0, 90, "k", "l", CLAIM_TRUNCATED, 0},
    {"cluster not known yet", 50, 49, true, 0, 90, "k", "", CLAIM_COMPARE_AT, 49},
    {"cluster not kept yet", 50, 49, true, 0, 90, "", "l", CLAIM_COMPARE_AT, 49},
};

static void decisions(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        struct claim_decision d = claim_decide(&(struct claim_facts){.next_offset = r->next,
                                                                     .last_offset = r->last,
                                                                     .has_digest = r->digest,
                                                                     .low = r->low,
                                                                     .high = r->high,
                                                                     .cluster = r->cluster,
                                                                     .cluster_now = r->now});
        if (d.start != r->start || d.at != r->at)
            fail_msg("%s: start %d at %lld", r->name, (int)d.start, (long long)d.at);
        assert_int_equal(d.why[0] != '\0', r->start == CLAIM_TRUNCATED);
    }
}

static void digest_of_key_and_value(void **state)
{
    (void)state;
    rd_kafka_message_t m = {.key = "91", .key_len = 2, .payload = "{}", .len = 2};
    char digest[DIGEST_HEX];
    claim_digest(&m, digest);
    /* printf '91{}' | sha256sum */
    assert_string_equal(digest, "9fb8436c418fa135fd9a127bc2be2db0d0ae8682281a3d2abd822aed2f3c70f9");
    rd_kafka_message_t none = {0};
    claim_digest(&none, digest);
    /* sha256sum < /dev/null */
    assert_string_equal(digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decisions),
        cmocka_unit_test(digest_of_key_and_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
