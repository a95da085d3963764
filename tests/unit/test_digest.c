/* SHA-256 (FIPS 180-2 examples) and HMAC-SHA-256 (RFC 4231, section 4). */
#include "common/base/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void sha256_vectors(void **state)
{
    (void)state;
    unsigned char d[DIGEST_BYTES];
    char hex[DIGEST_HEX];
    digest_sha256("", 0, d);
    digest_hex(d, sizeof d, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    digest_sha256("abc", 3, d);
    digest_hex(d, sizeof d, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void check(const void *key, size_t key_len, const void *data, size_t n, const char *want)
{
    unsigned char d[DIGEST_BYTES];
    char hex[DIGEST_HEX];
    struct hmac *h = hmac_new(key, key_len);
    for (int round = 0; round < 2; round++) { /* the second message of one context counts as much as the first */
        hmac_sha256(h, data, n, d);
        digest_hex(d, sizeof d, hex);
        assert_string_equal(hex, want);
    }
    hmac_free(&h);
    assert_null(h);
}

static void rfc4231(void **state)
{
    (void)state;
    unsigned char key[131], data[50];
    memset(key, 0x0b, 20);
    check(key, 20, "Hi There", 8, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    check("Jefe", 4, "what do ya want for nothing?", 28,
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    memset(data, 0xdd, sizeof data);
    check(key, 20, data, sizeof data, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    for (unsigned i = 0; i < 25; i++)
        key[i] = (unsigned char)(i + 1);
    memset(data, 0xcd, sizeof data);
    check(key, 25, data, sizeof data, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
    memset(key, 0xaa, sizeof key);
    check(key, 131, "Test Using Larger Than Block-Size Key - Hash Key First", 54,
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    static const char seven[] =
        "This is a test using a larger than block-size key and a larger than block-size data. The "
        "key needs to be hashed before being used by the HMAC algorithm.";
    check(key, 131, seven, sizeof seven - 1, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

static void empty_key(void **state)
{
    (void)state;
    check("", 0, "", 0, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void equality(void **state)
{
    (void)state;
    assert_true(digest_equal("abcd", "abcd", 4));
    assert_false(digest_equal("abcd", "abce", 4));
    assert_false(digest_equal("xbcd", "abcd", 4));
    assert_true(digest_equal("abcd", "abce", 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_vectors),
        cmocka_unit_test(rfc4231),
        cmocka_unit_test(empty_key),
        cmocka_unit_test(equality),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
