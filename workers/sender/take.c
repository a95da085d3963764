/* The records that wait in the lanes of one topic, in one transaction under the fence of every lane that takes part.
 * One batch of a topic at a time: what arrives while it commits goes with the next one, so that a busy sender pays one
 * sync for many messages and an idle one waits for nobody. */
#include "workers/sender/take.h"
#include "workers/sender/counts.h"
#include "workers/sender/sender.h"
#include "workers/sender/start.h"

#include "common/base/failpoint.h"
#include "common/claim/fence.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

static void taken(struct sender *s, const struct share *h)
{
    struct lane *l = h->lane;
    lane_drop(l, h->n);
    l->next_offset = h->next_offset;
    l->alone = false;
    consumer_tell(s->consumer, l->topic, l->partition, l->next_offset);
    lane_pace(s, l);
}

static void count(const struct take *t, size_t records)
{
    const char *topic = t->receipts ? "receipt" : "outbound";
    metric_add(&count_taken, topic, NULL, (double)records);
    metric_add(&count_refused, topic, NULL, (double)t->refused);
    metric_add(&count_messages, "FAILED", NULL, (double)(t->failed + t->settled_failed));
    metric_add(&count_messages, "SENT", NULL, (double)t->settled_sent);
    metric_add(&count_settled, "receipt", NULL, (double)(t->settled_sent + t->settled_failed));
    metric_add(&count_unknown_receipts, NULL, NULL, (double)t->unknown_receipts);
}

static void done(struct sender *s, struct take *t)
{
    size_t records = 0;
    FAILPOINT("sender.taken", NULL);
    for (size_t i = 0; i < t->n; i++) {
        taken(s, &t->shares[i]);
        records += t->shares[i].n;
    }
    count(t, records);
    if (t->receipts && t->conversations.n > 0)
        refresh_conversations(s, pgarray_text(&t->conversations));
}

/* One of several has a later owner, and nothing tells which: each of them goes alone, once. */
static void fenced(struct sender *s, const struct take *t)
{
    for (size_t i = 0; i < t->n; i++) {
        struct lane *l = t->shares[i].lane;
        if (t->n > 1) {
            l->alone = true;
            continue;
        }
        l->fenced = true;
        lane_drop(l, l->n);
        claim_fenced(s->claim, l->topic, l->partition);
    }
}

static void on_take_end(void *arg, enum pg_end end, const struct fault *f)
{
    struct take *t = arg;
    struct sender *s = t->s;
    s->takes--;
    /* Lost meanwhile: whoever claims the partitions next reads from Postgres what this batch has done. */
    if (t->generation == s->generation) {
        s->taking[t->receipts] = NULL;
        if (end == PG_DONE)
            done(s, t);
        else if (end == PG_FAILED && strcmp(f->code, "MU001") == 0)
            fenced(s, t);
        else if (end == PG_FAILED && sender_may_retry(f))
            event_add(s->again, &(struct timeval){.tv_usec = 100000});
    }
    start_end(&t->start, end);
    pgarray_done(&t->conversations);
    free(t->shares);
    free(t);
    sender_wake(s);
}

static void add_fences(const struct take *t, struct pg_batch *b)
{
    struct position *positions = calloc(t->n, sizeof *positions);
    char(*digests)[DIGEST_HEX] = calloc(t->n, sizeof *digests);
    if (positions == NULL || digests == NULL)
        abort();
    for (size_t i = 0; i < t->n; i++) {
        const struct share *h = &t->shares[i];
        const rd_kafka_message_t *last = h->lane->records[h->n - 1];
        claim_digest(last, digests[i]);
        positions[i] = (struct position){.topic = h->lane->topic,
                                         .partition = h->lane->partition,
                                         .epoch = h->lane->epoch,
                                         .expected = h->lane->next_offset,
                                         .next = h->next_offset,
                                         .last = last->offset,
                                         .digest = digests[i]};
    }
    fence_add(b, positions, t->n, NULL);
    free(positions);
    free(digests);
}

static bool waits(const struct lane *l, bool receipts)
{
    return l->receipts == receipts && l->n > 0 && !l->fenced;
}

static void add_share(struct take *t, struct lane *l, size_t most)
{
    struct share *h = &t->shares[t->n++];
    h->lane = l;
    h->n = l->n < most ? l->n : most;
    h->next_offset = l->records[h->n - 1]->offset + 1;
}

/* A lane that has to go alone goes first; else every waiting lane gets an equal part of the batch. */
static void share_out(struct take *t, size_t lanes)
{
    struct lane *l;
    DL_FOREACH(t->s->lanes, l)
    {
        if (waits(l, t->receipts) && l->alone) {
            add_share(t, l, TAKE_MAX);
            return;
        }
    }
    size_t most = lanes < TAKE_MAX ? TAKE_MAX / lanes : 1;
    DL_FOREACH(t->s->lanes, l)
    {
        if (waits(l, t->receipts))
            add_share(t, l, most);
    }
}

void take_pump(struct sender *s, bool receipts)
{
    size_t lanes = 0;
    const struct lane *l;
    if (s->draining || s->revoking || !pg_ready(s->pg) || event_pending(s->again, EV_TIMEOUT, NULL))
        return;
    DL_FOREACH(s->lanes, l)
    {
        lanes += waits(l, receipts) ? 1 : 0;
    }
    if (s->taking[receipts] != NULL || lanes == 0)
        return;
    struct take *t = calloc(1, sizeof *t);
    if (t == NULL || (t->shares = calloc(lanes, sizeof *t->shares)) == NULL)
        abort();
    t->s = s;
    t->receipts = receipts;
    t->generation = s->generation;
    t->start = start_new(s);
    pgarray_init(&t->conversations);
    share_out(t, lanes);
    struct pg_batch *b = pg_batch_new(s->pg);
    add_fences(t, b);
    if (receipts)
        take_receipts(t, b);
    else
        take_outbound(t, b);
    s->taking[receipts] = t;
    s->takes++;
    pg_send(b, on_take_end, t);
    /* Which conversations were written to is known already: the question follows in the same pipeline. */
    if (!receipts && t->conversations.n > 0)
        refresh_conversations(s, pgarray_text(&t->conversations));
}
