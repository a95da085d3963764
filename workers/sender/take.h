/* One batch of records under the fences of their lanes: Kafka's records become rows. take.c makes and ends the batch,
 * take_outbound.c and take_receipts.c add the statements of their topic. */
#ifndef MUNIM_SENDER_TAKE_H
#define MUNIM_SENDER_TAKE_H

#include "common/pg/pg.h"
#include "common/pg/pgarray.h"

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TAKE_MAX = 256 };

struct sender;
struct lane;
struct start;

/* The first n records of a lane. The lane is gone when the generation has moved on. */
struct share {
    struct lane *lane;
    size_t n;
    int64_t next_offset;
};

struct take {
    struct sender *s;
    unsigned generation;
    bool receipts;
    struct share *shares;
    size_t n;
    struct start *start;          /* of outbound: what may go out when the batch is committed */
    struct pgarray conversations; /* to be read again when the batch is in */
    size_t refused, failed, settled_sent, settled_failed, unknown_receipts;
};

/* Takes what waits in the lanes of one topic, unless a batch of that topic is in hand. */
void take_pump(struct sender *s, bool receipts);

/* Add the statements for every record of every share. */
void take_outbound(struct take *t, struct pg_batch *b);
void take_receipts(struct take *t, struct pg_batch *b);

/* Rows for munim.refused (refusals.c): records that cannot be read, with the reason. */
struct refusals {
    struct pgarray partitions, offsets, reasons, raws;
};
void refusals_init(struct refusals *r);
void refusals_put(struct refusals *r, const rd_kafka_message_t *m, const char *reason);
void refusals_add(struct refusals *r, const char *topic, struct pg_batch *b); /* and frees r's arrays */

#endif
