/* One pool per run directory, and whether there is one: a lock that the kernel gives back however the pool ends. */
#ifndef MUNIM_POOL_LOCK_H
#define MUNIM_POOL_LOCK_H

#include "common/base/fault.h"

#include <sys/types.h>

/* Takes the lock of an existing run directory. The descriptor, to be kept open; -1 and a STOP fault when another pool
 * holds it. */
int lock_take(const char *run, struct fault *f);

/* The pid of the pool that holds it; 0 when none does. Asks without taking. */
pid_t lock_owner(const char *run);

#endif
