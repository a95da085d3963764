/* Fork, then exec, then the child opens what it needs: nothing of the pool's is inherited but its environment, its
 * standard streams and its working directory. */
#ifndef MUNIM_POOL_SPAWN_H
#define MUNIM_POOL_SPAWN_H

#include "common/base/fault.h"

#include <sys/types.h>

struct spawn {
    const char *program;      /* path, or a name looked up in PATH */
    char *const *argv;        /* NULL-ended, argv[0] first */
    const char *notify;       /* NOTIFY_SOCKET for the child */
    const char *address_file; /* MUNIM_ADDRESS_FILE for the child */
};

/* Starts the child in a process group of its own, so that a terminal's Ctrl-C reaches the pool alone and the drain
 * keeps its order. The child is killed by the kernel when the pool dies, however that happens. An exec that fails shows
 * as exit 127. Returns the pid, or -1 and a RETRY fault. */
pid_t spawn_child(const struct spawn *what, struct fault *f);

/* Directory of the running program, without a slash at the end; "" when the kernel does not tell. */
void spawn_own_dir(char *out, size_t size);

#endif
