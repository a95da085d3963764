#include "workers/lag/ask_private.h"

#include "common/base/clock.h"
#include "common/kafka/kafka_conf.h"

#include <stdlib.h>
#include <string.h>

enum { LATEST = -1, EARLIEST = -2 }; /* the protocol's two special times */
enum { LAYOUT_KEPT_US = 60 * 1000000 };

static int no_word(const struct ask *a, rd_kafka_resp_err_t err, const char *of, const char *why, struct fault *f)
{
    return fault_code(f, kafka_verdict(err), rd_kafka_err2name(err), "Kafka at %.100s does not tell of %.60s: %.80s",
                      settings_text(a->settings, "kafka", "bootstrap"), of, why);
}

static const char *topic_name(const struct ask *a, int i)
{
    return a->topics.name[lag_topics[i].topic];
}

void ask_request_topics(struct ask *a)
{
    char why[160];
    rd_kafka_ConfigResource_t *wanted[LAG_TOPICS];
    rd_kafka_AdminOptions_t *o = rd_kafka_AdminOptions_new(a->clients[0], RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    if (o == NULL ||
        rd_kafka_AdminOptions_set_request_timeout(o, ASK_ANSWER_MS, why, sizeof why) != RD_KAFKA_RESP_ERR_NO_ERROR)
        abort();
    rd_kafka_AdminOptions_set_opaque(o, (void *)a->round);
    for (int i = 0; i < LAG_TOPICS; i++)
        wanted[i] = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic_name(a, i));
    rd_kafka_DescribeConfigs(a->clients[0], wanted, LAG_TOPICS, o, a->answers);
    rd_kafka_ConfigResource_destroy_array(wanted, LAG_TOPICS);
    rd_kafka_AdminOptions_destroy(o);
}

/* A compacted topic and one that is kept for ever have none. */
static int64_t retention_of(const rd_kafka_ConfigResource_t *r)
{
    size_t n = 0;
    int64_t ms = -1;
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(r, &n);
    for (size_t i = 0; i < n; i++) {
        const char *value = rd_kafka_ConfigEntry_value(entries[i]);
        if (value != NULL && strcmp(rd_kafka_ConfigEntry_name(entries[i]), "retention.ms") == 0)
            ms = strtoll(value, NULL, 10);
    }
    return ms;
}

/* A topic whose settings may not be seen has an answer of its own without any; the round goes on without them. */
int ask_take_topics(struct ask *a, rd_kafka_event_t *e, struct fault *f)
{
    size_t n = 0;
    rd_kafka_resp_err_t err = rd_kafka_event_error(e);
    if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
        return no_word(a, err, "the topics", rd_kafka_event_error_string(e), f);
    const rd_kafka_ConfigResource_t **all =
        rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(e), &n);
    for (int t = 0; t < LAG_TOPICS; t++) {
        a->retention_ms[t] = -1;
        for (size_t i = 0; i < n; i++)
            if (strcmp(rd_kafka_ConfigResource_name(all[i]), topic_name(a, t)) == 0)
                a->retention_ms[t] = retention_of(all[i]);
    }
    return 0;
}

static int partitions_in(const struct rd_kafka_metadata *md, const char *topic)
{
    for (int i = 0; i < md->topic_cnt; i++)
        if (strcmp(md->topics[i].topic, topic) == 0)
            return md->topics[i].partition_cnt;
    return 0;
}

static int count_partitions(struct ask *a, struct fault *f)
{
    const struct rd_kafka_metadata *md = NULL;
    rd_kafka_resp_err_t err = rd_kafka_metadata(a->clients[0], 0, NULL, &md, ASK_BLOCK_MS);
    int rc = 0;
    if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
        return no_word(a, err, "the partitions", rd_kafka_err2str(err), f);
    for (int i = 0; i < LAG_TOPICS && rc == 0; i++) {
        a->partitions[i] = partitions_in(md, topic_name(a, i));
        if (a->partitions[i] == 0)
            rc = fault_set(f, VERDICT_STOP, "there is no topic %s; `munim topics create` makes it", topic_name(a, i));
    }
    rd_kafka_metadata_destroy(md);
    return rc;
}

/* Topics may be made anew, so even a count that is fixed for life is asked for now and then. */
int ask_layout(struct ask *a, int which, struct fault *f)
{
    (void)which;
    if (a->layout_us == 0 || clock_mono_us() - a->layout_us > LAYOUT_KEPT_US) {
        if (count_partitions(a, f) != 0)
            return -1;
        a->layout_us = clock_mono_us();
    }
    for (int i = 0; i < LAG_TOPICS; i++) {
        size_t from = a->next.n;
        lag_view_add(&a->next, lag_topics[i].group, topic_name(a, i), a->partitions[i]);
        for (size_t r = from; r < a->next.n; r++)
            a->next.rows[r].retention_ms = a->retention_ms[i];
    }
    return 0;
}

/* A group that nobody has ever joined, and that has no offsets, is in no list: that is what Kafka calls dead. */
int ask_group(struct ask *a, int which, struct fault *f)
{
    const char *name = a->topics.group[which];
    const struct rd_kafka_group_list *list = NULL;
    struct lag_group *g = &a->next.groups[which];
    rd_kafka_resp_err_t err = rd_kafka_list_groups(a->clients[0], name, &list, ASK_BLOCK_MS);
    if (err != RD_KAFKA_RESP_ERR_NO_ERROR && err != RD_KAFKA_RESP_ERR__PARTIAL)
        return no_word(a, err, name, rd_kafka_err2str(err), f);
    _Static_assert(sizeof g->name == sizeof a->topics.group[0], "a group's name is copied whole");
    memcpy(g->name, name, sizeof g->name);
    g->state = RD_KAFKA_CONSUMER_GROUP_STATE_DEAD;
    err = RD_KAFKA_RESP_ERR_NO_ERROR;
    for (int i = 0; i < list->group_cnt; i++) {
        const struct rd_kafka_group_info *one = &list->groups[i];
        if (strcmp(one->group, name) != 0)
            continue;
        err = one->err;
        g->state = rd_kafka_consumer_group_state_code(one->state);
        g->members = one->member_cnt;
    }
    rd_kafka_group_list_destroy(list);
    return err == RD_KAFKA_RESP_ERR_NO_ERROR ? 0 : no_word(a, err, name, rd_kafka_err2str(err), f);
}

int ask_committed(struct ask *a, int which, struct fault *f)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)a->next.n);
    for (size_t i = 0; i < a->next.n; i++)
        if (a->next.rows[i].group == which)
            rd_kafka_topic_partition_list_add(list, a->next.rows[i].topic, a->next.rows[i].partition);
    rd_kafka_resp_err_t err = rd_kafka_committed(a->clients[which], list, ASK_BLOCK_MS);
    if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
        lag_take_committed(&a->next, which, list);
    rd_kafka_topic_partition_list_destroy(list);
    return err == RD_KAFKA_RESP_ERR_NO_ERROR ? 0 : no_word(a, err, a->topics.group[which], rd_kafka_err2str(err), f);
}

int ask_offsets(struct ask *a, int which, struct fault *f)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)a->next.n);
    for (size_t i = 0; i < a->next.n; i++) {
        const struct lag_row *r = &a->next.rows[i];
        rd_kafka_topic_partition_list_add(list, r->topic, r->partition)->offset = which ? LATEST : EARLIEST;
    }
    rd_kafka_resp_err_t err = rd_kafka_offsets_for_times(a->clients[0], list, ASK_BLOCK_MS);
    if (err == RD_KAFKA_RESP_ERR_NO_ERROR && which)
        lag_take_ends(&a->next, list);
    else if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
        lag_take_starts(&a->next, list);
    rd_kafka_topic_partition_list_destroy(list);
    return err == RD_KAFKA_RESP_ERR_NO_ERROR ? 0 : no_word(a, err, "the logs' offsets", rd_kafka_err2str(err), f);
}
