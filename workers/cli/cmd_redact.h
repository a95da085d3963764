/* `munim redact`: what stands before the model reader; what it masks never leaves the machine. */
#ifndef MUNIM_CLI_CMD_REDACT_H
#define MUNIM_CLI_CMD_REDACT_H

#include <stdio.h>

/* argv[0] is "redact". JSON lines in and out; exit status 0, 65 when a line was no JSON object, 2 usage, 1 otherwise.
 */
int cmd_redact(int argc, char **argv);
int cmd_redact_between(int argc, char **argv, FILE *in, FILE *out);

#endif
