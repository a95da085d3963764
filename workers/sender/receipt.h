/* A delivery status as ingress writes it to the receipt topic. Pure. */
#ifndef MUNIM_SENDER_RECEIPT_H
#define MUNIM_SENDER_RECEIPT_H

#include "common/base/fault.h"
#include "workers/sender/outbound.h"

#include <stdint.h>

enum receipt_kind { RECEIPT_SENT, RECEIPT_DELIVERED, RECEIPT_READ, RECEIPT_FAILED, RECEIPT_OTHER };

struct receipt {
    enum receipt_kind kind;
    char channel[ROUTE_MAX], account_id[ROUTE_MAX];
    char provider_id[256];
    char dedupe_key[DEDUPE_KEY_MAX]; /* "" when the channel echoed none, or nothing of ours */
    int64_t at_s;                    /* the channel's time, Unix seconds; 0 when it gave none */
    char error_code[16];             /* of RECEIPT_FAILED */
};

const char *receipt_kind_name(enum receipt_kind k);

/* -1 and a REJECT fault when the value is not a status of a message. */
int receipt_read(struct receipt *r, const char *value, size_t len, struct fault *f);

#endif
