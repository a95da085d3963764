#include "common/base/failpoint.h"

#ifdef MUNIM_FAILPOINTS

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct failpoint_row failpoint_rows[] = {
    {"ingress.accepted", 1, "a webhook is whole and nothing of it is produced"},
    {"ingress.acknowledged", 2, "every record is in Kafka and the 200 is not sent"},
    {"ingress.half", 3, "the first of several records is in Kafka"},
    {"turn.hydrated", 7, "the session is read and nothing is planned"},
    {"turn.planned", 7, "the plan is made and the transaction not sent"},
    {"turn.sent", 8, "the transaction is sent and its answer not read"},
    {"turn.committed", 9, "the transaction is committed and nothing published"},
    {"turn.published", 10, "answers are with Kafka and not yet taken"},
    {"turn.approval", 10, "an order's state is with Kafka and its mark still set"},
    {"turn.read", 16, "a text is about to be read"},
    {"sender.taken", 17, "guard rows are PENDING and nothing is sent"},
    {"sender.sending", 18, "SENDING is committed and no byte has left"},
    {"sender.bytes", 19, "the request has left and its answer is not read"},
    {"sender.answered", 20, "the answer is read and SENT not written"},
    {NULL, 0, NULL},
};

static const struct failpoint_row *row_of(const char *name)
{
    for (const struct failpoint_row *r = failpoint_rows; r->name != NULL; r++) {
        if (strcmp(r->name, name) == 0)
            return r;
    }
    return NULL;
}

void failpoint_hit(const char *name, const char *detail)
{
    static long hits;
    if (row_of(name) == NULL)
        abort();
    const char *armed = getenv("MUNIM_FAILPOINT");
    size_t n = strlen(name);
    if (armed == NULL || strncmp(armed, name, n) != 0)
        return;
    long wanted = armed[n] == '@' ? strtol(armed + n + 1, NULL, 10) : 1;
    bool here = armed[n] == '\0' || armed[n] == '@' ||
                (armed[n] == '=' && detail != NULL && strstr(detail, armed + n + 1) != NULL);
    if (here && ++hits == wanted)
        (void)kill(getpid(), SIGKILL);
}

#else

/* A release build has no failpoints; C wants a translation unit to hold something. */
typedef int failpoint_none;

#endif
