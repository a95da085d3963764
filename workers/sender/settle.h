/* Outcomes on their way into Postgres, and the gate that they move. */
#ifndef MUNIM_SENDER_SETTLE_H
#define MUNIM_SENDER_SETTLE_H

#include "workers/sender/sender.h"

struct outcome {
    char key[DEDUPE_KEY_MAX];
    char conversation_id[UUID_TEXT];
    int64_t epoch; /* with attempt: which SENDING this is the outcome of */
    int attempt;
    const char *state; /* "SENT", "FAILED", "UNCERTAIN", "PENDING" */
    const char *words;
    char provider_id[PROVIDER_ID_MAX];
    char code[ERROR_CODE_MAX];
    int64_t wait_ms; /* PENDING: not before now + this */
    struct outcome *prev, *next;
};
struct settle_queue *settle_new(void);
void settle_free(struct settle_queue **q);
void settle_put(struct sender *s, const struct outcome *o); /* copied */
void settle_pump(struct sender *s);
bool settle_idle(const struct sender *s);
/* Statements that move settled_through over all consecutive terminal rows, for a uuid[] literal: the lock must come
 * before the guard rows change, the advance after. Both in the same batch. */
void gate_lock_add(struct pg_batch *b, const char *ids);
void gate_advance_add(struct pg_batch *b, const char *ids);

#endif
