#include "common/claim/installation.h"

#include "common/kafka/owner.h"
#include "common/pg/pg_once.h"

#include <stdio.h>

static int read_id(const char *url, char out[INSTALLATION_MAX], struct fault *f)
{
    PGconn *conn = pg_once_open(url, "munim installation", f);
    PGresult *r = conn != NULL
                      ? pg_once_ask(conn, "SELECT installation_id FROM munim.installation", "its installation", f)
                      : NULL;
    int rc = r != NULL ? 0 : -1;
    if (rc == 0 && PQntuples(r) != 1)
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
