/* Messages that become SENDING, as part of a batch (start.c). */
#ifndef MUNIM_SENDER_START_H
#define MUNIM_SENDER_START_H

#include "common/pg/pg.h"

#include <stdbool.h>
#include <stdint.h>

struct sender;
struct start;

struct start_row {
    const char *key, *conversation_id;
    const char *account; /* "channel/account id" */
    int attempts;        /* made before this one */
    int64_t epoch;       /* of its partition, as held here */
};

struct start *start_new(struct sender *s);
/* One more message; Postgres decides whether it is its turn. It counts as a request under way until start_end. */
void start_want(struct start *st, const struct start_row *r); /* copied */
bool start_wanted(const struct start *st);
/* Adds the statement, after those that make the rows. The deadlines run from here. */
void start_add(struct start *st, struct pg_batch *b);
/* The batch's end: makes the requests of the rows that became SENDING. */
void start_end(struct start **st, enum pg_end end);

/* Whether another request may be made at once. */
bool start_has_room(const struct sender *s);

#endif
