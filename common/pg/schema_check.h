/* What every process that opens Postgres asks before anything else: is this the schema it was built for, and does the
 * server keep what it says it has kept. A version number alone proves nothing, so the live columns, constraints,
 * indexes, triggers and functions are compared with those of a fresh deploy (schema_expected.inc, made by
 * scripts/schema expected and compiled in: it belongs to the program, not to the machine).
 *
 * What is missing or different is refused. What the database has beyond it passes where it cannot touch our writes: new
 * tables, functions and plain indexes, new columns that are nullable or have a default. So a schema may be deployed
 * before the programs that need it. */
#ifndef MUNIM_PG_SCHEMA_CHECK_H
#define MUNIM_PG_SCHEMA_CHECK_H

#include "common/base/fault.h"

#include <stdbool.h>
#include <stddef.h>

enum schema_user {
    SCHEMA_WORKER,  /* every table */
    SCHEMA_SENDER,  /* only those of its protocol, so that a change of orders does not stop the sending */
    SCHEMA_COMMAND, /* munim, the operator's command: every table */
    SCHEMA_USER_COUNT
};

/* Blocking, on a connection of its own; only for start-up. url as libpq takes it. 0 when the process may go on. RETRY
 * when the database does not answer; STOP when the schema differs (up to five differences by name), when fsync,
 * full_page_writes or synchronous_commit is off, when the server is a standby, older than 15 or not UTF-8. */
int schema_check(const char *url, enum schema_user who, struct fault *f);

/* The comparison itself, pure. Rows are sorted by kind, table and name, bytewise. */
struct schema_row {
    const char *kind, *table, *name, *definition; /* table is "" for functions */
};
struct schema_rows {
    const struct schema_row *rows;
    size_t n;
};
/* Calls back for each difference that matters to `who`: "column munim.orders.version is missing". Returns how many. */
size_t schema_compare(const struct schema_rows *want, const struct schema_rows *live, enum schema_user who,
                      void (*difference)(void *arg, const char *words), void *arg);

/* What the program was built for. */
extern const struct schema_rows schema_expected;

/* Whether `who` needs this table to be as expected. */
bool schema_uses(enum schema_user who, const char *table);

#endif
