/* The floor of the worker's database work: what one connection can do for batches of messages when nothing is read,
 * planned or checked: sessions read, repeats found, sessions moved, a log row and an answer inserted, the position
 * moved. Array parameters, two round trips and one commit per batch.
 *   floor_pg URL init SESSIONS        makes the tables (schema bench_floor) anew
 *   floor_pg URL run BATCH SECONDS    prints {"messages","seconds","batches","p50_us","p99_us"} */
#include <libpq-fe.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <utstring.h>

enum { BATCH_MOST = 1000, TIMES_MOST = 1 << 20 };

/* One batch's columns as array literals. */
struct columns {
    UT_string session, message, version, dedupe, text, payload;
};

static const char sql_make[] =
    "SET client_min_messages = warning; DROP SCHEMA IF EXISTS bench_floor CASCADE; CREATE SCHEMA bench_floor;"
    "CREATE TABLE bench_floor.session (id int PRIMARY KEY, version bigint NOT NULL DEFAULT 0, state text NOT NULL,"
    " data text NOT NULL) WITH (fillfactor = 85);"
    "CREATE TABLE bench_floor.inbox (message_id text PRIMARY KEY, session int NOT NULL);"
    "CREATE TABLE bench_floor.log (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, session int NOT NULL,"
    " body text NOT NULL, at timestamptz NOT NULL DEFAULT now());"
    "CREATE TABLE bench_floor.outbox (dedupe_key text PRIMARY KEY, session int NOT NULL, payload text NOT NULL);"
    "CREATE TABLE bench_floor.part (partition int PRIMARY KEY, next_offset bigint NOT NULL);"
    "INSERT INTO bench_floor.part VALUES (0, 0)";
static const char sql_fill[] = "INSERT INTO bench_floor.session SELECT i, 0, 'COLLECTING_ITEMS', repeat('x', 100)"
                               " FROM generate_series(0, $1::int - 1) i";
static const char sql_read[] = "SELECT s.id, s.version, s.state, s.data FROM unnest($1::int[]) u(id)"
                               " JOIN bench_floor.session s ON s.id = u.id";
static const char sql_seen[] = "SELECT i.message_id FROM unnest($1::text[]) u(id)"
                               " JOIN bench_floor.inbox i ON i.message_id = u.id";
static const char sql_inbox[] = "INSERT INTO bench_floor.inbox SELECT * FROM unnest($1::text[], $2::int[])"
                                " ON CONFLICT DO NOTHING";
static const char sql_move[] = "UPDATE bench_floor.session s SET version = s.version + 1 FROM unnest($1::int[],"
                               " $2::bigint[]) u(id, version) WHERE s.id = u.id AND s.version = u.version";
static const char sql_log[] = "INSERT INTO bench_floor.log (session, body) SELECT * FROM unnest($1::int[], $2::text[])";
static const char sql_outbox[] = "INSERT INTO bench_floor.outbox SELECT * FROM unnest($1::text[], $2::int[],"
                                 " $3::text[])";
static const char sql_part[] = "UPDATE bench_floor.part SET next_offset = next_offset + $1::int WHERE partition = 0";

static const struct {
    const char *name, *sql;
} statements[] = {{"read", sql_read},     {"seen", sql_seen}, {"inbox", sql_inbox},
                  {"move", sql_move},     {"log", sql_log},   {"part", sql_part},
                  {"outbox", sql_outbox}, {"begin", "BEGIN"}, {"commit", "COMMIT"}};

static void die(PGconn *db, const char *what)
{
    (void)fprintf(stderr, "floor_pg: %s: %s\n", what, PQerrorMessage(db));
    exit(1);
}

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void must(PGconn *db, PGresult *r, ExecStatusType wanted)
{
    if (PQresultStatus(r) != wanted)
        die(db, PQresStatus(PQresultStatus(r)));
    PQclear(r);
}

static void send(PGconn *db, const char *name, int n, const char *const *values)
{
    if (PQsendQueryPrepared(db, name, n, values, NULL, NULL, 0) != 1)
        die(db, name);
}

/* The result of the next statement in the pipeline; its rows go to on_row's array when there is one. */
static void take(PGconn *db, long *versions, int batch)
{
    PGresult *r = PQgetResult(db);
    ExecStatusType s = PQresultStatus(r);
    if (s != PGRES_TUPLES_OK && s != PGRES_COMMAND_OK)
        die(db, "a statement");
    if (versions != NULL) {
        if (PQntuples(r) != batch)
            die(db, "sessions are missing");
        for (int i = 0; i < batch; i++)
            versions[i] = strtol(PQgetvalue(r, i, 1), NULL, 10);
    }
    PQclear(r);
    if (PQgetResult(db) != NULL)
        die(db, "one result was expected");
}

static void wait_for_it(PGconn *db)
{
    if (PQsendFlushRequest(db) != 1 || PQflush(db) < 0)
        die(db, "flush");
}

static void add(UT_string *s, int i, const char *format, long value)
{
    utstring_printf(s, "%s", i == 0 ? "{" : ",");
    utstring_printf(s, format, value);
}

/* Distinct sessions, spread over all of them; message ids and dedupe keys as long as the real ones. */
static void fill(struct columns *c, int batch, long sessions, long message)
{
    UT_string *all[] = {&c->session, &c->message, &c->version, &c->dedupe, &c->text, &c->payload};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        utstring_clear(all[k]);
    for (int i = 0; i < batch; i++) {
        long n = message + i;
        add(&c->session, i, "%ld", (long)((unsigned long)n * 7919UL % (unsigned long)sessions));
        add(&c->message, i, "wamid.HBgMOTE5ODEyMzQ1Njc4FQIAEhggQTk%010ld", n);
        add(&c->dedupe, i, "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c%010ld", n);
        add(&c->text, i, "\"20m blue cotton %ld\"", n);
        add(&c->payload, i,
            "\"20 m of blue cotton is there, 240.00 a metre, 4800.00 and GST 240.00: 5040.00. Shall I book it? %ld "
            "tenant, conversation, channel, account, address, class, type and text stand here in the real one\"",
            n);
    }
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        if (all[k] != &c->version)
            utstring_printf(all[k], "}");
}

static void one_batch(PGconn *db, struct columns *c, int batch)
{
    static long versions[BATCH_MOST];
    char count[16];
    (void)snprintf(count, sizeof count, "%d", batch);
    const char *session = utstring_body(&c->session), *message = utstring_body(&c->message);
    send(db, "begin", 0, NULL);
    send(db, "read", 1, &session);
    send(db, "seen", 1, &message);
    wait_for_it(db);
    take(db, NULL, 0);
    take(db, versions, batch);
    take(db, NULL, 0);
    for (int i = 0; i < batch; i++)
        add(&c->version, i, "%ld", versions[i]);
    utstring_printf(&c->version, "}");
    send(db, "part", 1, (const char *const[]){count});
    send(db, "inbox", 2, (const char *const[]){message, session});
    send(db, "move", 2, (const char *const[]){session, utstring_body(&c->version)});
    send(db, "log", 2, (const char *const[]){session, utstring_body(&c->text)});
    send(db, "outbox", 3, (const char *const[]){utstring_body(&c->dedupe), session, utstring_body(&c->payload)});
    send(db, "commit", 0, NULL);
    if (PQpipelineSync(db) != 1)
        die(db, "sync");
    for (int i = 0; i < 6; i++)
        take(db, NULL, 0);
    must(db, PQgetResult(db), PGRES_PIPELINE_SYNC);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void run(PGconn *db, int batch, double seconds)
{
    PGresult *r = PQexec(db, "SELECT count(*), (SELECT next_offset FROM bench_floor.part) FROM bench_floor.session");
    long sessions = strtol(PQgetvalue(r, 0, 0), NULL, 10), message = strtol(PQgetvalue(r, 0, 1), NULL, 10);
    must(db, r, PGRES_TUPLES_OK);
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        must(db, PQprepare(db, statements[i].name, statements[i].sql, 0, NULL), PGRES_COMMAND_OK);
    double *times = calloc(TIMES_MOST, sizeof *times);
    struct columns c;
    UT_string *all[] = {&c.session, &c.message, &c.version, &c.dedupe, &c.text, &c.payload};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        utstring_init(all[k]);
    if (times == NULL || PQenterPipelineMode(db) != 1)
        die(db, "pipeline mode");
    size_t n = 0;
    double began = now_us(), at = began;
    while (at - began < seconds * 1e6 && n < TIMES_MOST) {
        fill(&c, batch, sessions, message + (long)n * batch);
        one_batch(db, &c, batch);
        double end = now_us();
        times[n++] = end - at;
        at = end;
    }
    qsort(times, n, sizeof *times, by_value);
    (void)printf("{\"messages\":%zu,\"seconds\":%.6f,\"batches\":%zu,\"p50_us\":%.1f,\"p99_us\":%.1f}\n",
                 n * (size_t)batch, (at - began) / 1e6, n, times[n / 2], times[n * 99 / 100]);
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        utstring_done(all[k]);
    free(times);
}

static void init(PGconn *db, const char *sessions)
{
    must(db, PQexec(db, sql_make), PGRES_COMMAND_OK);
    must(db, PQexecParams(db, sql_fill, 1, NULL, &sessions, NULL, NULL, 0), PGRES_COMMAND_OK);
    must(db, PQexec(db, "VACUUM ANALYZE bench_floor.session"), PGRES_COMMAND_OK);
}

int main(int argc, char **argv)
{
    bool makes = argc == 4 && strcmp(argv[2], "init") == 0;
    int batch = argc == 5 && strcmp(argv[2], "run") == 0 ? atoi(argv[3]) : 0;
    if (!makes && (batch < 1 || batch > BATCH_MOST)) {
        (void)fprintf(stderr, "usage: floor_pg URL init SESSIONS | floor_pg URL run BATCH SECONDS\n");
        return 64;
    }
    PGconn *db = PQconnectdb(argv[1]);
    if (PQstatus(db) != CONNECTION_OK)
        die(db, "connect");
    if (makes)
        init(db, argv[3]);
    else
        run(db, batch, atof(argv[4]));
    PQfinish(db);
    return 0;
}
