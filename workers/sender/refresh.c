/* What Postgres knows of conversations goes into the gate's index. Also finds SENDING rows that nobody can be sending
 * any more (their deadline has passed on this machine, or they come from another boot or machine): they are UNCERTAIN.
 */
#include "workers/sender/counts.h"
#include "workers/sender/sender.h"
#include "workers/sender/settle.h"

#include "common/base/clock.h"
#include "common/log/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FACTS                                                                                                          \
    "SELECT g.conversation_id, o.partition, h.dedupe_key, h.state, h.attempt, h.channel, h.account_id,"                \
    " greatest(0, extract(epoch FROM h.not_before - clock_timestamp()) * 1000000)::bigint, h.epoch, h.boot_id,"        \
    " h.deadline_us FROM munim.gate g LEFT JOIN munim.guard h ON h.conversation_id = g.conversation_id"                \
    " AND h.seq = g.settled_through + 1 LEFT JOIN LATERAL (SELECT x.partition FROM munim.guard x"                      \
    " WHERE x.conversation_id = g.conversation_id AND x.seq > g.settled_through ORDER BY x.seq LIMIT 1) AS o ON true"

enum {
    COL_CONVERSATION,
    COL_PARTITION,
    COL_KEY,
    COL_STATE,
    COL_ATTEMPT,
    COL_CHANNEL,
    COL_ACCOUNT,
    COL_WAIT,
    COL_EPOCH,
    COL_BOOT,
    COL_DEADLINE
};

static const char conversations_sql[] = FACTS " WHERE g.conversation_id = ANY ($1::uuid[])";

static const char partition_sql[] =
    FACTS " WHERE g.conversation_id IN (SELECT conversation_id FROM munim.guard WHERE partition = $1::int"
          " AND state IN ('PENDING', 'SENDING', 'UNCERTAIN'))";

static const char uncertain_sql[] =
    "UPDATE munim.guard g SET state = 'UNCERTAIN', uncertain_since = now(), error = 'the process that sent it ended'"
    " FROM unnest($1::text[], $2::int[], $3::bigint[]) AS r (key, attempt, epoch) WHERE g.dedupe_key = r.key"
    " AND g.attempt = r.attempt AND g.epoch = r.epoch AND g.state = 'SENDING' RETURNING 1";

struct refresh {
    struct sender *s;
    unsigned generation;
    bool of_blocked;
    struct pgarray keys, attempts, epochs; /* SENDING, and nobody can be */
    struct pgarray lagging;                /* the head is terminal: the gate must move on */
    size_t declared;
};

static enum head_state head_state_of(const char *state)
{
    if (state == NULL)
        return HEAD_NONE;
    if (strcmp(state, "PENDING") == 0)
        return HEAD_PENDING;
    if (strcmp(state, "SENDING") == 0)
        return HEAD_SENDING;
    return HEAD_UNCERTAIN;
}

static bool terminal(const char *state)
{
    return state != NULL &&
           (strcmp(state, "SENT") == 0 || strcmp(state, "FAILED") == 0 || strcmp(state, "UNKNOWN") == 0);
}

/* CLOCK_BOOTTIME can be compared within one boot of one machine only. */
static bool abandoned(const struct sender *s, const PGresult *r, int i)
{
    const char *boot = pg_text(r, i, COL_BOOT);
    return boot == NULL || strcmp(boot, s->boot_id) != 0 || pg_i64(r, i, COL_DEADLINE) < clock_boot_us();
}

static void take_fact(struct refresh *rf, const PGresult *r, int i)
{
    struct sender *s = rf->s;
    const char *state = pg_text(r, i, COL_STATE);
    const char *key = pg_text(r, i, COL_KEY);
    bool open = pg_text(r, i, COL_PARTITION) != NULL;
    int32_t partition = (int32_t)pg_i64(r, i, COL_PARTITION);
    if (open && !lanes_have(s, partition))
        return;
    char account[2 * ROUTE_MAX] = "";
    if (key != NULL)
        (void)snprintf(account, sizeof account, "%s/%s", pg_text(r, i, COL_CHANNEL), pg_text(r, i, COL_ACCOUNT));
    int64_t now = clock_mono_us();
    gate_apply(&s->gate,
               &(struct gate_fact){.conversation_id = pg_text(r, i, COL_CONVERSATION),
                                   .partition = partition,
                                   .open = open,
                                   .state = head_state_of(state),
                                   .key = key != NULL ? key : "",
                                   .account = account,
                                   .attempt = (int)pg_i64(r, i, COL_ATTEMPT),
                                   .due_us = now + pg_i64(r, i, COL_WAIT)},
               now);
    if (terminal(state))
        pgarray_str(&rf->lagging, pg_text(r, i, COL_CONVERSATION));
    if (head_state_of(state) == HEAD_SENDING && abandoned(s, r, i)) {
        pgarray_str(&rf->keys, key);
        pgarray_i64(&rf->attempts, pg_i64(r, i, COL_ATTEMPT));
        pgarray_i64(&rf->epochs, pg_i64(r, i, COL_EPOCH));
    }
}

static void on_facts(void *arg, const PGresult *r)
{
    struct refresh *rf = arg;
    for (int i = 0; i < PQntuples(r) && rf->generation == rf->s->generation; i++)
        take_fact(rf, r, i);
}

static void refresh_free(struct refresh *rf)
{
    pgarray_done(&rf->keys);
    pgarray_done(&rf->attempts);
    pgarray_done(&rf->epochs);
    pgarray_done(&rf->lagging);
    free(rf);
}

static void on_declared(void *arg, const PGresult *r)
{
    struct refresh *rf = arg;
    rf->declared = (size_t)PQntuples(r);
}

static void on_repair_end(void *arg, enum pg_end end, const struct fault *f)
{
    struct refresh *rf = arg;
    if (end == PG_DONE && rf->declared > 0) {
        metric_add(&count_uncertain, NULL, NULL, (double)rf->declared);
        log_event(LOG_WARN, "sends of an ended process are uncertain", F_INT("messages", rf->declared));
    }
    if (end == PG_FAILED)
        (void)sender_may_retry(f);
    refresh_free(rf);
}

static void repair(struct refresh *rf)
{
    struct pg_batch *b = pg_batch_new(rf->s->pg);
    const char *values[] = {pgarray_text(&rf->keys), pgarray_text(&rf->attempts), pgarray_text(&rf->epochs)};
    if (rf->keys.n > 0)
        pg_add(b, uncertain_sql, 3, values, on_declared, rf);
    if (rf->lagging.n > 0) {
        gate_lock_add(b, pgarray_text(&rf->lagging));
        gate_advance_add(b, pgarray_text(&rf->lagging));
    }
    pg_send(b, on_repair_end, rf);
}

static void on_refresh_end(void *arg, enum pg_end end, const struct fault *f)
{
    struct refresh *rf = arg;
    struct sender *s = rf->s;
    if (rf->of_blocked)
        s->refreshing = false;
    if (end == PG_FAILED)
        (void)sender_may_retry(f);
    if (end == PG_DONE && rf->keys.n + rf->lagging.n > 0 && !s->draining)
        repair(rf);
    else
        refresh_free(rf);
    sender_wake(s);
}

static void ask(struct sender *s, const char *sql, const char *value, bool of_blocked)
{
    struct refresh *rf = calloc(1, sizeof *rf);
    if (rf == NULL)
        abort();
    rf->s = s;
    rf->generation = s->generation;
    rf->of_blocked = of_blocked;
    pgarray_init(&rf->keys);
    pgarray_init(&rf->attempts);
    pgarray_init(&rf->epochs);
    pgarray_init(&rf->lagging);
    struct pg_batch *b = pg_batch_new(s->pg);
    pg_add(b, sql, 1, &value, on_facts, rf);
    pg_send(b, on_refresh_end, rf);
}

void refresh_conversations(struct sender *s, const char *ids)
{
    ask(s, conversations_sql, ids, false);
}

void refresh_partition(struct sender *s, int32_t partition)
{
    char text[16];
    (void)snprintf(text, sizeof text, "%" PRId32, partition);
    ask(s, partition_sql, text, false);
}

void refresh_blocked(struct sender *s)
{
    static char ids[BLOCKED_MAX][UUID_TEXT];
    if (s->refreshing || !pg_ready(s->pg))
        return;
    size_t n = gate_blocked(&s->gate, ids, BLOCKED_MAX);
    if (n == 0)
        return;
    struct pgarray list;
    pgarray_init(&list);
    for (size_t i = 0; i < n; i++)
        pgarray_str(&list, ids[i]);
    s->refreshing = true;
    ask(s, conversations_sql, pgarray_text(&list), true);
    pgarray_done(&list);
}
