#include "common/kafka/kafka_conf.h"

#include "common/kafka/kafka_waits.h"
#include "common/log/log.h"

#include <string.h>

/* Called on librdkafka's own threads: log_write keeps no state between calls. What librdkafka calls an error it tries
 * again by itself, so it is a warning here; a coordinator that is still loading is no news at all. */
static void on_log(const rd_kafka_t *rk, int level, const char *facility, const char *words)
{
    (void)rk;
    enum log_level as = level <= 2 ? LOG_ERROR : level <= 4 ? LOG_WARN : level <= 6 ? LOG_INFO : LOG_DEBUG;
    if (strcmp(facility, "GETPID") == 0 && as > LOG_DEBUG)
        as = LOG_DEBUG;
    log_event(as, "kafka client", F_STR("facility", facility), F_STR("reason", words));
}

int kafka_conf_set(rd_kafka_conf_t *conf, const char *name, const char *value, struct fault *f)
{
    char why[160];
    if (rd_kafka_conf_set(conf, name, value, why, sizeof why) == RD_KAFKA_CONF_OK)
        return 0;
    return fault_set(f, VERDICT_STOP, "the Kafka client refuses %s: %s", name, why);
}

rd_kafka_conf_t *kafka_conf_new(const struct settings *s, struct fault *f)
{
    const char *brokers = settings_text(s, "kafka", "bootstrap");
    if (*brokers == '\0') {
        fault_set(f, VERDICT_STOP, "[kafka] bootstrap is empty: name the brokers, host:port separated by commas");
        return NULL;
    }
    if (!kafka_waits_are_monotonic())
        log_event(LOG_DEBUG, "librdkafka waits by the wall clock",
                  F_STR("reason", "it brings its own condition variables"));
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, on_log);
    if (kafka_conf_set(conf, "bootstrap.servers", brokers, f) != 0 ||
        kafka_conf_set(conf, "client.id", settings_text(s, "kafka", "prefix"), f) != 0 ||
        kafka_conf_set(conf, "socket.keepalive.enable", "true", f) != 0 ||
        kafka_conf_set(conf, "reconnect.backoff.max.ms", "2000", f) != 0) {
        rd_kafka_conf_destroy(conf);
        return NULL;
    }
    return conf;
}

enum verdict kafka_verdict(rd_kafka_resp_err_t err)
{
    switch (err) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
        return VERDICT_NONE;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
        return VERDICT_REJECT;
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
    case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
    case RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED:
        return VERDICT_STOP;
    default:
        /* Brokers come and go, and a topic is looked for again. A replication factor that is more than the brokers of
         * the moment is one of these: a broker that is fenced while it starts counts for none. */
        return VERDICT_RETRY;
    }
}

int kafka_fault(struct fault *f, rd_kafka_resp_err_t err, const char *what)
{
    return fault_code(f, kafka_verdict(err), rd_kafka_err2name(err), "%s: %s", what, rd_kafka_err2str(err));
}
