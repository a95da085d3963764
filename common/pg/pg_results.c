#include "common/pg/pg_private.h"

#include <stdio.h>
#include <string.h>
#include <utlist.h>

/* Class 22 quotes the value in its primary message ("invalid input syntax for type bigint: ..."), and a value may be a
 * phone or a name. The other classes name tables, columns and constraints only; the detail line is never used. */
void pg_fault_of(const PGresult *r, struct fault *f)
{
    const char *code = PQresultErrorField(r, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    const char *where = PQresultErrorField(r, PG_DIAG_SOURCE_FUNCTION);
    if (code == NULL)
        code = "";
    if (message == NULL)
        message = "no words from the server";
    if (strncmp(code, "22", 2) == 0)
        (void)fault_code(f, pg_verdict(code), code, "a value does not fit its type (%s)", where != NULL ? where : "?");
    else
        (void)fault_code(f, pg_verdict(code), code, "%s", message);
}

static bool is_fatal(const PGresult *r)
{
    const char *severity = PQresultErrorField(r, PG_DIAG_SEVERITY_NONLOCALIZED);
    return severity != NULL && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0);
}

/* After "cached plan must not change result type", or when somebody deallocated it, the name is of no use any more. */
static void forget_if_stale(struct pg_item *it, const char *code)
{
    if (it->stmt->state == STMT_READY && (strcmp(code, "0A000") == 0 || strcmp(code, "26000") == 0))
        it->stmt->state = STMT_UNKNOWN;
}

static void take_error(struct pg *pg, struct pg_batch *b, const PGresult *r)
{
    struct fault f;
    pg_fault_of(r, &f);
    if (is_fatal(r))
        pg->fatal = f;
    if (b->at < b->n && !b->items[b->at].prepares)
        forget_if_stale(&b->items[b->at], f.code);
    if (!b->failed) {
        b->failed = true;
        b->fault = f;
    }
}

/* The prepare's own result. Prepared statements outlive a rollback, so one that came OK stays even if the batch fails;
 * one that was skipped or failed was never made. */
static void take_prepare(struct pg_item *it, ExecStatusType status)
{
    it->stmt->state = status == PGRES_COMMAND_OK ? STMT_READY : STMT_UNKNOWN;
    it->stmt->asker = NULL;
}

static void take_result(struct pg *pg, struct pg_batch *b, const PGresult *r)
{
    ExecStatusType status = PQresultStatus(r);
    b->got = true;
    if (status == PGRES_FATAL_ERROR)
        take_error(pg, b, r);
    if (b->at >= b->n)
        return;
    struct pg_item *it = &b->items[b->at];
    if (it->prepares)
        take_prepare(it, status);
    else if ((status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) && it->on_result != NULL)
        it->on_result(it->arg, r);
}

/* The NULL that libpq puts after each command's results. */
static void next_command(struct pg_batch *b)
{
    b->got = false;
    if (b->at >= b->n)
        return;
    if (b->items[b->at].prepares)
        b->items[b->at].prepares = false;
    else
        b->at++;
}

static void take_sync(struct pg *pg, struct pg_batch *b)
{
    DL_DELETE(pg->sent, b);
    backoff_reset(&pg->backoff);
    pg_batch_end(pg, b, b->failed ? PG_FAILED : PG_DONE, b->failed ? &b->fault : NULL);
}

/* The server gives each of its errors a code. One without was made by libpq, which has lost the connection, or had no
 * memory for an answer: what that said, a commit among others, is not known. */
static bool is_libpqs_own(const PGresult *r)
{
    return PQresultStatus(r) == PGRES_FATAL_ERROR && PQresultErrorField(r, PG_DIAG_SQLSTATE) == NULL;
}

/* Without memory for a batch's end libpq 15 notes that and goes on waiting for what has come already (pqParseInput3,
 * 'Z'), with no other sign of it. The same words from the server cost a connection at most. */
static bool is_starved(const PGconn *conn)
{
    return strstr(PQerrorMessage(conn), "out of memory") != NULL;
}

/* One result or the end of a command; false when nothing more can be had now. Two NULLs in a row mean that libpq waits
 * for the network although it does not call itself busy. */
static bool take_one(struct pg *pg)
{
    struct pg_batch *b = pg->sent;
    if (b == NULL)
        return false;
    if (PQisBusy(pg->conn)) {
        if (is_starved(pg->conn))
            pg_lose(pg, VERDICT_RETRY, PQerrorMessage(pg->conn));
        return false;
    }
    PGresult *r = PQgetResult(pg->conn);
    if (r == NULL) {
        bool moved = b->got;
        next_command(b);
        return moved;
    }
    if (PQresultStatus(r) == PGRES_PIPELINE_SYNC)
        take_sync(pg, b);
    else if (is_libpqs_own(r))
        pg_lose(pg, VERDICT_RETRY, PQresultErrorMessage(r));
    else
        take_result(pg, b, r);
    PQclear(r);
    return true;
}

static bool take_notifies(struct pg *pg)
{
    PGnotify *n;
    while (pg->state == PG_UP && (n = PQnotifies(pg->conn)) != NULL) {
        if (pg->hooks.on_notify != NULL)
            pg->hooks.on_notify(pg->hooks.arg, n->relname, n->extra);
        PQfreemem(n);
    }
    return pg->state == PG_UP;
}

bool pg_take_results(struct pg *pg)
{
    pg_enter(pg);
    while (pg->state == PG_UP && take_one(pg))
        continue;
    (void)take_notifies(pg);
    return pg_leave(pg) && pg->state == PG_UP;
}
