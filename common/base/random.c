#include "common/base/random.h"

#include "common/base/digest.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static void kernel_bytes(void *out, size_t n)
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

/* Three ids a webhook would be three system calls; a small store makes it one in a dozen. Programs here never fork
 * without an exec, so no child shares it. */
void random_bytes(void *out, size_t n)
{
    static unsigned char store[512];
    static size_t left;
    if (n > sizeof store / 4) {
        kernel_bytes(out, n);
        return;
    }
    if (left < n) {
        kernel_bytes(store, sizeof store);
        left = sizeof store;
    }
    left -= n;
    memcpy(out, store + left, n);
    explicit_bzero(store + left, n);
}

uint32_t random_u32(void)
{
    uint32_t v;
    random_bytes(&v, sizeof v);
    return v;
}

static void uuid_text(const unsigned char b[16], char out[UUID_TEXT])
{
    static const size_t parts[] = {4, 2, 2, 2, 6};
    char *o = out;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        digest_hex(b, parts[i], o);
        b += parts[i];
        o += 2 * parts[i];
        *o++ = '-';
    }
    o[-1] = '\0';
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
