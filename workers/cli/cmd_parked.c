#include "workers/cli/cmd_parked.h"

#include "common/base/clock.h"
#include "common/base/json.h"
#include "common/base/plain.h"
#include "common/base/random.h"
#include "common/config/settings.h"
#include "common/kafka/envelope.h"
#include "common/kafka/put.h"
#include "common/kafka/topics.h"

#include <ctype.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: munim parked list [--json]\n"
    "       munim parked show CONVERSATION [--json]     every parked event of it, in order, with its text\n"
    "       munim parked redrive CONVERSATION           takes them again, in order, as ordinary turns\n"
    "       munim parked drop CONVERSATION PARKED_ID    the same, but leaves that one out for good\n"
    "\n"
    "CONVERSATION is the id that list tells, PARKED_ID the number that show tells. A redrive is an event on the "
    "conversation's own partition; the first "
    "event\n"
    "that fails again ends it, and the rest stays parked. Exit status: 0 done, 1 not found or no answer, 2 usage.\n";

#define RFC3339(column) "to_char(" column " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"

static const char sql_list[] = "SELECT p.conversation_id, p.channel, count(*), " RFC3339(
    "min(p.at)") ","
                 " (array_agg(p.reason ORDER BY p.parked_id))[1]"
                 " FROM munim.parked p WHERE p.state = 'parked' GROUP BY p.conversation_id, p.channel ORDER BY "
                 "min(p.at)";
static const char sql_show[] = "SELECT p.parked_id, " RFC3339(
    "p.at") ", p.topic, p.partition, p.\"offset\", p.type, p.attempts, p.reason,"
            " p.raw FROM munim.parked p WHERE p.conversation_id = $1::uuid AND p.state = 'parked' ORDER BY p.parked_id";
static const char sql_route[] = "SELECT c.channel, c.account_id, c.key, c.conversation_id FROM munim.conversation c"
                                " WHERE c.conversation_id = $1::uuid AND c.parked";

struct column {
    const char *name;
    enum { TEXT, NUMBER, BYTES } kind;
};

static const struct column list_columns[] = {
    {"conversation", TEXT}, {"channel", TEXT}, {"events", NUMBER}, {"since", TEXT}, {"reason", TEXT}};
static const struct column show_columns[] = {{"parked_id", NUMBER}, {"at", TEXT},       {"topic", TEXT},
                                             {"partition", NUMBER}, {"offset", NUMBER}, {"type", TEXT},
                                             {"attempts", NUMBER},  {"reason", TEXT},   {"event", BYTES}};

/* A cell's text, to be freed; NULL for null. Bytes are the event as it came: its text where it is one, else "\x..." in
 * hex, because an event may be parked for being no text. */
static char *cell_text(const PGresult *r, int row, int column, const struct column *c)
{
    if (PQgetisnull(r, row, column))
        return NULL;
    const char *value = PQgetvalue(r, row, column);
    size_t n = 0;
    unsigned char *bytes = c->kind == BYTES ? PQunescapeBytea((const unsigned char *)value, &n) : NULL;
    /* libpq puts no NUL behind the bytes. */
    char *copy = bytes != NULL && memchr(bytes, 0, n) == NULL ? strndup((const char *)bytes, n) : NULL;
    PQfreemem(bytes);
    if (copy != NULL && plain_utf8(copy))
        return copy;
    free(copy);
    copy = strdup(value);
    if (copy == NULL)
        abort();
    return copy;
}

static void put_cell(cJSON *o, const struct column *c, const char *text)
{
    bool put = text == NULL        ? cJSON_AddNullToObject(o, c->name) != NULL
               : c->kind == NUMBER ? cJSON_AddRawToObject(o, c->name, text) != NULL
                                   : cJSON_AddStringToObject(o, c->name, text) != NULL;
    if (!put)
        abort();
}

static void print_row(const PGresult *r, int row, const struct column *columns, bool json)
{
    cJSON *o = cJSON_CreateObject();
    UT_string line;
    utstring_init(&line);
    for (int k = 0; k < PQnfields(r); k++) {
        char *text = cell_text(r, row, k, &columns[k]);
        put_cell(o, &columns[k], text);
        utstring_printf(&line, k > 0 ? "  " : "");
        plain_put(&line, text);
        free(text);
    }
    char *whole = json_text(o);
    printf("%s\n", json ? whole : utstring_body(&line));
    free(whole);
    utstring_done(&line);
    cJSON_Delete(o);
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

/* Whether this event of the conversation is parked; says so if not. */
static bool holds(PGconn *conn, const char *id, const char *parked_id)
{
    PGresult *r = ask(conn, sql_show, id);
    bool found = false;
    for (int i = 0; r != NULL && i < PQntuples(r); i++)
        found = found || strcmp(PQgetvalue(r, i, 0), parked_id) == 0;
    if (r != NULL && !found)
        (void)fprintf(stderr, "munim parked: that conversation has no such parked event; see munim parked show %s\n",
                      id);
    PQclear(r);
    return found;
}

/* drop: the parked_id to be left out, NULL for none. */
static int redrive(const struct settings *s, PGconn *conn, const char *id, const char *drop)
{
    PGresult *r = ask(conn, sql_route, id);
    if (r == NULL || PQntuples(r) == 0) {
        if (r != NULL)
            (void)fprintf(stderr, "munim parked: that conversation is not parked; see munim parked list\n");
        PQclear(r);
        return 1;
    }
    if (drop != NULL && !holds(conn, id, drop)) {
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
    json_put_str(o, "conversation_id", PQgetvalue(r, 0, 3));
    if (drop != NULL)
        json_put_i64(o, "drop", strtoll(drop, NULL, 10));
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

static int print_answer(PGconn *conn, const char *id, bool json)
{
    PGresult *r = id != NULL ? ask(conn, sql_show, id) : ask(conn, sql_list, NULL);
    if (r == NULL)
        return 1;
    int rows = PQntuples(r);
    for (int i = 0; i < rows; i++)
        print_row(r, i, id != NULL ? show_columns : list_columns, json);
    PQclear(r);
    if (rows == 0 && id != NULL)
        (void)fprintf(stderr, "munim parked: nothing of that conversation is parked; see munim parked list\n");
    else if (rows == 0 && !json)
        printf("Nothing is parked.\n");
    return fflush(stdout) != 0 || (rows == 0 && id != NULL);
}

static int run(const struct settings *s, const char *verb, const char *id, const char *drop, bool json)
{
    static const char *const names[] = {"dbname", "connect_timeout", "application_name", NULL};
    const char *url = settings_text(s, "postgres", "url");
    if (url[0] == '\0') {
        (void)fprintf(stderr, "munim parked: [postgres] url is not set; MUNIM_VAR picks an instance, DATABASE_URL a "
                              "database\n");
        return 1;
    }
    const char *const values[] = {url, "5", "munim parked", NULL};
    PGconn *conn = PQconnectdbParams(names, values, 1);
    int status = 1;
    if (PQstatus(conn) != CONNECTION_OK)
        (void)fprintf(stderr, "munim parked: Postgres does not answer: %s", PQerrorMessage(conn));
    else if (strcmp(verb, "redrive") == 0 || strcmp(verb, "drop") == 0)
        status = redrive(s, conn, id, drop);
    else
        status = print_answer(conn, id, json);
    PQfinish(conn);
    return status;
}

/* Takes "--json" out, wherever it stands. */
static bool take_json(int *argc, char **argv)
{
    int kept = 1;
    for (int i = 1; i < *argc; i++) {
        if (strcmp(argv[i], "--json") != 0)
            argv[kept++] = argv[i];
    }
    bool found = kept < *argc;
    *argc = kept;
    return found;
}

/* Eight, four, four, four and twelve hex digits. */
static bool is_uuid(const char *text)
{
    static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    for (size_t i = 0; i < sizeof shape - 1; i++) {
        if (shape[i] == '-' ? text[i] != '-' : isxdigit((unsigned char)text[i]) == 0)
            return false;
    }
    return text[sizeof shape - 1] == '\0';
}

static bool is_number(const char *text)
{
    size_t n = strspn(text, "0123456789");
    return n > 0 && n < 19 && text[n] == '\0' && text[0] != '0';
}

/* Verb and arguments as the usage has them. */
static bool sound_words(int argc, const char *verb, const char *id, const char *drop)
{
    if (strcmp(verb, "list") == 0)
        return argc == 2;
    if (strcmp(verb, "drop") == 0)
        return argc == 4 && is_uuid(id) && is_number(drop);
    return argc == 3 && is_uuid(id) && (strcmp(verb, "show") == 0 || strcmp(verb, "redrive") == 0);
}

int cmd_parked(int argc, char **argv)
{
    struct fault f = {0};
    struct settings *s = settings_new(&argc, argv, &f);
    bool json = s != NULL && take_json(&argc, argv);
    const char *verb = argc > 1 ? argv[1] : "", *id = argc > 2 ? argv[2] : NULL, *drop = argc > 3 ? argv[3] : NULL;
    int status = 2;
    if (s == NULL)
        (void)fprintf(stderr, "munim parked: %s\n", f.text);
    else if (argc == 2 && strcmp(verb, "--help") == 0)
        status = fputs(usage, stdout) < 0;
    else if (!sound_words(argc, verb, id, drop))
        (void)fputs(usage, stderr);
    else
        status = run(s, verb, id, drop, json);
    settings_free(&s);
    return status;
}
