/* What producer.c and consumer.c share on top of kafka_conf.h: a configuration from rows, and the descriptor by which
 * librdkafka's queue wakes the loop. */
#ifndef MUNIM_KAFKA_CLIENT_H
#define MUNIM_KAFKA_CLIENT_H

#include "common/base/fault.h"
#include "common/config/settings.h"

#include <event2/event.h>
#include <librdkafka/rdkafka.h>

struct client_option {
    const char *key, *value;
};

/* kafka_conf_new with the rows (ended by a NULL key) and what both clients have. NULL and a STOP fault. */
rd_kafka_conf_t *client_conf(const struct settings *s, const struct client_option *rows, struct fault *f);

/* rd_kafka_new that owns conf in every case; NULL and a RETRY fault. */
rd_kafka_t *client_new(rd_kafka_type_t type, rd_kafka_conf_t *conf, struct fault *f);

/* An eventfd for the loop; aborts when there is none to be had. */
int client_wake_fd(void);
/* From now on q makes fd readable when something comes into it while it is empty; fd -1 ends that. */
void client_wake_by(rd_kafka_queue_t *q, int fd);
/* Reads it empty; call before polling, or a wake-up may be lost. */
void client_wake_clear(int fd);
/* Makes it readable: there is more to do, after the other events had their turn. */
void client_wake_again(int fd);

#endif
