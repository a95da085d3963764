#include "workers/lag/ask_private.h"

#include "common/kafka/kafka_conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LATEST = -1, EARLIEST = -2 }; /* the protocol's two special times */

static rd_kafka_AdminOptions_t *options(const struct ask *a, rd_kafka_admin_op_t op)
{
    char why[160];
    rd_kafka_AdminOptions_t *o = rd_kafka_AdminOptions_new(a->rk, op);
    if (o == NULL ||
        rd_kafka_AdminOptions_set_request_timeout(o, ASK_ANSWER_MS, why, sizeof why) != RD_KAFKA_RESP_ERR_NO_ERROR)
        abort();
    rd_kafka_AdminOptions_set_opaque(o, (void *)a->round);
    return o;
}

void ask_request_groups(struct ask *a)
{
    const char *names[LAG_GROUPS] = {a->topics.group[GROUP_WORKER], a->topics.group[GROUP_SENDER]};
    rd_kafka_AdminOptions_t *o = options(a, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS);
    a->waiting = 1;
    rd_kafka_DescribeConsumerGroups(a->rk, names, LAG_GROUPS, o, a->answers);
    rd_kafka_AdminOptions_destroy(o);
}

static void request_committed(struct ask *a, int group)
{
    rd_kafka_topic_partition_list_t *wanted = rd_kafka_topic_partition_list_new((int)a->next.n);
    for (size_t i = 0; i < a->next.n; i++)
        if (a->next.rows[i].group == group)
            rd_kafka_topic_partition_list_add(wanted, a->next.rows[i].topic, a->next.rows[i].partition);
    rd_kafka_ListConsumerGroupOffsets_t *request =
        rd_kafka_ListConsumerGroupOffsets_new(a->next.groups[group].name, wanted);
    rd_kafka_AdminOptions_t *o = options(a, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS);
    rd_kafka_ListConsumerGroupOffsets(a->rk, &request, 1, o, a->answers);
    rd_kafka_AdminOptions_destroy(o);
    rd_kafka_ListConsumerGroupOffsets_destroy(request);
    rd_kafka_topic_partition_list_destroy(wanted);
}

void ask_request_committed(struct ask *a)
{
    for (int i = 0; i < LAG_TOPICS; i++)
        lag_view_add(&a->next, lag_topics[i].group, a->topics.name[lag_topics[i].topic], a->partitions[i]);
    a->waiting = LAG_GROUPS;
    for (int g = 0; g < LAG_GROUPS; g++)
        request_committed(a, g);
}

static int no_word(const struct ask *a, rd_kafka_resp_err_t err, const char *of, const char *why, struct fault *f)
{
    return fault_code(f, kafka_verdict(err), rd_kafka_err2name(err), "Kafka at %.100s does not tell of %.60s: %.80s",
                      settings_text(a->settings, "kafka", "bootstrap"), of, why);
}

/* A group that nobody has ever joined is "dead" to Kafka, in newer ones "not found". */
static int take_group(struct ask *a, const rd_kafka_ConsumerGroupDescription_t *d, struct fault *f)
{
    const char *name = rd_kafka_ConsumerGroupDescription_group_id(d);
    const rd_kafka_error_t *error = rd_kafka_ConsumerGroupDescription_error(d);
    rd_kafka_resp_err_t err = error != NULL ? rd_kafka_error_code(error) : RD_KAFKA_RESP_ERR_NO_ERROR;
    int i = strcmp(name, a->topics.group[GROUP_WORKER]) == 0 ? GROUP_WORKER : GROUP_SENDER;
    struct lag_group *g = &a->next.groups[i];
    if (err != RD_KAFKA_RESP_ERR_NO_ERROR && err != RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND)
        return no_word(a, err, name, rd_kafka_error_string(error), f);
    (void)snprintf(g->name, sizeof g->name, "%s", name);
    bool found = err == RD_KAFKA_RESP_ERR_NO_ERROR;
    g->state = found ? rd_kafka_ConsumerGroupDescription_state(d) : RD_KAFKA_CONSUMER_GROUP_STATE_DEAD;
    g->members = found ? (int)rd_kafka_ConsumerGroupDescription_member_count(d) : 0;
    return 0;
}

static int take_groups(struct ask *a, rd_kafka_event_t *e, struct fault *f)
{
    size_t n = 0;
    const rd_kafka_ConsumerGroupDescription_t **all =
        rd_kafka_DescribeConsumerGroups_result_groups(rd_kafka_event_DescribeConsumerGroups_result(e), &n);
    for (size_t i = 0; i < n; i++)
        if (take_group(a, all[i], f) != 0)
            return -1;
    return 0;
}

static int take_committed(struct ask *a, rd_kafka_event_t *e, struct fault *f)
{
    size_t n = 0;
    const rd_kafka_group_result_t **all =
        rd_kafka_ListConsumerGroupOffsets_result_groups(rd_kafka_event_ListConsumerGroupOffsets_result(e), &n);
    for (size_t i = 0; i < n; i++) {
        const char *name = rd_kafka_group_result_name(all[i]);
        const rd_kafka_error_t *error = rd_kafka_group_result_error(all[i]);
        if (error != NULL)
            return no_word(a, rd_kafka_error_code(error), name, rd_kafka_error_string(error), f);
        int group = strcmp(name, a->topics.group[GROUP_WORKER]) == 0 ? GROUP_WORKER : GROUP_SENDER;
        lag_take_committed(&a->next, group, rd_kafka_group_result_partitions(all[i]));
    }
    return 0;
}

int ask_take_answer(struct ask *a, rd_kafka_event_t *e, struct fault *f)
{
    rd_kafka_resp_err_t err = rd_kafka_event_error(e);
    if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
        return no_word(a, err, "the groups", rd_kafka_event_error_string(e), f);
    return rd_kafka_event_type(e) == RD_KAFKA_EVENT_DESCRIBECONSUMERGROUPS_RESULT ? take_groups(a, e, f)
                                                                                  : take_committed(a, e, f);
}

static int partitions_in(const struct rd_kafka_metadata *md, const char *topic)
{
    for (int i = 0; i < md->topic_cnt; i++)
        if (strcmp(md->topics[i].topic, topic) == 0)
            return md->topics[i].partition_cnt;
    return 0;
}

int ask_layout(struct ask *a, struct fault *f)
{
    const struct rd_kafka_metadata *md = NULL;
    rd_kafka_resp_err_t err = rd_kafka_metadata(a->rk, 0, NULL, &md, ASK_BLOCK_MS);
    int rc = 0;
    if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
        return no_word(a, err, "the topics", rd_kafka_err2str(err), f);
    for (int i = 0; i < LAG_TOPICS && rc == 0; i++) {
        const char *name = a->topics.name[lag_topics[i].topic];
        a->partitions[i] = partitions_in(md, name);
        if (a->partitions[i] == 0)
            rc = fault_set(f, VERDICT_STOP, "there is no topic %s; `munim topics create` makes it", name);
    }
    rd_kafka_metadata_destroy(md);
    return rc;
}

int ask_offsets(struct ask *a, bool ends, struct fault *f)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)a->next.n);
    for (size_t i = 0; i < a->next.n; i++) {
        const struct lag_row *r = &a->next.rows[i];
        rd_kafka_topic_partition_list_add(list, r->topic, r->partition)->offset = ends ? LATEST : EARLIEST;
    }
    rd_kafka_resp_err_t err = rd_kafka_offsets_for_times(a->rk, list, ASK_BLOCK_MS);
    if (err == RD_KAFKA_RESP_ERR_NO_ERROR && ends)
        lag_take_ends(&a->next, list);
    else if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
        lag_take_starts(&a->next, list);
    rd_kafka_topic_partition_list_destroy(list);
    return err == RD_KAFKA_RESP_ERR_NO_ERROR ? 0 : no_word(a, err, "the logs' offsets", rd_kafka_err2str(err), f);
}
