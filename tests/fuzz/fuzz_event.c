/* A record of inbound or decision as the turn engine reads it. Input: which type, then the value. */
#include "tests/fuzz/fuzz.h"

#include "common/kafka/envelope.h"
#include "workers/turn/event.h"

static const char digest[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static void ended(const char *text, size_t room)
{
    ENSURE(memchr(text, 0, room) != NULL);
}

static void check(const struct event *e)
{
    char one[65], two[65];
    ended(e->channel, sizeof e->channel);
    ended(e->account_id, sizeof e->account_id);
    ended(e->key, sizeof e->key);
    ended(e->inbox_channel, sizeof e->inbox_channel);
    ended(e->inbox_account, sizeof e->inbox_account);
    ended(e->inbox_id, sizeof e->inbox_id);
    ended(e->identities, sizeof e->identities);
    ended(e->address, sizeof e->address);
    ended(e->name, sizeof e->name);
    ENSURE(e->channel[0] != '\0' && e->account_id[0] != '\0' && e->key[0] != '\0');
    ENSURE(e->inbox_channel[0] != '\0' && e->inbox_account[0] != '\0' && e->inbox_id[0] != '\0');
    ENSURE(e->kind != EVENT_MESSAGE || (e->identities[0] != '\0' && e->address[0] != '\0'));
    ENSURE(e->kind != EVENT_DECISION || strlen(e->decision.order_id) == UUID_TEXT - 1);
    ENSURE(e->kind != EVENT_REDRIVE || strlen(e->conversation_id) == UUID_TEXT - 1);
    event_dedupe_key(e, "00000000-0000-4000-8000-000000000001", 0, one);
    event_dedupe_key(e, "00000000-0000-4000-8000-000000000001", 1, two);
    ENSURE(strlen(one) == 64 && strcmp(one, two) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char *const types[] = {CE_INBOUND_MESSAGE, CE_DECISION_ORDER, CE_INBOUND_REDRIVE, "another"};
    unsigned type = fuzz_choice(&data, &n, 4);
    struct event e;
    struct fault f = {.text = ""};
    if (event_read(types[type], data, n, digest, &e, &f) != 0) {
        ENSURE(f.verdict == VERDICT_REJECT && f.text[0] != '\0');
        ENSURE(e.text == NULL);
        return 0;
    }
    ENSURE(type < 3 && (unsigned)e.kind == type);
    check(&e);
    event_clear(&e);
    return 0;
}
