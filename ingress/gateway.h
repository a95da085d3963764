/* From a webhook to its answer: route, signature, records, burst, Kafka, and 200 only after the last delivery report.
 */
#ifndef MUNIM_INGRESS_GATEWAY_H
#define MUNIM_INGRESS_GATEWAY_H

#include "common/base/fault.h"
#include "common/config/settings.h"
#include "common/kafka/topics.h"
#include "ingress/http_server.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>

struct gateway;

/* Reads the secrets and makes the producer. NULL and a fault when a secret or the client is not to be had. */
struct gateway *gateway_new(struct event_base *base, const struct settings *s, const struct topics *topics,
                            struct fault *f);
/* Webhooks that still wait get no answer any more. */
void gateway_free(struct gateway **g);

/* http_hooks.on_request; g is the hooks' arg. */
void gateway_request(struct gateway *g, struct http_conn *c, const struct http_request *r);

/* False, with words in f, when the last that was heard of a record was a failure or a missed deadline, a few seconds
 * ago at most. */
bool gateway_delivers(const struct gateway *g, struct fault *f);
size_t gateway_waiting(const struct gateway *g); /* webhooks without an answer */

#endif
