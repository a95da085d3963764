/* The claim: what stands between a partition that Kafka's group assigned and its first record. One statement bumps the
 * epochs of the whole assignment in munim.part, so that an older owner can commit nothing more; then the log is
 * compared with what Postgres remembers of it (position, digest of the last record taken, cluster), and reading begins
 * at Postgres' position. Polling goes on meanwhile. Used by the turn engine and by the sender.
 *
 * Wiring: the consumer's on_assign calls claim_assign, its on_revoke calls claim_forget (and consumer_release when the
 * owner's commit in flight has ended), its on_record asks claim_check first. pg's on_ready calls claim_again.
 * Everything runs on the loop; a result that belongs to an assignment given back meanwhile is dropped. */
#ifndef MUNIM_CLAIM_CLAIM_H
#define MUNIM_CLAIM_CLAIM_H

#include "common/base/digest.h"
#include "common/base/fault.h"
#include "common/kafka/consumer.h"
#include "common/pg/pg.h"

#include <event2/event.h>
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct claim;

/* One claimed partition, as munim.part has it after the bump. */
struct claim_part {
    const char *topic; /* valid inside the call */
    int32_t partition;
    int64_t epoch;       /* the fence: epoch = this AND next_offset = the one below */
    int64_t next_offset; /* -1: nothing was ever taken (or the log was begun anew); the first fence expects -1 */
    int64_t low;         /* the log's start and end when it was claimed */
    int64_t high;
    int claims;   /* since next_offset last moved, this one included; who moves it sets it to 0 */
    int attempts; /* as stored */
};

struct claim_hooks {
    /* Once per partition and claim, before its first record. A partition may be claimed again, with a new epoch,
     * without an assignment in between (a restart of Postgres, a truncated log); on_lost comes before. */
    void (*on_claimed)(void *arg, const struct claim_part *p);
    /* Nothing is held any more. Batches already sent still get their on_end: no longer by these epochs. */
    void (*on_lost)(void *arg);
    /* The log is not the one Postgres remembers and must not be guessed about: end the process. */
    void (*on_stop)(void *arg, const struct fault *f);
    /* Whether a truncated or replaced log of this topic is read again from its start (outbound: repeats are harmless).
     * NULL: never. */
    bool (*may_restart)(void *arg, const char *topic);
    void *arg;
};

/* owner is stored in munim.part.owner ("munim-worker host/pid"), copied. */
struct claim *claim_new(struct event_base *base, struct pg *pg, const char *owner, const struct claim_hooks *hooks);
void claim_free(struct claim **cl);
/* The consumer comes second because its hooks need the claim; borrowed, and must outlive it. */
void claim_use(struct claim *cl, struct consumer *c);

void claim_assign(struct claim *cl, const rd_kafka_topic_partition_list_t *parts);
/* Calls on_lost when something was held. */
void claim_forget(struct claim *cl);
/* Drops and claims the present assignment anew; waits for Postgres if it is away. Harmless without an assignment. */
void claim_again(struct claim *cl);
/* A fence failed (MU001): a later owner has this partition. No more records of it; should the group still think it ours
 * after a while, the assignment is claimed anew. */
void claim_fenced(struct claim *cl, const char *topic, int32_t partition);

/* True: the record is to be processed. False: it is the comparing record, or its partition is not held; the caller
 * destroys it. A difference found here begins a new claim or calls on_stop, by topic. */
bool claim_check(struct claim *cl, const rd_kafka_message_t *m);

/* The epoch held, -1 when the partition is not ours to write for. */
int64_t claim_epoch(const struct claim *cl, const char *topic, int32_t partition);

/* True when every assigned partition is claimed (also when none is assigned). */
bool claim_settled(const struct claim *cl);

/* What munim.part.last_digest holds: SHA-256 of the key's bytes followed by the value's, in hex. */
void claim_digest(const rd_kafka_message_t *m, char out[DIGEST_HEX]);

#endif
