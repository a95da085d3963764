/* Where to begin reading a claimed partition. Pure. */
#ifndef MUNIM_CLAIM_CLAIM_DECIDE_H
#define MUNIM_CLAIM_CLAIM_DECIDE_H

#include <stdbool.h>
#include <stdint.h>

struct claim_facts {
    int64_t next_offset; /* -1: nothing taken yet */
    int64_t last_offset; /* -1: no record to compare with */
    bool has_digest;
    int64_t low, high;   /* the log's first offset, and the one after its last */
    const char *cluster; /* remembered, "" when unknown */
    const char *cluster_now;
};

enum claim_start {
    CLAIM_START_AT,   /* read from `at`, nothing to compare */
    CLAIM_COMPARE_AT, /* read from `at`; that record is compared and skipped */
    CLAIM_TRUNCATED   /* not the log that was read before; `why` says what differs */
};

struct claim_decision {
    enum claim_start start;
    int64_t at;
    const char *why; /* static */
};

struct claim_decision claim_decide(const struct claim_facts *f);

#endif
