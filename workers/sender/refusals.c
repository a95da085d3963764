#include "workers/sender/take.h"

#include "common/base/digest.h"
#include "common/log/log.h"

#include <stdlib.h>

static const char refused_sql[] =
    "INSERT INTO munim.refused (topic, partition, \"offset\", reason, raw) SELECT $1, p, o, r, decode(x, 'hex')"
    " FROM unnest($2::int[], $3::bigint[], $4::text[], $5::text[]) AS u (p, o, r, x) ON CONFLICT DO NOTHING";

void refusals_init(struct refusals *r)
{
    pgarray_init(&r->partitions);
    pgarray_init(&r->offsets);
    pgarray_init(&r->reasons);
    pgarray_init(&r->raws);
}

void refusals_put(struct refusals *r, const rd_kafka_message_t *m, const char *reason)
{
    char *hex = malloc(2 * m->len + 1);
    if (hex == NULL)
        abort();
    hex[0] = '\0';
    if (m->len > 0)
        digest_hex(m->payload, m->len, hex);
    pgarray_i64(&r->partitions, m->partition);
    pgarray_i64(&r->offsets, m->offset);
    pgarray_str(&r->reasons, reason);
    pgarray_str(&r->raws, hex);
    free(hex);
}

void refusals_add(struct refusals *r, const char *topic, struct pg_batch *b)
{
    const char *values[] = {topic, pgarray_text(&r->partitions), pgarray_text(&r->offsets), pgarray_text(&r->reasons),
                            pgarray_text(&r->raws)};
    if (r->offsets.n > 0) {
        pg_add(b, refused_sql, 5, values, NULL, NULL);
        log_event(LOG_ERROR, "records refused", F_STR("topic", topic), F_INT("records", r->offsets.n));
    }
    pgarray_done(&r->partitions);
    pgarray_done(&r->offsets);
    pgarray_done(&r->reasons);
    pgarray_done(&r->raws);
}
