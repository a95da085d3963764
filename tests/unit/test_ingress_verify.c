/* Signature and handshake. The first vectors are RFC 4231's (HMAC-SHA-256, cases 1 and 2). */
#include "common/base/digest.h"
#include "ingress/whatsapp_verify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool is_signed(struct whatsapp_verify *v, const char *field, const char *body)
{
    return whatsapp_signed(v, field, strlen(field), body, strlen(body));
}

static void checks_known_signatures(void **state)
{
    (void)state;
    struct whatsapp_verify *v = whatsapp_verify_new("\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"
                                                    "\x0b\x0b\x0b\x0b",
                                                    NULL);
    assert_non_null(v);
    assert_true(is_signed(v, "sha256=b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7", "Hi There"));
    assert_false(is_signed(v, "sha256=b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7", "Hi there"));
    whatsapp_verify_free(&v);
    assert_null(v);
    v = whatsapp_verify_new("Jefe\n", NULL);
    assert_true(is_signed(v, "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
                          "what do ya want for nothing?"));
    whatsapp_verify_free(&v);
}

static void refuses_every_other_spelling(void **state)
{
    (void)state;
    static const char good[] = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    static const char body[] = "what do ya want for nothing?";
    char field[128];
    struct whatsapp_verify *v = whatsapp_verify_new("Jefe", NULL);
    for (size_t i = 0; i < sizeof good - 1; i++) { /* any other character at any place */
        memcpy(field, good, sizeof good);
        field[i] = field[i] == '0' ? '1' : '0';
        assert_false(is_signed(v, field, body));
    }
    assert_false(is_signed(v, "", body));
    assert_false(is_signed(v, good + 7, body));
    assert_false(whatsapp_signed(v, good, sizeof good - 2, body, sizeof body - 1));
    assert_false(is_signed(v, "sha1=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec384300", body));
    assert_false(is_signed(v, "sha256=5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843", body));
    whatsapp_verify_free(&v);
}

/* One secret a line, all in force: how a secret is changed without losing a webhook. */
static void takes_any_secret_in_force(void **state)
{
    (void)state;
    char field[7 + DIGEST_HEX];
    unsigned char d[DIGEST_BYTES];
    struct whatsapp_verify *v = whatsapp_verify_new("old \r\n\n  \nnew-one\n", NULL);
    assert_non_null(v);
    static const char *const keys[] = {"old", "new-one", "older", "old \r"};
    for (size_t i = 0; i < 4; i++) {
        struct hmac *h = hmac_new(keys[i], strlen(keys[i]));
        hmac_sha256(h, "{}", 2, d);
        hmac_free(&h);
        /* NOLINTNEXTLINE(bugprone-not-null-terminated-result): the digest follows */
        memcpy(field, "sha256=", 7);
        digest_hex(d, sizeof d, field + 7);
        assert_int_equal(is_signed(v, field, "{}"), i < 2);
    }
    whatsapp_verify_free(&v);
    assert_null(whatsapp_verify_new("\n \n", NULL));
    assert_null(whatsapp_verify_new("1\n2\n3\n4\n5\n6\n7\n8\n9", NULL));
    v = whatsapp_verify_new("1\n2\n3\n4\n5\n6\n7\n8\n\n", NULL);
    assert_non_null(v);
    whatsapp_verify_free(&v);
}

static void answers_the_handshake(void **state)
{
    (void)state;
    static const struct {
        const char *query, *challenge; /* NULL: refused */
    } rows[] = {
        {"hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=meatyhamhock", "1158201444"},
        {"hub.verify_token=second%20token&x=y&hub.challenge=a%2Bb%3D+c&hub.mode=subscribe", "a+b= c"},
        {"hub.verify_token=second+token&hub.challenge=1&hub.mode=subscribe", "1"},
        {"hub.mode=subscribe&hub.challenge=1&hub.verify_token=meatyhamhoc", NULL},
        {"hub.mode=subscribe&hub.challenge=1&hub.verify_token=meatyhamhockx", NULL},
        {"hub.mode=subscribe&hub.challenge=1&hub.verify_token=", NULL},
        {"hub.mode=subscribe&hub.challenge=1", NULL},
        {"hub.mode=subscribe&hub.verify_token=meatyhamhock", NULL},
        {"hub.mode=subscribe&hub.challenge=&hub.verify_token=meatyhamhock", NULL},
        {"hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=meatyhamhock", NULL},
        {"hub.challenge=1&hub.verify_token=meatyhamhock", NULL},
        {"hub.mode=subscribe&hub.challenge=1&hub.challenge=2&hub.verify_token=meatyhamhock", NULL},
        {"hub.mode=subscribe&hub.challenge=%0d%0aX&hub.verify_token=meatyhamhock", NULL},
        {"hub.mode=subscribe&hub.challenge=%4&hub.verify_token=meatyhamhock", NULL},
        {"hub.mode=subscribe&hub.challenge=%zz&hub.verify_token=meatyhamhock", NULL},
        {"hub.mode=subscribe&hub.challenge=%00&hub.verify_token=meatyhamhock", NULL},
        {"", NULL},
        {"&&&=&", NULL},
    };
    char out[WA_CHALLENGE_MAX + 1];
    struct whatsapp_verify *v = whatsapp_verify_new("s", "meatyhamhock\nsecond token\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool good = whatsapp_handshake(v, rows[i].query, strlen(rows[i].query), out);
        if (good != (rows[i].challenge != NULL))
            fail_msg("%s was %s", rows[i].query, good ? "taken" : "refused");
        if (good)
            assert_string_equal(out, rows[i].challenge);
    }
    whatsapp_verify_free(&v);
    v = whatsapp_verify_new("s", NULL);
    assert_false(whatsapp_handshake(v, rows[0].query, strlen(rows[0].query), out));
    whatsapp_verify_free(&v);
}

static void bounds_the_challenge(void **state)
{
    (void)state;
    char out[WA_CHALLENGE_MAX + 1], query[WA_CHALLENGE_MAX + 128];
    struct whatsapp_verify *v = whatsapp_verify_new("s", "t");
    for (size_t more = 0; more < 2; more++) {
        int n = snprintf(query, sizeof query, "hub.mode=subscribe&hub.verify_token=t&hub.challenge=");
        memset(query + n, 'c', WA_CHALLENGE_MAX + more);
        assert_int_equal(whatsapp_handshake(v, query, (size_t)n + WA_CHALLENGE_MAX + more, out), more == 0);
    }
    whatsapp_verify_free(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checks_known_signatures),   cmocka_unit_test(refuses_every_other_spelling),
        cmocka_unit_test(takes_any_secret_in_force), cmocka_unit_test(answers_the_handshake),
        cmocka_unit_test(bounds_the_challenge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
