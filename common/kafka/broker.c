#include "common/kafka/broker.h"

#include "common/kafka/kafka_conf.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { APPEAR_MS = 30000, TOPICS_MOST = 16 };

int broker_open(struct broker *b, const struct settings *s, struct fault *f)
{
    char why[160];
    memset(b, 0, sizeof *b);
    b->addresses = settings_text(s, "kafka", "bootstrap");
    rd_kafka_conf_t *conf = kafka_conf_new(s, f);
    if (conf == NULL)
        return -1;
    b->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (b->rk == NULL) {
        rd_kafka_conf_destroy(conf);
        return fault_set(f, VERDICT_STOP, "cannot make a Kafka client: %s", why);
    }
    b->queue = rd_kafka_queue_new(b->rk);
    return 0;
}

void broker_done(struct broker *b)
{
    if (b->queue != NULL)
        rd_kafka_queue_destroy(b->queue);
    if (b->rk != NULL)
        rd_kafka_destroy(b->rk);
    b->queue = NULL;
    b->rk = NULL;
}

const struct rd_kafka_metadata *broker_metadata(struct broker *b, struct fault *f)
{
    const struct rd_kafka_metadata *md = NULL;
    rd_kafka_resp_err_t err = rd_kafka_metadata(b->rk, 1, NULL, &md, BROKER_ASK_MS);
    if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
        return md;
    char what[200];
    (void)snprintf(what, sizeof what, "no Kafka broker answers at %.120s; start one or set KAFKA_BOOTSTRAP",
                   b->addresses);
    kafka_fault(f, err, what);
    return NULL;
}

const struct rd_kafka_metadata_topic *broker_topic_in(const struct rd_kafka_metadata *md, const char *name)
{
    for (int i = 0; i < md->topic_cnt; i++)
        if (strcmp(md->topics[i].topic, name) == 0 && md->topics[i].err != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
            return &md->topics[i];
    return NULL;
}

rd_kafka_AdminOptions_t *broker_options(struct broker *b, rd_kafka_admin_op_t op)
{
    char why[160];
    rd_kafka_AdminOptions_t *o = rd_kafka_AdminOptions_new(b->rk, op);
    if (o == NULL ||
        rd_kafka_AdminOptions_set_request_timeout(o, BROKER_ASK_MS, why, sizeof why) != RD_KAFKA_RESP_ERR_NO_ERROR)
        abort();
    return o;
}

rd_kafka_event_t *broker_answer(struct broker *b, const char *what, struct fault *f)
{
    rd_kafka_event_t *e = rd_kafka_queue_poll(b->queue, BROKER_ASK_MS + 1000);
    if (e == NULL) {
        kafka_fault(f, RD_KAFKA_RESP_ERR__TIMED_OUT, what);
        return NULL;
    }
    if (rd_kafka_event_error(e) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        fault_code(f, kafka_verdict(rd_kafka_event_error(e)), rd_kafka_err2name(rd_kafka_event_error(e)), "%s: %s",
                   what, rd_kafka_event_error_string(e));
        rd_kafka_event_destroy(e);
        return NULL;
    }
    return e;
}

/* Records are dated by the broker. Dated by a producer whose clock is wrong they would be refused (more than an hour
 * ahead), or deleted before they are read (further back than the topic keeps). Not compared at a start: topics that
 * somebody else made without it work as long as clocks are right. */
static void date_by_broker(rd_kafka_NewTopic_t *n)
{
    if (rd_kafka_NewTopic_set_config(n, "message.timestamp.type", "LogAppendTime") != RD_KAFKA_RESP_ERR_NO_ERROR)
        abort();
}

static rd_kafka_NewTopic_t *new_topic(const struct broker_topic *topic, int brokers)
{
    struct topic_setting settings[TOPIC_SETTINGS];
    int replicas = brokers < 3 ? brokers : 3;
    rd_kafka_NewTopic_t *n = rd_kafka_NewTopic_new(topic->name, topic->partitions, replicas, NULL, 0);
    if (n == NULL)
        abort();
    topic_settings(topic->spec, replicas, settings);
    for (const struct topic_setting *w = settings; w->name != NULL; w++)
        if (rd_kafka_NewTopic_set_config(n, w->name, w->value) != RD_KAFKA_RESP_ERR_NO_ERROR)
            abort();
    date_by_broker(n);
    return n;
}

/* Two starting at once both create: whoever comes second finds the topic there. */
static int created(rd_kafka_event_t *e, struct fault *f)
{
    size_t n = 0;
    const rd_kafka_topic_result_t **r = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(e), &n);
    for (size_t i = 0; i < n; i++) {
        rd_kafka_resp_err_t err = rd_kafka_topic_result_error(r[i]);
        if (err == RD_KAFKA_RESP_ERR_NO_ERROR || err == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
            continue;
        return fault_code(f, kafka_verdict(err), rd_kafka_err2name(err), "topic %s cannot be created: %s",
                          rd_kafka_topic_result_name(r[i]), rd_kafka_topic_result_error_string(r[i]));
    }
    return 0;
}

static int create_missing(struct broker *b, const struct broker_topic *topics, size_t n,
                          const struct rd_kafka_metadata *md, struct fault *f)
{
    rd_kafka_NewTopic_t *make[TOPICS_MOST];
    size_t missing = 0;
    for (size_t i = 0; i < n; i++)
        if (broker_topic_in(md, topics[i].name) == NULL)
            make[missing++] = new_topic(&topics[i], md->broker_cnt);
    if (missing == 0)
        return 0;
    rd_kafka_AdminOptions_t *o = broker_options(b, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_CreateTopics(b->rk, make, missing, o, b->queue);
    rd_kafka_AdminOptions_destroy(o);
    rd_kafka_NewTopic_destroy_array(make, missing);
    rd_kafka_event_t *e = broker_answer(b, "creating topics", f);
    if (e == NULL)
        return -1;
    int rc = created(e, f);
    rd_kafka_event_destroy(e);
    return rc;
}

static bool all_lead(const struct broker_topic *topics, size_t n, const struct rd_kafka_metadata *md)
{
    for (size_t i = 0; i < n; i++) {
        const struct rd_kafka_metadata_topic *m = broker_topic_in(md, topics[i].name);
        if (m == NULL || m->err != RD_KAFKA_RESP_ERR_NO_ERROR)
            return false;
        for (int p = 0; p < m->partition_cnt; p++)
            if (m->partitions[p].leader < 0)
                return false;
    }
    return true;
}

/* A broker answers CreateTopics before every broker knows the topic. */
static int wait_leaders(struct broker *b, const struct broker_topic *topics, size_t n, struct fault *f)
{
    enum { STEP_MS = 100 };
    for (int waited = 0; waited < APPEAR_MS; waited += STEP_MS) {
        const struct rd_kafka_metadata *md = broker_metadata(b, f);
        if (md == NULL)
            return -1;
        bool done = all_lead(topics, n, md);
        rd_kafka_metadata_destroy(md);
        if (done)
            return 0;
        rd_kafka_poll(b->rk, STEP_MS);
    }
    return fault_set(f, VERDICT_RETRY, "Kafka knows the topics, but not every partition has a leader");
}

int broker_create(struct broker *b, const struct broker_topic *topics, size_t n, struct fault *f)
{
    if (n > TOPICS_MOST)
        abort();
    const struct rd_kafka_metadata *md = broker_metadata(b, f);
    if (md == NULL)
        return -1;
    int rc = create_missing(b, topics, n, md, f);
    rd_kafka_metadata_destroy(md);
    return rc == 0 ? wait_leaders(b, topics, n, f) : -1;
}
