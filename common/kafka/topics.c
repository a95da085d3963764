#include "common/kafka/topics.h"

#include "common/kafka/broker.h"
#include "common/kafka/kafka_conf.h"
#include "common/kafka/topics_contract.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONTRACT_MOST = 65536 };

struct asking {
    struct broker broker;
    struct topic_spec spec[TOPIC_COUNT];
    int partitions; /* [kafka] partitions */
};

int topics_names(const struct settings *s, struct topics *t, struct fault *f)
{
    static const char *const groups[] = {[GROUP_WORKER] = "worker", [GROUP_SENDER] = "sender", [GROUP_LAG] = "lag"};
    const char *prefix = settings_text(s, "kafka", "prefix");
    size_t n = strlen(prefix);
    if (n < 1 || n > 40 || strspn(prefix, "abcdefghijklmnopqrstuvwxyz0123456789-") != n)
        return fault_set(f, VERDICT_STOP,
                         "[kafka] prefix = \"%.50s\": 1 to 40 small letters, digits and \"-\" are wanted", prefix);
    for (int i = 0; i < TOPIC_COUNT; i++)
        (void)snprintf(t->name[i], sizeof t->name[i], "%s.%s", prefix, topic_suffix((enum topic)i));
    for (int i = GROUP_WORKER; i <= GROUP_LAG; i++)
        (void)snprintf(t->group[i], sizeof t->group[i], "%s-%s", prefix, groups[i]);
    return 0;
}

static int read_contract(const struct settings *s, struct topic_spec spec[TOPIC_COUNT], struct fault *f)
{
    const char *path = settings_text(s, "kafka", "contract");
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return fault_set(f, VERDICT_STOP, "[kafka] contract: cannot read %s: %s", path, strerror(errno));
    char *text = malloc(CONTRACT_MOST);
    if (text == NULL)
        abort();
    size_t n = fread(text, 1, CONTRACT_MOST, file);
    fclose(file);
    int rc = topics_contract_read(text, n, spec, f);
    free(text);
    return rc;
}

static int asking_open(const struct settings *s, struct asking *a, struct fault *f)
{
    memset(a, 0, sizeof *a);
    a->partitions = (int)settings_int(s, "kafka", "partitions");
    return read_contract(s, a->spec, f) == 0 ? broker_open(&a->broker, s, f) : -1;
}

static int wanted_partitions(const struct asking *a, int t)
{
    return a->spec[t].partitions > 0 ? a->spec[t].partitions : a->partitions;
}

static const char *found_value(const rd_kafka_ConfigResource_t *r, const char *name)
{
    size_t n = 0;
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(r, &n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(rd_kafka_ConfigEntry_name(entries[i]), name) == 0)
            return rd_kafka_ConfigEntry_value(entries[i]);
    return NULL;
}

static int differs(const char *topic, const char *setting, const char *wanted, const char *found, struct fault *f)
{
    return fault_set(f, VERDICT_STOP, "topic %s differs from the contract: %s is %s, wanted is %s", topic, setting,
                     found, wanted);
}

static int compare_settings(const rd_kafka_ConfigResource_t *r, const struct topic_spec *spec, int replicas,
                            struct fault *f)
{
    struct topic_setting wanted[TOPIC_SETTINGS];
    const char *topic = rd_kafka_ConfigResource_name(r);
    topic_settings(spec, replicas, wanted);
    for (const struct topic_setting *w = wanted; w->name != NULL; w++) {
        const char *found = found_value(r, w->name);
        if (found == NULL || strcmp(found, w->value) != 0)
            return differs(topic, w->name, w->value, found != NULL ? found : "not told", f);
    }
    return 0;
}

static int compare_partitions(const struct asking *a, const struct topics *t, const struct rd_kafka_metadata *md,
                              struct fault *f)
{
    for (int i = 0; i < TOPIC_COUNT; i++) {
        const struct rd_kafka_metadata_topic *m = broker_topic_in(md, t->name[i]);
        if (m == NULL)
            return fault_set(f, VERDICT_STOP, "topic %s does not exist at %.80s; `munim topics create` makes it",
                             t->name[i], a->broker.addresses);
        if (m->err != RD_KAFKA_RESP_ERR_NO_ERROR)
            return kafka_fault(f, m->err, t->name[i]);
        if (m->partition_cnt != wanted_partitions(a, i)) {
            char wanted[16], found[16];
            (void)snprintf(wanted, sizeof wanted, "%d", wanted_partitions(a, i));
            (void)snprintf(found, sizeof found, "%d", m->partition_cnt);
            return differs(t->name[i], "the number of partitions", wanted, found, f);
        }
    }
    return 0;
}

/* The replicas that the topic is assigned to, also those whose broker is down: the number of live brokers would take
 * a broken cluster for a small one. */
static int replicas_of(const struct rd_kafka_metadata *md, const char *topic)
{
    const struct rd_kafka_metadata_topic *m = broker_topic_in(md, topic);
    int least = m->partitions[0].replica_cnt;
    for (int p = 1; p < m->partition_cnt; p++)
        least = m->partitions[p].replica_cnt < least ? m->partitions[p].replica_cnt : least;
    return least;
}

static int topic_of(const struct topics *t, const char *name)
{
    int i = 0;
    while (i < TOPIC_COUNT - 1 && strcmp(t->name[i], name) != 0)
        i++;
    return i;
}

static int compare_configs(struct asking *a, const struct topics *t, const struct rd_kafka_metadata *md,
                           struct fault *f)
{
    rd_kafka_ConfigResource_t *ask[TOPIC_COUNT];
    for (int i = 0; i < TOPIC_COUNT; i++)
        ask[i] = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, t->name[i]);
    rd_kafka_AdminOptions_t *o = broker_options(&a->broker, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    rd_kafka_DescribeConfigs(a->broker.rk, ask, TOPIC_COUNT, o, a->broker.queue);
    rd_kafka_AdminOptions_destroy(o);
    rd_kafka_ConfigResource_destroy_array(ask, TOPIC_COUNT);
    rd_kafka_event_t *e = broker_answer(&a->broker, "asking Kafka for the topics' settings", f);
    if (e == NULL)
        return -1;
    size_t n = 0;
    int rc = 0;
    const rd_kafka_ConfigResource_t **got =
        rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(e), &n);
    for (size_t i = 0; i < n && rc == 0; i++) {
        const char *name = rd_kafka_ConfigResource_name(got[i]);
        rd_kafka_resp_err_t err = rd_kafka_ConfigResource_error(got[i]);
        if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
            rc = kafka_fault(f, err, name);
        else
            rc = compare_settings(got[i], &a->spec[topic_of(t, name)], replicas_of(md, name), f);
    }
    rd_kafka_event_destroy(e);
    return rc;
}

static int check(struct asking *a, const struct topics *t, struct fault *f)
{
    const struct rd_kafka_metadata *md = broker_metadata(&a->broker, f);
    if (md == NULL)
        return -1;
    int rc = compare_partitions(a, t, md, f);
    if (rc == 0)
        rc = compare_configs(a, t, md, f);
    rd_kafka_metadata_destroy(md);
    return rc;
}

int topics_check(const struct settings *s, const struct topics *t, struct fault *f)
{
    struct asking a;
    int rc = asking_open(s, &a, f);
    if (rc == 0)
        rc = check(&a, t, f);
    broker_done(&a.broker);
    return rc;
}

int topics_create(const struct settings *s, const struct topics *t, struct fault *f)
{
    struct asking a;
    struct broker_topic wanted[TOPIC_COUNT];
    int rc = asking_open(s, &a, f);
    for (int i = 0; i < TOPIC_COUNT && rc == 0; i++)
        wanted[i] =
            (struct broker_topic){.name = t->name[i], .partitions = wanted_partitions(&a, i), .spec = &a.spec[i]};
    if (rc == 0)
        rc = broker_create(&a.broker, wanted, TOPIC_COUNT, f);
    broker_done(&a.broker);
    return rc;
}
