/* Signature of a POST and handshake of a GET. Only the right digest in the right form is taken; a challenge is
 * printable ASCII. Input: the field or query up to the first NUL, then the body. */
#include "tests/fuzz/fuzz.h"

#include "common/base/digest.h"
#include "ingress/whatsapp_verify.h"

static const char secrets[] = "first-secret\nsecond-secret\n";

static bool right(const char *secret, const char *field, const uint8_t *body, size_t n)
{
    unsigned char d[DIGEST_BYTES];
    char want[8 + DIGEST_HEX] = "sha256=";
    struct hmac *h = hmac_new(secret, strlen(secret));
    hmac_sha256(h, body, n, d);
    hmac_free(&h);
    digest_hex(d, sizeof d, want + 7);
    return strcmp(field, want) == 0;
}

static void handshake(const struct whatsapp_verify *v, const char *query)
{
    char out[WA_CHALLENGE_MAX + 1];
    if (!whatsapp_handshake(v, query, strlen(query), out))
        return;
    ENSURE(out[0] != '\0' && strlen(out) <= WA_CHALLENGE_MAX);
    for (const char *p = out; *p != '\0'; p++)
        ENSURE(*p >= ' ' && *p <= '~');
    ENSURE(strstr(query, "hub") != NULL || strchr(query, '%') != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct whatsapp_verify *v;
    if (v == NULL)
        v = whatsapp_verify_new(secrets, "token-one\ntoken-two");
    ENSURE(v != NULL);
    char *field = fuzz_text(&data, &n);
    bool taken = whatsapp_signed(v, field, strlen(field), (const char *)data, n);
    ENSURE(taken == (right("first-secret", field, data, n) || right("second-secret", field, data, n)));
    handshake(v, field);
    /* The secrets as a file may hold them: anything. */
    struct whatsapp_verify *other = whatsapp_verify_new(field, field);
    if (other != NULL)
        handshake(other, field);
    whatsapp_verify_free(&other);
    /* And the right signature, so that the body is not only refused. */
    unsigned char d[DIGEST_BYTES];
    char good[8 + DIGEST_HEX] = "sha256=";
    struct hmac *h = hmac_new("second-secret", 13);
    hmac_sha256(h, data, n, d);
    hmac_free(&h);
    digest_hex(d, sizeof d, good + 7);
    ENSURE(whatsapp_signed(v, good, strlen(good), (const char *)data, n));
    good[9] = (char)(good[9] == '0' ? '1' : '0');
    ENSURE(!whatsapp_signed(v, good, strlen(good), (const char *)data, n));
    free(field);
    return 0;
}
