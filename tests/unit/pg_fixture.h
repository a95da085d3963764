/* A database, a connection to it under test, and a plain one beside it. MUNIM_TEST_PG is the url of a database that the
 * tests may fill; without it open_world leaves w.base NULL and NEEDS_PG skips. Included once per test program. */
#ifndef MUNIM_TESTS_PG_FIXTURE_H
#define MUNIM_TESTS_PG_FIXTURE_H

#include "common/base/clock.h"
#include "common/pg/pg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LONGEST_MS = 30000, LOG_MAX = 512 };

struct ended {
    enum pg_end end;
    char code[16];
    char text[256];
};

static struct world {
    struct event_base *base;
    struct pg *pg;
    PGconn *side; /* a plain connection, to look and to kill */
    int ready, lost, results, ends;
    struct fault lost_by;
    char notified[64];
    char cell[64];
    struct ended log[LOG_MAX];
    size_t order[LOG_MAX];
} w;

static inline void on_ready(void *arg)
{
    (void)arg;
    w.ready++;
}

static inline void on_lost(void *arg, const struct fault *f)
{
    (void)arg;
    w.lost++;
    w.lost_by = *f;
}

static inline void on_notify(void *arg, const char *channel, const char *payload)
{
    (void)arg;
    (void)snprintf(w.notified, sizeof w.notified, "%s=%s", channel, payload);
}

static const struct pg_hooks hooks = {.on_ready = on_ready, .on_lost = on_lost, .on_notify = on_notify};

static inline void on_cell(void *arg, const PGresult *r)
{
    (void)arg;
    w.results++;
    if (PQntuples(r) > 0)
        (void)snprintf(w.cell, sizeof w.cell, "%s", pg_text(r, 0, 0) != NULL ? pg_text(r, 0, 0) : "(null)");
}

/* arg: the batch's number. */
static inline void on_end(void *arg, enum pg_end end, const struct fault *f)
{
    struct ended *e = &w.log[w.ends];
    w.order[w.ends++] = (size_t)(uintptr_t)arg;
    e->end = end;
    if (f != NULL) {
        (void)snprintf(e->code, sizeof e->code, "%s", f->code);
        (void)snprintf(e->text, sizeof e->text, "%s", f->text);
    }
}

static inline void guard(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
}

/* Runs the loop until *counter has reached `wanted`; fails the test after LONGEST_MS. */
static inline void until(const int *counter, int wanted)
{
    int64_t end = clock_mono_us() + LONGEST_MS * INT64_C(1000);
    struct event *tick = event_new(w.base, -1, EV_PERSIST, guard, NULL);
    event_add(tick, &(struct timeval){.tv_usec = 20000});
    while (*counter < wanted && clock_mono_us() < end)
        event_base_loop(w.base, EVLOOP_ONCE);
    event_free(tick);
    assert_true(*counter >= wanted);
}

static inline void side_do(const char *sql)
{
    PGresult *r = PQexec(w.side, sql);
    if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(w.side));
    PQclear(r);
}

static inline long long side_number(const char *sql)
{
    PGresult *r = PQexec(w.side, sql);
    if (PQresultStatus(r) != PGRES_TUPLES_OK || PQntuples(r) != 1)
        fail_msg("%s: %s", sql, PQerrorMessage(w.side));
    long long n = pg_i64(r, 0, 0);
    PQclear(r);
    return n;
}

static inline void batch1(size_t number, const char *sql, int n, const char *const *values)
{
    struct pg_batch *b = pg_batch_new(w.pg);
    pg_add(b, sql, n, values, on_cell, NULL);
    pg_send(b, on_end, (void *)(uintptr_t)number);
}

static inline int open_world(void **state)
{
    (void)state;
    const char *url = getenv("MUNIM_TEST_PG");
    w = (struct world){0};
    if (url == NULL || *url == '\0')
        return 0;
    w.side = PQconnectdb(url);
    if (PQstatus(w.side) != CONNECTION_OK)
        return -1;
    side_do("SET client_min_messages = error");
    side_do("DROP SCHEMA IF EXISTS pgtest CASCADE");
    side_do("CREATE SCHEMA pgtest");
    side_do("CREATE TABLE pgtest.t (k int PRIMARY KEY, v text)");
    side_do("CREATE TABLE pgtest.late (k int UNIQUE DEFERRABLE INITIALLY DEFERRED)");
    w.base = event_base_new();
    w.pg = pg_new(w.base, url, "munim-test", &hooks);
    until(&w.ready, 1);
    return 0;
}

static inline int close_world(void **state)
{
    (void)state;
    if (w.base == NULL)
        return 0;
    pg_free(&w.pg);
    event_base_free(w.base);
    side_do("DROP SCHEMA pgtest CASCADE");
    PQfinish(w.side);
    return 0;
}

#define NEEDS_PG                                                                                                       \
    do {                                                                                                               \
        if (w.base == NULL)                                                                                            \
            skip();                                                                                                    \
    } while (0)

#define WITH_PG(f) cmocka_unit_test_setup_teardown(f, open_world, close_world)

static const char insert_sql[] = "INSERT INTO pgtest.t VALUES ($1, $2)";
static const char count_sql[] = "SELECT count(*) FROM pgtest.t";

#endif
