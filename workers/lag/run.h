/* munim-lag's hooks, as the service skeleton calls them. */
#ifndef MUNIM_LAG_RUN_H
#define MUNIM_LAG_RUN_H

#include "common/base/fault.h"
#include "common/config/settings.h"

#include <event2/event.h>
#include <stdbool.h>

int lag_open(struct event_base *base, const struct settings *s, void **state, struct fault *f);
bool lag_ready(void *state, struct fault *f);
void lag_metrics(void *state);
void lag_close(void **state);

#endif
