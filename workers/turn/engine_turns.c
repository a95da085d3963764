/* Turns as they come, wait, end and are dropped: every list that a turn can be in is moved here. */
#include "workers/turn/engine_private.h"

#include "common/log/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

static void check_ahead(struct engine *e, struct partition *p)
{
    bool full = track_span(&p->track) >= e->ahead;
    if (full && !p->paused)
        consumer_pause(e->consumer, p->topic, p->number);
    if (!full && p->paused)
        consumer_resume(e->consumer, p->topic, p->number);
    p->paused = full;
}

static void read_event(struct turn *t)
{
    char digest[DIGEST_HEX];
    claim_digest(t->m, digest);
    struct fault f = {0};
    int rc = envelope_read(t->m, &t->envelope)
                 ? event_read(t->envelope.type, t->m->payload, t->m->len, digest, &t->ev, &f)
                 : fault_set(&f, VERDICT_REJECT, "the record has no ce_type header");
    if (rc != 0) {
        event_clear(&t->ev);
        t->fate = FATE_REFUSE;
        (void)snprintf(t->reason, sizeof t->reason, "%s", f.text);
    }
}

void engine_take_record(struct engine *e, rd_kafka_message_t *m)
{
    struct partition *p = NULL;
    if (claim_check(e->claim, m))
        p = partition_find(&e->partitions, rd_kafka_topic_name(m->rkt), m->partition);
    if (p == NULL) {
        rd_kafka_message_destroy(m);
        return;
    }
    char digest[DIGEST_HEX];
    claim_digest(m, digest);
    track_add(&p->track, m->offset, digest);
    struct turn *t = turn_new(m);
    t->part = p;
    read_event(t);
    if (mailbox_add(&e->mailboxes, t))
        DL_APPEND(e->runnable, t);
    else
        DL_APPEND(e->waiting, t);
    check_ahead(e, p);
    engine_pump_soon(e);
}

void engine_requeue(struct engine *e, struct turn *t)
{
    if (t->part == NULL) {
        engine_end_turn(e, t, "dropped");
        return;
    }
    bool refused = t->fate == FATE_REFUSE && t->ev.key[0] == '\0';
    char reason[sizeof t->reason];
    memcpy(reason, t->reason, sizeof reason);
    turn_reset(t);
    if (refused) { /* unreadable stays unreadable */
        t->fate = FATE_REFUSE;
        memcpy(t->reason, reason, sizeof reason);
    }
    turn_move(t, TURN_QUEUED);
    e->in_flight--;
    t->part->running--;
    DL_PREPEND(e->runnable, t);
    engine_pump_soon(e);
}

static void leave_mailbox(struct engine *e, struct turn *t)
{
    struct turn *next = mailbox_remove(&e->mailboxes, t);
    if (next != NULL) {
        DL_DELETE(e->waiting, next);
        DL_APPEND(e->runnable, next);
    }
}

void engine_end_turn(struct engine *e, struct turn *t, const char *outcome)
{
    if (t->state != TURN_QUEUED) {
        e->in_flight--;
        if (t->part != NULL)
            t->part->running--;
    }
    struct partition *p = t->part;
    leave_mailbox(e, t);
    metric_add(&engine_turns, outcome, NULL, 1);
    turn_move(t, TURN_ENDED);
    turn_free(&t);
    if (p != NULL)
        check_ahead(e, p);
}

/* The partition's turns, or all (NULL). The waiting ones go first: none of them is the next in its box then. */
static void drop_list(struct engine *e, struct turn **list, const struct partition *p)
{
    struct turn *t, *tmp;
    DL_FOREACH_SAFE(*list, t, tmp)
    {
        if (p != NULL && t->part != p)
            continue;
        DL_DELETE(*list, t);
        t->part = NULL;
        if (t->state != TURN_QUEUED)
            e->in_flight--;
        leave_mailbox(e, t);
        turn_move(t, TURN_ENDED);
        turn_free(&t);
    }
}

/* Turns in a query are only cut loose; their group ends them when its answer comes. */
static void cut_loose(struct engine *e, struct turn **turns, size_t n, const struct partition *p)
{
    for (size_t i = 0; i < n; i++) {
        if (p != NULL && turns[i]->part != p)
            continue;
        turns[i]->part = NULL;
        leave_mailbox(e, turns[i]);
    }
}

static void drop_turns(struct engine *e, const struct partition *p)
{
    drop_list(e, &e->waiting, p);
    drop_list(e, &e->runnable, p);
    drop_list(e, &e->asking, p);
    drop_list(e, &e->told, p);
    drop_list(e, &e->planned, p);
    cut_loose(e, e->reading.turns, e->reading.busy ? e->reading.n : 0, p);
    cut_loose(e, e->storing.turns, e->storing.busy ? e->storing.n : 0, p);
    cut_loose(e, e->committing.turns, e->committing.busy ? e->committing.n : 0, p);
    for (size_t i = 0; i < GROUP_MOST; i++) {
        if (p == NULL || e->committing.parts[i] == p)
            e->committing.parts[i] = NULL;
    }
}

void engine_drop_partition(struct engine *e, struct partition *p)
{
    claim_fenced(e->claim, p->topic, p->number);
    drop_turns(e, p);
    partition_remove(&e->partitions, p);
    engine_pump_soon(e);
}

void engine_drop_all(struct engine *e)
{
    drop_turns(e, NULL);
    while (e->partitions.first != NULL)
        partition_remove(&e->partitions, e->partitions.first);
}
