/* Is Kafka there? Looked at every second, beside the traffic, so that /readyz knows it at rest too. */
#ifndef MUNIM_INGRESS_BROKER_PROBE_H
#define MUNIM_INGRESS_BROKER_PROBE_H

#include "common/base/fault.h"
#include "common/config/settings.h"

#include <event2/event.h>
#include <stdbool.h>

struct broker_probe;

/* A client of its own: the producer's may be replaced at any time. NULL and a fault when the client cannot be made;
 * that the broker is down is no fault here. */
struct broker_probe *broker_probe_new(struct event_base *base, const struct settings *s, struct fault *f);
void broker_probe_free(struct broker_probe **p);

/* True when a connection to a broker was up within the last few seconds; else false with words in f. */
bool broker_probe_ok(const struct broker_probe *p, struct fault *f);

#endif
