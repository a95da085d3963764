/* munim lag: what waits in the queues, asked of Kafka itself. */
#ifndef MUNIM_CLI_CMD_LAG_H
#define MUNIM_CLI_CMD_LAG_H

/* Arguments: [--json] and settings flags. Needs no daemon. Returns 0 when printed, 1 when Kafka does not answer or a
 * topic is missing, 2 for a wrong call. */
int cmd_lag(int argc, char **argv);

#endif
