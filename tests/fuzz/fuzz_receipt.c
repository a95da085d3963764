/* A delivery status as the sender reads it. */
#include "tests/fuzz/fuzz.h"

#include "workers/sender/receipt.h"

static void printable(const char *text, size_t room)
{
    ENSURE(memchr(text, 0, room) != NULL);
    for (; *text != '\0'; text++)
        ENSURE(*text > ' ' && *text <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct receipt r;
    struct fault f = {.text = ""};
    if (receipt_read(&r, (const char *)data, n, &f) != 0) {
        ENSURE(f.verdict == VERDICT_REJECT && f.text[0] != '\0');
        return 0;
    }
    ENSURE(r.kind <= RECEIPT_OTHER && receipt_kind_name(r.kind) != NULL);
    ENSURE(r.channel[0] != '\0' && r.account_id[0] != '\0' && r.provider_id[0] != '\0');
    printable(r.channel, sizeof r.channel);
    printable(r.account_id, sizeof r.account_id);
    printable(r.provider_id, sizeof r.provider_id);
    printable(r.dedupe_key, sizeof r.dedupe_key);
    printable(r.error_code, sizeof r.error_code);
    ENSURE(r.at_s >= 0 && r.at_s < INT64_C(100000000000));
    ENSURE(r.error_code[0] == '\0' || r.kind == RECEIPT_FAILED);
    return 0;
}
