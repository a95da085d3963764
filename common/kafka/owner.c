#include "common/kafka/owner.h"

#include "common/kafka/broker.h"
#include "common/kafka/kafka_conf.h"
#include "common/log/log.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { NAME_MOST = 64 };

static const struct topic_spec owner_spec = {
    .partitions = 1, .compact = false, .retention_ms = -1, .max_message_bytes = 1048576, .synced = true};

static rd_kafka_t *reader_new(const struct settings *s, struct fault *f)
{
    char why[160];
    rd_kafka_conf_t *conf = kafka_conf_new(s, f);
    if (conf == NULL)
        return NULL;
    /* The group is only a name that librdkafka asks for: partitions are assigned, nothing is committed. */
    if (kafka_conf_set(conf, "group.id", settings_text(s, "kafka", "prefix"), f) != 0 ||
        kafka_conf_set(conf, "enable.auto.commit", "false", f) != 0 ||
        kafka_conf_set(conf, "enable.partition.eof", "true", f) != 0) {
        rd_kafka_conf_destroy(conf);
        return NULL;
    }
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
    if (rk == NULL) {
        rd_kafka_conf_destroy(conf);
        fault_set(f, VERDICT_STOP, "cannot make a Kafka client: %s", why);
    }
    return rk;
}

/* The topic's first record, "" when it has none. */
static int read_first(rd_kafka_t *reader, const char *topic, char owner[INSTALLATION_MAX], struct fault *f)
{
    rd_kafka_topic_partition_list_t *at = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(at, topic, 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_resp_err_t err = rd_kafka_assign(reader, at);
    rd_kafka_topic_partition_list_destroy(at);
    owner[0] = '\0';
    if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
        return kafka_fault(f, err, topic);
    rd_kafka_message_t *m = rd_kafka_consumer_poll(reader, BROKER_ASK_MS);
    err = m != NULL ? m->err : RD_KAFKA_RESP_ERR__TIMED_OUT;
    if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
        (void)snprintf(owner, INSTALLATION_MAX, "%.*s", (int)m->key_len, m->key != NULL ? (const char *)m->key : "");
    if (m != NULL)
        rd_kafka_message_destroy(m);
    rd_kafka_assign(reader, NULL);
    return err == RD_KAFKA_RESP_ERR_NO_ERROR || err == RD_KAFKA_RESP_ERR__PARTITION_EOF ? 0
                                                                                        : kafka_fault(f, err, topic);
}

static void on_report(rd_kafka_t *rk, const rd_kafka_message_t *m, void *arg)
{
    (void)rk;
    (void)arg;
    *(rd_kafka_resp_err_t *)m->_private = m->err;
}

/* Appends this installation's name, acknowledged by all replicas in sync. */
static int write_claim(const struct settings *s, const char *topic, const char *installation, struct fault *f)
{
    char why[160];
    rd_kafka_resp_err_t told = RD_KAFKA_RESP_ERR__TIMED_OUT;
    rd_kafka_conf_t *conf = kafka_conf_new(s, f);
    if (conf == NULL)
        return -1;
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    if (kafka_conf_set(conf, "acks", "all", f) != 0 || kafka_conf_set(conf, "message.timeout.ms", "10000", f) != 0) {
        rd_kafka_conf_destroy(conf);
        return -1;
    }
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (rk == NULL) {
        rd_kafka_conf_destroy(conf);
        return fault_set(f, VERDICT_STOP, "cannot make a Kafka client: %s", why);
    }
    rd_kafka_resp_err_t err = rd_kafka_producev(
        rk, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_KEY(installation, strlen(installation)),
        RD_KAFKA_V_VALUE("", 0), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_OPAQUE(&told), RD_KAFKA_V_END);
    if (err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        rd_kafka_flush(rk, BROKER_ASK_MS + 2000);
        err = told;
    }
    rd_kafka_destroy(rk);
    return err == RD_KAFKA_RESP_ERR_NO_ERROR ? 0 : kafka_fault(f, err, topic);
}

/* Two that find the topic empty both write; both then read the same first record. */
static int settle(const struct settings *s, rd_kafka_t *reader, const char *topic, const char *installation,
                  struct fault *f)
{
    char owner[INSTALLATION_MAX];
    if (read_first(reader, topic, owner, f) != 0)
        return -1;
    bool wrote = owner[0] == '\0';
    if (wrote && (write_claim(s, topic, installation, f) != 0 || read_first(reader, topic, owner, f) != 0))
        return -1;
    if (strcmp(owner, installation) == 0) {
        if (wrote)
            log_event(LOG_INFO, "prefix claimed", F_STR("topic", topic), F_STR("installation", installation));
        return 0;
    }
    return fault_set(f, VERDICT_STOP,
                     "[kafka] prefix = %.40s belongs to another installation (%.60s); choose another prefix, or delete "
                     "the topic %.50s if that one is gone",
                     settings_text(s, "kafka", "prefix"), owner, topic);
}

int owner_claim(const struct settings *s, const char *installation, struct fault *f)
{
    char topic[NAME_MOST];
    struct broker b;
    if (strlen(installation) >= INSTALLATION_MAX || installation[0] == '\0')
        return fault_set(f, VERDICT_STOP, "the installation's id must have 1 to %d characters", INSTALLATION_MAX - 1);
    (void)snprintf(topic, sizeof topic, "%s.owner.v1", settings_text(s, "kafka", "prefix"));
    const struct broker_topic wanted = {.name = topic, .partitions = owner_spec.partitions, .spec = &owner_spec};
    int rc = broker_open(&b, s, f);
    if (rc == 0)
        rc = broker_create(&b, &wanted, 1, f);
    broker_done(&b);
    if (rc != 0)
        return -1;
    rd_kafka_t *reader = reader_new(s, f);
    if (reader == NULL)
        return -1;
    rc = settle(s, reader, topic, installation, f);
    rd_kafka_destroy(reader);
    return rc;
}
