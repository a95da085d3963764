/* Structured logs: one line an event on stderr, JSON or logfmt. Fields are typed, control characters are
 * escaped, and no personal data is ever passed: no phone, name, text or token (customer_mask is what a log may see). */
#ifndef MUNIM_LOG_LOG_H
#define MUNIM_LOG_LOG_H

#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
enum log_format { LOG_JSON, LOG_LOGFMT };

struct log_field {
    const char *key;
    const char *text; /* NULL: the field is the number */
    int64_t number;
};

#define F_STR(k, v) ((struct log_field){.key = (k), .text = (v) != NULL ? (v) : ""})
#define F_INT(k, v) ((struct log_field){.key = (k), .number = (int64_t)(v)})

/* Once, at start. service is the program's name, kept by pointer. From then on an abort() says so in a last line. */
void log_setup(const char *service, enum log_format format, enum log_level least);

void log_write(enum log_level level, const char *msg, const struct log_field *fields, size_t n);

/* log_event(LOG_INFO, "partition claimed", F_STR("topic", t), F_INT("partition", p)); at least one field. */
#define log_event(level, msg, ...)                                                                                     \
    log_write((level), (msg), (const struct log_field[]){__VA_ARGS__},                                                 \
              sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))

/* One line without fields. */
void log_line(enum log_level level, const char *msg);

struct fault;
void log_fault(enum log_level level, const char *msg, const struct fault *f);

#endif
