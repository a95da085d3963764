#include "common/pg/pg_once.h"

#include "common/pg/pg.h"

#include <string.h>

/* libpq's words without their further lines. */
static int line_of(const char *message)
{
    size_t n = strcspn(message, "\n");
    return n < 180 ? (int)n : 180;
}

PGconn *pg_once_open(const char *url, const char *role, struct fault *f)
{
    /* The url comes last: what it says of a time-out wins. */
    const char *const keys[] = {"connect_timeout", "application_name", "client_encoding", "dbname", NULL};
    const char *const values[] = {"5", role, "UTF8", url, NULL};
    PGconn *c = PQconnectdbParams(keys, values, 1);
    if (PQstatus(c) == CONNECTION_OK)
        return c;
    const char *message = PQerrorMessage(c);
    fault_set(f, VERDICT_RETRY, "Postgres ([postgres] url) does not answer: %.*s", line_of(message), message);
    PQfinish(c);
    return NULL;
}

PGresult *pg_once_ask(PGconn *c, const char *sql, const char *about, struct fault *f)
{
    PGresult *r = PQexec(c, sql);
    if (PQresultStatus(r) == PGRES_TUPLES_OK)
        return r;
    const char *state = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    const char *message = PQerrorMessage(c);
    fault_code(f, state != NULL ? pg_verdict(state) : VERDICT_RETRY, state != NULL ? state : "",
               "Postgres could not tell of %s: %.*s", about, line_of(message), message);
    PQclear(r);
    return NULL;
}
