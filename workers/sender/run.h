/* The sender's hooks, as the service skeleton calls them. */
#ifndef MUNIM_SENDER_RUN_H
#define MUNIM_SENDER_RUN_H

#include "common/base/fault.h"
#include "common/config/settings.h"

#include <event2/event.h>
#include <stdbool.h>

int sender_open(struct event_base *base, const struct settings *settings, void **state, struct fault *f);
bool sender_ready(void *state, struct fault *f);
void sender_metrics(void *state);
void sender_drain(void *state);
void sender_close(void **state);

#endif
