/* The run directory ([pool] run): one pool per directory, the processes' address files, and state.json, which is how
 * an instance is seen from outside (`munim status`).
 *
 * state.json:
 * {"state","pid","since","kafka":{"bootstrap","prefix"},"postgres":{"url"},"ingress":{"listen"},"whatsapp":{"api_url",
 * "app_secret_file","verify_token_file"},"addresses":{"<process>":{"admin":"host:port",...}},
 * "processes":[{"name","pid","state","restarts","since","last_end","status"}]}; times are RFC 3339, pid null when there
 * is none.
 */
#ifndef MUNIM_POOL_RUNDIR_H
#define MUNIM_POOL_RUNDIR_H

#include "common/base/fault.h"

#include <stddef.h>

struct pool;

#define RUNDIR_STATE "state.json"

/* Makes the directory with its parents and takes the lock. -1 and a STOP fault when another pool holds it. */
int rundir_open(struct pool *p, struct fault *f);
void rundir_close(struct pool *p);

/* Writes state.json anew beside the old one and renames it, so that a reader sees one or the other, whole. A failure
 * is logged: the shop goes on without it. */
void rundir_write(const struct pool *p);

void rundir_address_file(const struct pool *p, const char *process, char *out, size_t size);

#endif
