/* One question before the loop runs: blocking, on a connection of its own. Only for start-up. */
#ifndef MUNIM_PG_PG_ONCE_H
#define MUNIM_PG_PG_ONCE_H

#include "common/base/fault.h"

#include <libpq-fe.h>

/* Connects within 5 s unless url says otherwise. NULL and a RETRY fault when Postgres does not answer; the caller ends
 * the connection with PQfinish. role names the process in pg_stat_activity. */
PGconn *pg_once_open(const char *url, const char *role, struct fault *f);

/* The rows of a statement without parameters; the caller clears them. NULL and a fault when it failed, with the
 * verdict of its SQLSTATE, RETRY when there is none because the connection was lost. about says in words what was
 * asked for: "its schema". */
PGresult *pg_once_ask(PGconn *c, const char *sql, const char *about, struct fault *f);

#endif
