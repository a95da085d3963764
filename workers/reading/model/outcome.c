#include "workers/reading/model/outcome.h"

#include <string.h>

static const char *const names[MODEL_OUTCOMES] = {
    [MODEL_UNASKED] = "unasked", [MODEL_ANSWERED] = "answered",       [MODEL_REFUSED] = "refused",
    [MODEL_CUT] = "cut",         [MODEL_MALFORMED] = "malformed",     [MODEL_INVALID] = "invalid",
    [MODEL_LATE] = "late",       [MODEL_UNREACHABLE] = "unreachable", [MODEL_OVERLOADED] = "overloaded",
    [MODEL_DENIED] = "denied",   [MODEL_RESTING] = "resting",         [MODEL_BUSY] = "busy",
};

const char *model_outcome_name(enum model_outcome o)
{
    return names[o];
}

enum model_outcome model_outcome_of(const char *name)
{
    int o = 0;
    while (o < MODEL_OUTCOMES && strcmp(names[o], name) != 0)
        o++;
    return (enum model_outcome)o;
}
