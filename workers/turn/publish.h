/* Publishing what Postgres says must be published: outbox rows to `outbound`, orders' states to `approval`. At least
 * once; the sender's guard and the approval tool's compacted view make repeats harmless. */
#ifndef MUNIM_TURN_PUBLISH_H
#define MUNIM_TURN_PUBLISH_H

#include "common/config/settings.h"
#include "common/kafka/topics.h"
#include "common/pg/pg.h"
#include "workers/turn/commit.h"

#include <event2/event.h>

struct publisher;

struct publisher *publisher_new(struct event_base *base, const struct settings *s, const struct topics *topics,
                                struct pg *pg, struct fault *f);
void publisher_free(struct publisher **p);

/* Rows of a transaction that has just committed; takes nothing, c's list stays the caller's. */
void publisher_fresh(struct publisher *p, const struct fresh_row *rows);

/* Publishes the present state of orders whose mark is set; called after a commit that set one, and by the sweep. */
void publisher_approvals(struct publisher *p);

/* Republishes untaken rows whose time has come, with doubling delay; any worker may. */
void publisher_sweep(struct publisher *p);

#endif
