#include "workers/approvals/watch.h"

#include "common/base/line_input.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utarray.h>

enum { LOOK_MS = 250, STATE_MOST = 40 };

/* A request as it stands on the screen; its number is its place. A decision speaks of the version shown here. */
struct shown {
    char order_id[UUID_TEXT];
    char state[STATE_MOST];
    int64_t version;
};

static const UT_icd shown_icd = {sizeof(struct shown), NULL, NULL, NULL};

struct watching {
    struct board *board;
    const struct decide_options *options;
    UT_array shown;
    bool typed;  /* commands come from a terminal */
    bool prompt; /* and it is the one that is written to */
    bool away_told;
};

static struct shown *row(const struct watching *w, size_t n)
{
    return (struct shown *)w->shown.d + (n - 1);
}

static size_t number_of(const struct watching *w, const char *order_id)
{
    for (size_t n = utarray_len(&w->shown); n > 0; n--) {
        if (strcmp(row(w, n)->order_id, order_id) == 0)
            return n;
    }
    return 0;
}

static void print_request(const struct watching *w, size_t n, const struct approval *a)
{
    if (w->options->json) {
        char *text = approval_json_whole(a);
        printf("%s\n", text);
        free(text);
        return;
    }
    UT_string line;
    utstring_init(&line);
    approval_line(a, &line);
    printf("%s%3zu  %s", w->prompt ? "\r\033[K" : "", n, utstring_body(&line));
    utstring_done(&line);
}

/* Shows the order when it waits and is new, and again whenever it has changed. True when something was printed. */
static bool show(struct watching *w, const struct approval *a)
{
    size_t n = number_of(w, a->order_id);
    if (n == 0 && !approval_waiting(a))
        return false;
    if (n > 0 && row(w, n)->version == a->version && strcmp(row(w, n)->state, a->state) == 0)
        return false;
    if (n == 0) {
        utarray_extend_back(&w->shown);
        n = utarray_len(&w->shown);
        memcpy(row(w, n)->order_id, a->order_id, UUID_TEXT);
    }
    row(w, n)->version = a->version;
    (void)snprintf(row(w, n)->state, STATE_MOST, "%s", a->state);
    print_request(w, n, a);
    return true;
}

static void show_each(void *arg, const struct approval *a)
{
    (void)show(arg, a);
}

static void prompt(const struct watching *w)
{
    if (w->prompt)
        printf("a N approve, r N REASON reject, q quit > ");
    (void)fflush(stdout);
}

static void tell_away(struct watching *w)
{
    bool away = board_away(w->board);
    if (away && !w->away_told)
        (void)fprintf(stderr, "munim approve: Kafka does not answer; requests appear when it does\n");
    w->away_told = away;
}

/* "a 3", "r 3 too dear": false when it is neither. *reason points into the line. */
static bool read_command(const struct watching *w, const char *line, size_t *n, const char **reason)
{
    char *end;
    if ((line[0] != 'a' && line[0] != 'r') || line[1] != ' ')
        return false;
    long long number = strtoll(line + 1, &end, 10);
    if (end == line + 1 || number < 1 || (size_t)number > utarray_len(&w->shown))
        return false;
    *n = (size_t)number;
    *reason = end + strspn(end, " ");
    return line[0] == 'a' ? **reason == '\0'
                          : **reason != '\0' && *end == ' ' && decide_words_fit(*reason, DECIDE_REASON_MOST);
}

/* False when watching ends. */
static bool obey(struct watching *w, const char *line)
{
    const char *reason;
    size_t n;
    if (strcmp(line, "q") == 0)
        return false;
    if (line[0] == '\0')
        return true;
    if (!read_command(w, line, &n, &reason)) {
        printf("not understood: \"a 1\" approves and \"r 1 too dear\" rejects number 1 of those shown here\n");
        return true;
    }
    struct decide_options o = *w->options;
    char order_id[UUID_TEXT];
    o.reason = reason;
    o.version = row(w, n)->version;
    memcpy(order_id, row(w, n)->order_id, UUID_TEXT);
    (void)decide(w->board, order_id, line[0] == 'a', &o);
    /* What came in while the answer was waited for has not been shown. */
    board_each(w->board, show_each, w);
    return true;
}

/* Commands that have come; false when watching ends. */
static bool take_commands(struct watching *w, struct line_input *in)
{
    struct pollfd typed = {.fd = w->typed ? STDIN_FILENO : -1, .events = POLLIN};
    if (poll(&typed, 1, 0) != 1)
        return true;
    bool open = line_input_read(in);
    for (const char *line; (line = line_input_next(in)) != NULL;) {
        if (!obey(w, line))
            return false;
        prompt(w);
    }
    return open;
}

int watch(struct board *b, const struct decide_options *o)
{
    struct watching w = {.board = b, .options = o, .typed = isatty(STDIN_FILENO) == 1};
    w.prompt = w.typed && !o->json && isatty(STDOUT_FILENO) == 1;
    utarray_init(&w.shown, &shown_icd);
    struct line_input *in = line_input_new(STDIN_FILENO);
    board_each(b, show_each, &w);
    if (utarray_len(&w.shown) == 0 && !o->json)
        printf("No order waits for you; new requests appear here.\n");
    prompt(&w);
    while (take_commands(&w, in) && ferror(stdout) == 0) {
        const struct approval *a = board_next(b, LOOK_MS);
        if (a != NULL && show(&w, a))
            prompt(&w);
        tell_away(&w);
    }
    line_input_free(&in);
    utarray_done(&w.shown);
    return ferror(stdout) == 0 ? APPROVE_DONE : APPROVE_ERROR;
}
