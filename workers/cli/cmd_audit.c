#include "workers/cli/cmd_audit.h"

#include "common/log/log.h"
#include "common/pg/schema_check.h"
#include "workers/cli/audit.h"

#include <stdio.h>
#include <string.h>

enum { EXIT_FINDINGS = 1, EXIT_WRONG_CALL = 2, EXIT_NO_ANSWER = 75, EXIT_NOT_OURS = 78 };

static const char usage[] =
    "usage: munim audit [--json]\n"
    "\n"
    "Holds the database against its topics: each event has its effect once, answers and invoices have no holes, stock "
    "and\n"
    "ledger add up. Reads one snapshot and changes nothing; the shop goes on meanwhile. One finding a line.\n"
    "Exit status: 0 nothing found, 1 findings, 2 usage, 75 Postgres or Kafka does not answer, 78 wrong schema or "
    "settings.\n";

/* No lock but those of reading, no work that a planner's mistake could spread over every core; the snapshot may be idle
 * while Kafka is read. */
static const char *const snapshot_sql[] = {
    "SET application_name = 'munim-audit'",
    "SET idle_in_transaction_session_timeout = 0",
    "SET statement_timeout = 0",
    "SET max_parallel_workers_per_gather = 0",
    "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
};

static int open_snapshot(struct audit *a, struct fault *f)
{
    const char *url = settings_text(a->settings, "postgres", "url");
    if (schema_check(url, SCHEMA_COMMAND, f) != 0)
        return -1;
    a->conn = PQconnectdb(url);
    if (PQstatus(a->conn) != CONNECTION_OK)
        return fault_set(f, VERDICT_RETRY, "Postgres does not answer");
    for (size_t i = 0; i < sizeof snapshot_sql / sizeof snapshot_sql[0]; i++) {
        PGresult *r = audit_ask(a, snapshot_sql[i], 0, NULL, f);
        if (r == NULL)
            return -1;
        PQclear(r);
    }
    return 0;
}

/* The snapshot is taken by its first query, the one of the positions. */
static int look(struct audit *a, struct fault *f)
{
    if (topics_names(a->settings, &a->topics, f) != 0 || open_snapshot(a, f) != 0 || audit_log_open(a, f) != 0)
        return -1;
    if (audit_events(a, f) != 0 || audit_rows(a, f) != 0 || audit_approvals(a, f) != 0)
        return -1;
    return 0;
}

static int run(const struct settings *s, bool json)
{
    struct fault f = {0};
    struct audit a = {.settings = s, .json = json};
    int rc = look(&a, &f);
    if (a.consumer != NULL)
        rd_kafka_destroy_flags(a.consumer, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    PQfinish(a.conn);
    if (rc == 0) {
        audit_sum(&a);
        return a.findings == 0 ? 0 : EXIT_FINDINGS;
    }
    (void)fprintf(stderr, "munim audit: %s\n", f.text);
    return f.verdict == VERDICT_RETRY ? EXIT_NO_ANSWER : EXIT_NOT_OURS;
}

int cmd_audit(int argc, char **argv)
{
    struct fault f = {0};
    struct settings *s = settings_new(&argc, argv, &f);
    bool json = argc == 2 && strcmp(argv[1], "--json") == 0;
    int status = EXIT_WRONG_CALL;
    log_setup("munim", LOG_LOGFMT, LOG_ERROR);
    if (s == NULL)
        (void)fprintf(stderr, "munim audit: %s\n", f.text);
    else if (argc == 2 && strcmp(argv[1], "--help") == 0)
        status = fputs(usage, stdout) < 0;
    else if (argc > 1 && !json)
        (void)fputs(usage, stderr);
    else
        status = run(s, json);
    settings_free(&s);
    return status;
}
