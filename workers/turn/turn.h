/* One event on its way through the engine. Its state moves only through turn_move. */
#ifndef MUNIM_TURN_TURN_H
#define MUNIM_TURN_TURN_H

#include "common/kafka/envelope.h"
#include "workers/flows/plan.h"
#include "workers/reading/model/model.h"
#include "workers/reading/reading.h"
#include "workers/turn/event.h"

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

struct engine;
struct partition;
struct mailbox;
struct shop_words;

/* QUEUED: waits for its turn in the mailbox. HYDRATING: the query for its session is out. ASKING: the model has its
 * text, or its answer is being stored. PLANNED: waits for a commit. COMMITTING: its transaction is out. ENDED:
 * committed or dropped; about to be freed. */
enum turn_state {
    TURN_QUEUED,
    TURN_HYDRATING,
    TURN_ASKING,
    TURN_STOCKTAKING,
    TURN_PLANNED,
    TURN_COMMITTING,
    TURN_ENDED
};

/* What came of asking the model about the turn's text. */
struct turn_answer {
    bool known; /* by a call that has ended, in this run of the turn or in an earlier one */
    enum model_outcome outcome;
    char *content; /* the document, NULL when there is none; owned */
    int64_t latency_us;
};

/* What the turn's transaction writes beside the position. */
enum turn_fate {
    FATE_NONE,      /* not known yet */
    FATE_PLAN,      /* the plan */
    FATE_DUPLICATE, /* nothing: the inbox has it */
    FATE_REFUSE,    /* a refused row with the reason */
    FATE_APPEND,    /* the conversation is parked: the event joins its parked rows */
    FATE_PARK       /* the conversation is parked because of this event */
};

struct turn {
    enum turn_state state;
    enum turn_fate fate;
    char reason[256]; /* of REFUSE, APPEND and PARK: words without personal data */
    struct event ev;
    rd_kafka_message_t *m; /* the record; its bytes are what is parked or refused */
    struct envelope envelope;
    struct partition *part; /* NULL once the partition was dropped under a turn in flight */
    int64_t offset;
    struct mailbox *box;
    struct turn *box_prev, *box_next; /* in the mailbox */
    struct turn *prev, *next;         /* in one of the engine's lists, by state */
    bool alone;                       /* commits alone: shared rows, or its group has failed */
    unsigned conflicts, failures;
    bool short_of_stock; /* the commit found less than was planned, again and again */
    int attempts;        /* of a careful partition, this one included */
    int64_t began_us;
    struct engine *engine;   /* while a call is out */
    struct model_call *call; /* NULL when none is */

    /* filled by hydrate, valid until the turn is queued again */
    struct session *session; /* never NULL: an empty one until turn_open */
    struct shop_words *shop; /* one reference; NULL when the account is unknown */
    char order_tenant[UUID_TEXT];
    char conversation_key[KEY_MAX], address[KEY_MAX];
    int64_t next_seq;
    bool conversation_new, contact_new, parked, identities_new;
    struct reading *reading;   /* as session */
    struct turn_answer answer; /* zero where the word lists read alone */
    struct plan *plan;         /* from turn_plan_take */

    /* a redrive works through the parked rows with the turn of each; replayed is the row in hand */
    int64_t replay_id;          /* parked_id, 0 when none */
    struct event *replay_event; /* what the answer brought, until replay_next takes it, with its parked_id */
    int64_t replay_event_id;
    int64_t replay_left;   /* parked rows that the answer counted */
    bool replay_last;      /* the transaction that takes this one clears the conversation's flag */
    bool ev_seen;          /* the inbox has the replayed event: only its parked row is settled */
    bool dropped;          /* the operator leaves the replayed event out: it is noted in the inbox and does nothing */
    struct event *command; /* the operator's event, while ev is the parked one; else NULL */
};

struct turn *turn_new(rd_kafka_message_t *m); /* takes m */
void turn_free(struct turn **t);

/* Moves the state; an edge that the table lacks is a bug and aborts. */
void turn_move(struct turn *t, enum turn_state to);
const char *turn_state_name(enum turn_state s);

/* Room for what hydrate and reading bring, from a store: thousands of turns may wait, and few are under way. */
void turn_open(struct turn *t);

/* Forgets everything hydrated, so that the turn can be planned anew. */
void turn_reset(struct turn *t);

/* An empty plan. Plans are large and come from a store; turn_reset and turn_free give them back. */
struct plan *turn_plan_take(struct turn *t);

/* The parked event in hand is over: the turn is its redrive's again. */
void turn_end_replay(struct turn *t);

#endif
