/* The standard process_* metrics, read from procfs at each scrape; for metrics.c. */
#ifndef MUNIM_METRICS_PROCESS_H
#define MUNIM_METRICS_PROCESS_H

#include <utstring.h>

/* Appends what procfs gives; what it does not give is left out. */
void metrics_process(UT_string *out);

#endif
