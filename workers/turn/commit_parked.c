/* Events that are no turn now: refused for good, or parked until an operator's redrive. Their bytes are kept. */
#include "workers/turn/commit_part.h"

#include "workers/turn/rows.h"

static const char sql_refused[] =
    "INSERT INTO munim.refused (topic, partition, \"offset\", reason, raw)"
    " SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[], $4::text[], $5::bytea[]) WHERE $6::bigint > 0"
    " ON CONFLICT DO NOTHING";

/* A record that is read again after its position was put back by hand takes its own place once more; a place that holds
 * another log's record, still parked, is never overwritten. */
static const char sql_parked[] =
    "WITH i AS (INSERT INTO munim.parked AS old (topic, partition, \"offset\", conversation_id, channel, account_id, "
    "key, "
    "type,"
    "   raw, reason, attempts)"
    "  SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[], $4::uuid[], $5::text[], $6::text[], $7::text[],"
    "   $8::text[], $9::bytea[], $10::text[], $11::int[])"
    "  ON CONFLICT (topic, partition, \"offset\") DO UPDATE SET parked_id = DEFAULT, state = 'parked', at = now(),"
    "   conversation_id = excluded.conversation_id, channel = excluded.channel, account_id = excluded.account_id,"
    "   key = excluded.key, type = excluded.type, raw = excluded.raw, reason = excluded.reason,"
    "   attempts = excluded.attempts WHERE old.state <> 'parked' OR old.raw = excluded.raw RETURNING 1)"
    " SELECT munim.require(count(*), $12::bigint, 'MU003', 'another event was parked in this place') FROM i";

/* The last one clears the conversation's flag, whose lock this transaction has: no other may have been parked since the
 * rows were counted. */
static const char sql_redriven[] =
    "WITH p AS (SELECT * FROM unnest($1::bigint[], $2::bool[], $3::text[]) AS p(id, is_last, state)),"
    " u AS (UPDATE munim.parked t SET state = p.state FROM p WHERE t.parked_id = p.id AND t.state = 'parked'"
    "  RETURNING 1)"
    " SELECT munim.require((SELECT count(*) FROM u), $4::bigint, 'MU003', 'the parked event was taken meanwhile'),"
    "  munim.require((SELECT count(*) FROM p JOIN munim.parked mine ON mine.parked_id = p.id JOIN munim.parked more"
    "   ON more.conversation_id = mine.conversation_id AND more.parked_id <> mine.parked_id AND more.state = 'parked'"
    "   WHERE p.is_last), 0, 'MU003', 'another event was parked meanwhile')";

void commit_parked(struct pg_batch *b, const struct commit *c)
{
    struct rows refused, parked, redriven;
    rows_init(&refused, 5);
    rows_init(&parked, 11);
    rows_init(&redriven, 3);
    for (size_t i = 0; i < c->n; i++) {
        const struct turn *t = c->turns[i];
        const char *topic = rd_kafka_topic_name(t->m->rkt);
        if (t->replay_id != 0) {
            row_i64(&redriven, t->replay_id);
            row_bool(&redriven, t->replay_last);
            row_str(&redriven, t->dropped ? "dropped" : "redriven");
        }
        if (t->fate == FATE_REFUSE) {
            row_str(&refused, topic);
            row_i64(&refused, t->m->partition);
            row_i64(&refused, t->offset);
            row_str(&refused, t->reason);
            row_bytes(&refused, t->m->payload, t->m->len);
        } else if (t->fate == FATE_PARK || t->fate == FATE_APPEND) {
            row_str(&parked, topic);
            row_i64(&parked, t->m->partition);
            row_i64(&parked, t->offset);
            row_id(&parked, t->session->conversation_id);
            row_str(&parked, t->ev.channel);
            row_str(&parked, t->ev.account_id);
            row_str(&parked, t->ev.key);
            row_str(&parked, t->envelope.type);
            row_bytes(&parked, t->m->payload, t->m->len);
            row_str(&parked, t->reason);
            row_i64(&parked, t->failures);
        }
    }
    rows_send(&refused, b, sql_refused, NULL, NULL);
    rows_send(&parked, b, sql_parked, NULL, NULL);
    rows_send(&redriven, b, sql_redriven, NULL, NULL);
    rows_done(&refused);
    rows_done(&parked);
    rows_done(&redriven);
}
