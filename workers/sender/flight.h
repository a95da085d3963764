/* One message that Postgres has made SENDING: its request, what the channel answers, and what that means. */
#ifndef MUNIM_SENDER_FLIGHT_H
#define MUNIM_SENDER_FLIGHT_H

#include "workers/sender/outbound.h"

#include <stdbool.h>
#include <stdint.h>

struct sender;

struct flight {
    struct sender *s;
    char key[DEDUPE_KEY_MAX];
    char conversation_id[UUID_TEXT];
    char account[2 * ROUTE_MAX];
    char *payload; /* NULL until Postgres has made the row SENDING */
    int attempt;   /* this one */
    int64_t epoch;
    int64_t deadline_us; /* CLOCK_BOOTTIME */
    int64_t begun_us;
    struct flight *prev, *next;
};

/* Counts in s->flights from now on. account is "channel/account id". */
struct flight *flight_new(struct sender *s, const char *key, const char *conversation_id, const char *account);
void flight_free(struct flight **f);

/* Looks at the clock once more, then makes the request; its outcome goes to settle. Owns f. */
void flight_launch(struct flight *f);
/* Surely nothing went out: the row goes back to PENDING if it had left it. Owns f. */
void flight_not_sent(struct flight *f, const char *words);

/* Until when (CLOCK_MONOTONIC) the channel's refusal of this account keeps its messages waiting; 0: it does not. */
int64_t flight_account_stopped(const struct sender *s, const char *account);

/* At the process' end: requests under way are given up; their rows stay SENDING. */
void flights_drop(struct sender *s);

#endif
