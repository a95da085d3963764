/* One prefix, one installation. Two shops' systems with databases of their own under one prefix would share the
 * consumer groups, and each would take part of the other's messages. The first to claim a prefix is written down in the
 * topic <prefix>.owner.v1 (one partition, never deleted, never compacted): the record at the lowest offset is the owner
 * for good. Deleting that topic gives the prefix free. */
#ifndef MUNIM_KAFKA_OWNER_H
#define MUNIM_KAFKA_OWNER_H

#include "common/base/fault.h"
#include "common/config/settings.h"

enum { INSTALLATION_MAX = 96 };

/* Blocking, at start. installation names the database that holds the positions, the same from every process, at most
 * INSTALLATION_MAX - 1 characters. 0 when the prefix is this installation's, also when it has just become so; -1 and
 * a STOP fault when it is another's, RETRY when the broker does not answer. */
int owner_claim(const struct settings *s, const char *installation, struct fault *f);

#endif
