#include "common/kafka/consumer_private.h"

#include "common/kafka/kafka_conf.h"

#include <stdio.h>

void consumer_tell(struct consumer *c, const char *topic, int32_t partition, int64_t next)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topic, partition)->offset = next;
    (void)rd_kafka_commit(c->rk, list, 1);
    rd_kafka_topic_partition_list_destroy(list);
}

void consumer_watermarks(struct consumer *c, const char *topic, int32_t partition, int64_t *low, int64_t *high)
{
    *low = *high = -1;
    if (rd_kafka_get_watermark_offsets(c->rk, topic, partition, low, high) != RD_KAFKA_RESP_ERR_NO_ERROR)
        *low = *high = -1;
    if (*low < 0)
        *low = -1;
    if (*high < 0)
        *high = -1;
}

/* librdkafka keeps what a broker that was still starting told it ("no such topic") until its next regular look, minutes
 * later, and answers from that. Asking for the topic itself replaces it. */
static void look_again(struct consumer *c, const char *topic, int timeout_ms)
{
    rd_kafka_topic_t *t = rd_kafka_topic_new(c->rk, topic, NULL);
    const struct rd_kafka_metadata *about = NULL;
    if (t == NULL)
        return;
    if (rd_kafka_metadata(c->rk, 0, t, &about, timeout_ms) == RD_KAFKA_RESP_ERR_NO_ERROR)
        rd_kafka_metadata_destroy(about);
    rd_kafka_topic_destroy(t);
}

int consumer_query(struct consumer *c, const char *topic, int32_t partition, int timeout_ms, int64_t *low,
                   int64_t *high, struct fault *f)
{
    rd_kafka_resp_err_t err = rd_kafka_query_watermark_offsets(c->rk, topic, partition, low, high, timeout_ms);
    if (err == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION || err == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
        err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
        look_again(c, topic, timeout_ms);
    return err == RD_KAFKA_RESP_ERR_NO_ERROR ? 0 : kafka_fault(f, err, topic);
}

const char *consumer_cluster(struct consumer *c)
{
    if (c->cluster[0] != '\0')
        return c->cluster;
    char *id = rd_kafka_clusterid(c->rk, 0);
    if (id != NULL) {
        (void)snprintf(c->cluster, sizeof c->cluster, "%s", id);
        rd_kafka_mem_free(c->rk, id);
    }
    return c->cluster;
}
