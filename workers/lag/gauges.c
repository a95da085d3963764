#include "workers/lag/gauges.h"

#include "common/metrics/metrics.h"

#include <stdio.h>
#include <string.h>

static struct metric end_offset = {.name = "kafka_topic_partition_current_offset",
                                   .help = "The next offset the partition will give.",
                                   .type = METRIC_GAUGE,
                                   .labels = {"topic", "partition"}};
static struct metric start_offset = {.name = "kafka_topic_partition_oldest_offset",
                                     .help = "The oldest offset the partition still has.",
                                     .type = METRIC_GAUGE,
                                     .labels = {"topic", "partition"}};
static struct metric committed_offset = {.name = "kafka_consumergroup_current_offset",
                                         .help = "The next offset the group wants; -1 while it has committed none.",
                                         .type = METRIC_GAUGE,
                                         .labels = {"consumergroup", "topic", "partition"}};
static struct metric lag = {.name = "kafka_consumergroup_lag",
                            .help = "Records the group has not committed; without a commit, from the log's start.",
                            .type = METRIC_GAUGE,
                            .labels = {"consumergroup", "topic", "partition"}};
static struct metric lag_sum = {.name = "kafka_consumergroup_lag_sum",
                                .help = "The same over all partitions of the topic.",
                                .type = METRIC_GAUGE,
                                .labels = {"consumergroup", "topic"}};
static struct metric members = {.name = "kafka_consumergroup_members",
                                .help = "Members of the group.",
                                .type = METRIC_GAUGE,
                                .labels = {"consumergroup"}};
static struct metric lag_seconds = {.name = "munim_consumergroup_lag_seconds",
                                    .help = "Age of the oldest record the group has not committed; 0 when caught up.",
                                    .type = METRIC_GAUGE,
                                    .labels = {"consumergroup", "topic", "partition"}};
static struct metric expired = {.name = "munim_consumergroup_expired_records",
                                .help = "Records that expired before the group had committed them.",
                                .type = METRIC_GAUGE,
                                .labels = {"consumergroup", "topic", "partition"}};
static struct metric group_state = {.name = "munim_consumergroup_state",
                                    .help = "1 for the state the group is in, 0 for the others.",
                                    .type = METRIC_GAUGE,
                                    .labels = {"consumergroup", "state"}};
static struct metric retention = {.name = "munim_topic_retention_seconds",
                                  .help = "How long the topic keeps a record; no series when it keeps them for ever.",
                                  .type = METRIC_GAUGE,
                                  .labels = {"topic"}};
static struct metric part_lag = {.name = "munim_part_lag",
                                 .help = "Records after the position that Postgres holds, which is the true one.",
                                 .type = METRIC_GAUGE,
                                 .labels = {"topic", "partition"}};
static struct metric rounds = {.name = "munim_lag_rounds_total",
                               .help = "Times Kafka was asked, by whether it answered.",
                               .type = METRIC_COUNTER,
                               .labels = {"end"}};
static struct metric last_answer = {.name = "munim_lag_last_answer_timestamp_seconds",
                                    .help = "When Kafka last answered everything; 0 before it has.",
                                    .type = METRIC_GAUGE};

static struct metric *const of_view[] = {&end_offset,  &start_offset, &committed_offset, &lag,       &lag_sum, &members,
                                         &lag_seconds, &expired,      &group_state,      &retention, &part_lag};

void gauges_register(void)
{
    for (size_t i = 0; i < sizeof of_view / sizeof *of_view; i++)
        metric_register(of_view[i]);
    metric_register(&last_answer);
    metric_add(&rounds, "answered", NULL, 0);
    metric_add(&rounds, "failed", NULL, 0);
}

void gauges_count_round(bool answered, int64_t now_ms)
{
    metric_add(&rounds, answered ? "answered" : "failed", NULL, 1);
    if (answered)
        metric_set(&last_answer, NULL, NULL, (double)now_ms / 1000);
}

static void fill_group(const struct lag_group *g)
{
    metric_set(&members, g->name, NULL, g->members);
    for (int s = 0; s < RD_KAFKA_CONSUMER_GROUP_STATE__CNT; s++)
        metric_set(&group_state, g->name, rd_kafka_consumer_group_state_name((rd_kafka_consumer_group_state_t)s),
                   (int)g->state == s);
}

static void fill_row(const struct lag_view *v, const struct lag_row *r, int64_t now_ms)
{
    char partition[16];
    const char *const labels[] = {v->groups[r->group].name, r->topic, partition};
    int64_t age = lag_age_ms(r, now_ms);
    (void)snprintf(partition, sizeof partition, "%d", (int)r->partition);
    metric_set(&end_offset, r->topic, partition, (double)r->end);
    metric_set(&start_offset, r->topic, partition, (double)r->start);
    metric_set_values(&committed_offset, labels, (double)r->committed);
    metric_set_values(&lag, labels, (double)lag_records(r));
    metric_set_values(&expired, labels, (double)lag_expired(r));
    metric_add(&lag_sum, labels[0], labels[1], (double)lag_records(r));
    if (r->retention_ms >= 0)
        metric_set(&retention, r->topic, NULL, (double)r->retention_ms / 1000);
    if (age >= 0)
        metric_set_values(&lag_seconds, labels, (double)age / 1000);
}

static void fill_position(const struct lag_view *v, const struct position *p)
{
    char partition[16];
    const struct lag_row *r = lag_find(v, p->topic, p->partition);
    if (r == NULL || !lag_known(r))
        return;
    (void)snprintf(partition, sizeof partition, "%d", (int)p->partition);
    metric_set(&part_lag, p->topic, partition, (double)positions_lag(p, r->start, r->end));
}

void gauges_fill(const struct lag_view *v, const struct positions *p, int64_t now_ms)
{
    for (size_t i = 0; i < sizeof of_view / sizeof *of_view; i++)
        metric_clear(of_view[i]);
    if (v == NULL)
        return;
    for (int g = 0; g < LAG_GROUPS; g++)
        fill_group(&v->groups[g]);
    for (size_t i = 0; i < v->n; i++)
        if (lag_known(&v->rows[i]))
            fill_row(v, &v->rows[i], now_ms);
    for (size_t i = 0; i < p->n; i++)
        fill_position(v, &p->all[i]);
}
