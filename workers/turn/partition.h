/* The partitions that this worker has claimed. */
#ifndef MUNIM_TURN_PARTITION_H
#define MUNIM_TURN_PARTITION_H

#include "common/claim/claim.h"
#include "workers/turn/track.h"

#include <stdbool.h>
#include <stdint.h>

/* While the claims since next_offset last moved are this many or more, something there may end the process: one turn at
 * a time, each with its attempt committed first. The attempt after the last allowed one parks. */
enum { CAREFUL_CLAIMS = 2, ATTEMPTS_ALLOWED = 2 };

struct partition {
    struct partition *next;
    char topic[128];
    int32_t number;
    int64_t epoch;
    struct track track;
    bool paused;
    bool careful;
    bool attempt_open; /* this claim has counted an attempt whose turn is not committed */
    size_t running;    /* its turns past QUEUED */
};

struct partitions {
    struct partition *first;
};

struct partition *partition_add(struct partitions *all, const struct claim_part *p);
struct partition *partition_find(const struct partitions *all, const char *topic, int32_t number);
void partition_remove(struct partitions *all, struct partition *p);

#endif
