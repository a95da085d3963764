#include "common/log/log.h"

#include "common/base/clock.h"
#include "common/base/fault.h"
#include "common/log/render.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static struct {
    const char *service;
    enum log_format format;
    enum log_level least;
} setup = {.service = "munim", .format = LOG_LOGFMT, .least = LOG_INFO};

/* One write a line, so that lines of several processes on one pipe do not mix (up to PIPE_BUF). A log that cannot be
 * written must not stop the work. */
static void write_line(const char *line, size_t n)
{
    while (n > 0) {
        ssize_t done = write(STDERR_FILENO, line, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return;
        line += done;
        n -= (size_t)done;
    }
}

/* Memory that runs out and a bug that is noticed end the process by abort(), systemd's watchdog by the same signal.
 * There may be no memory for a line of the usual making, so this one asks for none. The signal is raised again and ends
 * the process when this returns. */
static void on_abort(int number)
{
    static const char reason[] =
        "memory is out, a bug was noticed, or the watchdog ended it; what was in hand is done again";
    char when[25], line[320];
    clock_rfc3339(clock_wall_ms(), when);
    const char *form = setup.format == LOG_JSON ? "{\"time\":\"%s\",\"level\":\"error\",\"msg\":\"aborted\","
                                                  "\"service\":\"%s\",\"pid\":%ld,\"reason\":\"%s\"}\n"
                                                : "time=%s level=error msg=aborted service=%s pid=%ld reason=\"%s\"\n";
    int n = snprintf(line, sizeof line, form, when, setup.service, (long)getpid(), reason);
    if (n > 0 && (size_t)n < sizeof line)
        write_line(line, (size_t)n);
    (void)raise(number);
}

void log_setup(const char *service, enum log_format format, enum log_level least)
{
    setup.service = service;
    setup.format = format;
    setup.least = least;
    struct sigaction last = {.sa_handler = on_abort, .sa_flags = (int)SA_RESETHAND};
    (void)sigaction(SIGABRT, &last, NULL);
}

void log_write(enum log_level level, const char *msg, const struct log_field *fields, size_t n)
{
    if (level < setup.least)
        return;
    UT_string line;
    utstring_init(&line);
    log_render(&line, setup.format,
               &(struct log_event){.wall_ms = clock_wall_ms(),
                                   .level = level,
                                   .msg = msg,
                                   .service = setup.service,
                                   .pid = getpid(),
                                   .fields = fields,
                                   .n_fields = n});
    write_line(utstring_body(&line), utstring_len(&line));
    utstring_done(&line);
}

void log_line(enum log_level level, const char *msg)
{
    log_write(level, msg, NULL, 0);
}

void log_fault(enum log_level level, const char *msg, const struct fault *f)
{
    if (f->code[0] != '\0')
        log_event(level, msg, F_STR("verdict", verdict_name(f->verdict)), F_STR("code", f->code),
                  F_STR("reason", f->text));
    else
        log_event(level, msg, F_STR("verdict", verdict_name(f->verdict)), F_STR("reason", f->text));
}
