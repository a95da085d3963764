/* What claim.c (the course of a claim) and claim_store.c (its statements) share. Not for anybody else. */
#ifndef MUNIM_CLAIM_CLAIM_PRIVATE_H
#define MUNIM_CLAIM_CLAIM_PRIVATE_H

#include "common/base/backoff.h"
#include "common/claim/claim.h"

struct claim_row {
    char topic[128];
    char cluster[64];
    char digest[DIGEST_HEX];
    int32_t partition;
    int claims, attempts;
    int64_t epoch, next_offset, last_offset, low, high;
    int64_t at; /* the next offset to come */
    bool held;
    bool compare; /* the next record is the one at last_offset */
    bool reset;   /* the next claim puts the position back to the log's start */
};

struct claim {
    struct pg *pg;
    struct consumer *consumer;
    struct event *timer;
    struct claim_hooks hooks;
    char owner[96];
    struct claim_row *parts;
    size_t n;
    unsigned generation; /* counts assignments and rounds: an answer to an older one is dropped */
    bool asked;          /* a claim batch is under way */
    bool told;           /* on_claimed was called since the last on_lost */
    bool answered;       /* Postgres has answered this round; the broker's watermarks are being asked */
    struct backoff backoff;
};

/* What a batch carries, so that its answer finds out whether it is still wanted. */
struct claim_round {
    struct claim *cl;
    unsigned generation;
};

struct claim_row *claim_find(const struct claim *cl, const char *topic, int32_t partition);

/* Sends the claim of the whole assignment; rd travels with it and comes back to on_end. The rows it returns are put
 * into the parts when the round is still wanted. */
void claim_store_send(struct claim *cl, struct claim_round *rd, pg_end_fn *on_end);
/* Ends the connections that hold locks on the wanted rows. */
void claim_store_terminate(struct claim *cl);

#endif
