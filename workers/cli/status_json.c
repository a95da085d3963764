#include "workers/cli/status_json.h"

#include "common/base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static cJSON *need(cJSON *o)
{
    if (o == NULL)
        abort();
    return o;
}

/* A text member, or null where it is not known. */
static void put(cJSON *o, const char *key, const char *value)
{
    if (value != NULL && value[0] != '\0')
        json_put_str(o, key, value);
    else
        need(cJSON_AddNullToObject(o, key));
}

static void put_http(cJSON *o, const char *key, const char *address)
{
    char url[128];
    snprintf(url, sizeof(url), "http://%s", address != NULL ? address : "");
    put(o, key, address != NULL ? url : NULL);
}

/* The first address that a process whose name begins with `program` has published under the key. */
static const char *published(const cJSON *addresses, const char *program, const char *key)
{
    const cJSON *own;
    cJSON_ArrayForEach(own, addresses)
    {
        const char *value = json_str(own, key);
        if (strncmp(own->string, program, strlen(program)) == 0 && value != NULL)
            return value;
    }
    return NULL;
}

static void put_channels(cJSON *o, const cJSON *whatsapp, const cJSON *accounts)
{
    cJSON *list = need(cJSON_AddArrayToObject(o, "channels"));
    const cJSON *account;
    cJSON_ArrayForEach(account, accounts)
    {
        cJSON *channel = need(cJSON_CreateObject());
        cJSON_AddItemToArray(list, channel);
        put(channel, "channel", json_str(account, "channel"));
        put(channel, "api_url", json_str(whatsapp, "api_url"));
        put(channel, "phone_number_id", json_str(account, "account_id"));
        put(channel, "display_phone_number", json_str(account, "display"));
        put(channel, "app_secret_file", json_str(whatsapp, "app_secret_file"));
        put(channel, "verify_token_file", json_str(whatsapp, "verify_token_file"));
    }
}

/* The pool's own list; of a pool that is gone its processes are gone too. */
static void put_processes(cJSON *o, const cJSON *processes, bool alive)
{
    cJSON *list = need(cJSON_AddArrayToObject(o, "processes"));
    const cJSON *process;
    cJSON_ArrayForEach(process, processes)
    {
        cJSON *copy = need(cJSON_Duplicate(process, 1));
        cJSON_AddItemToArray(list, copy);
        if (alive)
            continue;
        cJSON_ReplaceItemInObjectCaseSensitive(copy, "pid", need(cJSON_CreateNull()));
        cJSON_ReplaceItemInObjectCaseSensitive(copy, "state", need(cJSON_CreateString("stopped")));
    }
}

cJSON *status_json(const cJSON *state, bool alive, const cJSON *accounts)
{
    cJSON *o = need(cJSON_CreateObject());
    const cJSON *addresses = alive ? json_obj(state, "addresses") : NULL, *own;
    const char *phase = json_str(state, "state");
    const char *ingress = published(addresses, "munim-ingress", "ingress");
    const char *simulator = published(addresses, "munim-sim", "sim");
    json_put_str(o, "state", !alive ? "stopped" : phase != NULL ? phase : "starting");
    if (ingress == NULL)
        ingress = json_str(json_obj(state, "ingress"), "listen");
    put_http(need(cJSON_AddObjectToObject(o, "ingress")), "url", ingress);
    cJSON *admin = need(cJSON_AddObjectToObject(o, "admin"));
    cJSON_ArrayForEach(own, addresses) if (json_str(own, "admin") != NULL)
        put_http(admin, own->string, json_str(own, "admin"));
    put(need(cJSON_AddObjectToObject(o, "kafka")), "bootstrap", json_str(json_obj(state, "kafka"), "bootstrap"));
    put(need(cJSON_AddObjectToObject(o, "postgres")), "url", json_str(json_obj(state, "postgres"), "url"));
    if (simulator != NULL)
        put_http(need(cJSON_AddObjectToObject(o, "simulator")), "url", simulator);
    put_channels(o, json_obj(state, "whatsapp"), accounts);
    put_processes(o, json_arr(state, "processes"), alive);
    return o;
}

static void print_address(const char *what, const cJSON *part, const char *key, const char *rest)
{
    if (json_str(part, key) != NULL)
        printf("  %-14s %s%s\n", what, json_str(part, key), rest);
}

void status_print(const cJSON *status, const char *instance)
{
    const cJSON *admin = json_obj(status, "admin"), *one;
    printf("munim in %s: %s\n", instance, json_str(status, "state"));
    print_address("webhooks", json_obj(status, "ingress"), "url", "/webhooks/whatsapp");
    print_address("Kafka", json_obj(status, "kafka"), "bootstrap", "");
    print_address("Postgres", json_obj(status, "postgres"), "url", "");
    print_address("simulator", json_obj(status, "simulator"), "url", "");
    cJSON_ArrayForEach(one, admin) printf("  %-14s %s/metrics\n", one->string, one->valuestring);
    cJSON_ArrayForEach(one, json_arr(status, "channels")) printf(
        "  %-14s %s (%s)\n", json_str(one, "channel"), json_str(one, "phone_number_id"), json_str(one, "api_url"));
    if (cJSON_GetArraySize(json_arr(status, "processes")) > 0)
        printf("\n  %-16s %-10s %8s %8s  %s\n", "process", "state", "pid", "restarts", "since");
    cJSON_ArrayForEach(one, json_arr(status, "processes"))
    {
        int64_t pid = 0, restarts = 0;
        json_i64(one, "pid", &pid);
        json_i64(one, "restarts", &restarts);
        printf("  %-16s %-10s %8lld %8lld  %s\n", json_str(one, "name"), json_str(one, "state"), (long long)pid,
               (long long)restarts, json_str(one, "since"));
    }
}
