/* One record, written and waited for: for commands, which have no loop. */
#ifndef MUNIM_KAFKA_PUT_H
#define MUNIM_KAFKA_PUT_H

#include "common/base/fault.h"
#include "common/config/settings.h"

struct put_record {
    const char *topic, *key, *value; /* key and value NUL-ended */
    const char *type, *source;       /* of the envelope */
};

/* Blocks until the brokers have acknowledged it (acks=all), at most 15 s. RETRY when it may not have been written; it
 * may have been all the same. */
int kafka_put(const struct settings *s, const struct put_record *r, struct fault *f);

#endif
