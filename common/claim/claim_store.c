#include "common/claim/claim_private.h"

#include "common/log/log.h"
#include "common/pg/pgarray.h"

#include <stdio.h>
#include <string.h>

enum { LOCK_WAIT_MS = 2000 };

/* A stopped owner may hold the row's lock inside an open transaction: its connection is ended, the transaction with it.
 */
static const char terminate_sql[] =
    "SELECT pg_terminate_backend(a.pid) FROM munim.part p JOIN pg_stat_activity a"
    " ON a.pid = p.backend_pid AND a.backend_start <= p.claimed_at AND a.datname = current_database()"
    " WHERE a.pid <> pg_backend_pid() AND (p.topic, p.partition) IN (SELECT t, n FROM unnest($1::text[], $2::int[]) AS "
    "u (t, n))";

static const char reset_sql[] =
    "UPDATE munim.part p SET next_offset = -1, last_offset = -1, last_digest = '', cluster_id = $4, claims = 0,"
    " attempts = 0, moved_at = now() FROM unnest($1::text[], $2::int[], $3::bigint[]) AS u (t, n, e)"
    " WHERE p.topic = u.t AND p.partition = u.n AND p.epoch = u.e";

static const char claim_sql[] =
    "INSERT INTO munim.part AS p (topic, partition, cluster_id, epoch, owner, backend_pid, claims, claimed_at)"
    " SELECT t, n, $3, 1, $4, pg_backend_pid(), 1, clock_timestamp() FROM unnest($1::text[], $2::int[]) AS u (t, n)"
    " ORDER BY t, n ON CONFLICT (topic, partition) DO UPDATE SET epoch = p.epoch + 1, claims = p.claims + 1,"
    " owner = excluded.owner, backend_pid = excluded.backend_pid, claimed_at = excluded.claimed_at,"
    " cluster_id = CASE WHEN p.cluster_id = '' THEN excluded.cluster_id ELSE p.cluster_id END"
    " RETURNING topic, partition, epoch, next_offset, last_offset, last_digest, cluster_id, claims, attempts";

static void on_row(void *arg, const PGresult *r)
{
    struct claim_round *rd = arg;
    struct claim *cl = rd->cl;
    if (rd->generation != cl->generation)
        return;
    for (int i = 0; i < PQntuples(r); i++) {
        struct claim_row *p = claim_find(cl, pg_text(r, i, 0), (int32_t)pg_i64(r, i, 1));
        if (p == NULL)
            continue;
        p->epoch = pg_i64(r, i, 2);
        p->next_offset = pg_i64(r, i, 3);
        p->last_offset = pg_i64(r, i, 4);
        (void)snprintf(p->digest, sizeof p->digest, "%s", pg_text(r, i, 5));
        (void)snprintf(p->cluster, sizeof p->cluster, "%s", pg_text(r, i, 6));
        p->claims = (int)pg_i64(r, i, 7);
        p->attempts = (int)pg_i64(r, i, 8);
    }
}

static void on_terminated(void *arg, enum pg_end end, const struct fault *f)
{
    (void)arg;
    if (end == PG_FAILED)
        log_fault(LOG_WARN, "could not end the connection of a partition's earlier owner", f);
}

void claim_store_terminate(struct claim *cl)
{
    log_line(LOG_WARN, "a partition's earlier owner holds its row: ending that connection");
    struct pgarray topics, numbers;
    pgarray_init(&topics);
    pgarray_init(&numbers);
    for (size_t i = 0; i < cl->n; i++) {
        pgarray_str(&topics, cl->parts[i].topic);
        pgarray_i64(&numbers, cl->parts[i].partition);
    }
    struct pg_batch *b = pg_batch_new(cl->pg);
    pg_add(b, terminate_sql, 2, (const char *[]){pgarray_text(&topics), pgarray_text(&numbers)}, NULL, NULL);
    pg_send(b, on_terminated, NULL);
    pgarray_done(&topics);
    pgarray_done(&numbers);
}

static void add_reset(struct claim *cl, struct pg_batch *b)
{
    struct pgarray topics, numbers, epochs;
    pgarray_init(&topics);
    pgarray_init(&numbers);
    pgarray_init(&epochs);
    for (size_t i = 0; i < cl->n; i++) {
        if (!cl->parts[i].reset)
            continue;
        pgarray_str(&topics, cl->parts[i].topic);
        pgarray_i64(&numbers, cl->parts[i].partition);
        pgarray_i64(&epochs, cl->parts[i].epoch);
    }
    const char *values[] = {pgarray_text(&topics), pgarray_text(&numbers), pgarray_text(&epochs),
                            consumer_cluster(cl->consumer)};
    if (topics.n > 0)
        pg_add(b, reset_sql, 4, values, NULL, NULL);
    pgarray_done(&topics);
    pgarray_done(&numbers);
    pgarray_done(&epochs);
}

void claim_store_send(struct claim *cl, struct claim_round *rd, pg_end_fn *on_end)
{
    struct pgarray topics, numbers;
    pgarray_init(&topics);
    pgarray_init(&numbers);
    for (size_t i = 0; i < cl->n; i++) {
        pgarray_str(&topics, cl->parts[i].topic);
        pgarray_i64(&numbers, cl->parts[i].partition);
    }
    char wait[16];
    (void)snprintf(wait, sizeof wait, "%d", LOCK_WAIT_MS);
    struct pg_batch *b = pg_batch_new(cl->pg);
    pg_add(b, "SELECT set_config('lock_timeout', $1, true)", 1, (const char *[]){wait}, NULL, NULL);
    add_reset(cl, b);
    const char *values[] = {pgarray_text(&topics), pgarray_text(&numbers), consumer_cluster(cl->consumer), cl->owner};
    pg_add(b, claim_sql, 4, values, on_row, rd);
    pg_send(b, on_end, rd);
    pgarray_done(&topics);
    pgarray_done(&numbers);
}
