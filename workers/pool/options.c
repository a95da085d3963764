#include "workers/pool/options.h"

#include "common/config/settings.h"
#include "common/service/listen.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* "--kafka.prefix=x" -> MUNIM_KAFKA_PREFIX=x. False when the argument is no setting with a value. */
static bool set_from(const char *flag, const char *value)
{
    char name[128];
    size_t n = strcspn(flag, "=");
    if (value == NULL || n + sizeof("MUNIM_") > sizeof(name))
        return false;
    snprintf(name, sizeof(name), "MUNIM_%.*s", (int)n, flag);
    for (char *c = name; *c != '\0'; c++)
        *c = *c == '.' ? '_' : (char)toupper((unsigned char)*c);
    return setenv(name, value, 1) == 0;
}

/* How many arguments at argv[0] were moved. */
static int move_one(char **argv)
{
    const char *flag = argv[0] + 2;
    if (strncmp(argv[0], "--", 2) != 0)
        return 0;
    size_t n = strcspn(flag, "=");
    bool own = flag[n] == '=', config = n == strlen("config") && memcmp(flag, "config", n) == 0;
    const char *dot = memchr(flag, '.', n), *value = own ? flag + n + 1 : argv[1];
    if (!config && (dot == NULL || dot == flag))
        return 0;
    return set_from(flag, value) ? 1 + !own : 0;
}

void options_to_environment(int *argc, char **argv)
{
    int kept = 1;
    for (int i = 1; i < *argc;) {
        int moved = move_one(&argv[i]);
        if (moved == 0)
            argv[kept++] = argv[i++];
        i += moved;
    }
    argv[kept] = NULL;
    *argc = kept;
}

bool options_take(int *argc, char **argv, const char *flag)
{
    for (int i = 1; i < *argc; i++) {
        if (strcmp(argv[i], flag) != 0)
            continue;
        memmove(&argv[i], &argv[i + 1], (size_t)(*argc - i) * sizeof(*argv));
        (*argc)--;
        return true;
    }
    return false;
}

/* A socket bound to a free port of the address that does not listen, so that the port stays ours and no connection is
 * given to it. -1 when the address cannot be had; ingress itself will say why. */
static int reserve(const char *address, char name[64])
{
    struct sockaddr_storage at = {0};
    socklen_t size = sizeof(at);
    int on = 1, chosen = listen_tcp(address, true, NULL);
    if (chosen < 0)
        return -1;
    listen_name(chosen, name);
    int fd = -1;
    if (getsockname(chosen, (struct sockaddr *)&at, &size) == 0)
        fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
                    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0 ||
                    bind(fd, (struct sockaddr *)&at, size) != 0)) {
        close(fd);
        fd = -1;
    }
    close(chosen);
    return fd;
}

void options_choose_port(void)
{
    char *none[] = {(char[]){"munim-pool"}, NULL};
    int count = 1;
    char name[64];
    struct settings *s = settings_new(&count, none, NULL);
    if (s == NULL)
        return;
    const char *address = settings_text(s, "ingress", "listen");
    size_t n = strlen(address);
    if (n >= 2 && strcmp(address + n - 2, ":0") == 0 && reserve(address, name) >= 0)
        setenv("MUNIM_INGRESS_LISTEN", name, 1);
    settings_free(&s);
}
