#include "workers/sender/sender.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

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

void lane_drop(struct lane *l, size_t n)
{
    for (size_t i = 0; i < n; i++)
        rd_kafka_message_destroy(l->records[i]);
    l->n -= n;
    if (l->n > 0)
        memmove(l->records, l->records + n, l->n * sizeof(rd_kafka_message_t *));
}

void lanes_clear(struct sender *s)
{
    struct lane *l, *next;
    s->generation++;
    s->taking[0] = s->taking[1] = NULL;
    DL_FOREACH_SAFE(s->lanes, l, next)
    {
        DL_DELETE(s->lanes, l);
        if (l->paused)
            consumer_resume(s->consumer, l->topic, l->partition);
        lane_drop(l, l->n);
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

void lane_pace(struct sender *s, struct lane *l)
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
    lane_pace(s, l);
    sender_wake(s);
}
