/* The prefix belongs to one installation: positions in one database and offsets in one set of topics are a pair. */
#ifndef MUNIM_CLAIM_INSTALLATION_H
#define MUNIM_CLAIM_INSTALLATION_H

#include "common/base/fault.h"
#include "common/config/settings.h"

/* Blocking, at start of every process that keeps positions: reads this database's installation and claims the prefix
 * for it. STOP when the prefix is another installation's; RETRY when Postgres or Kafka does not answer. */
int installation_claim(const struct settings *s, struct fault *f);

#endif
