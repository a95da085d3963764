/* The n-th call of a library fails. The linker leads the calls through __wrap_ functions (the Makefile names them for
 * each test_nth_* program), which ask nth_strikes whether this is the one.
 *
 * malloc, calloc and realloc are not among them: memory that runs out ends the process by design (abort), so a failing
 * allocation is a crash at that point; tests/chaos/nomem.py tries those in the whole processes. */
#ifndef MUNIM_TESTS_NTH_H
#define MUNIM_TESTS_NTH_H

#include <stdbool.h>

static struct {
    int calls, at; /* at 0: none fails */
    const char *struck;
} nth;

static inline void nth_begin(int at)
{
    nth.calls = 0;
    nth.at = at;
    nth.struck = "";
}

static inline bool nth_strikes(const char *name)
{
    if (++nth.calls != nth.at)
        return false;
    nth.struck = name;
    return true;
}

/* The run passed all its calls without reaching the n-th: the last. */
static inline bool nth_missed(void)
{
    return nth.calls < nth.at;
}

#endif
