/* One record of inbound or decision as the turn engine sees it. Pure: bytes in, values out. */
#ifndef MUNIM_TURN_EVENT_H
#define MUNIM_TURN_EVENT_H

#include "common/base/fault.h"
#include "common/base/phone.h"
#include "common/base/random.h"
#include "workers/flows/order.h"

#include <stddef.h>
#include <stdint.h>

enum event_kind { EVENT_MESSAGE, EVENT_DECISION, EVENT_REDRIVE };

enum { EVENT_ID = 256, EVENT_IDENTITIES = 512 };

struct event {
    enum event_kind kind;
    char channel[32];
    char account_id[96];
    char key[KEY_MAX];
    char inbox_channel[32]; /* what the inbox is unique on */
    char inbox_account[96];
    char inbox_id[EVENT_ID];
    char identities[EVENT_IDENTITIES]; /* "p:91...\nu:IN.1..." */
    char address[KEY_MAX];
    char address_kind[8];
    char name[128];
    char message_kind[32]; /* "text", "image", ... */
    char *text;            /* what a reader may read, NULL when the message has none */
    struct decision decision;
    char tenant_id[UUID_TEXT];       /* of a decision: the tenant that its writer claims */
    char conversation_id[UUID_TEXT]; /* of a redrive */
    int64_t drop_id;                 /* of a redrive: the parked event that it leaves out for good; 0 for none */
};

/* Reads one record. -1 and a REJECT fault in words when it is no such event; then nothing is owned. The digest names
 * the event where it has no id of its own (SHA-256 hex of the raw event). */
int event_read(const char *type, const void *value, size_t n, const char *digest, struct event *out, struct fault *f);
void event_clear(struct event *e); /* frees what event_read made */

/* The dedupe key of a turn's reply: 64 hex digits, the same whenever the turn is done again. ordinal from 0. */
void event_dedupe_key(const struct event *e, const char *tenant_id, unsigned ordinal, char out[65]);

#endif
