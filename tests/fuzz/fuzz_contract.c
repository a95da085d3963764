/* The topics' contract: every topic with possible values, or refused in words. */
#include "tests/fuzz/fuzz.h"

#include "common/kafka/topics_contract.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct topic_spec spec[TOPIC_COUNT];
    struct fault f = {.text = ""};
    if (topics_contract_read((const char *)data, n, spec, &f) != 0) {
        ENSURE(f.verdict == VERDICT_STOP && f.text[0] != '\0');
        return 0;
    }
    for (int t = 0; t < TOPIC_COUNT; t++)
        for (int replicas = 1; replicas <= 3; replicas += 2) {
            struct topic_setting list[TOPIC_SETTINGS];
            topic_settings(&spec[t], replicas, list);
            int i = 0;
            for (; i < TOPIC_SETTINGS && list[i].name != NULL; i++)
                ENSURE(list[i].value[0] != '\0' && memchr(list[i].value, 0, sizeof list[i].value) != NULL);
            ENSURE(i < TOPIC_SETTINGS);
            ENSURE(spec[t].partitions >= 0 && spec[t].max_message_bytes > 0 && spec[t].retention_ms >= -1);
        }
    return 0;
}
