/* munim audit: is everything that came in there once, and does all of it add up? */
#ifndef MUNIM_CLI_CMD_AUDIT_H
#define MUNIM_CLI_CMD_AUDIT_H

/* Arguments: [--json] and settings flags. Changes nothing and blocks nobody. Returns 0 when nothing was found, 1 with
 * findings, 2 for a wrong call, 75 when Postgres or Kafka does not answer, 78 when one of them is not munim's. */
int cmd_audit(int argc, char **argv);

#endif
