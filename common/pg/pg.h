/* Postgres on the loop: one non-blocking libpq connection in pipeline mode.
 *
 * Work is sent as a batch: statements in order, ended by one sync. A batch without its own BEGIN is one
 * transaction (libpq, 34.5.1.3): the first error rolls all of it back. A statement that must touch a certain
 * number of rows wraps itself in munim.require(actual, wanted, SQLSTATE), so that a lost race fails the batch.
 * Batches queue; each gets exactly one on_end. When the connection is lost, a batch whose sync has not been answered
 * ends as PG_UNKNOWN (it may have been committed); the owner reads its part row again to know. The connection
 * comes back by itself with jittered backoff, hooks tell. */
#ifndef MUNIM_PG_PG_H
#define MUNIM_PG_PG_H

#include "common/base/fault.h"

#include <event2/event.h>
#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

struct pg;
struct pg_batch;

struct pg_hooks {
    void (*on_ready)(void *arg); /* connected (again); also after every reconnect */
    /* After every batch in hand got its on_end; also after each attempt to connect that failed. RETRY: it is tried
     * again by itself; STOP: the url cannot be read. */
    void (*on_lost)(void *arg, const struct fault *f);
    void (*on_notify)(void *arg, const char *channel, const char *payload); /* may be NULL */
    void *arg;
};

enum pg_end {
    PG_DONE,    /* committed */
    PG_FAILED,  /* rolled back; the fault's code is the SQLSTATE */
    PG_UNKNOWN, /* connection lost before the answer */
    PG_UNSENT   /* connection lost, or never there, before the first byte went out: surely not done */
};

/* Results are valid only inside the call. A failed or skipped statement gets no call; a statement before the failed one
 * has had its call although its work is rolled back, so nothing counts before on_end says PG_DONE. */
typedef void pg_result_fn(void *arg, const PGresult *r);
typedef void pg_end_fn(void *arg, enum pg_end end, const struct fault *f);

/* url as libpq takes it. role names the process in pg_stat_activity (application_name). Starts connecting at once. */
struct pg *pg_new(struct event_base *base, const char *url, const char *role, const struct pg_hooks *hooks);
void pg_free(struct pg **pg); /* batches in hand end as PG_UNKNOWN or PG_UNSENT first */
bool pg_ready(const struct pg *pg);
size_t pg_in_hand(const struct pg *pg); /* batches sent or queued and not ended */
int pg_backend_pid(const struct pg *pg);

struct pg_batch *pg_batch_new(struct pg *pg);

/* sql must be a string literal or live for ever: it is prepared once per connection, by its address. Values are text
 * format and copied; NULL is SQL NULL. */
void pg_add(struct pg_batch *b, const char *sql, int n, const char *const *values, pg_result_fn *on_result, void *arg);

/* Hands the batch over; it frees itself after on_end. on_end never comes before pg_send returns. Without a connection
 * it ends as PG_UNSENT in the next turn of the loop: wait for on_ready, do not send again at once. A batch sent from an
 * on_end that pg_free calls is dropped. */
void pg_send(struct pg_batch *b, pg_end_fn *on_end, void *arg);
void pg_batch_drop(struct pg_batch *b); /* a batch that is not to be sent after all */

/* Maps a SQLSTATE to its verdict (pg_verdict.c, the one table). MU0xx codes are RETRY except MU001 (fenced). */
enum verdict pg_verdict(const char *sqlstate);

/* Cells as C values; r must have the cell. pg_text gives NULL for SQL NULL. */
const char *pg_text(const PGresult *r, int row, int col);
long long pg_i64(const PGresult *r, int row, int col); /* 0 for NULL */
bool pg_bool(const PGresult *r, int row, int col);

#endif
