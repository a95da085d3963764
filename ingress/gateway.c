#include "ingress/gateway.h"

#include "common/base/failpoint.h"
#include "common/base/clock.h"
#include "common/kafka/lines.h"
#include "common/log/log.h"
#include "ingress/ingress_metrics.h"
#include "ingress/job.h"
#include "ingress/whatsapp_verify.h"
#include "ingress/whatsapp_webhook.h"

#include <event2/event_struct.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

enum {
    QUEUE_MESSAGES = 100000,       /* librdkafka's own default; a full queue holds jobs back */
    BYTES_MOST = 64 * 1024 * 1024, /* of all jobs; beyond it 503 */
    SWEEP_MOST_MS = 250,
    SWEEP_LEAST_MS = 10,
    FAILURE_FRESH_US = 5000000
};

#define CE_SOURCE "munim/ingress"

struct gateway {
    const struct topics *topics;
    struct whatsapp_verify *verify;
    struct lines *lines;
    int64_t answer_us; /* the deadline of an answer */
    struct event flush_ev, sweep_ev;
    struct json_view view;
    struct records records;
    struct job *open; /* unanswered, oldest first; the held ones are among them */
    struct job *held;
    struct job *late; /* answered, reports still to come */
    size_t waiting;   /* on open */
    size_t bytes;     /* of all jobs that live */
    bool failing;     /* the last report was a failure */
    int64_t failed_us;
    struct fault why;
};

/* After its answer and its last report. */
static void end_job(struct gateway *g, struct job *j)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): answer() has put it on that list */
    DL_DELETE(g->late, j);
    g->bytes -= j->bytes;
    job_free(j);
}

static void answer(struct gateway *g, struct job *j, int status)
{
    static const char later[] = "not stored; send it again";
    struct http_conn *c = j->conn;
    j->conn = NULL;
    DL_DELETE(g->open, j);
    DL_APPEND(g->late, j);
    g->waiting--;
    ingress_count_webhook(status == 200 ? OUTCOME_ACCEPTED : OUTCOME_UNAVAILABLE, clock_mono_us() - j->began_us);
    if (status == 200)
        http_answer(c, 200, NULL, 0);
    else
        http_answer(c, status, later, sizeof later - 1);
}

static void fail(struct gateway *g, struct job *j, const char *reason)
{
    if (j->conn == NULL)
        return;
    ingress_count_refused(reason);
    answer(g, j, 503);
}

static void unhold(struct gateway *g, struct job *j)
{
    DL_DELETE2(g->held, j, held_prev, held_next);
    j->held = false;
}

static void note_health(struct gateway *g, const struct fault *f)
{
    if (f != NULL) {
        g->failed_us = clock_mono_us();
        g->why = *f;
    }
    if ((f != NULL) == g->failing)
        return;
    g->failing = f != NULL;
    if (f != NULL) {
        log_fault(LOG_WARN, "Kafka does not take records; webhooks are answered 503 until it does", f);
    } else {
        log_line(LOG_INFO, "Kafka takes records again");
    }
}

static int send_record(struct gateway *g, struct job *j, struct job_record *jr, struct fault *f)
{
    const struct record *r = &jr->record;
    const char *key = r->key_len > 0 ? j->text + r->key_at : NULL;
    if (lines_send(g->lines, g->topics->name[r->topic], key, r->key_len, j->text + r->at, r->len, jr->headers, j, f) !=
        0)
        return -1;
    jr->headers = NULL;
    return 0;
}

/* Hands a job's records over, in order. False when not all of them went: the job is answered 503, and those that
 * went report all the same. */
static bool send_job(struct gateway *g, struct job *j)
{
    struct fault f;
    FAILPOINT("ingress.accepted", NULL);
    for (size_t i = 0; i < j->n; i++) {
        if (send_record(g, j, &j->list[i], &f) != 0) {
            note_health(g, &f);
            fail(g, j, "not_produced");
            return false;
        }
        j->left++;
    }
    return true;
}

/* Hands over what came in one round of the loop, as one burst. How large bursts grow under load is left to librdkafka's
 * five requests in flight: holding records back until some of the last burst was acknowledged was slower at every
 * number of connections (docs/performance.md). A job that cannot be produced ends the burst: the queue is full or the
 * producer is being replaced, and the rest waits for better times or its deadline. */
static void flush(struct gateway *g)
{
    bool going = true;
    while (going && g->held != NULL) {
        struct job *j = g->held;
        unhold(g, j);
        going = send_job(g, j);
        if (j->left == 0)
            end_job(g, j);
    }
    if (g->held != NULL && lines_waiting(g->lines) == 0)
        event_active(&g->flush_ev, EV_TIMEOUT, 1); /* no report will come to do it */
}

static void on_flush(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    flush(arg);
}

static void on_report(void *arg, void *opaque, const struct fault *f)
{
    struct gateway *g = arg;
    struct job *j = opaque;
    note_health(g, f);
    j->left--;
    if (f != NULL)
        fail(g, j, "not_acknowledged");
    if (j->left > 0) {
        FAILPOINT("ingress.half", NULL);
        return;
    }
    FAILPOINT("ingress.acknowledged", NULL);
    if (j->conn != NULL) {
        for (size_t i = 0; i < j->n; i++)
            ingress_count_acknowledged(j->list[i].record.topic);
        answer(g, j, 200);
    }
    end_job(g, j);
}

static void on_drained(void *arg)
{
    flush(arg);
}

/* All deadlines are equally long, so the oldest job is the next one due. */
static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
    struct gateway *g = arg;
    (void)fd;
    (void)what;
    int64_t now = clock_mono_us();
    while (g->open != NULL && now - g->open->began_us >= g->answer_us) {
        struct job *j = g->open;
        bool held = j->held;
        struct fault f;
        if (held)
            unhold(g, j);
        (void)fault_set(&f, VERDICT_RETRY, "no acknowledgement within [ingress] answer_deadline");
        note_health(g, &f);
        fail(g, j, "answer_deadline");
        if (held)
            end_job(g, j); /* else its last report does */
    }
}

static void refuse(struct http_conn *c, int status, const char *reason, int64_t began_us)
{
    ingress_count_refused(reason);
    ingress_count_webhook(status == 503 ? OUTCOME_UNAVAILABLE : OUTCOME_REFUSED, clock_mono_us() - began_us);
    http_answer(c, status, reason, strlen(reason));
}

static void handshake(struct gateway *g, struct http_conn *c, const char *query, size_t n, int64_t began_us)
{
    char challenge[WA_CHALLENGE_MAX + 1];
    if (!whatsapp_handshake(g->verify, query, n, challenge)) {
        refuse(c, 403, "verify_token", began_us);
        return;
    }
    log_line(LOG_INFO, "the webhook was verified by its token");
    ingress_count_webhook(OUTCOME_HANDSHAKE, clock_mono_us() - began_us);
    http_answer(c, 200, challenge, strlen(challenge));
}

static void hold(struct gateway *g, struct http_conn *c, int64_t began_us)
{
    struct job *j = job_new(&g->records, CE_SOURCE);
    j->conn = c;
    j->began_us = began_us;
    g->bytes += j->bytes;
    g->waiting++;
    DL_APPEND(g->open, j);
    if (g->held == NULL)
        event_active(&g->flush_ev, EV_TIMEOUT, 1); /* behind the sockets that are ready now: they join the burst */
    j->held = true;
    DL_APPEND2(g->held, j, held_prev, held_next);
}

static void post(struct gateway *g, struct http_conn *c, const struct http_request *r, int64_t began_us)
{
    struct fault f;
    if (r->signature.n == 0) {
        refuse(c, 401, "signature_missing", began_us);
    } else if (!whatsapp_signed(g->verify, r->signature.p, r->signature.n, r->body.p, r->body.n)) {
        refuse(c, 401, "signature_wrong", began_us);
    } else if (g->bytes > BYTES_MOST) {
        refuse(c, 503, "too_many_waiting", began_us);
    } else {
        records_clear(&g->records);
        if (whatsapp_webhook(&g->view, r->body.p, r->body.n, &g->records, &f) != 0) {
            log_fault(LOG_WARN, "a signed webhook was refused", &f);
            refuse(c, 400, "not_json", began_us);
            return;
        }
        for (size_t i = 0; i < g->records.n; i++)
            ingress_count_record(&g->records.list[i]);
        if (g->records.n == 0) {
            ingress_count_webhook(OUTCOME_ACCEPTED, clock_mono_us() - began_us);
            http_answer(c, 200, NULL, 0);
        } else {
            hold(g, c, began_us);
        }
    }
}

void gateway_request(struct gateway *g, struct http_conn *c, const struct http_request *r)
{
    static const char path[] = "/webhooks/whatsapp";
    int64_t now = clock_mono_us();
    const char *mark = memchr(r->target.p, '?', r->target.n);
    size_t n = mark != NULL ? (size_t)(mark - r->target.p) : r->target.n;
    if (n != sizeof path - 1 || memcmp(r->target.p, path, n) != 0)
        refuse(c, 404, "not_found", now);
    else if (r->post)
        post(g, c, r, now);
    else
        handshake(g, c, mark != NULL ? mark + 1 : "", mark != NULL ? r->target.n - n - 1 : 0, now);
}

static void wipe(char *secret)
{
    if (secret != NULL)
        explicit_bzero(secret, strlen(secret));
    free(secret);
}

static struct whatsapp_verify *read_secrets(const struct settings *s, struct fault *f)
{
    char *tokens = NULL;
    char *secrets = settings_secret(s, "whatsapp", "app_secret_file", f);
    if (secrets == NULL)
        return NULL;
    if (settings_text(s, "whatsapp", "verify_token_file")[0] == '\0') {
        log_line(LOG_WARN, "[whatsapp] verify_token_file is not set: the channel cannot verify this webhook");
    } else if ((tokens = settings_secret(s, "whatsapp", "verify_token_file", f)) == NULL) {
        wipe(secrets);
        return NULL;
    }
    struct whatsapp_verify *v = whatsapp_verify_new(secrets, tokens);
    if (v == NULL)
        fault_set(f, VERDICT_STOP, "[whatsapp] app_secret_file and verify_token_file: one to %d lines each are wanted",
                  WA_SECRETS_MAX);
    wipe(secrets);
    wipe(tokens);
    return v;
}

static void start_events(struct gateway *g, struct event_base *base)
{
    int64_t ms = g->answer_us / 1000 / 20;
    ms = ms > SWEEP_MOST_MS ? SWEEP_MOST_MS : ms < SWEEP_LEAST_MS ? SWEEP_LEAST_MS : ms;
    const struct timeval every = {.tv_usec = (suseconds_t)ms * 1000};
    event_assign(&g->flush_ev, base, -1, 0, on_flush, g);
    event_assign(&g->sweep_ev, base, -1, EV_PERSIST, on_sweep, g);
    event_add(&g->sweep_ev, &every);
}

struct gateway *gateway_new(struct event_base *base, const struct settings *s, const struct topics *topics,
                            struct fault *f)
{
    struct gateway *g = calloc(1, sizeof *g);
    if (g == NULL)
        abort();
    g->topics = topics;
    g->answer_us = settings_int(s, "ingress", "answer_deadline") * 1000;
    records_init(&g->records);
    start_events(g, base);
    /* Shorter than the answer's deadline: a record that was given up before the answer is not stored after it. */
    const struct producer_options options = {.message_timeout_ms = (int)(g->answer_us / 1000 * 3 / 4),
                                             .queue_messages = QUEUE_MESSAGES};
    g->verify = read_secrets(s, f);
    if (g->verify != NULL)
        g->lines = lines_new(base, s, &options, on_report, on_drained, g, f);
    if (g->lines == NULL)
        gateway_free(&g);
    return g;
}

void gateway_free(struct gateway **gp)
{
    struct gateway *g = *gp;
    if (g == NULL)
        return;
    *gp = NULL;
    lines_free(&g->lines);
    event_del(&g->flush_ev);
    event_del(&g->sweep_ev);
    DL_CONCAT(g->open, g->late);
    struct job *j, *next;
    DL_FOREACH_SAFE(g->open, j, next)
    job_free(j);
    whatsapp_verify_free(&g->verify);
    json_view_free(&g->view);
    records_done(&g->records);
    free(g);
}

bool gateway_delivers(const struct gateway *g, struct fault *f)
{
    if (!g->failing || clock_mono_us() - g->failed_us > FAILURE_FRESH_US)
        return true; /* without traffic nothing would ever end a failure */
    *f = g->why;
    return false;
}

size_t gateway_waiting(const struct gateway *g)
{
    return g->waiting;
}
