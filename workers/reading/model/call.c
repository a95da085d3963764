/* One call to the model: tries, waits between them, and the end, all within one deadline. */
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/log/log.h"
#include "workers/reading/model/answer.h"
#include "workers/reading/model/envelope.h"
#include "workers/reading/model/model_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

enum { RETRY_CAP_MS = 8000, REQUEST_TIMEOUT = 408, TOO_MANY = 429, SERVER_ERROR = 500 };

static void on_again(evutil_socket_t fd, short what, void *arg);

struct model_call *call_new(struct model *m, model_told_fn *on_told, void *arg)
{
    struct model_call *c = calloc(1, sizeof *c);
    if (c == NULL)
        abort();
    c->m = m;
    c->on_told = on_told;
    c->arg = arg;
    c->began_us = clock_mono_us();
    c->ends_ms = model_now_ms() + m->deadline_ms;
    c->backoff = (struct backoff){.base_ms = m->retry_base_ms, .cap_ms = RETRY_CAP_MS};
    c->again = evtimer_new(m->base, on_again, c);
    if (c->again == NULL)
        abort();
    DL_APPEND(m->calls, c);
    m->out++;
    return c;
}

static void call_free(struct model_call *c)
{
    DL_DELETE(c->m->calls, c);
    c->m->out--;
    event_free(c->again);
    free(c->body);
    free(c);
}

void calls_free(struct model *m)
{
    while (m->calls != NULL)
        call_free(m->calls);
}

void model_cancel(struct model_call **cp)
{
    struct model_call *c = *cp;
    *cp = NULL;
    if (c == NULL)
        return;
    c->on_told = NULL;
    if (evtimer_pending(c->again, NULL))
        call_free(c);
}

static void finish(struct model_call *c, enum model_outcome outcome, char *content)
{
    const struct model_told told = {
        .outcome = outcome, .content = content, .latency_us = clock_mono_us() - c->began_us};
    model_told_fn *on_told = c->on_told;
    void *arg = c->arg;
    metric_add(&model_calls, model_outcome_name(outcome), NULL, 1);
    metric_observe(&model_seconds, NULL, NULL, (double)told.latency_us / 1e6);
    call_free(c);
    if (on_told != NULL)
        on_told(arg, &told);
    free(content);
}

/* What an answer over HTTP means; *content is the caller's. */
static enum model_outcome judge(const struct http_answer *a, char **content)
{
    static struct reading r;
    struct fault f;
    *content = NULL;
    if (a->end != HTTP_ANSWERED)
        return a->too_big ? MODEL_MALFORMED : MODEL_UNREACHABLE;
    if (a->status == REQUEST_TIMEOUT || a->status == TOO_MANY || a->status >= SERVER_ERROR)
        return MODEL_OVERLOADED;
    if (a->status < 200 || a->status >= 300)
        return MODEL_DENIED;
    enum model_outcome outcome = envelope_content(a->body, a->len, content);
    if (outcome != MODEL_ANSWERED || answer_parse(*content, &r, &f) == 0)
        return outcome;
    free(*content);
    *content = NULL;
    return MODEL_MALFORMED;
}

static void count(const struct http_answer *a)
{
    char status[16] = "none";
    if (a->end == HTTP_ANSWERED)
        (void)snprintf(status, sizeof status, "%ld", a->status);
    metric_add(&model_requests, status, NULL, 1);
}

static void tell_breaker(struct model_call *c, enum model_outcome outcome, long status)
{
    struct breaker *b = &c->m->breaker;
    bool good = outcome == MODEL_ANSWERED || outcome == MODEL_REFUSED;
    if (!breaker_told(b, c->ticket, good, model_now_ms()))
        return;
    if (good)
        log_line(LOG_INFO, "the model answers again");
    else
        log_event(LOG_WARN, "the model does not answer; the word lists read alone",
                  F_STR("why", model_outcome_name(outcome)), F_INT("status", status), F_INT("again_in_ms", b->rest_ms));
}

/* The wait before the next try, -1 when there is none: a try that cannot end in time is not begun. */
static int64_t next_wait(struct model_call *c, long retry_after_s)
{
    if (c->tries >= c->m->tries)
        return -1;
    int64_t wait = backoff_next(&c->backoff, random_u32());
    if (retry_after_s > 0 && (int64_t)retry_after_s * 1000 > wait)
        wait = (int64_t)retry_after_s * 1000;
    return model_now_ms() + wait < c->ends_ms ? wait : -1;
}

static void on_answer(void *arg, const struct http_answer *a)
{
    struct model_call *c = arg;
    char *content;
    enum model_outcome outcome = judge(a, &content);
    count(a);
    tell_breaker(c, outcome, a->end == HTTP_ANSWERED ? a->status : 0);
    bool passes = outcome == MODEL_UNREACHABLE || outcome == MODEL_OVERLOADED;
    if (outcome == MODEL_UNREACHABLE && model_now_ms() >= c->ends_ms)
        outcome = MODEL_LATE;
    bool rests = breaker_state(&c->m->breaker, model_now_ms()) == BREAKER_OPEN;
    int64_t wait = passes && !rests && c->on_told != NULL ? next_wait(c, a->retry_after_s) : -1;
    if (wait < 0) {
        finish(c, outcome, content);
        return;
    }
    const struct timeval tv = {.tv_sec = wait / 1000, .tv_usec = (wait % 1000) * 1000};
    c->failed = outcome;
    evtimer_add(c->again, &tv);
}

/* The breaker may have opened meanwhile: nobody waits for it. */
static void on_again(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct model_call *c = arg;
    unsigned ticket;
    if (breaker_may(&c->m->breaker, model_now_ms(), &ticket))
        call_try(c, ticket);
    else
        finish(c, c->failed, NULL);
}

void call_try(struct model_call *c, unsigned ticket)
{
    const struct model *m = c->m;
    const char *headers[] = {"Content-Type: application/json", "Accept: application/json", m->authorization, NULL};
    int64_t left = c->ends_ms - model_now_ms();
    const struct http_request r = {.url = m->url,
                                   .headers = headers,
                                   .body = c->body,
                                   .len = strlen(c->body),
                                   .timeout_ms = (long)(left < m->timeout_ms ? left : m->timeout_ms)};
    c->ticket = ticket;
    c->tries++;
    http_out_send(m->http, &r, on_answer, c);
}
