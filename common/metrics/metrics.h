/* Metrics in Prometheus' text format 0.0.4. A family is a static table entry; series come into being when first
 * touched. One process, one thread, no locks. Label values are never phones, ids or free text. */
#ifndef MUNIM_METRICS_METRICS_H
#define MUNIM_METRICS_METRICS_H

#include <stddef.h>
#include <stdint.h>
#include <utstring.h>

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metric {
    const char *name; /* full name with unit suffix, "munim_ingress_webhooks_total" */
    const char *help;
    enum metric_type type;
    const char *labels[4];        /* label names, NULL-ended */
    const double *bounds;         /* histogram upper bounds in seconds, 0-ended; NULL takes metric_seconds */
    struct metric_series *series; /* owned by the module, leave NULL */
};

extern const double metric_seconds[]; /* 0.005 to 10 s in 14 steps */

/* Makes the family appear on the page, also before it has a series. Call once per family at start. */
void metric_register(struct metric *m);

/* v0, v1: values of the labels, NULL where the family has fewer. */
void metric_add(struct metric *m, const char *v0, const char *v1, double n);
void metric_set(struct metric *m, const char *v0, const char *v1, double value);
void metric_observe(struct metric *m, const char *v0, const char *v1, double seconds);
/* As metric_set for families of up to three labels: one value a label, in the family's order. */
void metric_set_values(struct metric *m, const char *const *values, double value);
void metric_clear(struct metric *m); /* drops all series: gauges that are filled anew at each scrape */
double metric_value(const struct metric *m, const char *v0, const char *v1); /* 0 when there is no such series */

/* The whole page, the standard process_* metrics included. */
void metrics_page(UT_string *out);

#endif
