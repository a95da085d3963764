/* The gate's index: of each conversation with open messages, the one that may go next. An index only: Postgres decides
 * (SENDING is guarded there), so an entry may be stale and does no harm. Pure: values in, values out, the caller's
 * clock. */
#ifndef MUNIM_SENDER_GATE_H
#define MUNIM_SENDER_GATE_H

#include "workers/sender/outbound.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uthash.h>

enum head_state { HEAD_NONE, HEAD_PENDING, HEAD_SENDING, HEAD_UNCERTAIN };

/* A conversation as Postgres has it: the message after settled_through, and whether anything is open at all. */
struct gate_fact {
    const char *conversation_id;
    int32_t partition;
    bool open;             /* false: nothing after settled_through is known, the conversation leaves the index */
    enum head_state state; /* HEAD_NONE with open: a hole, messages wait for one that was not taken yet */
    const char *key;       /* dedupe key of the head; "" for HEAD_NONE */
    const char *account;   /* "channel/account id" of the head */
    int attempt;
    int64_t due_us; /* HEAD_PENDING: by the same clock as now_us below */
};

enum gate_place {
    GATE_READY,   /* may start now */
    GATE_WAITING, /* until due_us */
    GATE_BLOCKED, /* by a hole, or a head that is SENDING elsewhere or UNCERTAIN: read again on a tick */
    GATE_BUSY,    /* this process is sending its head */
    GATE_PLACES
};

struct gate_conv {
    char id[UUID_TEXT];
    char key[DEDUPE_KEY_MAX];
    char account[2 * ROUTE_MAX];
    int32_t partition;
    int attempt;
    enum gate_place place;
    bool hole;
    int64_t due_us;
    struct gate_conv *prev, *next; /* in the list of its place */
    UT_hash_handle hh;
};

struct gate {
    struct gate_conv *by_id;
    struct gate_conv *lists[GATE_PLACES];
    size_t counts[GATE_PLACES];
};

/* Puts what Postgres says into the index. A conversation that is busy stays as it is: what it does will be told. */
void gate_apply(struct gate *g, const struct gate_fact *fact, int64_t now_us);

/* The next conversation whose head may start, now busy; NULL when there is none. Longest ready first. */
struct gate_conv *gate_next(struct gate *g);

/* The head is pending again and not due before due_us. */
void gate_wait(struct gate *g, struct gate_conv *c, int64_t due_us);
/* Nobody sends it here (any more): to be read again. Nothing when the index has no such conversation. */
void gate_block(struct gate *g, const char *conversation_id);

/* Moves what has become due to the ready ones. */
void gate_tick(struct gate *g, int64_t now_us);

/* Copies at most max ids of blocked conversations, longest unread first, and puts those at the end of the line. */
size_t gate_blocked(struct gate *g, char (*ids)[UUID_TEXT], size_t max);
size_t gate_holes(const struct gate *g);

void gate_clear(struct gate *g);

#endif
