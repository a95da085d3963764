/* What the owner's topic says last of each order against the order itself. A version above the snapshot's is news that
 * came since; one below it would never be mended, because the order's mark is cleared. */
#include "workers/cli/audit.h"

#include "common/kafka/kafka_conf.h"
#include "common/pg/pg.h"
#include "workers/approvals/approval.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

enum { APPROVAL_CHECKS = 1, ANSWER_MS = 10000 };

struct told {
    UT_hash_handle hh;
    char order_id[UUID_TEXT];
    char state[40];
    int64_t version;
    bool removed; /* by a tombstone, long after its end */
};

struct told_all {
    struct audit *a;
    struct told *by_order;
};

static const char orders_sql[] = "SELECT o.order_id, o.version, o.state FROM munim.approval JOIN munim.orders o"
                                 " USING (order_id) WHERE NOT dirty ORDER BY 1";

static struct told *told_of(struct told_all *all, const char *order_id, size_t n)
{
    struct told *t;
    HASH_FIND(hh, all->by_order, order_id, n, t);
    if (t != NULL || n >= sizeof t->order_id)
        return t;
    t = calloc(1, sizeof *t);
    if (t == NULL)
        abort();
    memcpy(t->order_id, order_id, n);
    HASH_ADD_STR(all->by_order, order_id, t);
    return t;
}

static int on_record(void *arg, const rd_kafka_message_t *m, struct fault *f)
{
    (void)f;
    struct told_all *all = arg;
    audit_progress(all->a, "approvals");
    struct told *t = m->key != NULL ? told_of(all, m->key, m->key_len) : NULL;
    if (t == NULL)
        return 0;
    t->removed = m->payload == NULL;
    struct approval *a = m->payload != NULL ? approval_new(m->payload, m->len, NULL) : NULL;
    if (a != NULL) {
        t->version = a->version;
        (void)snprintf(t->state, sizeof t->state, "%s", a->state);
    }
    approval_free(&a);
    return 0;
}

static int count_partitions(struct audit *a, const char *topic, struct fault *f)
{
    const struct rd_kafka_metadata *md = NULL;
    rd_kafka_topic_t *t = rd_kafka_topic_new(a->consumer, topic, NULL);
    rd_kafka_resp_err_t err = rd_kafka_metadata(a->consumer, 0, t, &md, ANSWER_MS);
    rd_kafka_topic_destroy(t);
    if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
        return kafka_fault(f, err, topic);
    int n = md->topic_cnt == 1 && md->topics[0].err == 0 ? md->topics[0].partition_cnt : 0;
    rd_kafka_metadata_destroy(md);
    return n > 0 ? n : fault_set(f, VERDICT_STOP, "there is no topic %.120s; `munim topics create` makes it", topic);
}

static int read_topic(struct told_all *all, struct fault *f)
{
    const char *topic = all->a->topics.name[TOPIC_APPROVAL];
    int n = count_partitions(all->a, topic, f);
    int rc = n < 0 ? -1 : 0;
    for (int32_t p = 0; rc == 0 && p < n; p++) {
        int64_t low, high;
        rc = audit_log_bounds(all->a, topic, p, &low, &high, f);
        if (rc == 0)
            rc = audit_log_read(all->a, topic, p, low, high, on_record, all, f);
    }
    return rc;
}

static void compare(struct told_all *all, const PGresult *r)
{
    for (int i = 0; i < PQntuples(r); i++) {
        const char *order_id = pg_text(r, i, 0);
        int64_t version = pg_i64(r, i, 1);
        char where[64], what[160];
        struct told *t;
        HASH_FIND_STR(all->by_order, order_id, t);
        bool known = t != NULL && !t->removed;
        if (t != NULL &&
            (t->removed || t->version > version || (t->version == version && strcmp(t->state, pg_text(r, i, 2)) == 0)))
            continue;
        (void)snprintf(where, sizeof where, "order %s", order_id);
        (void)snprintf(what, sizeof what, "is %s at version %" PRId64 ", the owner is told %s at %" PRId64,
                       pg_text(r, i, 2), version, known ? t->state : "nothing", known ? t->version : 0);
        audit_found(all->a, "approval_stale", where, what);
    }
}

int audit_approvals(struct audit *a, struct fault *f)
{
    struct told_all all = {.a = a};
    audit_begin(a, APPROVAL_CHECKS);
    PGresult *r = NULL;
    int rc = read_topic(&all, f);
    if (rc == 0 && (r = audit_ask(a, orders_sql, 0, NULL, f)) == NULL)
        rc = -1;
    if (rc == 0)
        compare(&all, r);
    PQclear(r);
    struct told *t, *next;
    HASH_ITER(hh, all.by_order, t, next)
    {
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): HASH_DEL leaves no link to what was freed */
        HASH_DEL(all.by_order, t);
        free(t);
    }
    audit_end(a);
    return rc;
}
