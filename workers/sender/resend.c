#include "workers/sender/resend.h"

#include "common/base/json.h"

#include <stdlib.h>
#include <string.h>
#include <utstring.h>

enum { TEXT_CHARS = 4096 };

void resend_key(const char *old_key, char out[DIGEST_HEX])
{
    UT_string both;
    utstring_init(&both);
    utstring_printf(&both, "%s\nresend", old_key);
    unsigned char d[DIGEST_BYTES];
    digest_sha256(utstring_body(&both), utstring_len(&both), d);
    digest_hex(d, DIGEST_BYTES, out);
    utstring_done(&both);
}

/* Bytes of the first n characters of valid UTF-8. */
static size_t bytes_of(const char *text, size_t n)
{
    size_t i = 0;
    for (; text[i] != '\0'; i++)
        if (((unsigned char)text[i] & 0xC0U) != 0x80U && n-- == 0)
            break;
    return i;
}

static void put(cJSON *o, const char *key, const char *value)
{
    cJSON_DeleteItemFromObjectCaseSensitive(o, key);
    json_put_str(o, key, value);
}

char *resend_payload(const char *payload, const char *new_key)
{
    cJSON *root = json_parse(payload, strlen(payload), &json_limits_default, NULL);
    const char *text = json_str(root, "text");
    if (text == NULL) {
        cJSON_Delete(root);
        return NULL;
    }
    UT_string marked;
    utstring_init(&marked);
    utstring_printf(&marked, "%s%s", RESEND_MARK, text);
    utstring_body(&marked)[bytes_of(utstring_body(&marked), TEXT_CHARS)] = '\0';
    put(root, "text", utstring_body(&marked));
    put(root, "dedupe_key", new_key);
    utstring_done(&marked);
    char *out = json_text(root);
    cJSON_Delete(root);
    return out;
}
