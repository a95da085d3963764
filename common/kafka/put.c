#include "common/kafka/put.h"

#include "common/base/clock.h"
#include "common/kafka/envelope.h"
#include "common/kafka/kafka_conf.h"

#include <string.h>

enum { ACKNOWLEDGE_MS = 15000 };

static void on_report(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque)
{
    (void)rk;
    (void)opaque;
    if (m->_private != NULL)
        *(rd_kafka_resp_err_t *)m->_private = m->err;
}

static rd_kafka_t *open_producer(const struct settings *s, struct fault *f)
{
    static const char *const pairs[] = {"enable.idempotence", "true",  "acks",        "all",
                                        "linger.ms",          "0",     "partitioner", "murmur2_random",
                                        "message.timeout.ms", "10000", NULL};
    rd_kafka_conf_t *conf = kafka_conf_new(s, f);
    if (conf == NULL)
        return NULL;
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    for (size_t i = 0; pairs[i] != NULL; i += 2) {
        if (kafka_conf_set(conf, pairs[i], pairs[i + 1], f) != 0) {
            rd_kafka_conf_destroy(conf);
            return NULL;
        }
    }
    char words[200];
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, words, sizeof words);
    if (rk == NULL) {
        rd_kafka_conf_destroy(conf);
        fault_set(f, VERDICT_STOP, "the Kafka client does not start: %s", words);
    }
    return rk;
}

static int put_and_wait(rd_kafka_t *rk, const struct put_record *r, struct fault *f)
{
    rd_kafka_headers_t *h = envelope_headers(r->type, r->source, NULL);
    rd_kafka_resp_err_t outcome = RD_KAFKA_RESP_ERR__IN_PROGRESS;
    rd_kafka_resp_err_t err = rd_kafka_producev(rk, RD_KAFKA_V_TOPIC(r->topic), RD_KAFKA_V_KEY(r->key, strlen(r->key)),
                                                RD_KAFKA_V_VALUE((void *)(uintptr_t)r->value, strlen(r->value)),
                                                RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_HEADERS(h),
                                                RD_KAFKA_V_OPAQUE(&outcome), RD_KAFKA_V_END);
    if (err != 0) {
        rd_kafka_headers_destroy(h);
        return kafka_fault(f, err, "the record was not written");
    }
    int64_t until = clock_mono_us() + (int64_t)ACKNOWLEDGE_MS * 1000;
    while (outcome == RD_KAFKA_RESP_ERR__IN_PROGRESS && clock_mono_us() < until)
        rd_kafka_poll(rk, 50);
    if (outcome == 0)
        return 0;
    rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_flush(rk, 1000);
    return kafka_fault(f, outcome, "the record may not have been written");
}

int kafka_put(const struct settings *s, const struct put_record *r, struct fault *f)
{
    rd_kafka_t *rk = open_producer(s, f);
    if (rk == NULL)
        return -1;
    int rc = put_and_wait(rk, r, f);
    rd_kafka_destroy(rk);
    return rc;
}
