#include "common/claim/fence.h"

#include "common/pg/pgarray.h"

#include <stdio.h>

enum { COL_TOPIC, COL_PARTITION, COL_EPOCH, COL_EXPECTED, COL_NEXT, COL_LAST, COL_DIGEST, COLUMNS };

/* Moves each position only for the owner of the present epoch, and only from where he believes it to be. */
static const char fence_sql[] =
    "WITH p AS (SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],"
    "  $7::text[]) AS p(topic, partition, epoch, expected, next, last, digest)),"
    " u AS (UPDATE munim.part t SET next_offset = p.next, last_offset = coalesce(p.last, t.last_offset),"
    "  last_digest = coalesce(p.digest, t.last_digest),"
    "  claims = CASE WHEN p.next <> p.expected THEN 0 ELSE t.claims END,"
    "  attempts = CASE WHEN p.next <> p.expected THEN 0 ELSE t.attempts END,"
    "  moved_at = CASE WHEN p.next <> p.expected THEN now() ELSE t.moved_at END"
    "  FROM p WHERE t.topic = p.topic AND t.partition = p.partition AND t.epoch = p.epoch"
    "  AND t.next_offset = p.expected RETURNING 1)"
    " SELECT munim.require(count(*), $8::bigint, 'MU001', 'the partition has a later owner') FROM u";

void fence_add(struct pg_batch *b, const struct position *positions, size_t n, pg_result_fn *on_result)
{
    struct pgarray columns[COLUMNS];
    const char *values[COLUMNS + 1];
    char count[24];
    for (size_t i = 0; i < COLUMNS; i++)
        pgarray_init(&columns[i]);
    for (const struct position *p = positions; p < positions + n; p++) {
        pgarray_str(&columns[COL_TOPIC], p->topic);
        pgarray_i64(&columns[COL_PARTITION], p->partition);
        pgarray_i64(&columns[COL_EPOCH], p->epoch);
        pgarray_i64(&columns[COL_EXPECTED], p->expected);
        pgarray_i64(&columns[COL_NEXT], p->next);
        if (p->last < 0)
            pgarray_str(&columns[COL_LAST], NULL);
        else
            pgarray_i64(&columns[COL_LAST], p->last);
        pgarray_str(&columns[COL_DIGEST], p->digest);
    }
    for (size_t i = 0; i < COLUMNS; i++)
        values[i] = pgarray_text(&columns[i]);
    (void)snprintf(count, sizeof count, "%zu", n);
    values[COLUMNS] = count;
    pg_add(b, fence_sql, COLUMNS + 1, values, on_result, NULL);
    for (size_t i = 0; i < COLUMNS; i++)
        pgarray_done(&columns[i]);
}
