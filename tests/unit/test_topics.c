/* The topics' names, the contract as it is shipped and as it must not be, and what Kafka is told for each cluster size.
 */
#include "common/kafka/kafka_conf.h"
#include "common/kafka/topics.h"
#include "common/kafka/topics_contract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct settings *with_prefix(const char *prefix)
{
    char name[] = "prog", flag[96];
    char *argv[] = {name, flag, NULL};
    int argc = 2;
    struct fault f;
    (void)snprintf(flag, sizeof flag, "--kafka.prefix=%s", prefix);
    struct settings *s = settings_new(&argc, argv, &f);
    assert_non_null(s);
    return s;
}

static void names_follow_the_prefix(void **state)
{
    (void)state;
    struct topics t;
    struct settings *s = with_prefix("shop-2");
    assert_int_equal(topics_names(s, &t, NULL), 0);
    assert_string_equal(t.name[TOPIC_INBOUND], "shop-2.inbound.v1");
    assert_string_equal(t.name[TOPIC_APPROVAL], "shop-2.approval.v1");
    assert_string_equal(t.name[TOPIC_DLQ], "shop-2.inbound.v1.dlq");
    assert_string_equal(t.group[GROUP_WORKER], "shop-2-worker");
    assert_string_equal(t.group[GROUP_SENDER], "shop-2-sender");
    assert_string_equal(t.group[GROUP_LAG], "shop-2-lag");
    settings_free(&s);
}

static void refuses_prefixes(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "Munim", "a.b", "a_b", "a b", "12345678901234567890123456789012345678901"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct topics t;
        struct fault f;
        struct settings *s = with_prefix(bad[i]);
        assert_int_equal(topics_names(s, &t, &f), -1);
        assert_int_equal(f.verdict, VERDICT_STOP);
        settings_free(&s);
    }
}

static void shipped_contract(void **state)
{
    (void)state;
    struct topic_spec spec[TOPIC_COUNT];
    char text[8192];
    struct fault f;
    FILE *file = fopen("schema/contracts/topics.json", "r");
    if (file == NULL)
        fail_msg("run from the project's root: schema/contracts/topics.json is not there");
    size_t n = fread(text, 1, sizeof text, file);
    fclose(file);
    if (topics_contract_read(text, n, spec, &f) != 0)
        fail_msg("%s", f.text);
    for (int t = 0; t < TOPIC_COUNT; t++) {
        assert_int_equal(spec[t].max_message_bytes, 4 << 20);
        assert_int_equal(spec[t].compact, t == TOPIC_APPROVAL);
        assert_int_equal(spec[t].retention_ms, t == TOPIC_APPROVAL ? -1 : INT64_C(14) * 86400 * 1000);
        assert_int_equal(spec[t].partitions, t == TOPIC_DLQ ? 1 : 0);
        assert_int_equal(spec[t].synced,
                         t == TOPIC_INBOUND || t == TOPIC_DECISION || t == TOPIC_RECEIPT || t == TOPIC_APPROVAL);
    }
}

#define ONE(name, suffix, rest) "{\"name\":\"" name "\",\"suffix\":\"" suffix "\",\"partitions\":\"default\"," rest "}"
#define REST                    "\"cleanup\":\"delete\",\"retention_ms\":1000,\"max_message_bytes\":4096,\"synced\":true"
#define OTHER                                                                                                          \
    ONE("outbound", "outbound.v1", REST)                                                                               \
    "," ONE("approval", "approval.v1", REST) "," ONE("decision", "decision.v1", REST) "," ONE(                         \
        "receipt", "receipt.v1", REST) "," ONE("dlq", "inbound.v1.dlq", REST)
#define TOPICS(first) "{\"topics\":[" first OTHER "]}"

static void refuses_contracts(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words;
    } rows[] = {
        {"{", "without a name"},
        {"{}", "\"inbound\": it is missing"},
        {TOPICS(""), "\"inbound\": it is missing"},
        {TOPICS("{\"name\":\"inbound\"},"), "needs a name and a suffix"},
        {TOPICS(ONE("timer", "timer.v1", REST) ","), "no program knows it"},
        {TOPICS(ONE("inbound", "inbound.v2", REST) ","), "suffix"},
        {TOPICS(ONE("outbound", "outbound.v1", REST) ","), "twice"},
        {TOPICS(ONE("inbound", "inbound.v1", "\"cleanup\":\"keep\"") ","), "cleanup"},
        {TOPICS(ONE("inbound", "inbound.v1", "\"cleanup\":\"delete\"") ","), "retention_ms"},
        {TOPICS(ONE("inbound", "inbound.v1", "\"cleanup\":\"compact\",\"max_message_bytes\":1") ","), "max_message"},
        {TOPICS(ONE("inbound", "inbound.v1", "\"cleanup\":\"compact\",\"max_message_bytes\":4096") ","), "synced"},
        {TOPICS("{\"name\":\"inbound\",\"suffix\":\"inbound.v1\",\"partitions\":0," REST "},"), "partitions"},
    };
    struct topic_spec spec[TOPIC_COUNT];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fault f = {.text = ""};
        assert_int_equal(topics_contract_read(rows[i].text, strlen(rows[i].text), spec, &f), -1);
        if (strstr(f.text, rows[i].words) == NULL)
            fail_msg("row %zu: \"%s\" wanted in \"%s\"", i, rows[i].words, f.text);
        assert_int_equal(f.verdict, VERDICT_STOP);
    }
    static const char good[] = TOPICS(ONE("inbound", "inbound.v1", REST) ",");
    assert_int_equal(topics_contract_read(good, sizeof good - 1, spec, NULL), 0);
}

/* "name=value;" for each setting. */
static void check_settings(const struct topic_spec *spec, int replicas, const char *want)
{
    struct topic_setting list[TOPIC_SETTINGS];
    char text[256] = "";
    topic_settings(spec, replicas, list);
    for (const struct topic_setting *s = list; s->name != NULL; s++)
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "%s=%s;", s->name, s->value);
    assert_string_equal(text, want);
}

static void durability_by_cluster_size(void **state)
{
    (void)state;
    const struct topic_spec synced = {.retention_ms = 5, .max_message_bytes = 4096, .synced = true};
    const struct topic_spec loose = {.retention_ms = 5, .max_message_bytes = 4096};
    const struct topic_spec compact = {.compact = true, .retention_ms = -1, .max_message_bytes = 4096, .synced = true};
    check_settings(&synced, 1, "cleanup.policy=delete;retention.ms=5;max.message.bytes=4096;flush.messages=1;");
    check_settings(&synced, 2, "cleanup.policy=delete;retention.ms=5;max.message.bytes=4096;flush.messages=1;");
    check_settings(&synced, 3, "cleanup.policy=delete;retention.ms=5;max.message.bytes=4096;min.insync.replicas=2;");
    check_settings(&loose, 1, "cleanup.policy=delete;retention.ms=5;max.message.bytes=4096;");
    check_settings(&loose, 3, "cleanup.policy=delete;retention.ms=5;max.message.bytes=4096;min.insync.replicas=2;");
    check_settings(&compact, 1, "cleanup.policy=compact;max.message.bytes=4096;flush.messages=1;");
}

static void errors_have_verdicts(void **state)
{
    (void)state;
    assert_int_equal(kafka_verdict(RD_KAFKA_RESP_ERR_NO_ERROR), VERDICT_NONE);
    assert_int_equal(kafka_verdict(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN), VERDICT_RETRY);
    assert_int_equal(kafka_verdict(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT), VERDICT_RETRY);
    assert_int_equal(kafka_verdict(RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS), VERDICT_RETRY);
    assert_int_equal(kafka_verdict(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE), VERDICT_REJECT);
    assert_int_equal(kafka_verdict(RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE), VERDICT_STOP);
    assert_int_equal(kafka_verdict(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED), VERDICT_STOP);
    struct fault f;
    assert_int_equal(kafka_fault(&f, RD_KAFKA_RESP_ERR__TIMED_OUT, "asking"), -1);
    assert_string_equal(f.code, "_TIMED_OUT");
    assert_memory_equal(f.text, "asking: ", 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_follow_the_prefix),    cmocka_unit_test(refuses_prefixes),
        cmocka_unit_test(shipped_contract),           cmocka_unit_test(refuses_contracts),
        cmocka_unit_test(durability_by_cluster_size), cmocka_unit_test(errors_have_verdicts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
