#include "workers/cli/audit.h"

#include "common/pg/pg.h"

PGresult *audit_ask(struct audit *a, const char *sql, int n, const char *const *values, struct fault *f)
{
    PGresult *r = PQexecParams(a->conn, sql, n, NULL, values, NULL, NULL, 0);
    ExecStatusType status = PQresultStatus(r);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        return r;
    const char *code = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    const char *words = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    bool lost = code == NULL || PQstatus(a->conn) != CONNECTION_OK || pg_verdict(code) == VERDICT_RETRY;
    (void)fault_code(f, lost ? VERDICT_RETRY : VERDICT_STOP, code != NULL ? code : "", "Postgres: %s",
                     words != NULL ? words : "the connection is lost");
    PQclear(r);
    return NULL;
}
