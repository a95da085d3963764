#include "workers/pool/spawn.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <linux/close_range.h>

/* Between fork and exec the pool's signal handlers would write into the loop's shared pipe: everything is blocked
 * before the fork and each disposition is the default before it is let in again. */
static void default_signals(void)
{
    sigset_t none;
    for (int sig = 1; sig < NSIG; sig++)
        if (sig != SIGKILL && sig != SIGSTOP)
            signal(sig, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void __attribute__((noreturn)) become(const struct spawn *what, pid_t parent)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_FAILURE); /* the pool died before the line above */
    default_signals();
    setenv("NOTIFY_SOCKET", what->notify, 1);
    setenv("MUNIM_ADDRESS_FILE", what->address_file, 1);
    /* These speak of the pool and its manager. */
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_PID");
    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    execvp(what->program, what->argv);
    dprintf(STDERR_FILENO, "munim-pool: cannot run %s: %s\n", what->program, strerror(errno));
    _exit(127);
}

pid_t spawn_child(const struct spawn *what, struct fault *f)
{
    sigset_t all, before;
    pid_t parent = getpid();
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    int error = errno;
    if (pid == 0)
        become(what, parent);
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (pid < 0)
        return fault_set(f, VERDICT_RETRY, "cannot fork for %s: %s", what->program, strerror(error));
    return pid;
}

void spawn_own_dir(char *out, size_t size)
{
    ssize_t n = readlink("/proc/self/exe", out, size - 1);
    out[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(out, '/');
    if (slash != NULL)
        *slash = '\0';
}
