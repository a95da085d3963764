/* A log line as text; for log.c and its test. */
#ifndef MUNIM_LOG_RENDER_H
#define MUNIM_LOG_RENDER_H

#include "common/log/log.h"

#include <utstring.h>

struct log_event {
    int64_t wall_ms;
    enum log_level level;
    const char *msg;
    const char *service;
    int64_t pid;
    const struct log_field *fields;
    size_t n_fields;
};

/* Appends one line with its line end. Keys: time, level, msg, service, pid, then the event's own. Control characters
 * are escaped as \u00XX, bytes that are no UTF-8 become U+FFFD, so that one event is always one readable line. */
void log_render(UT_string *out, enum log_format format, const struct log_event *e);

const char *log_level_name(enum log_level level);

#endif
