/* When to hand held records to Kafka: as a burst, once enough of the last burst is acknowledged. At rest a record
 * goes at once; under load bursts grow by themselves to what arrives in one round trip. No timer, no clock. Pure. */
#ifndef MUNIM_INGRESS_BURST_H
#define MUNIM_INGRESS_BURST_H

#include <stdbool.h>
#include <stddef.h>

struct burst {
    unsigned share; /* of the last burst, in percent, that may still be out when the next begins; 0: none */
    size_t last;    /* records out when the last burst had been sent */
    size_t out;     /* of these and all before, not reported yet */
};

bool burst_may_begin(const struct burst *b);
void burst_sent(struct burst *b);     /* one record was handed over */
void burst_ended(struct burst *b);    /* the burst is complete: what is out now is its size */
void burst_reported(struct burst *b); /* one record's report came, good or bad */

#endif
