/* traceparent as a stranger sends it: the next one is always well formed, and of the same trace when the parent was. */
#include "tests/fuzz/fuzz.h"

#include "common/kafka/envelope.h"

static bool hex(const char *p, size_t n)
{
    return strspn(p, "0123456789abcdef") >= n;
}

static bool well_formed(const char *t)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): strlen() saw 55 bytes */
    return strlen(t) == 55 && t[2] == '-' && t[35] == '-' && t[52] == '-' && hex(t, 2) && hex(t + 3, 32) &&
           hex(t + 36, 16) && hex(t + 53, 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char next[TRACEPARENT_MAX], after[TRACEPARENT_MAX];
    char *parent = fuzz_text(&data, &n);
    traceparent_next(parent, next);
    ENSURE(well_formed(next) && strncmp(next, "00-", 3) == 0);
    ENSURE(strncmp(next + 3, "00000000000000000000000000000000", 32) != 0);
    ENSURE(strncmp(next + 36, "0000000000000000", 16) != 0);
    if (strncmp(parent, "00-", 3) == 0 && well_formed(parent) && strspn(parent + 3, "0") < 32 &&
        strspn(parent + 36, "0") < 16)
        ENSURE(strncmp(parent, next, 35) == 0 && strncmp(parent + 36, next + 36, 16) != 0);
    traceparent_next(next, after);
    ENSURE(strncmp(next, after, 35) == 0 && strcmp(next, after) != 0);
    free(parent);
    return 0;
}
