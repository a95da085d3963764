/* One partition's offsets between fetch and commit: which are in hand, which are done, and how far the position may
 * move. Pure. Offsets come in ascending order and may have holes (they are legally sparse). */
#ifndef MUNIM_TURN_TRACK_H
#define MUNIM_TURN_TRACK_H

#include "common/base/digest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct track_slot {
    int64_t offset;
    char digest[DIGEST_HEX];
    bool done;
};

struct track {
    struct track_slot *slots; /* ring */
    size_t room, head, n;
    int64_t next_offset; /* what Postgres has: the next offset that is not done */
};

void track_init(struct track *t, int64_t next_offset);
void track_done(struct track *t); /* frees */

/* A record came; digest is its hex digest. */
void track_add(struct track *t, int64_t offset, const char *digest);

/* This record's turn is in the transaction that is being made (or was undone: done = false). */
void track_mark(struct track *t, int64_t offset, bool done);

/* Where the position would stand now: false when the oldest record is still in hand. */
bool track_position(const struct track *t, int64_t *next, int64_t *last, const char **digest);

/* The transaction that wrote `next` has committed: forget what lies before it. */
void track_moved(struct track *t, int64_t next);

/* Records in hand, and the distance between the oldest of them and the newest. */
size_t track_count(const struct track *t);
int64_t track_span(const struct track *t);

#endif
