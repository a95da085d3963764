/* munim audit: a live database held against its topics. One snapshot (REPEATABLE READ READ ONLY) sees every row; the
 * logs are read up to the positions of that snapshot, so whatever happens meanwhile is neither seen nor disturbed. */
#ifndef MUNIM_CLI_AUDIT_H
#define MUNIM_CLI_AUDIT_H

#include "common/base/fault.h"
#include "common/config/settings.h"
#include "common/kafka/topics.h"

#include <libpq-fe.h>
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct audit {
    const struct settings *settings;
    struct topics topics;
    PGconn *conn; /* inside the snapshot */
    rd_kafka_t *consumer;
    bool json;
    size_t checks;    /* kinds of damage looked for so far */
    size_t findings;  /* told and untold */
    size_t in_hand;   /* findings since audit_begin */
    uint64_t records; /* read from the logs */
    int64_t told_us;  /* when progress was last told, monotonic */
};

/* audit_report.c: findings go to stdout as they are found, one a line; progress to stderr, not oftener than every two
 * seconds. Between audit_begin and audit_end the first 100 findings are told, then their number. check is the kind of
 * damage as the manual names it; where and what hold no personal data. */
void audit_begin(struct audit *a, size_t checks);
void audit_found(struct audit *a, const char *check, const char *where, const char *what);
void audit_end(struct audit *a);
void audit_progress(struct audit *a, const char *words);
void audit_sum(const struct audit *a);

/* -1 and a fault when Postgres or Kafka does not answer (RETRY) or answers what it must not (STOP). */
int audit_rows(struct audit *a, struct fault *f);      /* audit_rows.c: everything that rows alone can tell */
int audit_events(struct audit *a, struct fault *f);    /* audit_events.c: inbound and decision against inbox */
int audit_approvals(struct audit *a, struct fault *f); /* audit_approvals.c: the owner's topic against the orders */

/* audit_ask.c: a query of the snapshot; NULL and a fault. The caller clears the result. */
PGresult *audit_ask(struct audit *a, const char *sql, int n, const char *const *values, struct fault *f);

/* audit_log.c: reads one partition's records from `from` (the log's start when it lies behind) to the one before `to`.
 * one returns -1 to end it, with the fault. */
typedef int audit_record_fn(void *arg, const rd_kafka_message_t *m, struct fault *f);
int audit_log_open(struct audit *a, struct fault *f);
int audit_log_bounds(struct audit *a, const char *topic, int32_t partition, int64_t *low, int64_t *high,
                     struct fault *f);
int audit_log_read(struct audit *a, const char *topic, int32_t partition, int64_t from, int64_t to,
                   audit_record_fn *one, void *arg, struct fault *f);

#endif
