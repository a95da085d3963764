/* One member of a consumer group and what happened to it. */
#ifndef MUNIM_TESTS_KAFKA_MEMBER_H
#define MUNIM_TESTS_KAFKA_MEMBER_H

#include "common/kafka/consumer.h"
#include "tests/unit/kafka_fixture.h"

struct member {
    struct consumer *consumer;
    rd_kafka_topic_partition_list_t *offer;
    int assigned, revoked, records, faults, stops;
    struct fault last;
    bool start_at_once, free_at_record;
    int64_t first_offset[2], next_offset[2], start_at;
    int seen[SENT_MAX];
    char key[32], type[CE_TYPE_MAX];
    bool tombstone;
    int since_turn, most_in_turn;
};

static inline void on_assign(void *arg, const rd_kafka_topic_partition_list_t *parts)
{
    struct member *m = arg;
    m->assigned++;
    if (m->offer != NULL)
        rd_kafka_topic_partition_list_destroy(m->offer);
    m->offer = rd_kafka_topic_partition_list_copy(parts);
    for (int i = 0; i < parts->cnt; i++)
        m->offer->elems[i].offset = m->start_at + m->next_offset[parts->elems[i].partition];
    if (m->start_at_once)
        consumer_start(m->consumer, m->offer);
}

static inline void on_revoke(void *arg, bool lost)
{
    struct member *m = arg;
    assert_false(lost);
    m->revoked++;
    consumer_release(m->consumer);
}

static inline void on_record(void *arg, rd_kafka_message_t *msg)
{
    struct member *m = arg;
    struct envelope e;
    char text[32];
    assert_int_equal(msg->err, 0);
    if (m->records++ == 0 || m->first_offset[msg->partition] < 0)
        m->first_offset[msg->partition] = msg->offset;
    assert_int_equal(msg->offset, m->start_at + m->next_offset[msg->partition]);
    m->next_offset[msg->partition]++;
    m->tombstone = msg->payload == NULL;
    (void)snprintf(text, sizeof text, "%.*s", (int)msg->len, msg->payload != NULL ? (const char *)msg->payload : "0");
    m->seen[strtol(text, NULL, 10)]++;
    (void)snprintf(m->key, sizeof m->key, "%.*s", (int)msg->key_len, (const char *)msg->key);
    if (envelope_read(msg, &e))
        (void)snprintf(m->type, sizeof m->type, "%s", e.type);
    rd_kafka_message_destroy(msg);
    if (++m->since_turn > m->most_in_turn)
        m->most_in_turn = m->since_turn;
    if (m->free_at_record)
        consumer_free(&m->consumer, 5000);
}

static inline void on_fault(void *arg, const struct fault *f)
{
    struct member *m = arg;
    m->faults++;
    if (f->verdict == VERDICT_STOP)
        m->stops++;
    if (f->verdict == VERDICT_STOP || m->stops == 0)
        m->last = *f;
}

static inline struct member *join(const char *group, bool start_at_once)
{
    struct member *m = calloc(1, sizeof *m);
    assert_non_null(m);
    m->start_at_once = start_at_once;
    m->first_offset[0] = m->first_offset[1] = -1;
    const struct consumer_hooks hooks = {
        .on_assign = on_assign, .on_revoke = on_revoke, .on_record = on_record, .on_fault = on_fault, .arg = m};
    struct fault f;
    m->consumer = consumer_new(w.base, w.settings, group, (const char *[]){"t", NULL}, &hooks, &f);
    assert_non_null(m->consumer);
    return m;
}

static inline void part(struct member *m, int wait_ms)
{
    consumer_free(&m->consumer, wait_ms);
    assert_null(m->consumer);
    if (m->offer != NULL)
        rd_kafka_topic_partition_list_destroy(m->offer);
    free(m);
}

#endif
