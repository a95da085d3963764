#include "workers/pool/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A record lock rather than flock: it can be asked about without being taken, and it tells who holds it. */
static struct flock whole_file(void)
{
    return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
}

static int open_lock(const char *run, int flags)
{
    char path[640];
    snprintf(path, sizeof(path), "%s/pool.lock", run);
    return open(path, flags | O_CLOEXEC, 0644);
}

int lock_take(const char *run, struct fault *f)
{
    struct flock lock = whole_file();
    int fd = open_lock(run, O_RDWR | O_CREAT);
    if (fd < 0)
        return fault_set(f, VERDICT_STOP, "cannot open pool.lock in %s: %s", run, strerror(errno));
    if (fcntl(fd, F_SETLK, &lock) == 0)
        return fd;
    close(fd);
    return fault_set(f, VERDICT_STOP,
                     "another munim-pool (pid %d) runs in %s: stop it, or give this one its own MUNIM_VAR",
                     (int)lock_owner(run), run);
}

pid_t lock_owner(const char *run)
{
    struct flock lock = whole_file();
    int fd = open_lock(run, O_RDONLY);
    if (fd < 0)
        return 0;
    int failed = fcntl(fd, F_GETLK, &lock);
    close(fd);
    return failed == 0 && lock.l_type != F_UNLCK ? lock.l_pid : 0;
}
