#include "common/pg/pg.h"

#include <stdlib.h>

const char *pg_text(const PGresult *r, int row, int col)
{
    return PQgetisnull(r, row, col) ? NULL : PQgetvalue(r, row, col);
}

long long pg_i64(const PGresult *r, int row, int col)
{
    const char *s = pg_text(r, row, col);
    return s != NULL ? strtoll(s, NULL, 10) : 0;
}

bool pg_bool(const PGresult *r, int row, int col)
{
    const char *s = pg_text(r, row, col);
    return s != NULL && s[0] == 't';
}
