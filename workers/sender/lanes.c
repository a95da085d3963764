#include "workers/sender/counts.h"
#include "workers/sender/sender.h"

#include "common/base/failpoint.h"
#include "common/log/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* The fence: moves the position only for the owner of the present epoch, and only from where he believes it to be. */
static const char fence_sql[] =
    "WITH moved AS (UPDATE munim.part SET next_offset = $5, last_offset = $6, last_digest = $7, claims = 0, attempts = "
    "0,"
    " moved_at = now() WHERE topic = $1 AND partition = $2::int AND epoch = $3::bigint AND next_offset = $4::bigint"
    " RETURNING 1) SELECT munim.require((SELECT count(*) FROM moved), 1, 'MU001', 'fenced')";

static struct lane *find(const struct sender *s, const char *topic, int32_t partition)
{
    struct lane *l;
    DL_FOREACH(s->lanes, l)
    {
        if (l->partition == partition && strcmp(l->topic, topic) == 0)
            return l;
    }
    return NULL;
}

void lanes_open(struct sender *s, const struct claim_part *p)
{
    struct lane *l = calloc(1, sizeof *l);
    if (l == NULL)
        abort();
    (void)snprintf(l->topic, sizeof l->topic, "%s", p->topic);
    l->receipts = strcmp(p->topic, s->topics.name[TOPIC_RECEIPT]) == 0;
    l->partition = p->partition;
    l->epoch = p->epoch;
    l->next_offset = p->next_offset;
    l->low = p->low;
    l->high = p->high;
    DL_APPEND(s->lanes, l);
}

static void drop_records(struct lane *l)
{
    for (size_t i = 0; i < l->n; i++)
        rd_kafka_message_destroy(l->records[i]);
    l->n = 0;
}

void lanes_clear(struct sender *s)
{
    struct lane *l, *next;
    s->generation++;
    DL_FOREACH_SAFE(s->lanes, l, next)
    {
        DL_DELETE(s->lanes, l);
        if (l->paused)
            consumer_resume(s->consumer, l->topic, l->partition);
        drop_records(l);
        free(l->records);
        free(l);
    }
}

int64_t lanes_epoch(const struct sender *s, int32_t outbound_partition)
{
    const struct lane *l = find(s, s->topics.name[TOPIC_OUTBOUND], outbound_partition);
    return l != NULL && !l->fenced ? l->epoch : -1;
}

bool lanes_have(const struct sender *s, int32_t outbound_partition)
{
    return lanes_epoch(s, outbound_partition) >= 0;
}

bool lanes_receipts_read(const struct sender *s)
{
    const struct lane *l;
    DL_FOREACH(s->lanes, l)
    {
        int64_t low, high;
        if (!l->receipts)
            continue;
        consumer_watermarks(s->consumer, l->topic, l->partition, &low, &high);
        int64_t end = high > l->high ? high : l->high;
        if (l->fenced || (l->next_offset < 0 ? l->low : l->next_offset) < end)
            return false;
    }
    return true;
}

static void pace(struct sender *s, struct lane *l)
{
    if (!l->paused && l->n >= LANE_HIGH) {
        l->paused = true;
        consumer_pause(s->consumer, l->topic, l->partition);
    } else if (l->paused && l->n < LANE_HIGH / 4) {
        l->paused = false;
        consumer_resume(s->consumer, l->topic, l->partition);
    }
}

void lanes_record(struct sender *s, rd_kafka_message_t *m)
{
    struct lane *l = find(s, rd_kafka_topic_name(m->rkt), m->partition);
    if (l == NULL || l->fenced || s->draining) {
        rd_kafka_message_destroy(m);
        return;
    }
    if (l->n == l->room) {
        l->room = l->room == 0 ? 64 : l->room * 2;
        l->records = realloc(l->records, l->room * sizeof(rd_kafka_message_t *));
        if (l->records == NULL)
            abort();
    }
    l->records[l->n++] = m;
    pace(s, l);
    sender_wake(s);
}

static void taken(struct sender *s, struct lane *l, const struct take *t)
{
    for (size_t i = 0; i < t->n; i++)
        rd_kafka_message_destroy(l->records[i]);
    l->n -= t->n;
    memmove(l->records, l->records + t->n, l->n * sizeof(rd_kafka_message_t *));
    l->next_offset = t->next_offset;
    consumer_tell(s->consumer, l->topic, l->partition, l->next_offset);
    pace(s, l);
}

static void count(const struct take *t, bool receipts)
{
    metric_add(&count_taken, receipts ? "receipt" : "outbound", NULL, (double)t->n);
    metric_add(&count_refused, receipts ? "receipt" : "outbound", NULL, (double)t->refused);
    metric_add(&count_messages, "FAILED", NULL, (double)(t->failed + t->settled_failed));
    metric_add(&count_messages, "SENT", NULL, (double)t->settled_sent);
    metric_add(&count_settled, "receipt", NULL, (double)(t->settled_sent + t->settled_failed));
    metric_add(&count_unknown_receipts, NULL, NULL, (double)t->unknown_receipts);
}

static void failed(struct sender *s, struct lane *l, const struct fault *f)
{
    if (strcmp(f->code, "MU001") == 0) {
        l->fenced = true;
        drop_records(l);
        claim_fenced(s->claim, l->topic, l->partition);
        return;
    }
    if (sender_may_retry(f))
        event_add(s->again, &(struct timeval){.tv_usec = 100000});
}

static void on_take_end(void *arg, enum pg_end end, const struct fault *f)
{
    struct take *t = arg;
    struct sender *s = t->s;
    s->takes--;
    /* Lost meanwhile: whoever claims the partition next reads from Postgres what this batch has done. */
    if (t->generation == s->generation) {
        struct lane *l = t->lane;
        l->taking = false;
        if (end == PG_DONE) {
            FAILPOINT("sender.taken", NULL);
            taken(s, l, t);
            count(t, l->receipts);
            if (t->conversations.n > 0)
                refresh_conversations(s, pgarray_text(&t->conversations));
        } else if (end == PG_FAILED) {
            failed(s, l, f);
        }
    }
    pgarray_done(&t->conversations);
    free(t);
    sender_wake(s);
}

static void add_fence(const struct take *t, struct pg_batch *b)
{
    const struct lane *l = t->lane;
    const rd_kafka_message_t *last = l->records[t->n - 1];
    char partition[16], epoch[24], expected[24], next[24], offset[24], digest[DIGEST_HEX];
    (void)snprintf(partition, sizeof partition, "%" PRId32, l->partition);
    (void)snprintf(epoch, sizeof epoch, "%" PRId64, l->epoch);
    (void)snprintf(expected, sizeof expected, "%" PRId64, l->next_offset);
    (void)snprintf(next, sizeof next, "%" PRId64, t->next_offset);
    (void)snprintf(offset, sizeof offset, "%" PRId64, last->offset);
    claim_digest(last, digest);
    pg_add(b, fence_sql, 7, (const char *[]){l->topic, partition, epoch, expected, next, offset, digest}, NULL, NULL);
}

static void lane_take(struct sender *s, struct lane *l)
{
    struct take *t = calloc(1, sizeof *t);
    if (t == NULL)
        abort();
    t->s = s;
    t->lane = l;
    t->generation = s->generation;
    t->n = l->n < TAKE_MAX ? l->n : TAKE_MAX;
    t->next_offset = l->records[t->n - 1]->offset + 1;
    pgarray_init(&t->conversations);
    struct pg_batch *b = pg_batch_new(s->pg);
    add_fence(t, b);
    if (l->receipts)
        take_receipts(t, b);
    else
        take_outbound(t, b);
    l->taking = true;
    s->takes++;
    pg_send(b, on_take_end, t);
}

void lanes_pump(struct sender *s)
{
    if (s->draining || s->revoking || !pg_ready(s->pg) || event_pending(s->again, EV_TIMEOUT, NULL))
        return;
    struct lane *l;
    DL_FOREACH(s->lanes, l)
    {
        if (l->n > 0 && !l->taking && !l->fenced)
            lane_take(s, l);
    }
}

void refusals_init(struct refusals *r)
{
    pgarray_init(&r->offsets);
    pgarray_init(&r->reasons);
    pgarray_init(&r->raws);
}

void refusals_put(struct refusals *r, const rd_kafka_message_t *m, const char *reason)
{
    char *hex = malloc(2 * m->len + 1);
    if (hex == NULL)
        abort();
    hex[0] = '\0';
    if (m->len > 0)
        digest_hex(m->payload, m->len, hex);
    pgarray_i64(&r->offsets, m->offset);
    pgarray_str(&r->reasons, reason);
    pgarray_str(&r->raws, hex);
    free(hex);
}

static const char refused_sql[] =
    "INSERT INTO munim.refused (topic, partition, \"offset\", reason, raw) SELECT $1, $2::int, o, r, decode(x, 'hex')"
    " FROM unnest($3::bigint[], $4::text[], $5::text[]) AS u (o, r, x) ON CONFLICT DO NOTHING";

void refusals_add(struct refusals *r, const struct take *t, struct pg_batch *b)
{
    char partition[16];
    (void)snprintf(partition, sizeof partition, "%" PRId32, t->lane->partition);
    const char *values[] = {t->lane->topic, partition, pgarray_text(&r->offsets), pgarray_text(&r->reasons),
                            pgarray_text(&r->raws)};
    if (r->offsets.n > 0) {
        pg_add(b, refused_sql, 5, values, NULL, NULL);
        log_event(LOG_ERROR, "records refused", F_STR("topic", t->lane->topic), F_INT("partition", t->lane->partition),
                  F_INT("records", r->offsets.n));
    }
    pgarray_done(&r->offsets);
    pgarray_done(&r->reasons);
    pgarray_done(&r->raws);
}
