#include "common/pg/schema_check.h"

#include "common/pg/pg_once.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMED = 5 };

/* Catalogue functions leave out the schema of what the search path finds; an empty path makes them name it always. */
static const char set_path[] = "SELECT pg_catalog.set_config('search_path', '', false)";

static const char describe[] =
#include "common/pg/schema_query.inc"
    ;

static const char about[] = "its schema";

static const char server[] =
    "SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'),"
    " current_setting('server_encoding'), current_setting('server_version_num'), pg_catalog.pg_is_in_recovery()";

/* What was answered as committed must be on the disk after a power cut. */
static int check_server(PGconn *c, struct fault *f)
{
    static const char *const durable[] = {"fsync", "full_page_writes", "synchronous_commit"};
    PGresult *r = pg_once_ask(c, server, about, f);
    if (r == NULL) {
        return -1;
    }
    int rc = 0;
    for (int i = 0; i < 3 && rc == 0; i++) {
        if (strcmp(PQgetvalue(r, 0, i), "off") == 0) {
            rc = fault_set(f, VERDICT_STOP, "Postgres runs with %s = off: a power cut would lose orders; set it to on",
                           durable[i]);
        }
    }
    if (rc == 0 && strcmp(PQgetvalue(r, 0, 3), "UTF8") != 0) {
        rc = fault_set(f, VERDICT_STOP, "the database is encoded in %s; make it again with encoding UTF8",
                       PQgetvalue(r, 0, 3));
    }
    if (rc == 0 && atoi(PQgetvalue(r, 0, 4)) < 150000) {
        rc = fault_set(f, VERDICT_STOP, "the server is PostgreSQL %d; 15 or later is needed",
                       atoi(PQgetvalue(r, 0, 4)) / 10000);
    }
    if (rc == 0 && strcmp(PQgetvalue(r, 0, 5), "t") == 0) {
        rc = fault_set(f, VERDICT_STOP, "the server is a standby; point [postgres] url at the primary");
    }
    PQclear(r);
    return rc;
}

struct words {
    char text[192];
    size_t named, total;
};

/* Names the first differences, as many as fit. */
static void note(void *arg, const char *difference)
{
    struct words *w = arg;
    size_t used = strlen(w->text);
    w->total++;
    if (w->named < NAMED && used + strlen(difference) + 3 < sizeof w->text && w->named + 1 == w->total) {
        snprintf(w->text + used, sizeof w->text - used, "%s%s", used > 0 ? "; " : "", difference);
        w->named++;
    }
}

static int judge(const struct schema_rows *live, enum schema_user who, struct fault *f)
{
    if (live->n == 0) {
        return fault_set(f, VERDICT_STOP, "the database has no schema munim; deploy it with scripts/schema deploy");
    }
    struct words w = {.text = ""};
    if (schema_compare(&schema_expected, live, who, note, &w) == 0) {
        return 0;
    }
    char more[32] = "";
    if (w.total > w.named) {
        snprintf(more, sizeof more, "; and %zu more", w.total - w.named);
    }
    return fault_set(f, VERDICT_STOP, "%s%s; deploy the schema with scripts/schema deploy", w.text, more);
}

static int check_tables(PGconn *c, enum schema_user who, struct fault *f)
{
    PGresult *path = pg_once_ask(c, set_path, about, f);
    PQclear(path);
    PGresult *r = path != NULL ? pg_once_ask(c, describe, about, f) : NULL;
    if (r == NULL) {
        return -1;
    }
    size_t n = (size_t)PQntuples(r);
    struct schema_row *rows = calloc(n + 1, sizeof *rows);
    if (rows == NULL) {
        abort();
    }
    for (size_t i = 0; i < n; i++) {
        int row = (int)i;
        rows[i] = (struct schema_row){.kind = PQgetvalue(r, row, 0),
                                      .table = PQgetvalue(r, row, 1),
                                      .name = PQgetvalue(r, row, 2),
                                      .definition = PQgetvalue(r, row, 3)};
    }
    int rc = judge(&(struct schema_rows){rows, n}, who, f);
    free(rows);
    PQclear(r);
    return rc;
}

int schema_check(const char *url, enum schema_user who, struct fault *f)
{
    PGconn *c = pg_once_open(url, "munim schema check", f);
    if (c == NULL) {
        return -1;
    }
    int rc = check_server(c, f);
    if (rc == 0) {
        rc = check_tables(c, who, f);
    }
    PQfinish(c);
    return rc;
}
