#include "workers/flows/plan.h"

#include <string.h>

void plan_clear(struct plan *p)
{
    memset(p, 0, offsetof(struct plan, transitions));
}
