#include "workers/cli/cmd_held.h"

#include "common/base/json.h"
#include "common/base/plain.h"
#include "common/config/settings.h"
#include "common/kafka/envelope.h"
#include "common/kafka/put.h"
#include "common/kafka/topics.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_LEAST = 6 };

static const char usage[] =
    "usage: munim held list [--json]\n"
    "       munim held resend KEY      sends it again, marked, at the end of its conversation\n"
    "       munim held leave KEY       leaves it as it is: somebody has told the customer, or it does not matter\n"
    "\n"
    "A message is held when the channel has neither taken nor refused it for the whole window, and sending it again "
    "by\n"
    "itself would do harm: a bill, or the second try of an answer. Ask the customer, then decide. KEY is the message's "
    "key,\n"
    "or six or more characters of its beginning that fit only one. Exit status: 0 done, 1 not found or no answer, 2 "
    "usage.\n";

#define HELD " FROM munim.guard g WHERE g.state = 'UNKNOWN' AND g.settled_by = 'held'"

static const char sql_list[] =
    "SELECT g.dedupe_key, g.class, g.conversation_id, to_char(g.uncertain_since AT TIME ZONE 'UTC',"
    " 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), g.payload::json ->> 'text'" HELD " ORDER BY g.uncertain_since";
static const char sql_find[] =
    "SELECT g.dedupe_key, g.channel, g.account_id, (SELECT c.key FROM munim.conversation c"
    " WHERE c.conversation_id = g.conversation_id)" HELD " AND left(g.dedupe_key, length($1)) = $1";

static const char *const names[] = {"key", "class", "conversation", "since", "text"};
enum { COLUMNS = sizeof names / sizeof names[0], KEY_SHOWN = 12 };

static PGresult *ask(PGconn *conn, const char *sql, int n, const char *arg)
{
    PGresult *r = PQexecParams(conn, sql, n, NULL, &arg, NULL, NULL, 0);
    if (PQresultStatus(r) == PGRES_TUPLES_OK)
        return r;
    (void)fprintf(stderr, "munim held: %s", PQerrorMessage(conn));
    PQclear(r);
    return NULL;
}

static void print_row(const PGresult *r, int row, bool json)
{
    cJSON *o = cJSON_CreateObject();
    UT_string line;
    utstring_init(&line);
    for (int k = 0; k < COLUMNS; k++) {
        const char *value = PQgetvalue(r, row, k);
        json_put_str(o, names[k], value);
        if (k == 0)
            utstring_printf(&line, "%.*s", KEY_SHOWN, value);
        else {
            utstring_printf(&line, "  ");
            plain_put(&line, value);
        }
    }
    char *whole = json_text(o);
    printf("%s\n", json ? whole : utstring_body(&line));
    free(whole);
    utstring_done(&line);
    cJSON_Delete(o);
}

static int list(PGconn *conn, bool json)
{
    PGresult *r = ask(conn, sql_list, 0, NULL);
    if (r == NULL)
        return 1;
    for (int i = 0; i < PQntuples(r); i++)
        print_row(r, i, json);
    if (PQntuples(r) == 0 && !json)
        printf("Nothing is held.\n");
    PQclear(r);
    return 0;
}

static char *ruling(const PGresult *r, const char *verb)
{
    const char *login = getenv("USER");
    cJSON *o = cJSON_CreateObject();
    json_put_str(o, "channel", PQgetvalue(r, 0, 1));
    json_put_str(o, "account_id", PQgetvalue(r, 0, 2));
    json_put_str(o, "dedupe_key", PQgetvalue(r, 0, 0));
    json_put_str(o, "verb", verb);
    json_put_str(o, "by", login != NULL && login[0] != '\0' ? login : "operator");
    char *text = json_text(o);
    cJSON_Delete(o);
    return text;
}

static int rule(const struct settings *s, PGconn *conn, const char *verb, const char *key)
{
    PGresult *r = ask(conn, sql_find, 1, key);
    if (r == NULL || PQntuples(r) != 1) {
        if (r != NULL)
            (void)fprintf(stderr, PQntuples(r) == 0 ? "munim held: no such message is held; see munim held list\n"
                                                    : "munim held: more than one message begins so\n");
        PQclear(r);
        return 1;
    }
    struct topics topics;
    struct fault f = {0};
    char *value = ruling(r, verb);
    struct put_record put = {
        .key = PQgetvalue(r, 0, 3), .value = value, .type = CE_RECEIPT_RULING, .source = "munim/held"};
    int rc = topics_names(s, &topics, &f);
    put.topic = topics.name[TOPIC_RECEIPT];
    if (rc == 0)
        rc = kafka_put(s, &put, &f);
    free(value);
    PQclear(r);
    if (rc != 0)
        (void)fprintf(stderr, "munim held: %s\n", f.text);
    else
        printf("The sender has been told; munim held list shows what stays.\n");
    return rc != 0;
}

static int run(const struct settings *s, const char *verb, const char *key, bool json)
{
    PGconn *conn = PQconnectdb(settings_text(s, "postgres", "url"));
    int status = 1;
    if (PQstatus(conn) != CONNECTION_OK)
        (void)fprintf(stderr, "munim held: Postgres does not answer: %s", PQerrorMessage(conn));
    else
        status = key != NULL ? rule(s, conn, verb, key) : list(conn, json);
    PQfinish(conn);
    return status;
}

int cmd_held(int argc, char **argv)
{
    struct fault f = {0};
    struct settings *s = settings_new(&argc, argv, &f);
    const char *verb = argc > 1 ? argv[1] : "";
    bool listing = strcmp(verb, "list") == 0;
    bool json = listing && argc == 3 && strcmp(argv[2], "--json") == 0;
    bool ruling_wanted = argc == 3 && (strcmp(verb, "resend") == 0 || strcmp(verb, "leave") == 0);
    bool sound = (listing && (argc == 2 || json)) || (ruling_wanted && strlen(argv[2]) >= KEY_LEAST);
    int status = 2;
    if (s == NULL)
        (void)fprintf(stderr, "munim held: %s\n", f.text);
    else if (argc == 2 && strcmp(verb, "--help") == 0)
        status = fputs(usage, stdout) < 0;
    else if (!sound)
        (void)fputs(usage, stderr);
    else
        status = run(s, verb, listing ? NULL : argv[2], json);
    settings_free(&s);
    return status;
}
