#include "workers/approvals/watch.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SHOWN_MOST = 999, LOOK_MS = 250 };

struct watching {
    struct board *board;
    const struct decide_options *options;
    char shown[SHOWN_MOST][UUID_TEXT]; /* number N is shown[N - 1] */
    size_t n;
    bool terminal;
};

static size_t number_of(const struct watching *w, const char *order_id)
{
    for (size_t i = 0; i < w->n; i++) {
        if (strcmp(w->shown[i], order_id) == 0)
            return i + 1;
    }
    return 0;
}

static void show(void *arg, const struct approval *a)
{
    struct watching *w = arg;
    size_t n = number_of(w, a->order_id);
    if (n == 0 && (!approval_waiting(a) || w->n == SHOWN_MOST))
        return;
    if (n == 0) {
        memcpy(w->shown[w->n++], a->order_id, UUID_TEXT);
        n = w->n;
    }
    UT_string line;
    utstring_init(&line);
    approval_line(a, &line);
    printf("%3zu  %s", n, utstring_body(&line));
    (void)fflush(stdout);
    utstring_done(&line);
}

static void prompt(const struct watching *w)
{
    if (w->terminal) {
        printf("a N approve, r N REASON reject, q quit > ");
        (void)fflush(stdout);
    }
}

/* False when watching ends. */
static bool obey(struct watching *w, char *line)
{
    line[strcspn(line, "\n")] = '\0';
    if (strcmp(line, "q") == 0)
        return false;
    char *end = line;
    long n = line[0] == 'a' || line[0] == 'r' ? strtol(line + 1, &end, 10) : 0;
    while (*end == ' ')
        end++;
    if (n < 1 || (size_t)n > w->n || (line[0] == 'r' && *end == '\0')) {
        if (line[0] != '\0')
            printf("not understood; a rejection needs a reason, and N is a number shown here\n");
        return true;
    }
    struct decide_options o = *w->options;
    o.reason = line[0] == 'r' ? end : "";
    (void)decide(w->board, w->shown[n - 1], line[0] == 'a', &o);
    return true;
}

int watch(struct board *b, const struct decide_options *o)
{
    struct watching w = {.board = b, .options = o, .terminal = isatty(STDIN_FILENO) == 1};
    board_each(b, show, &w);
    prompt(&w);
    bool open = true;
    for (;;) {
        const struct approval *a = board_next(b, LOOK_MS);
        if (a != NULL) {
            show(&w, a);
            prompt(&w);
        }
        struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
        if (!open || poll(&in, 1, 0) != 1)
            continue;
        char line[600];
        if (fgets(line, sizeof line, stdin) == NULL) {
            if (w.terminal)
                return APPROVE_DONE;
            open = false; /* without a terminal it goes on until a signal */
            continue;
        }
        if (!obey(&w, line))
            return APPROVE_DONE;
        prompt(&w);
    }
}
