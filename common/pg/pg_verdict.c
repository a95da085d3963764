#include "common/pg/pg.h"

#include <stddef.h>
#include <string.h>

/* SQLSTATEs of PostgreSQL 15, appendix A. The first row that the code begins with counts, so exact codes come before
 * their class. */
static const struct row {
    const char *prefix;
    enum verdict verdict;
} rows[] = {
    {"MU001", VERDICT_REJECT}, /* fenced: a later owner has the partition; never do it again */
    {"MU0", VERDICT_RETRY},    /* a lost race (munim.require): plan it anew */
    {"08", VERDICT_RETRY},     /* connection */
    {"0A000", VERDICT_RETRY},  /* "cached plan must not change result type": it is prepared anew */
    {"21", VERDICT_STOP},      /* cardinality violation: the statement is wrong */
    {"22", VERDICT_REJECT},    /* a value that does not fit */
    {"23505", VERDICT_RETRY},  /* unique: somebody was first, plan it anew */
    {"23514", VERDICT_RETRY},  /* check: stock was taken meanwhile */
    {"23P01", VERDICT_RETRY},  /* exclusion */
    {"23", VERDICT_REJECT},    /* not null, foreign key */
    {"25006", VERDICT_RETRY},  /* read-only: a standby after a failover */
    {"25P03", VERDICT_RETRY},  /* idle in transaction for too long */
    {"26000", VERDICT_RETRY},  /* prepared statement is gone: it is prepared anew */
    {"28", VERDICT_STOP},      /* not authorised */
    {"3D", VERDICT_STOP},      /* no such database */
    {"3F", VERDICT_STOP},      /* no such schema */
    {"40002", VERDICT_REJECT}, /* integrity violation found at commit */
    {"40", VERDICT_RETRY},     /* serialization failure, deadlock */
    {"42", VERDICT_STOP},      /* syntax, undefined table or column, privilege: another schema than this program's */
    {"53", VERDICT_RETRY},     /* disk, memory, connections */
    {"54", VERDICT_REJECT},    /* program limit exceeded */
    {"55", VERDICT_RETRY},     /* lock not available, object in use */
    {"57P04", VERDICT_STOP},   /* database dropped */
    {"57", VERDICT_RETRY},     /* cancelled, shutting down, starting up */
    {"58", VERDICT_RETRY},     /* I/O error outside Postgres */
    {"XX001", VERDICT_STOP},   /* data corrupted */
    {"XX002", VERDICT_STOP},   /* index corrupted */
    {"XX", VERDICT_RETRY},     /* internal error */
};

enum verdict pg_verdict(const char *sqlstate)
{
    if (sqlstate == NULL || sqlstate[0] == '\0')
        return VERDICT_RETRY;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strncmp(sqlstate, rows[i].prefix, strlen(rows[i].prefix)) == 0)
            return rows[i].verdict;
    return VERDICT_REJECT;
}
