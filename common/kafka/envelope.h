/* Records are CloudEvents 1.0 in binary mode (Kafka protocol binding): attributes as ce_ headers, JSON as value, and a
 * W3C traceparent header. Nothing is ordered or decided by ce_id or ce_time. */
#ifndef MUNIM_KAFKA_ENVELOPE_H
#define MUNIM_KAFKA_ENVELOPE_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

enum { TRACEPARENT_MAX = 56, CE_TYPE_MAX = 64 };

#define CE_INBOUND_MESSAGE  "munim.inbound.message.v1"
#define CE_INBOUND_REDRIVE  "munim.inbound.redrive.v1"
#define CE_RECEIPT_STATUS   "munim.receipt.status.v1"
#define CE_RECEIPT_RULING   "munim.receipt.ruling.v1"
#define CE_OUTBOUND_MESSAGE "munim.outbound.message.v1"
#define CE_APPROVAL_STATE   "munim.approval.state.v1"
#define CE_DECISION_ORDER   "munim.decision.order.v1"

struct envelope {
    char type[CE_TYPE_MAX];
    char id[40];
    char source[64];
    char time[32];
    char traceparent[TRACEPARENT_MAX];
};

/* A fresh traceparent, or the next span of parent when it is well formed ("00-32hex-16hex-02hex"). */
void traceparent_next(const char *parent, char out[TRACEPARENT_MAX]);

/* Headers for a new record: ce_specversion, ce_id (UUIDv7), ce_type, ce_source ("munim/ingress"), ce_time,
 * content-type application/json, traceparent (NULL or "" begins a new trace). The caller owns them until a send takes
 * them. */
rd_kafka_headers_t *envelope_headers(const char *type, const char *source, const char *traceparent);

/* Reads them back; missing ones are "". False when ce_type is missing or too long. */
bool envelope_read(const rd_kafka_message_t *m, struct envelope *out);

#endif
