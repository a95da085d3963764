#include "workers/cli/cmd_parked.h"

#include "common/base/clock.h"
#include "common/base/json.h"
#include "common/base/random.h"
#include "common/config/settings.h"
#include "common/kafka/envelope.h"
#include "common/kafka/put.h"
#include "common/kafka/topics.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: munim parked list [--json]\n"
    "       munim parked show CONVERSATION [--json]     every parked event of it, in order, with its text\n"
    "       munim parked redrive CONVERSATION           takes them again, in order, as ordinary turns\n"
    "\n"
    "A redrive is an event on the conversation's own partition; the first event that fails again ends it, and the "
    "rest\n"
    "stays parked. Exit status: 0 done, 1 not found or no answer, 2 usage.\n";

static const char sql_list[] =
    "SELECT p.conversation_id, p.channel, count(*), min(p.at)::text, (array_agg(p.reason ORDER BY p.parked_id))[1]"
    " FROM munim.parked p WHERE p.state = 'parked' GROUP BY p.conversation_id, p.channel ORDER BY min(p.at)";
static const char sql_show[] =
    "SELECT p.parked_id, p.at::text, p.topic, p.partition, p.\"offset\", p.type, p.attempts, p.reason,"
    " convert_from(p.raw, 'UTF8') FROM munim.parked p WHERE p.conversation_id = $1::uuid AND p.state = 'parked'"
    " ORDER BY p.parked_id";
static const char sql_route[] = "SELECT c.channel, c.account_id, c.key FROM munim.conversation c"
                                " WHERE c.conversation_id = $1::uuid AND c.parked";

static const char *const list_names[] = {"conversation", "channel", "events", "since", "reason"};
static const char *const show_names[] = {"parked_id", "at",       "topic",  "partition", "offset",
                                         "type",      "attempts", "reason", "event"};

static void print_rows(const PGresult *r, const char *const *names, bool json)
{
    for (int i = 0; i < PQntuples(r); i++) {
        cJSON *o = json ? cJSON_CreateObject() : NULL;
        for (int k = 0; k < PQnfields(r); k++) {
            const char *v = PQgetisnull(r, i, k) ? NULL : PQgetvalue(r, i, k);
            if (json)
                json_put_str(o, names[k], v);
            else
                printf("%s%s", k > 0 ? "  " : "", v != NULL ? v : "-");
        }
        char *text = json ? json_text(o) : NULL;
        printf("%s\n", text != NULL ? text : "");
        free(text);
        cJSON_Delete(o);
    }
}

/* The rows, or NULL with words on stderr. */
static PGresult *ask(PGconn *conn, const char *sql, const char *arg)
{
    PGresult *r = PQexecParams(conn, sql, arg != NULL ? 1 : 0, NULL, arg != NULL ? &arg : NULL, NULL, NULL, 0);
    if (PQresultStatus(r) == PGRES_TUPLES_OK)
        return r;
    (void)fprintf(stderr, "munim parked: %s", PQerrorMessage(conn));
    PQclear(r);
    return NULL;
}

static int redrive(const struct settings *s, PGconn *conn, const char *id)
{
    PGresult *r = ask(conn, sql_route, id);
    if (r == NULL || PQntuples(r) == 0) {
        if (r != NULL)
            (void)fprintf(stderr, "munim parked: that conversation is not parked; see munim parked list\n");
        PQclear(r);
        return 1;
    }
    char command[UUID_TEXT];
    uuid7(clock_wall_ms(), command);
    cJSON *o = cJSON_CreateObject();
    json_put_str(o, "command_id", command);
    json_put_str(o, "channel", PQgetvalue(r, 0, 0));
    json_put_str(o, "account_id", PQgetvalue(r, 0, 1));
    json_put_str(o, "key", PQgetvalue(r, 0, 2));
    json_put_str(o, "conversation_id", id);
    char *value = json_text(o);
    cJSON_Delete(o);
    struct topics topics;
    struct fault f = {0};
    struct put_record put = {
        .key = PQgetvalue(r, 0, 2), .value = value, .type = CE_INBOUND_REDRIVE, .source = "munim/parked"};
    int rc = topics_names(s, &topics, &f);
    put.topic = topics.name[TOPIC_INBOUND];
    if (rc == 0)
        rc = kafka_put(s, &put, &f);
    free(value);
    PQclear(r);
    if (rc != 0)
        (void)fprintf(stderr, "munim parked: %s\n", f.text);
    else
        printf("The conversation is being redriven; munim parked list shows what stays.\n");
    return rc != 0;
}

static int run(const struct settings *s, const char *verb, const char *id, bool json)
{
    PGconn *conn = PQconnectdb(settings_text(s, "postgres", "url"));
    int status = 1;
    if (PQstatus(conn) != CONNECTION_OK) {
        (void)fprintf(stderr, "munim parked: Postgres does not answer: %s", PQerrorMessage(conn));
    } else if (strcmp(verb, "redrive") == 0) {
        status = redrive(s, conn, id);
    } else {
        PGresult *r = id != NULL ? ask(conn, sql_show, id) : ask(conn, sql_list, NULL);
        if (r != NULL) {
            print_rows(r, id != NULL ? show_names : list_names, json);
            status = id != NULL && PQntuples(r) == 0;
        }
        PQclear(r);
    }
    PQfinish(conn);
    return status;
}

int cmd_parked(int argc, char **argv)
{
    struct fault f = {0};
    struct settings *s = settings_new(&argc, argv, &f);
    bool json = argc > 1 && strcmp(argv[argc - 1], "--json") == 0;
    int n = argc - (json ? 1 : 0);
    const char *verb = n > 1 ? argv[1] : "", *id = n > 2 ? argv[2] : NULL;
    bool sound = (n == 2 && strcmp(verb, "list") == 0) || (n == 3 && strcmp(verb, "show") == 0) ||
                 (n == 3 && strcmp(verb, "redrive") == 0);
    int status = 2;
    if (s == NULL)
        (void)fprintf(stderr, "munim parked: %s\n", f.text);
    else if (!sound)
        (void)fputs(usage, stderr);
    else
        status = run(s, verb, id, json);
    settings_free(&s);
    return status;
}
