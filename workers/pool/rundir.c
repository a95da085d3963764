#include "workers/pool/rundir.h"

#include "common/base/clock.h"
#include "common/base/json.h"
#include "common/log/log.h"
#include "workers/pool/lock.h"
#include "workers/pool/pool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void path_of(const char *run, const char *name, char *out, size_t size)
{
    snprintf(out, size, "%s/%s", run, name);
}

static int make_directories(const char *path)
{
    char part[640];
    snprintf(part, sizeof(part), "%s", path);
    for (char *slash = strchr(part + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash != NULL)
            *slash = '\0';
        if (mkdir(part, 0755) != 0 && errno != EEXIST)
            return -1;
        if (slash == NULL)
            return 0;
        *slash = '/';
    }
}

int rundir_open(struct pool *p, struct fault *f)
{
    char path[640];
    int n = snprintf(p->run, sizeof(p->run), "%s", settings_text(p->settings, "pool", "run"));
    if (n <= 0 || (size_t)n >= sizeof(p->run))
        return fault_set(f, VERDICT_STOP, "[pool] run must name a directory, in at most %zu bytes", sizeof(p->run) - 1);
    path_of(p->run, "address", path, sizeof(path));
    if (make_directories(path) != 0)
        return fault_set(f, VERDICT_STOP, "cannot make the run directory %s: %s", path, strerror(errno));
    p->lock_fd = lock_take(p->run, f);
    return p->lock_fd >= 0 ? 0 : -1;
}

void rundir_close(struct pool *p)
{
    if (p->lock_fd >= 0)
        close(p->lock_fd);
    p->lock_fd = -1;
}

void rundir_address_file(const struct pool *p, const char *process, char *out, size_t size)
{
    snprintf(out, size, "%s/address/%s", p->run, process);
}

static void put_time(cJSON *o, int64_t wall_ms)
{
    char at[25];
    clock_rfc3339(wall_ms, at);
    json_put_str(o, "since", at);
}

/* The lines "key=value" of one process's address file; nothing while it has none. */
static void put_addresses(cJSON *all, const struct pool *p, const char *process)
{
    char path[640], line[256];
    rundir_address_file(p, process, path, sizeof(path));
    FILE *in = fopen(path, "re");
    if (in == NULL)
        return;
    cJSON *own = cJSON_AddObjectToObject(all, process);
    while (own != NULL && fgets(line, sizeof(line), in) != NULL) {
        char *equals = strchr(line, '=');
        line[strcspn(line, "\n")] = '\0';
        if (equals == NULL)
            continue;
        *equals = '\0';
        json_put_str(own, line, equals + 1);
    }
    fclose(in);
}

static void put_process(cJSON *list, const struct pool_process *c)
{
    cJSON *o = cJSON_CreateObject();
    if (o == NULL || !cJSON_AddItemToArray(list, o))
        abort();
    json_put_str(o, "name", c->name);
    if (c->pid != 0)
        json_put_i64(o, "pid", c->pid);
    else
        cJSON_AddNullToObject(o, "pid");
    json_put_str(o, "state", process_state_name(c->state));
    json_put_i64(o, "restarts", c->restarts);
    put_time(o, c->since_ms);
    if (c->last_end[0] != '\0')
        json_put_str(o, "last_end", c->last_end);
    if (c->status[0] != '\0')
        json_put_str(o, "status", c->status);
}

static void put_settings(cJSON *o, const char *section, const struct settings *s, const char *const *keys)
{
    cJSON *part = cJSON_AddObjectToObject(o, section);
    for (; *keys != NULL; keys++)
        json_put_str(part, *keys, settings_text(s, section, *keys));
}

static void put_database(cJSON *o, const char *url)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        abort();
    settings_put_without_password(url, out);
    fclose(out);
    json_put_str(cJSON_AddObjectToObject(o, "postgres"), "url", text);
    free(text);
}

static char *state_text(const struct pool *p)
{
    cJSON *o = cJSON_CreateObject();
    json_put_str(o, "state", pool_state_name(p->state));
    json_put_i64(o, "pid", getpid());
    put_time(o, clock_wall_ms());
    put_settings(o, "kafka", p->settings, (const char *const[]){"bootstrap", "prefix", NULL});
    put_settings(o, "whatsapp", p->settings,
                 (const char *const[]){"api_url", "app_secret_file", "verify_token_file", NULL});
    put_settings(o, "ingress", p->settings, (const char *const[]){"listen", NULL});
    put_database(o, settings_text(p->settings, "postgres", "url"));
    cJSON *addresses = cJSON_AddObjectToObject(o, "addresses");
    cJSON *list = cJSON_AddArrayToObject(o, "processes");
    for (int i = 0; i < p->process_count; i++) {
        if (p->processes[i].pid != 0)
            put_addresses(addresses, p, p->processes[i].name);
        put_process(list, &p->processes[i]);
    }
    char *text = json_text(o);
    cJSON_Delete(o);
    return text;
}

void rundir_write(const struct pool *p)
{
    char path[640], fresh[700];
    path_of(p->run, RUNDIR_STATE, path, sizeof(path));
    snprintf(fresh, sizeof(fresh), "%s.new", path);
    char *text = state_text(p);
    FILE *out = fopen(fresh, "we");
    bool done = out != NULL && fprintf(out, "%s\n", text) > 0;
    if (out != NULL)
        done = fclose(out) == 0 && done;
    if (!done || rename(fresh, path) != 0)
        log_event(LOG_WARN, "state file not written", F_STR("path", path), F_STR("why", strerror(errno)));
    free(text);
}
