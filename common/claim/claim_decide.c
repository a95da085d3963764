#include "common/claim/claim_decide.h"

#include <string.h>

static struct claim_decision truncated(const struct claim_facts *f, const char *why)
{
    return (struct claim_decision){.start = CLAIM_TRUNCATED, .at = f->low, .why = why};
}

struct claim_decision claim_decide(const struct claim_facts *f)
{
    if (f->cluster[0] != '\0' && f->cluster_now[0] != '\0' && strcmp(f->cluster, f->cluster_now) != 0)
        return truncated(f, "another Kafka cluster than the one read before");
    if (f->next_offset < 0)
        return (struct claim_decision){.start = CLAIM_START_AT, .at = f->low, .why = ""};
    if (f->next_offset > f->high)
        return truncated(f, "the log ends before the position");
    if (f->next_offset < f->low)
        return truncated(f, "records expired before they were read");
    if (f->last_offset < f->low || !f->has_digest)
        return (struct claim_decision){.start = CLAIM_START_AT, .at = f->next_offset, .why = ""};
    return (struct claim_decision){.start = CLAIM_COMPARE_AT, .at = f->last_offset, .why = ""};
}
