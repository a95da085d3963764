/* What a worker makes of a record, and what it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common/kafka/envelope.h"
#include "workers/turn/event.h"

#include <string.h>

static int read_one(const char *type, const char *json, struct event *e, struct fault *f)
{
    return event_read(type, json, strlen(json), "d1g357", e, f);
}

static const char message[] =
    "{\"channel\":\"whatsapp\",\"account_id\":\"1\",\"message_id\":\"wamid.A\",\"key\":\"919800000001\","
    "\"identities\":[\"p:919800000001\",\"u:IN.7\"],\"address\":\"919800000001\","
    "\"address_kind\":\"phone\",\"name\":\"Asha\",\"kind\":\"text\",\"text\":\"20m blue cotton\"}";

static void a_message(void **state)
{
    (void)state;
    struct event e;
    struct fault f;
    assert_int_equal(read_one(CE_INBOUND_MESSAGE, message, &e, &f), 0);
    assert_int_equal(e.kind, EVENT_MESSAGE);
    assert_string_equal(e.identities, "p:919800000001\nu:IN.7");
    assert_string_equal(e.inbox_channel, "whatsapp");
    assert_string_equal(e.inbox_id, "wamid.A");
    assert_string_equal(e.text, "20m blue cotton");
    event_clear(&e);
}

/* Twice the same identity would be two rows that the contact's birth counts on. */
static void an_identity_counts_once(void **state)
{
    (void)state;
    struct event e;
    struct fault f;
    assert_int_equal(read_one(CE_INBOUND_MESSAGE,
                              "{\"channel\":\"w\",\"account_id\":\"1\",\"key\":\"k\",\"identities\":[\"u:x1\",\"u:x\","
                              "\"u:x1\",\"u:x\"],\"address\":\"x\",\"kind\":\"text\"}",
                              &e, &f),
                     0);
    assert_string_equal(e.identities, "u:x1\nu:x");
    event_clear(&e);
}

static void an_event_without_id_is_named_by_its_digest(void **state)
{
    (void)state;
    struct event e;
    struct fault f;
    assert_int_equal(read_one(CE_INBOUND_MESSAGE,
                              "{\"channel\":\"w\",\"account_id\":\"1\",\"key\":\"k\",\"identities\":[\"u:x\"],"
                              "\"address\":\"x\",\"kind\":\"image\"}",
                              &e, &f),
                     0);
    assert_string_equal(e.inbox_id, "sha256:d1g357");
    assert_null(e.text);
    event_clear(&e);
}

static void a_decision(void **state)
{
    (void)state;
    struct event e;
    struct fault f;
    const char *json =
        "{\"decision_id\":\"d-1\",\"order_id\":\"01890000-0000-7000-8000-000000000001\","
        "\"tenant_id\":\"t-1\",\"verb\":\"reject\",\"reason\":\"no stock\",\"version\":4,\"by\":\"Ravi\","
        "\"route\":{\"channel\":\"whatsapp\",\"account_id\":\"1\",\"key\":\"919800000001\"}}";
    assert_int_equal(read_one(CE_DECISION_ORDER, json, &e, &f), 0);
    assert_int_equal(e.kind, EVENT_DECISION);
    assert_false(e.decision.approve);
    assert_int_equal(e.decision.version, 4);
    assert_string_equal(e.decision.reason, "no stock");
    assert_string_equal(e.inbox_channel, "decision");
    assert_string_equal(e.inbox_account, "t-1");
    event_clear(&e);
}

static void refusals(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {CE_INBOUND_MESSAGE, "not json"},
        {CE_INBOUND_MESSAGE, "{}"},
        {CE_INBOUND_MESSAGE,
         "{\"channel\":\"w\",\"account_id\":\"1\",\"key\":\"k\",\"identities\":[],\"address\":\"x\","
         "\"kind\":\"text\"}"},
        {CE_INBOUND_MESSAGE, "{\"channel\":\"w\",\"account_id\":\"1\",\"key\":\"k\",\"identities\":[\"a\\nb\"],"
                             "\"address\":\"x\",\"kind\":\"text\"}"},
        {CE_DECISION_ORDER, "{\"decision_id\":\"d\",\"order_id\":\"short\",\"tenant_id\":\"t\",\"verb\":\"approve\","
                            "\"version\":1,\"route\":{\"channel\":\"w\",\"account_id\":\"1\",\"key\":\"k\"}}"},
        {CE_DECISION_ORDER, "{\"decision_id\":\"d\",\"order_id\":\"01890000-0000-7000-8000-00000000000g\","
                            "\"tenant_id\":\"t\",\"verb\":\"approve\",\"version\":1,"
                            "\"route\":{\"channel\":\"w\",\"account_id\":\"1\",\"key\":\"k\"}}"},
        {CE_INBOUND_REDRIVE, "{\"command_id\":\"c\",\"channel\":\"w\",\"account_id\":\"1\",\"key\":\"k\","
                             "\"conversation_id\":null}"},
        {"munim.something.else.v9", "{}"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct event e;
        struct fault f = {0};
        assert_int_equal(read_one(bad[i][0], bad[i][1], &e, &f), -1);
        assert_int_equal(f.verdict, VERDICT_REJECT);
        assert_true(f.text[0] != '\0');
        event_clear(&e);
    }
}

static void dedupe_keys_tell_turns_and_ordinals_apart(void **state)
{
    (void)state;
    struct event a, b;
    struct fault f;
    char k0[65], k1[65], again[65], other[65];
    assert_int_equal(read_one(CE_INBOUND_MESSAGE, message, &a, &f), 0);
    b = a;
    (void)strcpy(b.inbox_id, "wamid.B");
    event_dedupe_key(&a, "t", 0, k0);
    event_dedupe_key(&a, "t", 1, k1);
    event_dedupe_key(&a, "t", 0, again);
    event_dedupe_key(&b, "t", 0, other);
    assert_int_equal(strlen(k0), 64);
    assert_string_equal(k0, again);
    assert_string_not_equal(k0, k1);
    assert_string_not_equal(k0, other);
    event_dedupe_key(&a, "u", 0, other);
    assert_string_not_equal(k0, other);
    event_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message),
        cmocka_unit_test(an_identity_counts_once),
        cmocka_unit_test(an_event_without_id_is_named_by_its_digest),
        cmocka_unit_test(a_decision),
        cmocka_unit_test(refusals),
        cmocka_unit_test(dedupe_keys_tell_turns_and_ordinals_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
