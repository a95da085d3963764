/* The sender's metrics. */
#ifndef MUNIM_SENDER_COUNTS_H
#define MUNIM_SENDER_COUNTS_H

#include "common/metrics/metrics.h"

extern struct metric count_messages;         /* state */
extern struct metric count_uncertain;        /* - */
extern struct metric count_settled;          /* by */
extern struct metric count_resent;           /* - */
extern struct metric count_dropped;          /* - */
extern struct metric count_held;             /* - */
extern struct metric count_ruled;            /* verb */
extern struct metric count_taken;            /* topic */
extern struct metric count_refused;          /* topic */
extern struct metric count_receipts;         /* status */
extern struct metric count_unknown_receipts; /* - */
extern struct metric count_retries;          /* code */
extern struct metric count_stops;            /* code */
extern struct metric seconds_send;           /* - */
extern struct metric gauge_blocked, gauge_holes, gauge_ready, gauge_in_flight;

void counts_register(void);

#endif
