#include "common/base/failpoint.h"

#ifdef MUNIM_FAILPOINTS

#include <stdlib.h>
#include <string.h>

void failpoint_hit(const char *name, const char *detail)
{
    const char *armed = getenv("MUNIM_FAILPOINT");
    size_t n = strlen(name);
    if (armed == NULL || strncmp(armed, name, n) != 0 || armed[n] != '=')
        return;
    if (armed[n + 1] == '\0' || (detail != NULL && strstr(detail, armed + n + 1) != NULL))
        abort();
}

#else

/* A release build has no failpoints; C wants a translation unit to hold something. */
typedef int failpoint_none;

#endif
