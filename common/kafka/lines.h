/* Records on their way to Kafka by one or more connections. A broker answers the produce requests of one connection one
 * after the other, and a request carries one partition: where every append is synced, a few records a millisecond queue
 * behind each other's syncs although their partitions are different. So a second and a third producer are opened when
 * few records wait for long (then syncs are what they wait for; many records in one connection share requests, which is
 * better), and are used while the ones before them are slow. Records of one key stay in order: a key changes its
 * connection only when none of its records is under way. */
#ifndef MUNIM_KAFKA_LINES_H
#define MUNIM_KAFKA_LINES_H

#include "common/kafka/producer.h"

struct lines;

/* As producer_new; the other connections are opened when they are needed, and one that cannot be opened is done
 * without. */
struct lines *lines_new(struct event_base *base, const struct settings *s, const struct producer_options *o,
                        producer_report_fn *on_report, producer_drained_fn *on_drained, void *arg, struct fault *f);
void lines_free(struct lines **l); /* without waiting; unreported records get no report */

/* As producer_send. */
int lines_send(struct lines *l, const char *topic, const void *key, size_t key_len, const void *payload, size_t len,
               rd_kafka_headers_t *headers, void *opaque, struct fault *f);

size_t lines_waiting(const struct lines *l); /* handed over and not reported */
size_t lines_open(const struct lines *l);    /* connections, 1 at first */

#endif
