/* The engine's own state, shared by engine*.c only. */
#ifndef MUNIM_TURN_ENGINE_PRIVATE_H
#define MUNIM_TURN_ENGINE_PRIVATE_H

#include "common/base/backoff.h"
#include "common/claim/claim.h"
#include "common/kafka/consumer.h"
#include "common/kafka/topics.h"
#include "common/metrics/metrics.h"
#include "workers/turn/commit.h"
#include "workers/turn/engine.h"
#include "workers/turn/hydrate.h"
#include "workers/turn/mailbox.h"
#include "workers/turn/partition.h"
#include "workers/turn/publish.h"
#include "workers/turn/shop_words.h"
#include "workers/turn/turn.h"

enum { GROUP_MOST = 512, CONFLICTS_ALLOWED = 10, FAILURES_ALLOWED = 3 };

/* Turns whose query is out: hydrate, a shop's catalogue, stock. */
struct reading_group {
    bool busy;
    struct turn *turns[GROUP_MOST];
    struct hydrate_row rows[GROUP_MOST];
    size_t n;
    struct hydrate hydrate;
    struct stock stock;
    int attempt; /* of a careful partition's only turn, as the query has counted it */
};

/* Turns whose model call has ended, while that is being stored. */
struct told_group {
    bool busy;
    struct turn *turns[GROUP_MOST];
    size_t n;
};

struct commit_group {
    bool busy;
    struct turn *turns[GROUP_MOST];
    size_t n;
    struct position positions[GROUP_MOST];
    struct partition *parts[GROUP_MOST]; /* of the positions; forgotten when the partitions are dropped */
    struct commit commit;
};

struct engine {
    struct event_base *base;
    struct topics topics;
    struct pg *pg;    /* commits, claims, publishing */
    struct pg *reads; /* what turns are planned on: a second backend, so that a group is read while another commits */
    struct consumer *consumer;
    struct claim *claim;
    struct lexicon *lexicon;
    struct model *model; /* NULL: the word lists read alone */
    struct shop_store *shops;
    struct publisher *publisher;
    struct partitions partitions;
    struct mailboxes mailboxes;
    struct turn *runnable; /* QUEUED and first in their box */
    struct turn *waiting;  /* QUEUED behind another turn of their conversation */
    struct turn *asking;   /* ASKING, the call out */
    struct turn *told;     /* ASKING, the call over and not stored yet */
    struct turn *planned;  /* in the order they were planned */
    struct reading_group reading;
    struct told_group storing;
    struct commit_group committing;
    struct event *pump;  /* deferred engine_pump */
    struct event *again; /* after a failure that passes by itself */
    struct event *late;  /* while leaving */
    struct backoff backoff;
    size_t batch, in_flight_most;
    int64_t ahead;      /* offsets read past the oldest unfinished one, per partition */
    char republish[32]; /* an interval for Postgres */
    size_t in_flight;   /* turns past QUEUED */
    bool releasing;     /* the group takes the partitions back once the commit has ended */
    bool leaving;       /* what the claims have counted is being taken back */
    bool draining;
    void (*on_idle)(void *arg);
    void *idle_arg;
};

extern struct metric engine_turns, engine_turn_seconds, engine_commits, engine_conflicts, engine_group_turns,
    engine_in_flight, engine_parked;

/* engine.c */
void engine_pump_soon(struct engine *e);
void engine_pause(struct engine *e); /* nothing is started until the backoff's wait is over */

/* engine_turns.c */
void engine_take_record(struct engine *e, rd_kafka_message_t *m); /* takes m */
void engine_requeue(struct engine *e, struct turn *t);            /* to be planned anew from hydrate */
void engine_end_turn(struct engine *e, struct turn *t, const char *outcome);
void engine_drop_all(struct engine *e); /* every partition and every turn that no query holds */
void engine_drop_partition(struct engine *e, struct partition *p); /* fenced: it has a later owner */

/* engine_plan.c: QUEUED to PLANNED */
void engine_hydrate(struct engine *e);
void engine_fail(struct engine *e, struct turn *t, const struct fault *f); /* a failure of the turn itself */

/* The row is at fault, and waiting changes nothing: data exceptions, refused constraints, books that do not balance. */
bool engine_blames_data(const char *code);

/* engine_read.c. engine_read reads the turn's text; false when the model has been asked and the turn is in ASKING. */
bool engine_read(struct engine *e, struct turn *t);
void engine_store_told(struct engine *e);

/* engine_attempts.c. engine_leave: once the commit in flight has ended, gives the partitions back or tells that the
 * engine is idle. */
void engine_add_attempt(struct pg_batch *b, const struct turn *t, int *attempt);
void engine_leave(struct engine *e);
struct event *engine_leave_timer(struct engine *e);

/* engine_commit.c: PLANNED to ENDED */
void engine_commit(struct engine *e);

#endif
