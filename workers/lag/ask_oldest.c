#include "workers/lag/ask_private.h"

#include "common/kafka/kafka_conf.h"

static bool wanted(const struct lag_row *r)
{
    return lag_known(r) && lag_records(r) > 0 && r->oldest_ms < 0;
}

int ask_begin_oldest(struct ask *a, struct fault *f)
{
    rd_kafka_topic_partition_list_t *at = rd_kafka_topic_partition_list_new((int)a->next.n);
    for (size_t i = 0; i < a->next.n; i++) {
        struct lag_row *r = &a->next.rows[i];
        r->awaited = wanted(r);
        if (r->awaited)
            rd_kafka_topic_partition_list_add(at, r->topic, r->partition)->offset = lag_position(r);
    }
    a->waiting = at->cnt;
    rd_kafka_resp_err_t err = at->cnt > 0 ? rd_kafka_assign(a->clients[0], at) : RD_KAFKA_RESP_ERR_NO_ERROR;
    if (err == RD_KAFKA_RESP_ERR_NO_ERROR && at->cnt > 0)
        a->reading = at;
    else
        rd_kafka_topic_partition_list_destroy(at);
    return err == RD_KAFKA_RESP_ERR_NO_ERROR ? 0 : kafka_fault(f, err, "the oldest records cannot be read");
}

/* One record was all that is wanted of it: a long log would be read on while slower partitions are waited for. */
static void stop_one(struct ask *a, const struct lag_row *r)
{
    rd_kafka_topic_partition_list_t *one = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(one, r->topic, r->partition);
    rd_kafka_pause_partitions(a->clients[0], one);
    rd_kafka_topic_partition_list_destroy(one);
}

/* The first record at or after the position, since the log may have been cleaned there meanwhile; an end of the
 * partition or an error is an answer too, which leaves the age unknown. */
static void take(struct ask *a, const rd_kafka_message_t *m)
{
    rd_kafka_timestamp_type_t kind;
    struct lag_row *r = m->rkt != NULL ? lag_find(&a->next, rd_kafka_topic_name(m->rkt), m->partition) : NULL;
    if (r == NULL || !r->awaited)
        return;
    r->awaited = false;
    a->waiting--;
    if (m->err == RD_KAFKA_RESP_ERR_NO_ERROR)
        r->oldest_ms = rd_kafka_message_timestamp(m, &kind);
    stop_one(a, r);
}

/* The other client reads nothing, but what it has to say is to be taken from it as well. */
void ask_take_oldest(struct ask *a)
{
    for (int g = 0; g < LAG_GROUPS; g++)
        for (rd_kafka_message_t *m; (m = rd_kafka_consumer_poll(a->clients[g], 0)) != NULL; rd_kafka_message_destroy(m))
            if (a->stage == STAGE_OLDEST)
                take(a, m);
}

void ask_end_oldest(struct ask *a)
{
    if (a->reading == NULL)
        return;
    rd_kafka_resume_partitions(a->clients[0], a->reading); /* a pause outlives an assignment */
    rd_kafka_assign(a->clients[0], NULL);
    rd_kafka_topic_partition_list_destroy(a->reading);
    a->reading = NULL;
}
