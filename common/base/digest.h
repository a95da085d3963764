/* SHA-256, HMAC-SHA-256 and the compare that takes the same time whatever differs; all by OpenSSL. */
#ifndef MUNIM_BASE_DIGEST_H
#define MUNIM_BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

enum { DIGEST_BYTES = 32, DIGEST_HEX = 65 };

void digest_sha256(const void *data, size_t n, unsigned char out[DIGEST_BYTES]);
void digest_hex(const unsigned char *d, size_t n, char *out); /* out has room for 2n + 1 */

/* A keyed HMAC context made once and used for many messages; the key is not kept beyond it. */
struct hmac;
struct hmac *hmac_new(const void *key, size_t n);
void hmac_free(struct hmac **h); /* wipes */
void hmac_sha256(struct hmac *h, const void *data, size_t n, unsigned char out[DIGEST_BYTES]);

/* Constant time in n; true when equal. */
bool digest_equal(const void *a, const void *b, size_t n);

#endif
