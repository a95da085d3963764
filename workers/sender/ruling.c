#include "workers/sender/ruling.h"

#include "common/base/json.h"
#include "workers/sender/counts.h"
#include "workers/sender/resend.h"

#include <string.h>

static const char lock_sql[] =
    "SELECT count(*) FROM (SELECT 1 FROM munim.conversation WHERE conversation_id IN (SELECT conversation_id FROM"
    " munim.guard WHERE dedupe_key = ANY ($1::text[]) AND state = 'UNKNOWN' AND settled_by = 'held')"
    " ORDER BY conversation_id FOR UPDATE) AS locked";

/* The first ruling of a message counts. What is sent again is a new message at its conversation's end, as in window.c.
 */
static const char rule_sql[] =
    "WITH r AS (SELECT DISTINCT ON (key) * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])"
    " WITH ORDINALITY AS r (key, new_key, verb, channel, account, n) ORDER BY key, n),"
    " h AS (UPDATE munim.guard g SET settled_by = 'owner', settled_at = now() FROM r WHERE g.dedupe_key = r.key"
    " AND g.channel = r.channel AND g.account_id = r.account AND g.state = 'UNKNOWN' AND g.settled_by = 'held'"
    " RETURNING g.dedupe_key, g.conversation_id, g.class, g.payload::jsonb AS payload, r.new_key, r.verb),"
    " s AS (SELECT *, row_number() OVER (PARTITION BY conversation_id ORDER BY dedupe_key) AS n FROM h"
    " WHERE verb = 'resend'),"
    " c AS (UPDATE munim.conversation c SET next_seq = next_seq + t.n, version = version + 1 FROM (SELECT "
    "conversation_id,"
    " count(*) AS n FROM s GROUP BY 1) t WHERE c.conversation_id = t.conversation_id"
    " RETURNING c.tenant_id, c.conversation_id, c.key, c.next_seq - t.n - 1 AS before),"
    " o AS (INSERT INTO munim.outbox (dedupe_key, tenant_id, conversation_id, seq, key, class, payload, traceparent,"
    " resend_of, publish_after) SELECT s.new_key, c.tenant_id, c.conversation_id, c.before + s.n, c.key, s.class,"
    " (s.payload || jsonb_build_object('seq', c.before + s.n, 'dedupe_key', s.new_key, 'text', CASE WHEN"
    " starts_with(s.payload ->> 'text', $6) THEN s.payload ->> 'text' ELSE left($6 || (s.payload ->> 'text'), 4096)"
    " END))::text, coalesce(b.traceparent, ''), s.dedupe_key, now() FROM s JOIN c USING (conversation_id)"
    " LEFT JOIN munim.outbox b ON b.dedupe_key = s.dedupe_key) SELECT verb, count(*) FROM h GROUP BY verb";

static bool copy(const cJSON *root, const char *key, char *out, size_t room)
{
    const char *v = json_str(root, key);
    if (v == NULL || v[0] == '\0' || strlen(v) >= room)
        return false;
    memcpy(out, v, strlen(v) + 1);
    return true;
}

int ruling_read(struct ruling *r, const char *value, size_t len, struct fault *f)
{
    memset(r, 0, sizeof *r);
    cJSON *root = json_parse(value, len, &json_limits_default, f);
    if (root == NULL)
        return -1;
    const char *verb = json_str(root, "verb");
    r->resend = verb != NULL && strcmp(verb, "resend") == 0;
    bool whole = (r->resend || (verb != NULL && strcmp(verb, "leave") == 0)) &&
                 copy(root, "channel", r->channel, sizeof r->channel) &&
                 copy(root, "account_id", r->account_id, sizeof r->account_id) &&
                 copy(root, "dedupe_key", r->dedupe_key, sizeof r->dedupe_key);
    cJSON_Delete(root);
    return whole ? 0 : fault_set(f, VERDICT_REJECT, "channel, account_id, dedupe_key or verb missing or malformed");
}

void rulings_init(struct rulings *all)
{
    pgarray_init(&all->keys);
    pgarray_init(&all->new_keys);
    pgarray_init(&all->verbs);
    pgarray_init(&all->channels);
    pgarray_init(&all->accounts);
}

void rulings_put(struct rulings *all, const struct ruling *r)
{
    char key[DIGEST_HEX];
    resend_key(r->dedupe_key, key);
    pgarray_str(&all->keys, r->dedupe_key);
    pgarray_str(&all->new_keys, key);
    pgarray_str(&all->verbs, r->resend ? "resend" : "leave");
    pgarray_str(&all->channels, r->channel);
    pgarray_str(&all->accounts, r->account_id);
}

/* Counted where it is seen, although the batch may still fail: an operator's command is rare, and its metric a hint. */
static void on_ruled(void *arg, const PGresult *result)
{
    (void)arg;
    for (int i = 0; i < PQntuples(result); i++)
        metric_add(&count_ruled, pg_text(result, i, 0), NULL, (double)pg_i64(result, i, 1));
}

void rulings_add(struct rulings *all, struct pg_batch *b)
{
    const char *values[] = {pgarray_text(&all->keys),     pgarray_text(&all->new_keys), pgarray_text(&all->verbs),
                            pgarray_text(&all->channels), pgarray_text(&all->accounts), RESEND_MARK};
    if (all->keys.n > 0) {
        pg_add(b, lock_sql, 1, values, NULL, NULL);
        pg_add(b, rule_sql, 6, values, on_ruled, NULL);
    }
    pgarray_done(&all->keys);
    pgarray_done(&all->new_keys);
    pgarray_done(&all->verbs);
    pgarray_done(&all->channels);
    pgarray_done(&all->accounts);
}
