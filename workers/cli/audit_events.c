/* Every event that was to be taken against what became of it. A partition's records and its rows of the inbox are both
 * read in the order of their offsets and merged; only what has no row in its own place (a repeat, a refused or a parked
 * event) is asked for by itself, a thousand at a time. */
#include "workers/cli/audit.h"

#include "common/base/digest.h"
#include "common/claim/claim.h"
#include "common/kafka/envelope.h"
#include "common/pg/pg.h"
#include "common/pg/pgarray.h"
#include "workers/turn/event.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    EVENT_CHECKS = 3,
    /* event_lost, row_without_event, log_cut */ ASK_AT_ONCE = 1000,
    OFFSET_AT = 0,
    CHANNEL_AT,
    ACCOUNT_AT,
    ID_AT
};

/* One partition in hand. */
struct merge {
    struct audit *a;
    const char *topic;
    int32_t partition;
    PGresult *rows; /* of the inbox, a piece of the cursor */
    int row;
    struct pgarray offsets, channels, accounts, ids; /* to be asked for */
};

static const char cursor_sql[] =
    "DECLARE audit_inbox NO SCROLL CURSOR FOR SELECT \"offset\", channel, account_id, message_id FROM munim.inbox"
    " WHERE topic = $1 AND partition = $2::int AND \"offset\" >= $3::bigint AND \"offset\" < $4::bigint ORDER BY 1";

static const char missing_sql[] =
    "SELECT u.o FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[]) AS u (o, channel, account, id)"
    " LEFT JOIN munim.inbox i ON i.channel = u.channel AND i.account_id = u.account AND i.message_id = u.id"
    " LEFT JOIN munim.refused r ON r.topic = $1 AND r.partition = $2::int AND r.\"offset\" = u.o"
    " LEFT JOIN munim.parked p ON p.topic = $1 AND p.partition = $2::int AND p.\"offset\" = u.o"
    " WHERE i.message_id IS NULL AND r.topic IS NULL AND p.topic IS NULL ORDER BY u.o";

static void found_at(struct merge *m, const char *check, const char *offset, const char *what)
{
    char where[256];
    (void)snprintf(where, sizeof where, "%.160s %" PRId32 " %.24s", m->topic, m->partition, offset);
    audit_found(m->a, check, where, what);
}

static int ask_missing(struct merge *m, struct fault *f)
{
    char partition[16];
    (void)snprintf(partition, sizeof partition, "%" PRId32, m->partition);
    const char *v[] = {m->topic,
                       partition,
                       pgarray_text(&m->offsets),
                       pgarray_text(&m->channels),
                       pgarray_text(&m->accounts),
                       pgarray_text(&m->ids)};
    PGresult *r = m->offsets.n > 0 ? audit_ask(m->a, missing_sql, 6, v, f) : NULL;
    if (m->offsets.n > 0 && r == NULL)
        return -1;
    for (int i = 0; r != NULL && i < PQntuples(r); i++)
        found_at(m, "event_lost", pg_text(r, i, 0), "below the position, and neither taken nor refused nor parked");
    PQclear(r);
    pgarray_clear(&m->offsets);
    pgarray_clear(&m->channels);
    pgarray_clear(&m->accounts);
    pgarray_clear(&m->ids);
    return 0;
}

/* The inbox row in hand; false at the end of the cursor. */
static bool have_row(struct merge *m, struct fault *f, int *failed)
{
    if (m->rows != NULL && m->row < PQntuples(m->rows))
        return true;
    if (m->rows != NULL && PQntuples(m->rows) == 0)
        return false;
    PQclear(m->rows);
    m->row = 0;
    m->rows = audit_ask(m->a, "FETCH 5000 FROM audit_inbox", 0, NULL, f);
    if (m->rows == NULL)
        *failed = -1;
    return m->rows != NULL && PQntuples(m->rows) > 0;
}

/* Rows whose record is not in the log; all before this offset. */
static int pass_rows(struct merge *m, int64_t offset, struct fault *f)
{
    int failed = 0;
    while (have_row(m, f, &failed) && pg_i64(m->rows, m->row, OFFSET_AT) < offset) {
        found_at(m, "row_without_event", pg_text(m->rows, m->row, OFFSET_AT), "taken, and the log has no such record");
        m->row++;
    }
    return failed;
}

static bool same(const struct merge *m, const struct event *e)
{
    return strcmp(pg_text(m->rows, m->row, CHANNEL_AT), e->inbox_channel) == 0 &&
           strcmp(pg_text(m->rows, m->row, ACCOUNT_AT), e->inbox_account) == 0 &&
           strcmp(pg_text(m->rows, m->row, ID_AT), e->inbox_id) == 0;
}

/* The rows in the record's own place. A redrive has the rows of all events that it took up. Returns whether the event's
 * own is among them. */
static bool take_rows(struct merge *m, int64_t offset, const struct event *e, struct fault *f, int *failed)
{
    bool own = false;
    while (have_row(m, f, failed) && pg_i64(m->rows, m->row, OFFSET_AT) == offset) {
        bool mine = e != NULL && same(m, e);
        if (!mine && (e == NULL || e->kind != EVENT_REDRIVE))
            found_at(m, "row_without_event", pg_text(m->rows, m->row, OFFSET_AT), "the record there is another event");
        own = own || mine;
        m->row++;
    }
    return own;
}

static int on_record(void *arg, const rd_kafka_message_t *m, struct fault *f)
{
    struct merge *g = arg;
    char digest[DIGEST_HEX];
    struct envelope envelope;
    struct event e = {0};
    int failed = 0;
    claim_digest(m, digest);
    bool readable = envelope_read(m, &envelope) && event_read(envelope.type, m->payload, m->len, digest, &e, NULL) == 0;
    if (pass_rows(g, m->offset, f) != 0)
        failed = -1;
    else if (!take_rows(g, m->offset, readable ? &e : NULL, f, &failed) && failed == 0) {
        pgarray_i64(&g->offsets, m->offset);
        pgarray_str(&g->channels, readable ? e.inbox_channel : NULL);
        pgarray_str(&g->accounts, readable ? e.inbox_account : NULL);
        pgarray_str(&g->ids, readable ? e.inbox_id : NULL);
        if (g->offsets.n >= ASK_AT_ONCE)
            failed = ask_missing(g, f);
    }
    event_clear(&e);
    audit_progress(g->a, g->topic);
    return failed;
}

static int open_cursor(struct merge *m, int64_t from, int64_t to, struct fault *f)
{
    char partition[16], first[24], last[24];
    (void)snprintf(partition, sizeof partition, "%" PRId32, m->partition);
    (void)snprintf(first, sizeof first, "%" PRId64, from);
    (void)snprintf(last, sizeof last, "%" PRId64, to);
    PGresult *r = audit_ask(m->a, cursor_sql, 4, (const char *[]){m->topic, partition, first, last}, f);
    PQclear(r);
    return r != NULL ? 0 : -1;
}

static int merge_partition(struct merge *m, int64_t next, struct fault *f)
{
    int64_t low, high;
    if (audit_log_bounds(m->a, m->topic, m->partition, &low, &high, f) != 0)
        return -1;
    if (next > high) {
        char at[24];
        (void)snprintf(at, sizeof at, "%" PRId64, high);
        found_at(m, "log_cut", at, "the log ends before the position; what stood behind is gone");
        next = high;
    }
    if (open_cursor(m, low, next, f) != 0)
        return -1;
    int rc = audit_log_read(m->a, m->topic, m->partition, low, next, on_record, m, f);
    if (rc == 0)
        rc = pass_rows(m, next, f);
    if (rc == 0)
        rc = ask_missing(m, f);
    if (rc == 0)
        PQclear(audit_ask(m->a, "CLOSE audit_inbox", 0, NULL, f));
    return rc;
}

static int topic_events(struct audit *a, const char *topic, struct fault *f)
{
    PGresult *parts =
        audit_ask(a, "SELECT partition, next_offset FROM munim.part WHERE topic = $1 AND next_offset >= 0 ORDER BY 1",
                  1, &topic, f);
    if (parts == NULL)
        return -1;
    int rc = 0;
    for (int i = 0; rc == 0 && i < PQntuples(parts); i++) {
        struct merge m = {.a = a, .topic = topic, .partition = (int32_t)pg_i64(parts, i, 0)};
        pgarray_init(&m.offsets);
        pgarray_init(&m.channels);
        pgarray_init(&m.accounts);
        pgarray_init(&m.ids);
        rc = merge_partition(&m, pg_i64(parts, i, 1), f);
        PQclear(m.rows);
        pgarray_done(&m.offsets);
        pgarray_done(&m.channels);
        pgarray_done(&m.accounts);
        pgarray_done(&m.ids);
    }
    PQclear(parts);
    return rc;
}

int audit_events(struct audit *a, struct fault *f)
{
    static const enum topic topics[] = {TOPIC_INBOUND, TOPIC_DECISION};
    for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++) {
        audit_begin(a, i == 0 ? EVENT_CHECKS : 0);
        if (topic_events(a, a->topics.name[topics[i]], f) != 0)
            return -1;
        audit_end(a);
    }
    return 0;
}
