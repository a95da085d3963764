/* A redrive takes the conversation's parked events one by one, in the order in which they were parked, each as an
 * ordinary turn; the operator's event keeps its place in the log until the last one is done. */
#include "workers/turn/engine_private.h"
#include "workers/turn/engine_replay.h"

#include "common/base/digest.h"
#include "common/log/log.h"

#include <stdlib.h>
#include <string.h>

static const char sql_next[] = "SELECT parked_id, type, convert_from(raw, 'UTF8'), count(*) OVER () FROM munim.parked"
                               " WHERE conversation_id = $1::uuid AND state = 'parked' ORDER BY parked_id LIMIT 1";

static void on_next(void *arg, const PGresult *r)
{
    struct turn *t = arg;
    t->replay_event_id = t->replay_left = 0;
    if (PQntuples(r) == 0)
        return;
    t->replay_left = pg_i64(r, 0, 3);
    const char *raw = pg_text(r, 0, 2);
    unsigned char d[DIGEST_BYTES];
    char digest[DIGEST_HEX];
    digest_sha256(raw, strlen(raw), d);
    digest_hex(d, sizeof d, digest);
    struct fault f;
    if (t->replay_event == NULL)
        t->replay_event = calloc(1, sizeof *t->replay_event);
    if (t->replay_event == NULL)
        abort();
    event_clear(t->replay_event);
    if (event_read(pg_text(r, 0, 1), raw, strlen(raw), digest, t->replay_event, &f) != 0) {
        log_event(LOG_WARN, "a parked event cannot be read and ends the redrive", F_INT("parked_id", pg_i64(r, 0, 0)));
        return;
    }
    t->replay_event_id = pg_i64(r, 0, 0);
}

void replay_add(struct pg_batch *b, struct turn *t)
{
    const char *v[] = {t->ev.conversation_id};
    pg_add(b, sql_next, 1, v, on_next, t);
}

bool replay_next(struct turn *t)
{
    if (t->replay_event_id == 0)
        return false;
    struct event parked = *t->replay_event;
    t->command = t->replay_event;
    t->replay_event = NULL;
    *t->command = t->ev;
    t->ev = parked;
    t->replay_id = t->replay_event_id;
    t->replay_last = t->replay_left == 1; /* the commit makes sure of it */
    t->replay_event_id = 0;
    t->alone = true;
    return true;
}

void replay_give_up(struct turn *t)
{
    turn_end_replay(t);
    (void)turn_plan_take(t);
    t->fate = FATE_PLAN;
}
