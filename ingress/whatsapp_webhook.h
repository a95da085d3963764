/* A WhatsApp Cloud API webhook as records: one per message, per status and per item that no conversation owns. Pure. */
#ifndef MUNIM_INGRESS_WHATSAPP_WEBHOOK_H
#define MUNIM_INGRESS_WHATSAPP_WEBHOOK_H

#include "common/base/fault.h"
#include "ingress/json_view.h"
#include "ingress/records.h"

#include <stddef.h>

/* Appends to out what the n bytes of a verified body hold, in their order. view is working room, used again from call
 * to call. -1 and a REJECT fault, and no record, when the body is not readable as JSON; whatever is JSON becomes
 * records: what is no event goes to the dlq topic with its reason. */
int whatsapp_webhook(struct json_view *view, const char *body, size_t n, struct records *out, struct fault *f);

#endif
