/* Contacts, conversations and the inbox. A conversation is born with its first turn; ids are made by the worker, and
 * the loser of a race finds his insert refused and plans again. */
#include "workers/turn/commit_part.h"

#include "workers/turn/rows.h"

#include <string.h>

static const char sql_contact[] = "INSERT INTO munim.contact (contact_id, tenant_id, name)"
                                  " SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[]) WHERE $4::bigint > 0";

static const char sql_identity_new[] =
    "WITH i AS (INSERT INTO munim.contact_identity (tenant_id, identity, contact_id)"
    "  SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[]) ON CONFLICT DO NOTHING RETURNING 1)"
    " SELECT munim.require(count(*), $4::bigint, 'MU002', 'the contact was made meanwhile') FROM i";

static const char sql_identity_more[] =
    "INSERT INTO munim.contact_identity (tenant_id, identity, contact_id)"
    " SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[]) WHERE $4::bigint > 0 ON CONFLICT DO NOTHING";

static const char sql_conversation_new[] =
    "WITH i AS (INSERT INTO munim.conversation (conversation_id, tenant_id, channel, account_id, contact_id, key, "
    "address,"
    "   version, next_seq, parked, language)"
    "  SELECT id, tenant, channel, account, contact, key, address, 1, next_seq, parked, language"
    "  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::bigint[],"
    "   $9::bool[], $10::text[]) AS p(id, tenant, channel, account, contact, key, address, next_seq, parked, language)"
    "  ON CONFLICT DO NOTHING RETURNING 1)"
    " SELECT munim.require(count(*), $11::bigint, 'MU002', 'the conversation was made meanwhile') FROM i";

static const char sql_conversation[] =
    "WITH p AS (SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bool[], $5::text[])"
    "  AS p(id, version, next_seq, parked, language)),"
    " u AS (UPDATE munim.conversation c SET version = c.version + 1, next_seq = p.next_seq, parked = p.parked,"
    "  language = CASE WHEN p.language = '' THEN c.language ELSE p.language END"
    "  FROM p WHERE c.conversation_id = p.id AND c.version = p.version RETURNING 1)"
    " SELECT munim.require(count(*), $6::bigint, 'MU002', 'the conversation changed meanwhile') FROM u";

static const char sql_inbox[] =
    "WITH i AS (INSERT INTO munim.inbox (channel, account_id, message_id, topic, partition, \"offset\", "
    "conversation_id)"
    "  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::bigint[], $7::uuid[])"
    "  ON CONFLICT DO NOTHING RETURNING 1)"
    " SELECT munim.require(count(*), $8::bigint, 'MU003', 'the event was taken meanwhile') FROM i";

static void add_identities(struct rows *r, const struct turn *t)
{
    const char *p = t->ev.identities;
    while (*p != '\0') {
        size_t n = strcspn(p, "\n");
        char one[EVENT_IDENTITIES];
        memcpy(one, p, n);
        one[n] = '\0';
        row_id(r, t->session->shop->tenant_id);
        row_str(r, one);
        row_id(r, t->session->contact_id);
        p += n + (p[n] == '\n');
    }
}

/* What the turn writes into the conversation: replies take sequence numbers, a park sets the flag, the redrive of the
 * last parked row clears it. */
static int64_t next_seq(const struct turn *t)
{
    return t->next_seq + (t->fate == FATE_PLAN ? (int64_t)t->plan->n_replies : 0);
}

static bool parked_after(const struct turn *t)
{
    if (t->fate == FATE_PARK || t->fate == FATE_APPEND)
        return true;
    return t->parked && !t->replay_last;
}

static const char *language(const struct turn *t)
{
    return t->fate == FATE_PLAN ? t->plan->language : "";
}

static void add_new_conversation(struct rows *r, const struct turn *t)
{
    row_id(r, t->session->conversation_id);
    row_id(r, t->session->shop->tenant_id);
    row_str(r, t->ev.channel);
    row_str(r, t->ev.account_id);
    row_id(r, t->session->contact_id);
    row_str(r, t->conversation_key);
    row_str(r, t->address);
    row_i64(r, next_seq(t));
    row_bool(r, parked_after(t));
    row_str(r, language(t));
}

static void add_conversation(struct rows *r, const struct turn *t)
{
    row_id(r, t->session->conversation_id);
    row_i64(r, t->session->version);
    row_i64(r, next_seq(t));
    row_bool(r, parked_after(t));
    row_str(r, language(t));
}

/* Refused events and duplicates belong to no conversation, or change nothing of it; so does a decision that names no
 * order of ours. */
static bool touches_conversation(const struct turn *t)
{
    return (t->fate == FATE_PLAN || t->fate == FATE_PARK || t->fate == FATE_APPEND) &&
           t->session->conversation_id[0] != '\0';
}

void commit_conversations(struct pg_batch *b, const struct commit *c)
{
    struct rows contacts, fresh, more, born, moved;
    rows_init(&contacts, 3);
    rows_init(&fresh, 3);
    rows_init(&more, 3);
    rows_init(&born, 10);
    rows_init(&moved, 5);
    for (size_t i = 0; i < c->n; i++) {
        const struct turn *t = c->turns[i];
        if (!touches_conversation(t))
            continue;
        if (t->contact_new) {
            row_id(&contacts, t->session->contact_id);
            row_id(&contacts, t->session->shop->tenant_id);
            row_str(&contacts, t->ev.name[0] != '\0' ? t->ev.name : NULL);
        }
        if (t->contact_new || t->identities_new)
            add_identities(t->contact_new ? &fresh : &more, t);
        if (t->conversation_new)
            add_new_conversation(&born, t);
        else
            add_conversation(&moved, t);
    }
    rows_send(&moved, b, sql_conversation, NULL, NULL);
    rows_send(&contacts, b, sql_contact, NULL, NULL);
    rows_send(&fresh, b, sql_identity_new, NULL, NULL);
    rows_send(&more, b, sql_identity_more, NULL, NULL);
    rows_send(&born, b, sql_conversation_new, NULL, NULL);
    rows_done(&contacts);
    rows_done(&fresh);
    rows_done(&more);
    rows_done(&born);
    rows_done(&moved);
}

static void add_inbox(struct rows *r, const struct turn *t, const struct event *e)
{
    row_str(r, e->inbox_channel);
    row_str(r, e->inbox_account);
    row_str(r, e->inbox_id);
    row_str(r, rd_kafka_topic_name(t->m->rkt));
    row_i64(r, t->m->partition);
    row_i64(r, t->offset);
    row_id(r, t->session->conversation_id);
}

void commit_inbox(struct pg_batch *b, const struct commit *c)
{
    struct rows r;
    rows_init(&r, 7);
    for (size_t i = 0; i < c->n; i++) {
        const struct turn *t = c->turns[i];
        if (t->fate == FATE_PLAN && !t->ev_seen)
            add_inbox(&r, t, &t->ev);
        if (t->replay_last && t->command != NULL && t->command->inbox_id[0] != '\0')
            add_inbox(&r, t, t->command);
    }
    rows_send(&r, b, sql_inbox, NULL, NULL);
    rows_done(&r);
}
