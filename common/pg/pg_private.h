/* What pg.c (the connection), pg_batch.c (what is handed over) and pg_results.c (what comes back) share. Not for
 * anybody else. */
#ifndef MUNIM_PG_PG_PRIVATE_H
#define MUNIM_PG_PG_PRIVATE_H

#include "common/base/backoff.h"
#include "common/pg/pg.h"

#include <event2/event.h>
#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uthash.h>

enum pg_state {
    PG_DOWN,       /* no connection; the timer starts the next attempt */
    PG_CONNECTING, /* the timer is the attempt's deadline */
    PG_UP,         /* in pipeline mode */
    PG_CLOSED      /* pg_free was called; memory stays while a callback is on the stack */
};

/* A statement text and what the present connection knows of it. Lives as long as the pg. */
struct pg_stmt {
    const char *sql; /* the hash key: its address */
    unsigned number; /* the prepared name is "s<number>", a new one at each attempt */
    enum { STMT_UNKNOWN, STMT_ASKED, STMT_READY } state;
    const struct pg_batch *asker; /* ASKED: the batch that carries the prepare */
    UT_hash_handle hh;
};

struct pg_item {
    struct pg_stmt *stmt;
    const char *sql;
    const char **values; /* one block with the text behind the pointers */
    int n;
    bool prepares; /* a prepare goes before it; its result is still to come */
    pg_result_fn *on_result;
    void *arg;
};

struct pg_batch {
    struct pg *pg;
    struct pg_item *items;
    size_t n, room;
    size_t at;   /* the item whose result comes next; n: only the sync is missing */
    bool got;    /* the command at hand has had a result; the NULL that ends it comes next */
    bool failed; /* fault is valid: the batch will be rolled back */
    struct fault fault;
    pg_end_fn *on_end;
    void *arg;
    struct pg_batch *prev, *next;
};

struct pg {
    struct event_base *base;
    char *url, *role;
    struct pg_hooks hooks;
    enum pg_state state;
    PGconn *conn;
    struct event *ev_read, *ev_write; /* ev_write only while libpq holds unsent bytes */
    struct event *timer;              /* next attempt, or the attempt's deadline */
    struct event *kick;               /* hands waiting batches over in a turn of its own */
    struct backoff backoff;
    int64_t up_since_us;
    struct pg_stmt *stmts;
    unsigned numbers;
    struct pg_batch *waiting, *sent; /* utlist; both in order */
    struct pg_batch *unsent;         /* waited when the connection went; being told so */
    size_t in_hand;
    unsigned depth;     /* callers' callbacks on the stack */
    struct fault fatal; /* the server's last words, "" when it had none */
};

/* pg.c: closes the connection, ends every batch in hand, tells on_lost and arms the next attempt. */
void pg_lose(struct pg *pg, enum verdict verdict, const char *why);
/* Around every call into the owner: pg_leave frees the pg when pg_free was called meanwhile; false says so. */
void pg_enter(struct pg *pg);
bool pg_leave(struct pg *pg);
/* Hands over what waits and flushes; loses the connection when it is broken. */
void pg_pump(struct pg *pg);

/* pg_batch.c */
int pg_batch_write(struct pg *pg, struct pg_batch *b); /* -1: the connection must be given up */
void pg_batch_free(struct pg_batch *b);
void pg_batch_end(struct pg *pg, struct pg_batch *b, enum pg_end end, const struct fault *f); /* b is in no list */
void pg_stmts_forget(struct pg *pg);
void pg_stmts_free(struct pg *pg);

/* pg_results.c: takes all results that have arrived. False when the pg is gone or lost its connection meanwhile. */
bool pg_take_results(struct pg *pg);
/* Words for a server's error: never the values of the statement. */
void pg_fault_of(const PGresult *r, struct fault *f);

#endif
