/* Identities as channels write them, the key made of them, and what a log may show. Input: phone, NUL, user id. */
#include "tests/fuzz/fuzz.h"

#include "common/base/phone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char digits[PHONE_MAX], again[PHONE_MAX], key[KEY_MAX], mask[16];
    char *phone = fuzz_text(&data, &n), *user = fuzz_text(&data, &n);
    bool good = phone_normalise(phone, digits);
    size_t len = strlen(digits);
    ENSURE(good == (len > 0));
    if (good) {
        ENSURE(len >= 8 && len <= 15 && digits[0] != '0' && strspn(digits, "0123456789") == len);
        ENSURE(phone_normalise(digits, again) && strcmp(digits, again) == 0);
    }
    bool keyed = customer_key(phone, "wa", user, key);
    ENSURE(keyed == (key[0] != '\0') && strlen(key) < KEY_MAX);
    ENSURE(!good || (keyed && strcmp(key, digits) == 0));
    for (const char *p = key; *p != '\0'; p++)
        ENSURE(*p >= ' ' && *p <= '~');
    customer_mask(key, mask);
    ENSURE(strlen(mask) < sizeof mask && strchr(mask, '#') != NULL);
    ENSURE(len == 0 || strstr(mask, digits) == NULL);
    free(phone);
    free(user);
    return 0;
}
