/* What every Kafka client of munim shares: where the brokers are, how its log lines are written, what its errors mean.
 */
#ifndef MUNIM_KAFKA_KAFKA_CONF_H
#define MUNIM_KAFKA_KAFKA_CONF_H

#include "common/base/fault.h"
#include "common/config/settings.h"

#include <librdkafka/rdkafka.h>

/* Brokers, client id and log callback set; the caller owns it until rd_kafka_new takes it. NULL and a STOP fault. */
rd_kafka_conf_t *kafka_conf_new(const struct settings *s, struct fault *f);

/* -1 and a STOP fault when librdkafka does not know the name or refuses the value. */
int kafka_conf_set(rd_kafka_conf_t *conf, const char *name, const char *value, struct fault *f);

/* The one table of what a Kafka error asks for. */
enum verdict kafka_verdict(rd_kafka_resp_err_t err);

/* Fills f with the error's verdict, name and "what: words"; returns -1. */
int kafka_fault(struct fault *f, rd_kafka_resp_err_t err, const char *what);

#endif
