/* The marked resend of a message whose outcome nobody can know. Pure. */
#ifndef MUNIM_SENDER_RESEND_H
#define MUNIM_SENDER_RESEND_H

#include "common/base/digest.h"

#define RESEND_MARK "(dobara bheja / sent again) "

/* SHA-256 hex of the old key and "\nresend": the same on every machine and at every try. */
void resend_key(const char *old_key, char out[DIGEST_HEX]);

/* The outbound payload under the new key, its text marked and kept within 4,096 characters; "seq" is the writer's to
 * set. NULL when the payload cannot be read. The caller frees. */
char *resend_payload(const char *payload, const char *new_key);

#endif
