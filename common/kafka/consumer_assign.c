#include "common/kafka/consumer_private.h"

#include "common/kafka/client.h"
#include "common/kafka/kafka_conf.h"
#include "common/log/log.h"

static void forget(rd_kafka_topic_partition_list_t **list)
{
    if (*list != NULL)
        rd_kafka_topic_partition_list_destroy(*list);
    *list = NULL;
}

/* rd_kafka_assign answers the group's question whether it gives or takes; NULL is nothing.
 *
 * librdkafka 2.0.2 stops the fetching of what an assignment replaces, and where a partition is in both, a further call
 * that comes before it has heard of that stop makes it stop the same one twice: "Assertion rktp->rktp_started failed"
 * ends the process. So what is there is taken away by a call of its own first. Calls and stops stand in one queue, and
 * each call waits for its turn: by the answer to the second, the first one's stops have been heard of. Taking away
 * answers no question of a group that gives. */
static void assign(struct consumer *c, const rd_kafka_topic_partition_list_t *at)
{
    struct fault f;
    rd_kafka_resp_err_t err = RD_KAFKA_RESP_ERR_NO_ERROR;
    if (at != NULL && c->assigned)
        err = rd_kafka_assign(c->rk, NULL);
    if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
        err = rd_kafka_assign(c->rk, at);
    c->assigned = at != NULL;
    if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
        return;
    (void)kafka_fault(&f, err, "assignment not taken");
    consumer_note_fault(c, &f);
}

/* librdkafka keeps an application's pause beyond the assignment, so it is lifted here; the owner's own resume is then
 * ignored. */
static void lift_pauses(struct consumer *c)
{
    if (c->paused->cnt > 0)
        (void)rd_kafka_resume_partitions(c->rk, c->paused);
    forget(&c->paused);
    c->paused = rd_kafka_topic_partition_list_new(4);
}

static void offer(struct consumer *c, rd_kafka_topic_partition_list_t *parts)
{
    forget(&c->parts);
    c->parts = parts;
    c->state = ASSIGN_OFFERED;
    c->tell_assign = true;
}

static void note_given(struct consumer *c, const rd_kafka_topic_partition_list_t *parts)
{
    rd_kafka_topic_partition_list_t *copy = rd_kafka_topic_partition_list_copy(parts);
    if (c->state == ASSIGN_REVOKED) {
        forget(&c->next);
        c->next = copy;
        return;
    }
    offer(c, copy);
}

/* An offer that the owner has heard of is taken back through it as well: its claim may be under way. */
static void note_taken(struct consumer *c, bool lost)
{
    forget(&c->next);
    if (c->state == ASSIGN_NONE || (c->state == ASSIGN_OFFERED && c->tell_assign)) {
        consumer_unassign(c);
        return;
    }
    c->lost = c->lost || lost;
    if (c->state == ASSIGN_REVOKED)
        return;
    c->state = ASSIGN_REVOKED;
    c->tell_revoke = true;
}

void consumer_on_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t err, rd_kafka_topic_partition_list_t *parts, void *arg)
{
    struct consumer *c = arg;
    c->down = false;
    if (c->leaving)
        consumer_unassign(c);
    else if (err == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
        note_given(c, parts);
    else
        note_taken(c, rd_kafka_assignment_lost(rk) != 0);
    c->yielded = true;
    rd_kafka_yield(rk);
}

void consumer_unassign(struct consumer *c)
{
    lift_pauses(c);
    assign(c, NULL);
    forget(&c->parts);
    forget(&c->next);
    c->state = ASSIGN_NONE;
    c->tell_assign = c->tell_revoke = c->lost = false;
}

void consumer_tell_assignment(struct consumer *c)
{
    if (c->tell_revoke) {
        bool lost = c->lost;
        c->tell_revoke = c->lost = false;
        c->hooks.on_revoke(c->hooks.arg, lost);
    } else if (c->tell_assign) {
        c->tell_assign = false;
        /* The hook may call consumer_start or cause a new offer, which replace c->parts. */
        rd_kafka_topic_partition_list_t *copy = rd_kafka_topic_partition_list_copy(c->parts);
        c->hooks.on_assign(c->hooks.arg, copy);
        rd_kafka_topic_partition_list_destroy(copy);
    }
}

/* What of `at` is still ours: the owner may answer an offer that a newer one has replaced. */
static rd_kafka_topic_partition_list_t *still_ours(const struct consumer *c, const rd_kafka_topic_partition_list_t *at)
{
    rd_kafka_topic_partition_list_t *ours = rd_kafka_topic_partition_list_new(at->cnt > 0 ? at->cnt : 1);
    for (int i = 0; i < at->cnt; i++) {
        const rd_kafka_topic_partition_t *p = &at->elems[i];
        if (rd_kafka_topic_partition_list_find(c->parts, p->topic, p->partition) != NULL)
            rd_kafka_topic_partition_list_add(ours, p->topic, p->partition)->offset = p->offset;
    }
    return ours;
}

void consumer_start(struct consumer *c, const rd_kafka_topic_partition_list_t *at)
{
    if (c->tell_assign || (c->state != ASSIGN_OFFERED && c->state != ASSIGN_READING)) {
        log_line(LOG_DEBUG, "consumer_start came too late: the partitions were taken back meanwhile");
        return;
    }
    rd_kafka_topic_partition_list_t *ours = still_ours(c, at);
    lift_pauses(c);
    c->state = ASSIGN_READING;
    assign(c, ours);
    rd_kafka_topic_partition_list_destroy(ours);
}

void consumer_release(struct consumer *c)
{
    if (c->state != ASSIGN_REVOKED)
        return;
    rd_kafka_topic_partition_list_t *next = c->next;
    c->next = NULL;
    if (next == NULL) {
        consumer_unassign(c);
        return;
    }
    /* The group has given anew already and waits for that answer, not for this one. */
    lift_pauses(c);
    offer(c, next);
    client_wake_again(c->wake_fd);
}

static rd_kafka_topic_partition_list_t *one(const char *topic, int32_t partition)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topic, partition);
    return list;
}

void consumer_pause(struct consumer *c, const char *topic, int32_t partition)
{
    if (c->state != ASSIGN_READING || rd_kafka_topic_partition_list_find(c->paused, topic, partition) != NULL)
        return;
    rd_kafka_topic_partition_list_t *list = one(topic, partition);
    (void)rd_kafka_pause_partitions(c->rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_topic_partition_list_add(c->paused, topic, partition);
}

/* librdkafka 2.0.2 fetches again when what was not paused is resumed, so only what is in the list gets there. */
void consumer_resume(struct consumer *c, const char *topic, int32_t partition)
{
    if (!rd_kafka_topic_partition_list_del(c->paused, topic, partition))
        return;
    rd_kafka_topic_partition_list_t *list = one(topic, partition);
    (void)rd_kafka_resume_partitions(c->rk, list);
    rd_kafka_topic_partition_list_destroy(list);
}
