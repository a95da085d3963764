#include "common/kafka/topics_contract.h"

#include "common/base/json.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *suffix;
} names[TOPIC_COUNT] = {
    [TOPIC_INBOUND] = {"inbound", "inbound.v1"},    [TOPIC_OUTBOUND] = {"outbound", "outbound.v1"},
    [TOPIC_APPROVAL] = {"approval", "approval.v1"}, [TOPIC_DECISION] = {"decision", "decision.v1"},
    [TOPIC_RECEIPT] = {"receipt", "receipt.v1"},    [TOPIC_DLQ] = {"dlq", "inbound.v1.dlq"},
};

const char *topic_suffix(enum topic t)
{
    return names[t].suffix;
}

static int wrong(const char *topic, const char *what, struct fault *f)
{
    return fault_set(f, VERDICT_STOP, "the topic contract, topic \"%.40s\": %s", topic, what);
}

static int read_one(const cJSON *o, const char *name, struct topic_spec *out, struct fault *f)
{
    int64_t n = 0;
    const char *cleanup = json_str(o, "cleanup");
    const char *partitions = json_str(o, "partitions");
    if (partitions == NULL || strcmp(partitions, "default") != 0) {
        if (!json_i64(o, "partitions", &n) || n < 1 || n > 1000)
            return wrong(name, "partitions must be \"default\" or from 1 to 1000", f);
        out->partitions = (int)n;
    }
    if (cleanup == NULL || (strcmp(cleanup, "compact") != 0 && strcmp(cleanup, "delete") != 0))
        return wrong(name, "cleanup must be \"delete\" or \"compact\"", f);
    out->compact = strcmp(cleanup, "compact") == 0;
    out->retention_ms = -1;
    if (!out->compact && (!json_i64(o, "retention_ms", &out->retention_ms) || out->retention_ms < -1))
        return wrong(name, "retention_ms must be a number of milliseconds, or -1", f);
    if (!json_i64(o, "max_message_bytes", &out->max_message_bytes) || out->max_message_bytes < 1024)
        return wrong(name, "max_message_bytes must be at least 1024", f);
    if (!cJSON_IsBool(json_get(o, "synced")))
        return wrong(name, "synced must be true or false", f);
    out->synced = json_true(o, "synced");
    return 0;
}

static int read_entry(const cJSON *o, bool seen[TOPIC_COUNT], struct topic_spec out[TOPIC_COUNT], struct fault *f)
{
    const char *name = json_str(o, "name");
    const char *suffix = json_str(o, "suffix");
    int t = 0;
    if (name == NULL || suffix == NULL)
        return wrong("", "every topic needs a name and a suffix", f);
    while (t < TOPIC_COUNT && strcmp(names[t].name, name) != 0)
        t++;
    if (t == TOPIC_COUNT)
        return wrong(name, "no program knows it", f);
    if (strcmp(names[t].suffix, suffix) != 0)
        return wrong(name, "its suffix is another than the programs use", f);
    if (seen[t])
        return wrong(name, "it stands there twice", f);
    seen[t] = true;
    return read_one(o, name, &out[t], f);
}

int topics_contract_read(const char *json, size_t n, struct topic_spec out[TOPIC_COUNT], struct fault *f)
{
    bool seen[TOPIC_COUNT] = {false};
    memset(out, 0, TOPIC_COUNT * sizeof *out);
    cJSON *root = json_parse(json, n, &json_limits_default, f);
    if (root == NULL) {
        if (f != NULL)
            f->verdict = VERDICT_STOP;
        return -1;
    }
    int rc = 0;
    const cJSON *o;
    cJSON_ArrayForEach(o, json_arr(root, "topics"))
    {
        if (rc == 0)
            rc = read_entry(o, seen, out, f);
    }
    for (int t = 0; t < TOPIC_COUNT && rc == 0; t++)
        if (!seen[t])
            rc = wrong(names[t].name, "it is missing", f);
    cJSON_Delete(root);
    return rc;
}

static void add(struct topic_setting **at, const char *name, long long value)
{
    (*at)->name = name;
    (void)snprintf((*at)->value, sizeof(*at)->value, "%lld", value);
    (*at)++;
}

void topic_settings(const struct topic_spec *spec, int replicas, struct topic_setting out[TOPIC_SETTINGS])
{
    struct topic_setting *at = out;
    at->name = "cleanup.policy";
    (void)snprintf(at->value, sizeof at->value, "%s", spec->compact ? "compact" : "delete");
    at++;
    if (!spec->compact)
        add(&at, "retention.ms", spec->retention_ms);
    add(&at, "max.message.bytes", spec->max_message_bytes);
    if (replicas >= 3)
        add(&at, "min.insync.replicas", 2);
    else if (spec->synced)
        add(&at, "flush.messages", 1);
    at->name = NULL;
}
