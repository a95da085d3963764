#include "workers/sender/flight.h"
#include "workers/sender/counts.h"
#include "workers/sender/sender.h"
#include "workers/sender/settle.h"

#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/failpoint.h"
#include "common/log/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#define USER_AGENT "User-Agent: munim/" MUNIM_VERSION

enum { PAIR_FACTOR = 4, PAIR_CAPS = 10, BACKOFF_STEPS = 30 };

/* No request of a stopped account is made before `until_us`; its messages stay PENDING. */
struct account_stop {
    char account[2 * ROUTE_MAX];
    int64_t until_us;
    UT_hash_handle hh;
};

struct flight *flight_new(struct sender *s, const char *key, const char *conversation_id, const char *account)
{
    struct flight *f = calloc(1, sizeof *f);
    if (f == NULL)
        abort();
    f->s = s;
    (void)snprintf(f->key, sizeof f->key, "%s", key);
    (void)snprintf(f->conversation_id, sizeof f->conversation_id, "%s", conversation_id);
    (void)snprintf(f->account, sizeof f->account, "%s", account);
    s->flights++;
    return f;
}

void flight_free(struct flight **f)
{
    (*f)->s->flights--;
    free((*f)->payload);
    free(*f);
    *f = NULL;
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
    flight_free(&f);
}

void flight_not_sent(struct flight *f, const char *words)
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
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): `code` is an array, never NULL */
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

int64_t flight_account_stopped(const struct sender *s, const char *account)
{
    const struct account_stop *a = stop_of(s, account);
    return a != NULL && a->until_us > clock_mono_us() ? a->until_us : 0;
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

void flight_launch(struct flight *f)
{
    struct sender *s = f->s;
    struct outbound o;
    int64_t left_ms = (f->deadline_us - clock_boot_us()) / 1000;
    if (left_ms < s->request_ms / 2) {
        flight_not_sent(f, "the deadline came before the first byte, nothing was sent");
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

void flights_drop(struct sender *s)
{
    struct flight *f, *next;
    DL_FOREACH_SAFE(s->flying, f, next)
    {
        DL_DELETE(s->flying, f);
        flight_free(&f);
    }
    struct account_stop *a, *after;
    HASH_ITER(hh, s->stops, a, after)
    {
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): HASH_DEL leaves no link to what was freed */
        HASH_DEL(s->stops, a);
        free(a);
    }
}
