#include "common/base/digest.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>

struct hmac {
    EVP_MAC_CTX *ctx;
};

void digest_sha256(const void *data, size_t n, unsigned char out[DIGEST_BYTES])
{
    if (EVP_Digest(data, n, out, NULL, EVP_sha256(), NULL) != 1)
        abort();
}

void digest_hex(const unsigned char *d, size_t n, char *out)
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = hex[d[i] >> 4];
        out[2 * i + 1] = hex[d[i] & 0x0fU];
    }
    out[2 * n] = '\0';
}

struct hmac *hmac_new(const void *key, size_t n)
{
    struct hmac *h = malloc(sizeof *h);
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    if (h == NULL || mac == NULL)
        abort();
    h->ctx = EVP_MAC_CTX_new(mac);
    EVP_MAC_free(mac);
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    /* An empty key still has to be a key: NULL would mean "as before". */
    if (h->ctx == NULL || EVP_MAC_init(h->ctx, n > 0 ? key : (const void *)"", n, params) != 1)
        abort();
    return h;
}

void hmac_free(struct hmac **h)
{
    if (*h == NULL)
        return;
    EVP_MAC_CTX_free((*h)->ctx);
    free(*h);
    *h = NULL;
}

void hmac_sha256(struct hmac *h, const void *data, size_t n, unsigned char out[DIGEST_BYTES])
{
    size_t len = 0;
    /* Without a key the context begins again with the one it has: EVP_MAC(3). */
    if (EVP_MAC_init(h->ctx, NULL, 0, NULL) != 1 || EVP_MAC_update(h->ctx, data, n) != 1 ||
        EVP_MAC_final(h->ctx, out, &len, DIGEST_BYTES) != 1 || len != DIGEST_BYTES)
        abort();
}

bool digest_equal(const void *a, const void *b, size_t n)
{
    return CRYPTO_memcmp(a, b, n) == 0;
}
