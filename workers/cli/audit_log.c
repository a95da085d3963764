#include "workers/cli/audit.h"

#include "common/base/clock.h"
#include "common/kafka/kafka_conf.h"

enum { ANSWER_MS = 10000, STEP_MS = 200 };

int audit_log_open(struct audit *a, struct fault *f)
{
    /* librdkafka wants a group's name even for an assignment by hand; it never joins it and commits nothing. */
    static const char *const rows[][2] = {
        {"group.id", "munim-audit-unused"},     {"enable.auto.commit", "false"}, {"auto.offset.reset", "error"},
        {"enable.partition.eof", "true"},       {"fetch.wait.max.ms", "50"},     {"check.crcs", "true"},
        {"queued.max.messages.kbytes", "16384"}};
    rd_kafka_conf_t *conf = kafka_conf_new(a->settings, f);
    if (conf == NULL)
        return -1;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (kafka_conf_set(conf, rows[i][0], rows[i][1], f) != 0) {
            rd_kafka_conf_destroy(conf);
            return -1;
        }
    }
    char words[200];
    a->consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, words, sizeof words);
    if (a->consumer == NULL) {
        rd_kafka_conf_destroy(conf);
        return fault_set(f, VERDICT_STOP, "the Kafka client does not start: %s", words);
    }
    rd_kafka_poll_set_consumer(a->consumer);
    return 0;
}

int audit_log_bounds(struct audit *a, const char *topic, int32_t partition, int64_t *low, int64_t *high,
                     struct fault *f)
{
    rd_kafka_resp_err_t err = rd_kafka_query_watermark_offsets(a->consumer, topic, partition, low, high, ANSWER_MS);
    return err == RD_KAFKA_RESP_ERR_NO_ERROR ? 0 : kafka_fault(f, err, topic);
}

static int assign(struct audit *a, const char *topic, int32_t partition, int64_t at, struct fault *f)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topic, partition)->offset = at;
    rd_kafka_resp_err_t err = rd_kafka_assign(a->consumer, list);
    rd_kafka_topic_partition_list_destroy(list);
    return err == RD_KAFKA_RESP_ERR_NO_ERROR ? 0 : kafka_fault(f, err, topic);
}

/* 1 to go on, 0 at the end, -1 with a fault. */
static int take(struct audit *a, const rd_kafka_message_t *m, int64_t to, audit_record_fn *one, void *arg,
                struct fault *f)
{
    if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
        return 0;
    if (m->err != RD_KAFKA_RESP_ERR_NO_ERROR) /* a broker that is away comes back, or the answer's time is up */
        return kafka_verdict(m->err) == VERDICT_RETRY ? 1 : kafka_fault(f, m->err, "the log cannot be read");
    if (m->offset >= to)
        return 0;
    a->records++;
    if (one(arg, m, f) != 0)
        return -1;
    return m->offset + 1 < to ? 1 : 0;
}

int audit_log_read(struct audit *a, const char *topic, int32_t partition, int64_t from, int64_t to,
                   audit_record_fn *one, void *arg, struct fault *f)
{
    if (from >= to)
        return 0;
    if (assign(a, topic, partition, from, f) != 0)
        return -1;
    int64_t heard_us = clock_mono_us();
    int more = 1;
    while (more == 1) {
        rd_kafka_message_t *m = rd_kafka_consumer_poll(a->consumer, STEP_MS);
        if (m != NULL) {
            if (m->err == RD_KAFKA_RESP_ERR_NO_ERROR)
                heard_us = clock_mono_us();
            more = take(a, m, to, one, arg, f);
            rd_kafka_message_destroy(m);
        }
        if (more == 1 && clock_mono_us() - heard_us > ANSWER_MS * INT64_C(1000))
            more = fault_set(f, VERDICT_RETRY, "nothing more of %.120s came for %d s; is Kafka well?", topic,
                             ANSWER_MS / 1000);
    }
    return more;
}
