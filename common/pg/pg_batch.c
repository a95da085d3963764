#include "common/pg/pg_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

enum { PARAMS_MAX = 65535 }; /* the protocol's own limit */

static void *must(void *p)
{
    if (p == NULL)
        abort();
    return p;
}

struct pg_batch *pg_batch_new(struct pg *pg)
{
    struct pg_batch *b = must(calloc(1, sizeof *b));
    b->pg = pg;
    return b;
}

static const char **copy_values(int n, const char *const *values)
{
    size_t bytes = (size_t)n * sizeof(char *);
    for (int i = 0; i < n; i++)
        bytes += values[i] != NULL ? strlen(values[i]) + 1 : 0;
    const char **copy = must(malloc(bytes > 0 ? bytes : 1));
    char *text = (char *)(copy + n);
    for (int i = 0; i < n; i++) {
        copy[i] = NULL;
        if (values[i] == NULL)
            continue;
        size_t len = strlen(values[i]) + 1;
        memcpy(text, values[i], len);
        copy[i] = text;
        text += len;
    }
    return copy;
}

void pg_add(struct pg_batch *b, const char *sql, int n, const char *const *values, pg_result_fn *on_result, void *arg)
{
    if (n < 0 || n > PARAMS_MAX)
        abort();
    if (b->n == b->room) {
        b->room = b->room == 0 ? 4 : b->room * 2;
        b->items = must(realloc(b->items, b->room * sizeof *b->items));
    }
    b->items[b->n++] =
        (struct pg_item){.sql = sql, .n = n, .values = copy_values(n, values), .on_result = on_result, .arg = arg};
}

void pg_batch_free(struct pg_batch *b)
{
    for (size_t i = 0; i < b->n; i++)
        free(b->items[i].values);
    free(b->items);
    free(b);
}

void pg_batch_drop(struct pg_batch *b)
{
    pg_batch_free(b);
}

void pg_send(struct pg_batch *b, pg_end_fn *on_end, void *arg)
{
    struct pg *pg = b->pg;
    if (pg->state == PG_CLOSED) {
        pg_batch_free(b);
        return;
    }
    b->on_end = on_end;
    b->arg = arg;
    DL_APPEND(pg->waiting, b);
    pg->in_hand++;
    evtimer_add(pg->kick, &(struct timeval){0});
}

void pg_batch_end(struct pg *pg, struct pg_batch *b, enum pg_end end, const struct fault *f)
{
    pg->in_hand--;
    if (b->on_end != NULL)
        b->on_end(b->arg, end, f);
    pg_batch_free(b);
}

static struct pg_stmt *stmt_of(struct pg *pg, const char *sql)
{
    struct pg_stmt *s;
    HASH_FIND_PTR(pg->stmts, &sql, s);
    if (s == NULL) {
        s = must(calloc(1, sizeof *s));
        s->sql = sql;
        HASH_ADD_PTR(pg->stmts, sql, s);
    }
    return s;
}

void pg_stmts_forget(struct pg *pg)
{
    for (struct pg_stmt *s = pg->stmts; s != NULL; s = s->hh.next) {
        s->state = STMT_UNKNOWN;
        s->asker = NULL;
    }
}

void pg_stmts_free(struct pg *pg)
{
    struct pg_stmt *s, *next;
    HASH_ITER(hh, pg->stmts, s, next)
    {
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): HASH_DEL leaves no link to what was freed */
        HASH_DEL(pg->stmts, s);
        free(s);
    }
}

/* One statement, prepared first if nobody has. While another batch's prepare is under way it may still be skipped with
 * that batch, so meanwhile the text itself is sent, which depends on nothing. */
static int write_item(struct pg *pg, const struct pg_batch *b, struct pg_item *it)
{
    struct pg_stmt *s = stmt_of(pg, it->sql);
    char name[16];
    it->stmt = s;
    if (s->state == STMT_ASKED && s->asker != b)
        return PQsendQueryParams(pg->conn, it->sql, it->n, NULL, it->values, NULL, NULL, 0) == 1 ? 0 : -1;
    if (s->state == STMT_UNKNOWN) {
        s->number = ++pg->numbers;
        s->state = STMT_ASKED;
        s->asker = b;
        it->prepares = true;
        (void)snprintf(name, sizeof name, "s%u", s->number);
        if (PQsendPrepare(pg->conn, name, it->sql, 0, NULL) != 1)
            return -1;
    }
    (void)snprintf(name, sizeof name, "s%u", s->number);
    return PQsendQueryPrepared(pg->conn, name, it->n, it->values, NULL, NULL, 0) == 1 ? 0 : -1;
}

int pg_batch_write(struct pg *pg, struct pg_batch *b)
{
    for (size_t i = 0; i < b->n; i++)
        if (write_item(pg, b, &b->items[i]) != 0)
            return -1;
    return PQpipelineSync(pg->conn) == 1 ? 0 : -1;
}
