#include "workers/cli/cmd_status.h"

#include "common/base/json.h"
#include "common/config/settings.h"
#include "workers/cli/instance.h"
#include "workers/cli/status_json.h"
#include "workers/pool/lock.h"
#include "workers/pool/rundir.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_WRONG_CALL = 2, EXIT_NOT_RUNNING = 3, STATE_MOST = 1 << 20 };

/* The pool's state.json; NULL when there is none that can be read. */
static cJSON *read_state(const char *run)
{
    char path[640];
    snprintf(path, sizeof(path), "%s/" RUNDIR_STATE, run);
    FILE *in = fopen(path, "re");
    if (in == NULL)
        return NULL;
    char *text = malloc(STATE_MOST);
    if (text == NULL)
        abort();
    cJSON *state = json_parse(text, fread(text, 1, STATE_MOST, in), &json_limits_default, NULL);
    free(text);
    fclose(in);
    return state;
}

static void add_accounts(cJSON *list, PGconn *conn)
{
    PGresult *rows =
        PQexec(conn, "SELECT channel, account_id, display FROM munim.account ORDER BY channel, account_id");
    for (int i = 0; PQresultStatus(rows) == PGRES_TUPLES_OK && i < PQntuples(rows); i++) {
        cJSON *o = cJSON_CreateObject();
        json_put_str(o, "channel", PQgetvalue(rows, i, 0));
        json_put_str(o, "account_id", PQgetvalue(rows, i, 1));
        json_put_str(o, "display", PQgetvalue(rows, i, 2));
        cJSON_AddItemToArray(list, o);
    }
    PQclear(rows);
}

/* The shops' accounts, from the database of the settings in force, else of the pool's. Empty when none answers. */
static cJSON *ask_accounts(const cJSON *state)
{
    cJSON *list = cJSON_CreateArray();
    int count = 1;
    char *none[] = {(char[]){"munim"}, NULL};
    struct settings *s = settings_new(&count, none, NULL);
    const char *url = s != NULL ? settings_text(s, "postgres", "url") : "";
    if (url[0] == '\0')
        url = json_str(json_obj(state, "postgres"), "url");
    if (list == NULL)
        abort();
    if (url != NULL && url[0] != '\0') {
        PGconn *conn = PQconnectdbParams((const char *const[]){"dbname", "connect_timeout", "application_name", NULL},
                                         (const char *const[]){url, "2", "munim status", NULL}, 1);
        if (PQstatus(conn) == CONNECTION_OK)
            add_accounts(list, conn);
        PQfinish(conn);
    }
    settings_free(&s);
    return list;
}

int cmd_status(int argc, char **argv)
{
    static const char usage[] = "usage: munim status [--json]     MUNIM_VAR picks the instance (./var)\n";
    bool json = argc == 2 && strcmp(argv[1], "--json") == 0, help = argc == 2 && strcmp(argv[1], "--help") == 0;
    if (argc > 1 && !json) {
        (void)fputs(usage, help ? stdout : stderr);
        return help ? EXIT_SUCCESS : EXIT_WRONG_CALL;
    }
    char run[600];
    snprintf(run, sizeof(run), "%s/run", instance_dir());
    cJSON *state = read_state(run);
    bool alive = lock_owner(run) != 0;
    cJSON *accounts = alive ? ask_accounts(state) : cJSON_CreateArray();
    cJSON *status = status_json(state, alive, accounts);
    bool running = strcmp(json_str(status, "state"), "running") == 0;
    if (json) {
        char *text = json_text(status);
        puts(text);
        free(text);
    } else {
        status_print(status, instance_dir());
    }
    cJSON_Delete(status);
    cJSON_Delete(accounts);
    cJSON_Delete(state);
    return running ? EXIT_SUCCESS : EXIT_NOT_RUNNING;
}
