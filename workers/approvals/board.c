#include "workers/approvals/board.h"

#include "common/base/clock.h"
#include "common/kafka/envelope.h"
#include "common/kafka/kafka_conf.h"
#include "common/kafka/put.h"
#include "common/kafka/topics.h"

#include <librdkafka/rdkafka.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <uthash.h>

enum { BROKER_MS = 15000, ID_LEAST = 4 };

struct order_on_board {
    UT_hash_handle hh;
    char order_id[UUID_TEXT];
    struct approval *approval;
};

struct board {
    const struct settings *settings;
    struct topics topics;
    rd_kafka_t *consumer;
    struct order_on_board *orders;
    int partitions;
    bool *at_end; /* per partition: read to its end at least once */
    int ends;
    bool away;       /* no broker answered when one was last asked */
    uint64_t events; /* records and ends seen */
};

/* The newest version wins; the topic may still hold older ones, and repeats. */
static const struct approval *put(struct board *b, struct approval *a)
{
    struct order_on_board *o;
    HASH_FIND_STR(b->orders, a->order_id, o);
    if (o == NULL) {
        o = calloc(1, sizeof *o);
        if (o == NULL)
            abort();
        memcpy(o->order_id, a->order_id, sizeof o->order_id);
        HASH_ADD_STR(b->orders, order_id, o);
    } else if (o->approval->version > a->version) {
        approval_free(&a);
        return NULL;
    }
    approval_free(&o->approval);
    o->approval = a;
    return a;
}

static void take_off(struct board *b, const char *key, size_t n)
{
    struct order_on_board *o;
    HASH_FIND(hh, b->orders, key, n, o);
    if (o == NULL)
        return;
    HASH_DEL(b->orders, o);
    approval_free(&o->approval);
    free(o);
}

/* Folds one message in; the state it brought, NULL when it brought none. */
static const struct approval *take(struct board *b, const rd_kafka_message_t *m)
{
    struct fault f;
    if (m->err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
        b->away = true;
    if (m->err != 0 && m->err != RD_KAFKA_RESP_ERR__PARTITION_EOF)
        return NULL;
    b->away = false;
    b->events++;
    if (m->err != 0) {
        b->ends += b->at_end[m->partition] ? 0 : 1;
        b->at_end[m->partition] = true;
        return NULL;
    }
    if (m->payload == NULL) {
        if (m->key != NULL)
            take_off(b, m->key, m->key_len);
        return NULL;
    }
    struct approval *a = approval_new(m->payload, m->len, &f);
    return a != NULL ? put(b, a) : NULL;
}

const struct approval *board_next(struct board *b, int ms)
{
    int64_t until = clock_mono_us() + (int64_t)ms * 1000;
    for (;;) {
        int64_t left = (until - clock_mono_us()) / 1000;
        rd_kafka_message_t *m = rd_kafka_consumer_poll(b->consumer, left > 0 ? (int)left : 0);
        if (m == NULL)
            return NULL;
        const struct approval *fresh = take(b, m);
        rd_kafka_message_destroy(m);
        if (fresh != NULL || left <= 0)
            return fresh;
    }
}

static int count_partitions(struct board *b, const char *topic, struct fault *f)
{
    rd_kafka_topic_t *t = rd_kafka_topic_new(b->consumer, topic, NULL);
    const struct rd_kafka_metadata *meta = NULL;
    rd_kafka_resp_err_t err = rd_kafka_metadata(b->consumer, 0, t, &meta, BROKER_MS);
    rd_kafka_topic_destroy(t);
    if (err != 0)
        return kafka_fault(f, err, "Kafka does not answer");
    int n = meta->topic_cnt == 1 ? meta->topics[0].partition_cnt : 0;
    err = meta->topic_cnt == 1 ? meta->topics[0].err : 0;
    rd_kafka_metadata_destroy(meta);
    if (err != 0 && err != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
        return kafka_fault(f, err, "the approval topic cannot be read");
    if (n == 0)
        return fault_set(f, VERDICT_STOP, "there is no topic %s; `munim topics create` makes it", topic);
    return n;
}

static int read_all(struct board *b, struct fault *f)
{
    const char *topic = b->topics.name[TOPIC_APPROVAL];
    b->partitions = count_partitions(b, topic, f);
    if (b->partitions < 0)
        return -1;
    b->at_end = calloc((size_t)b->partitions, sizeof *b->at_end);
    if (b->at_end == NULL)
        abort();
    rd_kafka_topic_partition_list_t *all = rd_kafka_topic_partition_list_new(b->partitions);
    for (int32_t p = 0; p < b->partitions; p++)
        rd_kafka_topic_partition_list_add(all, topic, p)->offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_resp_err_t err = rd_kafka_assign(b->consumer, all);
    rd_kafka_topic_partition_list_destroy(all);
    if (err != 0)
        return kafka_fault(f, err, "the approval topic cannot be read");
    int64_t since = clock_mono_us();
    uint64_t events = b->events;
    while (b->ends < b->partitions) {
        (void)board_next(b, 100);
        if (b->events != events)
            since = clock_mono_us();
        events = b->events;
        if (clock_mono_us() - since > (int64_t)BROKER_MS * 1000)
            return fault_set(f, VERDICT_RETRY, "nothing more of the approval topic came for %d s; is Kafka well?",
                             BROKER_MS / 1000);
    }
    return 0;
}

static rd_kafka_t *open_consumer(const struct settings *s, const char *const *pairs, struct fault *f)
{
    rd_kafka_conf_t *conf = kafka_conf_new(s, f);
    if (conf == NULL)
        return NULL;
    for (size_t i = 0; pairs[i] != NULL; i += 2) {
        if (kafka_conf_set(conf, pairs[i], pairs[i + 1], f) != 0) {
            rd_kafka_conf_destroy(conf);
            return NULL;
        }
    }
    char words[200];
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, words, sizeof words);
    if (rk == NULL) {
        rd_kafka_conf_destroy(conf);
        fault_set(f, VERDICT_STOP, "the Kafka client does not start: %s", words);
    }
    return rk;
}

struct board *board_new(const struct settings *s, struct fault *f)
{
    /* librdkafka wants a group's name even for an assignment by hand; it never joins it and commits nothing. Where a
     * record goes between asking for the log's start and fetching it, reading begins again at the start. */
    static const char *const reading[] = {"group.id",
                                          "munim-approve-unused",
                                          "enable.auto.commit",
                                          "false",
                                          "auto.offset.reset",
                                          "earliest",
                                          "enable.partition.eof",
                                          "true",
                                          "fetch.wait.max.ms",
                                          "50",
                                          "check.crcs",
                                          "true",
                                          NULL};
    struct board *b = calloc(1, sizeof *b);
    if (b == NULL)
        abort();
    b->settings = s;
    if (topics_names(s, &b->topics, f) != 0 || (b->consumer = open_consumer(s, reading, f)) == NULL) {
        board_free(&b);
        return NULL;
    }
    rd_kafka_poll_set_consumer(b->consumer);
    if (read_all(b, f) != 0)
        board_free(&b);
    return b;
}

void board_free(struct board **bp)
{
    struct board *b = *bp;
    if (b == NULL)
        return;
    if (b->consumer != NULL)
        rd_kafka_destroy_flags(b->consumer, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    struct order_on_board *o, *tmp;
    HASH_ITER(hh, b->orders, o, tmp)
    {
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): HASH_DEL leaves no link to what was freed */
        HASH_DEL(b->orders, o);
        approval_free(&o->approval);
        free(o);
    }
    free(b->at_end);
    free(b);
    *bp = NULL;
}

/* How many orders the text fits; *found is the last of them. */
static size_t fits(const struct board *b, const char *id, const struct approval **found)
{
    size_t n = strlen(id), count = 0;
    *found = NULL;
    for (const struct order_on_board *o = b->orders; n >= ID_LEAST && o != NULL; o = o->hh.next) {
        size_t len = strlen(o->order_id);
        if (n > len || (strncasecmp(o->order_id, id, n) != 0 && strcasecmp(o->order_id + len - n, id) != 0))
            continue;
        *found = o->approval;
        count++;
    }
    return count;
}

const struct approval *board_find(const struct board *b, const char *id)
{
    const struct approval *found;
    return fits(b, id, &found) == 1 ? found : NULL;
}

bool board_ambiguous(const struct board *b, const char *id)
{
    const struct approval *found;
    return fits(b, id, &found) > 1;
}

bool board_away(const struct board *b)
{
    return b->away;
}

static int by_asked(const struct order_on_board *a, const struct order_on_board *b)
{
    int d = strcmp(a->approval->asked_at, b->approval->asked_at);
    return d != 0 ? d : strcmp(a->order_id, b->order_id);
}

void board_each(struct board *b, void (*one)(void *arg, const struct approval *a), void *arg)
{
    HASH_SORT(b->orders, by_asked);
    for (const struct order_on_board *o = b->orders; o != NULL; o = o->hh.next)
        one(arg, o->approval);
}

int board_decide(struct board *b, const struct approval *a, bool approve, const char *reason, int64_t version,
                 const char *by, char decision_id[UUID_TEXT], struct fault *f)
{
    uuid7(clock_wall_ms(), decision_id);
    char *value = decision_json(a, decision_id, approve, reason, version, by);
    const struct put_record r = {.topic = b->topics.name[TOPIC_DECISION],
                                 .key = a->key,
                                 .value = value,
                                 .type = CE_DECISION_ORDER,
                                 .source = "munim/approve"};
    int rc = kafka_put(b->settings, &r, f);
    free(value);
    return rc;
}
