/* The pool's own command line. Its children must live under the same settings, so the flags become environment, and a
 * port that the kernel is to choose is chosen once for all ingress processes. */
#ifndef MUNIM_POOL_OPTIONS_H
#define MUNIM_POOL_OPTIONS_H

#include <stdbool.h>

/* Moves --section.key=value and --config from argv into the environment (MUNIM_<SECTION>_<KEY>, MUNIM_CONFIG), where
 * pool and children alike find them. argv keeps the rest, argv[0] first. */
void options_to_environment(int *argc, char **argv);

/* Takes the flag out of argv; true when it was there. */
bool options_take(int *argc, char **argv, const char *flag);

/* When [ingress] listen ends in ":0", reserves a free port and puts it into the environment. The reservation is a bound
 * socket that never listens and lasts as long as the process. Unreadable settings are left for service_run to report.
 */
void options_choose_port(void);

#endif
