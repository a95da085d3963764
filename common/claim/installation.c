#include "common/claim/installation.h"

#include "common/kafka/owner.h"

#include <libpq-fe.h>
#include <stdio.h>

static int read_id(const char *url, char out[INSTALLATION_MAX], struct fault *f)
{
    PGconn *conn = PQconnectdb(url);
    PGresult *r = NULL;
    int rc = 0;
    if (PQstatus(conn) != CONNECTION_OK)
        rc = fault_set(f, VERDICT_RETRY, "Postgres does not answer");
    else
        r = PQexecParams(conn, "SELECT installation_id FROM munim.installation", 0, NULL, NULL, NULL, NULL, 0);
    if (rc == 0 && (PQresultStatus(r) != PGRES_TUPLES_OK || PQntuples(r) != 1))
        rc = fault_set(f, VERDICT_STOP, "munim.installation has no row; deploy the schema with scripts/schema deploy");
    if (rc == 0)
        (void)snprintf(out, INSTALLATION_MAX, "%s", PQgetvalue(r, 0, 0));
    PQclear(r);
    PQfinish(conn);
    return rc;
}

int installation_claim(const struct settings *s, struct fault *f)
{
    char id[INSTALLATION_MAX];
    if (read_id(settings_text(s, "postgres", "url"), id, f) != 0)
        return -1;
    return owner_claim(s, id, f);
}
