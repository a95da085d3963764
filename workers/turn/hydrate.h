/* Hydrate: one query brings the sessions of a whole group of turns: account and shop, whether the inbox has the event,
 * the contact by any of its identities, the conversation, the open order (or the one that a decision names) with lines.
 */
#ifndef MUNIM_TURN_HYDRATE_H
#define MUNIM_TURN_HYDRATE_H

#include "common/pg/pg.h"
#include "workers/turn/turn.h"

struct hydrate_row {
    bool account_known, seen; /* seen: the inbox has the event already */
    int64_t catalogue_version;
    char tenant_id[UUID_TEXT];
};

/* One query's turns and answers; lives until its batch has ended. */
struct hydrate {
    struct turn **turns;
    struct hydrate_row *rows; /* n of them, zeroed by hydrate_add */
    size_t n;
};

/* Adds the query to b; its answers fill the turns' sessions and the rows. Turns whose event is unreadable are not to be
 * among them. */
void hydrate_add(struct pg_batch *b, struct hydrate *h);

#endif
