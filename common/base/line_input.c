#include "common/base/line_input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MOST = 64 * 1024 };

struct line_input {
    int fd;
    bool ended;
    size_t begin, end; /* what has been read and not been given */
    char text[LINE_MOST + 1];
};

struct line_input *line_input_new(int fd)
{
    struct line_input *in = calloc(1, sizeof *in);
    if (in == NULL)
        abort();
    in->fd = fd;
    return in;
}

void line_input_free(struct line_input **in)
{
    free(*in);
    *in = NULL;
}

bool line_input_read(struct line_input *in)
{
    memmove(in->text, in->text + in->begin, in->end - in->begin);
    in->end -= in->begin;
    in->begin = 0;
    ssize_t n;
    do {
        n = read(in->fd, in->text + in->end, LINE_MOST - in->end);
    } while (n < 0 && errno == EINTR);
    if (in->end < LINE_MOST) /* else nothing was asked for */
        in->ended = n == 0 || (n < 0 && errno != EAGAIN);
    in->end += n > 0 ? (size_t)n : 0;
    return !in->ended;
}

char *line_input_next(struct line_input *in)
{
    char *line = in->text + in->begin;
    size_t n = in->end - in->begin;
    char *stop = memchr(line, '\n', n);
    if (stop != NULL) {
        in->begin += (size_t)(stop - line) + 1;
    } else if (n > 0 && (in->ended || n == LINE_MOST)) {
        stop = line + n;
        in->begin = in->end;
    } else {
        return NULL;
    }
    *stop = '\0';
    if (stop > line && stop[-1] == '\r')
        stop[-1] = '\0';
    return line;
}
