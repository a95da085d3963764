#include "common/base/random.h"

#include "common/base/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

void random_bytes(void *out, size_t n)
{
    unsigned char *p = out;
    while (n > 0) {
        ssize_t got = getrandom(p, n, 0);
        if (got <= 0)
            abort();
        p += got;
        n -= (size_t)got;
    }
}

uint32_t random_u32(void)
{
    uint32_t v;
    random_bytes(&v, sizeof v);
    return v;
}

static void uuid_text(const unsigned char b[16], char out[UUID_TEXT])
{
    (void)snprintf(out, UUID_TEXT, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
                   b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

static void uuid_stamp(unsigned char b[16], unsigned version)
{
    b[6] = (unsigned char)((b[6] & 0x0fU) | (version << 4));
    b[8] = (unsigned char)((b[8] & 0x3fU) | 0x80U);
}

void uuid7(int64_t wall_ms, char out[UUID_TEXT])
{
    unsigned char b[16];
    random_bytes(b + 6, 10);
    for (int i = 0; i < 6; i++)
        b[i] = (unsigned char)((uint64_t)wall_ms >> (40 - 8 * i));
    uuid_stamp(b, 7);
    uuid_text(b, out);
}

void uuid_of(const void *name, size_t n, char out[UUID_TEXT])
{
    unsigned char d[DIGEST_BYTES];
    digest_sha256(name, n, d);
    uuid_stamp(d, 8);
    uuid_text(d, out);
}
