#include "common/pg/pg_private.h"

#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/log/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>
#include <utstring.h>

/* PQconnectPoll ignores connect_timeout (libpq 34.1), so the attempt has a deadline of its own. */
enum { CONNECT_MS = 10000, BACKOFF_BASE_MS = 100, BACKOFF_CAP_MS = 5000, STEADY_US = 10 * 1000000 };

static const char session_options[] = "-c statement_timeout=30s -c lock_timeout=10s"
                                      " -c idle_in_transaction_session_timeout=10s -c search_path=pg_catalog";

static void on_timer(evutil_socket_t fd, short what, void *arg);
static void on_socket(evutil_socket_t fd, short what, void *arg);

static void arm(struct event *timer, int64_t ms)
{
    struct timeval tv = {.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000) * 1000};
    evtimer_add(timer, &tv);
}

static void drop_events(struct pg *pg)
{
    if (pg->ev_read != NULL)
        event_free(pg->ev_read);
    if (pg->ev_write != NULL)
        event_free(pg->ev_write);
    pg->ev_read = pg->ev_write = NULL;
}

/* Events on libpq's present socket: while connecting it may change from one step to the next. */
static void watch(struct pg *pg, bool reading, bool writing)
{
    drop_events(pg);
    int fd = PQsocket(pg->conn);
    pg->ev_read = event_new(pg->base, fd, EV_READ | EV_PERSIST, on_socket, pg);
    pg->ev_write = event_new(pg->base, fd, EV_WRITE | EV_PERSIST, on_socket, pg);
    if (pg->ev_read == NULL || pg->ev_write == NULL)
        abort();
    if (reading)
        event_add(pg->ev_read, NULL);
    if (writing)
        event_add(pg->ev_write, NULL);
}

void pg_enter(struct pg *pg)
{
    pg->depth++;
}

bool pg_leave(struct pg *pg)
{
    if (--pg->depth > 0 || pg->state != PG_CLOSED)
        return pg->state != PG_CLOSED;
    free(pg->url);
    free(pg->role);
    free(pg);
    return false;
}

/* The lists stay in the pg, because an on_end may call pg_free, which ends the rest at once. */
static void end_all(struct pg *pg, struct pg_batch **list, enum pg_end end, const struct fault *f)
{
    while (*list != NULL) {
        struct pg_batch *b = *list;
        DL_DELETE(*list, b);
        pg_batch_end(pg, b, end, f);
    }
}

/* Also what libpq has not put on the wire yet counts as sent: only a batch it was never given is surely not done. What
 * an on_end sends meanwhile goes to `waiting` and ends in a later turn. */
static void end_batches(struct pg *pg, const struct fault *f)
{
    DL_CONCAT(pg->unsent, pg->waiting);
    pg->waiting = NULL;
    end_all(pg, &pg->sent, PG_UNKNOWN, f);
    end_all(pg, &pg->unsent, PG_UNSENT, f);
}

static void disconnect(struct pg *pg)
{
    drop_events(pg);
    evtimer_del(pg->timer);
    PQfinish(pg->conn);
    pg->conn = NULL;
    pg_stmts_forget(pg);
}

static void trim(char *s)
{
    for (size_t n = strlen(s); n > 0 && (s[n - 1] == '\n' || s[n - 1] == ' '); n--)
        s[n - 1] = '\0';
    for (; *s != '\0'; s++)
        if (*s == '\n')
            *s = ' ';
}

void pg_lose(struct pg *pg, enum verdict verdict, const char *why)
{
    struct fault f;
    if (pg->fatal.text[0] != '\0')
        f = pg->fatal;
    else
        (void)fault_set(&f, verdict, "Postgres: %s", why);
    f.verdict = verdict;
    pg->fatal = (struct fault){0};
    trim(f.text);
    if (pg->state == PG_UP && clock_mono_us() - pg->up_since_us > STEADY_US)
        backoff_reset(&pg->backoff);
    pg->state = PG_DOWN;
    disconnect(pg);
    pg_enter(pg);
    end_batches(pg, &f);
    if (pg->state == PG_DOWN) {
        arm(pg->timer, backoff_next(&pg->backoff, random_u32()));
        pg->hooks.on_lost(pg->hooks.arg, &f);
    }
    pg_leave(pg);
}

/* Flushes until libpq holds nothing; what is still held waits for the socket. */
static bool flush(struct pg *pg)
{
    int rc = PQflush(pg->conn);
    if (rc < 0)
        return false;
    if (rc > 0)
        event_add(pg->ev_write, NULL);
    else
        event_del(pg->ev_write);
    return true;
}

void pg_pump(struct pg *pg)
{
    bool ok = flush(pg);
    /* While bytes are held back nothing more is handed over: what waits here is surely not sent. */
    while (ok && pg->waiting != NULL && !event_pending(pg->ev_write, EV_WRITE, NULL)) {
        struct pg_batch *b = pg->waiting;
        DL_DELETE(pg->waiting, b);
        DL_APPEND(pg->sent, b);
        ok = pg_batch_write(pg, b) == 0 && flush(pg);
    }
    if (!ok)
        pg_lose(pg, VERDICT_RETRY, PQerrorMessage(pg->conn));
}

static void on_kick(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct pg *pg = arg;
    if (pg->state == PG_UP) {
        pg_pump(pg);
        return;
    }
    struct fault f;
    (void)fault_set(&f, VERDICT_RETRY, "Postgres is not connected");
    pg_enter(pg);
    end_batches(pg, &f);
    pg_leave(pg);
}

/* A notice's words may quote values; its code is enough. */
static void on_notice(void *arg, const PGresult *r)
{
    (void)arg;
    log_event(LOG_DEBUG, "notice from Postgres", F_STR("sqlstate", PQresultErrorField(r, PG_DIAG_SQLSTATE)),
              F_STR("severity", PQresultErrorField(r, PG_DIAG_SEVERITY_NONLOCALIZED)));
}

static void connected(struct pg *pg)
{
    if (PQsetnonblocking(pg->conn, 1) != 0 || PQenterPipelineMode(pg->conn) != 1) {
        pg_lose(pg, VERDICT_RETRY, PQerrorMessage(pg->conn));
        return;
    }
    evtimer_del(pg->timer);
    watch(pg, true, false);
    pg->state = PG_UP;
    pg->up_since_us = clock_mono_us();
    pg_enter(pg);
    pg->hooks.on_ready(pg->hooks.arg);
    pg_leave(pg);
}

static void connect_step(struct pg *pg)
{
    switch (PQconnectPoll(pg->conn)) {
    case PGRES_POLLING_READING:
        watch(pg, true, false);
        return;
    case PGRES_POLLING_WRITING:
        watch(pg, false, true);
        return;
    case PGRES_POLLING_OK:
        connected(pg);
        return;
    default:
        pg_lose(pg, VERDICT_RETRY, PQerrorMessage(pg->conn));
    }
}

/* A lost connection may still have brought answers: they count before the loss does. */
static void on_socket(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    struct pg *pg = arg;
    if (pg->state == PG_CONNECTING) {
        connect_step(pg);
        return;
    }
    bool alive = (what & EV_READ) == 0 || PQconsumeInput(pg->conn) == 1;
    if (!pg_take_results(pg))
        return;
    if (!alive || PQstatus(pg->conn) == CONNECTION_BAD)
        pg_lose(pg, VERDICT_RETRY, PQerrorMessage(pg->conn));
    else
        pg_pump(pg);
}

/* The url's own "options" are kept; ours come after and win. */
static char *options_of(const char *url, char **wrong)
{
    PQconninfoOption *all = PQconninfoParse(url, wrong);
    if (all == NULL)
        return NULL;
    UT_string text;
    utstring_init(&text);
    for (const PQconninfoOption *o = all; o->keyword != NULL; o++)
        if (strcmp(o->keyword, "options") == 0 && o->val != NULL)
            utstring_printf(&text, "%s ", o->val);
    utstring_printf(&text, "%s", session_options);
    PQconninfoFree(all);
    return utstring_body(&text);
}

/* Before "dbname" stands what the url may override, after it what it may not. */
static PGconn *start_connecting(const struct pg *pg, const char *options)
{
    const char *const keys[] = {"keepalives_idle",
                                "keepalives_interval",
                                "keepalives_count",
                                "tcp_user_timeout",
                                "dbname",
                                "application_name",
                                "options",
                                "client_encoding",
                                NULL};
    const char *const values[] = {"10", "5", "3", "20000", pg->url, pg->role, options, "UTF8", NULL};
    return PQconnectStartParams(keys, values, 1);
}

static void begin_connecting(struct pg *pg)
{
    char *wrong = NULL;
    char *options = options_of(pg->url, &wrong);
    if (options == NULL) {
        PQfreemem(wrong); /* not told: it may quote the password */
        pg_lose(pg, VERDICT_STOP, "the url cannot be read; correct [postgres] url or DATABASE_URL");
        return;
    }
    pg->conn = start_connecting(pg, options);
    free(options);
    if (pg->conn == NULL)
        abort();
    if (PQstatus(pg->conn) == CONNECTION_BAD) {
        pg_lose(pg, VERDICT_RETRY, PQerrorMessage(pg->conn));
        return;
    }
    PQsetNoticeReceiver(pg->conn, on_notice, NULL);
    pg->state = PG_CONNECTING;
    arm(pg->timer, CONNECT_MS);
    watch(pg, false, true);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct pg *pg = arg;
    if (pg->state == PG_CONNECTING)
        pg_lose(pg, VERDICT_RETRY, "no answer to the connection attempt");
    else if (pg->state == PG_DOWN)
        begin_connecting(pg);
}

struct pg *pg_new(struct event_base *base, const char *url, const char *role, const struct pg_hooks *hooks)
{
    struct pg *pg = calloc(1, sizeof *pg);
    if (pg == NULL)
        abort();
    pg->base = base;
    pg->url = strdup(url);
    pg->role = strdup(role);
    pg->hooks = *hooks;
    pg->backoff = (struct backoff){.base_ms = BACKOFF_BASE_MS, .cap_ms = BACKOFF_CAP_MS};
    pg->timer = evtimer_new(base, on_timer, pg);
    pg->kick = evtimer_new(base, on_kick, pg);
    if (pg->url == NULL || pg->role == NULL || pg->timer == NULL || pg->kick == NULL)
        abort();
    arm(pg->timer, 0);
    return pg;
}

void pg_free(struct pg **pgp)
{
    struct pg *pg = *pgp;
    *pgp = NULL;
    if (pg == NULL || pg->state == PG_CLOSED)
        return;
    struct fault f;
    (void)fault_set(&f, VERDICT_RETRY, "the connection to Postgres was closed by its owner");
    pg->state = PG_CLOSED;
    disconnect(pg);
    event_free(pg->timer);
    event_free(pg->kick);
    pg_enter(pg);
    end_batches(pg, &f);
    pg_stmts_free(pg);
    pg_leave(pg);
}

bool pg_ready(const struct pg *pg)
{
    return pg->state == PG_UP;
}

size_t pg_in_hand(const struct pg *pg)
{
    return pg->in_hand;
}

int pg_backend_pid(const struct pg *pg)
{
    return pg->conn != NULL ? PQbackendPID(pg->conn) : 0;
}
