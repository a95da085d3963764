#include "workers/sender/policy.h"

#include <string.h>

/* A customer who reads an answer twice, marked, is not harmed; one who never gets it is. A bill said twice may be paid
 * twice, so a person looks first, as he does when a second try stayed without a word, or the class is none we know. */
enum unknown_policy unknown_policy(const char *cls, bool resend)
{
    if (strcmp(cls, "greeting") == 0)
        return UNKNOWN_DROP;
    return strcmp(cls, "reply") == 0 && !resend ? UNKNOWN_RESEND : UNKNOWN_HOLD;
}

const char *unknown_settled_by(enum unknown_policy p)
{
    return p == UNKNOWN_HOLD ? "held" : "window";
}
