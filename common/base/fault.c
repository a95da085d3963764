#include "common/base/fault.h"

#include <stdarg.h>
#include <stdio.h>

static int fault_fill(struct fault *f, enum verdict verdict, const char *code, const char *fmt, va_list ap)
{
    if (f == NULL)
        return -1;
    f->verdict = verdict;
    (void)snprintf(f->code, sizeof f->code, "%s", code);
    (void)vsnprintf(f->text, sizeof f->text, fmt, ap);
    return -1;
}

int fault_set(struct fault *f, enum verdict verdict, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fault_fill(f, verdict, "", fmt, ap);
    va_end(ap);
    return -1;
}

int fault_code(struct fault *f, enum verdict verdict, const char *code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fault_fill(f, verdict, code, fmt, ap);
    va_end(ap);
    return -1;
}

const char *verdict_name(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_NONE:
        return "none";
    case VERDICT_RETRY:
        return "retry";
    case VERDICT_REJECT:
        return "reject";
    case VERDICT_STOP:
        return "stop";
    }
    return "unknown";
}
