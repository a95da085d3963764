/* Customer identities as channels write them, and the Kafka key made of them. */
#ifndef MUNIM_BASE_PHONE_H
#define MUNIM_BASE_PHONE_H

#include <stdbool.h>
#include <stddef.h>

enum { PHONE_MAX = 16, KEY_MAX = 160 };

/* E.164 digits without "+" (8 to 15, not beginning with 0) out of "+91 98765-43210", "919876543210" and the like.
 * False and out = "" when the text is no such number. */
bool phone_normalise(const char *text, char out[PHONE_MAX]);

/* The routing key: the phone when there is one, else prefix ":" user id ("wa:IN.1349..."). False when there is
 * neither, or the id is longer than KEY_MAX or holds anything outside printable ASCII. */
bool customer_key(const char *phone, const char *prefix, const char *user_id, char out[KEY_MAX]);

/* What a log may show of a key: the last two characters and a short hash, "..10#a1b2c3". */
void customer_mask(const char *key, char out[16]);

#endif
