#include "common/base/phone.h"

#include "common/base/digest.h"

#include <stdio.h>
#include <string.h>

enum { DIGITS_LEAST = 8, DIGITS_MOST = 15 };

bool phone_normalise(const char *text, char out[PHONE_MAX])
{
    size_t n = 0;
    out[0] = '\0';
    text += strspn(text, " ");
    if (*text == '+')
        text++;
    for (; *text != '\0'; text++) {
        if (*text >= '0' && *text <= '9') {
            if (n == DIGITS_MOST)
                goto no;
            out[n++] = *text;
        } else if (strchr(" -.()/", *text) == NULL) {
            goto no;
        }
    }
    if (n < DIGITS_LEAST || out[0] == '0')
        goto no;
    out[n] = '\0';
    return true;
no:
    out[0] = '\0';
    return false;
}

static bool printable(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text < 0x20 || *text > 0x7e)
            return false;
    return true;
}

bool customer_key(const char *phone, const char *prefix, const char *user_id, char out[KEY_MAX])
{
    char digits[PHONE_MAX];
    out[0] = '\0';
    if (phone != NULL && phone_normalise(phone, digits)) {
        memcpy(out, digits, sizeof digits);
        return true;
    }
    if (user_id == NULL || user_id[0] == '\0' || !printable(user_id))
        return false;
    int n = snprintf(out, KEY_MAX, "%s:%s", prefix, user_id);
    if (n < 0 || n >= KEY_MAX) {
        out[0] = '\0';
        return false;
    }
    return true;
}

void customer_mask(const char *key, char out[16])
{
    unsigned char d[DIGEST_BYTES];
    char hex[7];
    size_t n = strlen(key);
    digest_sha256(key, n, d);
    digest_hex(d, 3, hex);
    /* Of a short key two characters would be most of it. */
    (void)snprintf(out, 16, "..%s#%s", n >= DIGITS_LEAST ? key + n - 2 : "", hex);
}
