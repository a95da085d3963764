/* munim status: an instance seen from outside. */
#ifndef MUNIM_CLI_CMD_STATUS_H
#define MUNIM_CLI_CMD_STATUS_H

/* Arguments: [--json]. MUNIM_VAR (default ./var) picks the instance. Returns 0 when it runs, 3 when it does not (which
 * is also said of one that starts or stops), 2 for a wrong call. */
int cmd_status(int argc, char **argv);

#endif
