/* PENDING -> SENDING, many conversations in one transaction; then, before the first byte, one look at the clock; then
 * the request, which ends by the deadline whatever happens: nothing of it is on the wire later. */
#include "workers/sender/counts.h"
#include "workers/sender/sender.h"
#include "workers/sender/settle.h"

#include "common/base/failpoint.h"
#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/log/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#define USER_AGENT "User-Agent: munim/" MUNIM_VERSION

enum { PAIR_FACTOR = 4, PAIR_CAPS = 10, BACKOFF_STEPS = 30 };

struct flight {
    struct sender *s;
    char key[DEDUPE_KEY_MAX];
    char conversation_id[UUID_TEXT];
    char account[2 * ROUTE_MAX];
    char *payload; /* NULL until Postgres has made the row SENDING */
    int attempt;   /* this one */
    int64_t epoch;
    int64_t deadline_us; /* CLOCK_BOOTTIME */
    int64_t begun_us;
    struct flight *prev, *next;
};

struct start {
    struct sender *s;
    struct flight *flights;
};

/* No request of a stopped account is made before `until_us`; its messages stay PENDING. */
struct account_stop {
    char account[2 * ROUTE_MAX];
    int64_t until_us;
    UT_hash_handle hh;
};

/* The gate once more, by Postgres: the index may be stale. */
static const char start_sql[] =
    "UPDATE munim.guard g SET state = 'SENDING', attempt = g.attempt + 1, epoch = p.epoch, boot_id = $4,"
    " deadline_us = $5::bigint FROM unnest($1::text[], $2::int[], $3::bigint[]) AS r (key, attempt, epoch),"
    " munim.part p, munim.gate t WHERE g.dedupe_key = r.key AND g.state = 'PENDING' AND g.attempt = r.attempt"
    " AND p.topic = $6 AND p.partition = g.partition AND p.epoch = r.epoch AND t.conversation_id = g.conversation_id"
    " AND g.seq = t.settled_through + 1 RETURNING g.dedupe_key, g.payload";

static void flight_free(struct flight *f)
{
    f->s->flights--;
    free(f->payload);
    free(f);
}

static void finish(struct flight *f, const char *state, const struct send_outcome *end, int64_t wait_ms)
{
    struct outcome o = {
        .epoch = f->epoch, .attempt = f->attempt, .state = state, .words = end->words, .wait_ms = wait_ms};
    (void)snprintf(o.key, sizeof o.key, "%s", f->key);
    (void)snprintf(o.conversation_id, sizeof o.conversation_id, "%s", f->conversation_id);
    (void)snprintf(o.provider_id, sizeof o.provider_id, "%s", end->provider_id);
    (void)snprintf(o.code, sizeof o.code, "%s", end->code);
    settle_put(f->s, &o);
    flight_free(f);
}

static void not_sent(struct flight *f, const char *words)
{
    finish(f, "PENDING", &(struct send_outcome){.words = words}, 0);
}

static struct account_stop *stop_of(const struct sender *s, const char *account)
{
    struct account_stop *a;
    HASH_FIND_STR(s->stops, account, a);
    return a;
}

static void stop_account(struct sender *s, const char *account, const struct send_outcome *o)
{
    struct account_stop *a = stop_of(s, account);
    if (a == NULL) {
        a = calloc(1, sizeof *a);
        if (a == NULL)
            abort();
        (void)snprintf(a->account, sizeof a->account, "%s", account);
        HASH_ADD_STR(s->stops, account, a);
    }
    a->until_us = clock_mono_us() + s->retry_cap_ms * 1000;
    s->token_stale = true;
    metric_add(&count_stops, o->code, NULL, 1);
    log_event(LOG_ERROR, "the channel refuses this account: its messages wait", F_STR("account", account),
              F_STR("code", o->code), F_STR("why", o->words), F_INT("again_in_ms", s->retry_cap_ms));
}

static int64_t retry_wait(const struct sender *s, const struct flight *f, const struct send_outcome *o)
{
    unsigned before = f->attempt > 1 ? (unsigned)f->attempt - 1 : 0;
    int64_t wait;
    if (o->verdict == SEND_PAIR) {
        wait = s->retry_base_ms;
        for (unsigned i = 0; i < before && wait < s->retry_cap_ms * PAIR_CAPS; i++)
            wait *= PAIR_FACTOR;
        if (wait > s->retry_cap_ms * PAIR_CAPS)
            wait = s->retry_cap_ms * PAIR_CAPS;
    } else {
        struct backoff b = {.base_ms = s->retry_base_ms,
                            .cap_ms = s->retry_cap_ms,
                            .attempt = before < BACKOFF_STEPS ? before : BACKOFF_STEPS};
        wait = backoff_next(&b, random_u32());
    }
    int64_t asked = o->retry_after_s > 0 ? (int64_t)o->retry_after_s * 1000 : 0;
    return asked > wait ? asked : wait;
}

static void refused(struct flight *f, const struct send_outcome *o)
{
    struct sender *s = f->s;
    metric_add(&count_retries, o->code, NULL, 1);
    log_event(f->attempt >= s->attempts ? LOG_ERROR : LOG_INFO, "refused for now", F_STR("key", f->key),
              F_STR("code", o->code), F_STR("why", o->words), F_INT("attempt", f->attempt));
    finish(f, "PENDING", o, retry_wait(s, f, o));
}

static void on_answer(void *arg, const struct http_answer *a)
{
    struct flight *f = arg;
    struct sender *s = f->s;
    struct send_outcome o;
    FAILPOINT("sender.answered", NULL);
    DL_DELETE(s->flying, f);
    metric_observe(&seconds_send, NULL, NULL, (double)(clock_mono_us() - f->begun_us) / 1e6);
    whatsapp_answer(a, &o);
    switch (o.verdict) {
    case SEND_SENT:
        finish(f, "SENT", &o, 0);
        return;
    case SEND_RETRY:
    case SEND_PAIR:
        refused(f, &o);
        return;
    case SEND_UNCERTAIN:
        log_event(LOG_WARN, "outcome of a send unknown", F_STR("key", f->key), F_STR("code", o.code),
                  F_STR("why", a->end == HTTP_ANSWERED ? o.words : a->error), F_INT("attempt", f->attempt));
        finish(f, "UNCERTAIN", &o, 0);
        return;
    case SEND_FAILED:
        log_event(LOG_WARN, "message refused for good", F_STR("key", f->key), F_STR("code", o.code),
                  F_STR("why", o.words));
        finish(f, "FAILED", &o, 0);
        return;
    case SEND_STOPPED:
        stop_account(s, f->account, &o);
        finish(f, "PENDING", &o, s->retry_cap_ms);
        return;
    }
}

/* The file may have been replaced after the channel refused its token. */
static void fresh_token(struct sender *s)
{
    struct fault why;
    char *token = settings_secret(s->settings, "whatsapp", "access_token_file", &why);
    s->token_stale = false;
    if (token == NULL) {
        log_fault(LOG_ERROR, "keeping the old access token", &why);
        return;
    }
    explicit_bzero(s->authorization, strlen(s->authorization));
    free(s->authorization);
    if (asprintf(&s->authorization, "Authorization: Bearer %s", token) < 0)
        abort();
    explicit_bzero(token, strlen(token));
    free(token);
}

static void launch(struct flight *f)
{
    struct sender *s = f->s;
    struct outbound o;
    int64_t left_ms = (f->deadline_us - clock_boot_us()) / 1000;
    if (left_ms < s->request_ms / 2) {
        not_sent(f, "the deadline came before the first byte, nothing was sent");
        return;
    }
    if (outbound_read(&o, f->payload, strlen(f->payload), NULL) != OUTBOUND_SEND) {
        outbound_done(&o);
        finish(f, "FAILED", &(struct send_outcome){.words = "record not readable", .code = "record"}, 0);
        return;
    }
    if (s->token_stale)
        fresh_token(s);
    char *url = whatsapp_url(settings_text(s->settings, "whatsapp", "api_url"), o.account_id);
    char *body = whatsapp_body(&o);
    outbound_done(&o);
    const char *headers[] = {"Content-Type: application/json", s->authorization, USER_AGENT, NULL};
    struct http_request r = {.url = url,
                             .headers = headers,
                             .body = body,
                             .len = strlen(body),
                             .send_by_boot_us = f->deadline_us,
                             .timeout_ms = (long)(left_ms < s->request_ms ? left_ms : s->request_ms)};
    f->begun_us = clock_mono_us();
    DL_APPEND(s->flying, f);
    http_out_send(s->http, &r, on_answer, f);
    free(url);
    free(body);
}

static void on_started(void *arg, const PGresult *r)
{
    const struct start *st = arg;
    for (int i = 0; i < PQntuples(r); i++) {
        struct flight *f;
        DL_FOREACH(st->flights, f)
        {
            if (f->payload == NULL && strcmp(f->key, pg_text(r, i, 0)) == 0)
                f->payload = strdup(pg_text(r, i, 1));
        }
    }
}

/* Whether the row became SENDING is not known, but surely nothing was sent: if it did, it goes back. */
static void end_flight(struct flight *f, enum pg_end end)
{
    if (end == PG_DONE && f->payload != NULL) {
        FAILPOINT("sender.sending", NULL);
        launch(f);
    } else if (end == PG_UNKNOWN) {
        not_sent(f, "the database was lost before the first byte, nothing was sent");
    } else {
        gate_block(&f->s->gate, f->conversation_id);
        flight_free(f);
    }
}

static void on_start_end(void *arg, enum pg_end end, const struct fault *why)
{
    struct start *st = arg;
    struct sender *s = st->s;
    struct flight *f, *next;
    s->starting = false;
    DL_FOREACH_SAFE(st->flights, f, next)
    {
        DL_DELETE(st->flights, f);
        end_flight(f, end);
    }
    free(st);
    if (end == PG_FAILED && sender_may_retry(why))
        event_add(s->again, &(struct timeval){.tv_usec = 100000});
    sender_wake(s);
}

static void add_flight(struct start *st, const struct gate_conv *c, int64_t epoch)
{
    struct flight *f = calloc(1, sizeof *f);
    if (f == NULL)
        abort();
    f->s = st->s;
    (void)snprintf(f->key, sizeof f->key, "%s", c->key);
    (void)snprintf(f->conversation_id, sizeof f->conversation_id, "%s", c->id);
    (void)snprintf(f->account, sizeof f->account, "%s", c->account);
    f->attempt = c->attempt + 1;
    f->epoch = epoch;
    f->deadline_us = clock_boot_us() + st->s->deadline_ms * 1000;
    st->s->flights++;
    DL_APPEND(st->flights, f);
}

static void choose(struct start *st)
{
    struct sender *s = st->s;
    struct gate_conv *c;
    while (s->flights < s->limit && (c = gate_next(&s->gate)) != NULL) {
        const struct account_stop *a = stop_of(s, c->account);
        int64_t epoch = lanes_epoch(s, c->partition);
        if (a != NULL && a->until_us > clock_mono_us())
            gate_wait(&s->gate, c, a->until_us);
        else if (epoch < 0)
            gate_block(&s->gate, c->id);
        else
            add_flight(st, c, epoch);
    }
}

static void send_start(struct start *st)
{
    struct sender *s = st->s;
    struct pgarray keys, attempts, epochs;
    pgarray_init(&keys);
    pgarray_init(&attempts);
    pgarray_init(&epochs);
    int64_t deadline_us = st->flights->deadline_us;
    struct flight *f;
    DL_FOREACH(st->flights, f)
    {
        f->deadline_us = deadline_us;
        pgarray_str(&keys, f->key);
        pgarray_i64(&attempts, f->attempt - 1);
        pgarray_i64(&epochs, f->epoch);
    }
    char deadline[24];
    (void)snprintf(deadline, sizeof deadline, "%" PRId64, deadline_us);
    const char *values[] = {
        pgarray_text(&keys),           pgarray_text(&attempts), pgarray_text(&epochs), s->boot_id, deadline,
        s->topics.name[TOPIC_OUTBOUND]};
    struct pg_batch *b = pg_batch_new(s->pg);
    pg_add(b, start_sql, 6, values, on_started, st);
    s->starting = true;
    pg_send(b, on_start_end, st);
    pgarray_done(&keys);
    pgarray_done(&attempts);
    pgarray_done(&epochs);
}

void start_pump(struct sender *s)
{
    if (s->starting || s->draining || s->revoking || !pg_ready(s->pg) || event_pending(s->again, EV_TIMEOUT, NULL))
        return;
    struct start *st = calloc(1, sizeof *st);
    if (st == NULL)
        abort();
    st->s = s;
    choose(st);
    if (st->flights != NULL)
        send_start(st);
    else
        free(st);
}

void start_free(struct sender *s)
{
    struct flight *f, *next;
    DL_FOREACH_SAFE(s->flying, f, next)
    {
        DL_DELETE(s->flying, f);
        flight_free(f);
    }
    struct account_stop *a, *after;
    HASH_ITER(hh, s->stops, a, after)
    {
        HASH_DEL(s->stops, a);
        free(a);
    }
}
