#include "common/service/address_file.h"

#include "common/log/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utstring.h>

static UT_string *lines;
static bool published;

static int write_whole(const char *path, const char *text, size_t n)
{
    char temporary[PATH_MAX];
    if (snprintf(temporary, sizeof temporary, "%s.%d", path, (int)getpid()) >= (int)sizeof temporary) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return -1;
    ssize_t written = write(fd, text, n);
    if (written >= 0 && (size_t)written < n)
        errno = ENOSPC;
    if (close(fd) != 0 || written < 0 || (size_t)written < n || rename(temporary, path) != 0) {
        int why = errno;
        unlink(temporary);
        errno = why;
        return -1;
    }
    return 0;
}

void address_file_add(const char *key, const char *value)
{
    if (lines == NULL)
        utstring_new(lines);
    utstring_printf(lines, "%s=%s\n", key, value);
    if (published)
        address_file_publish();
}

void address_file_publish(void)
{
    const char *path = getenv("MUNIM_ADDRESS_FILE");
    published = true;
    if (path == NULL || *path == '\0' || lines == NULL)
        return;
    if (write_whole(path, utstring_body(lines), utstring_len(lines)) != 0)
        log_event(LOG_ERROR, "cannot write the address file", F_STR("file", path), F_STR("error", strerror(errno)));
}

void address_file_done(void)
{
    if (lines != NULL)
        utstring_free(lines);
    lines = NULL;
    published = false;
}
