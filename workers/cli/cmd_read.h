/* munim read: what the reader makes of texts, JSON lines in, JSON lines out. No Kafka, no Postgres. Manual:
 * munim-read(1). */
#ifndef MUNIM_CLI_CMD_READ_H
#define MUNIM_CLI_CMD_READ_H

#include <stdio.h>

/* The sub-command; argv[0] is "read". Returns the exit status: 0 when every line was answered, 65 when a line of the
 * input or of the catalogue was no JSON object, 2 for wrong usage, 1 when a file cannot be read. */
int cmd_read(int argc, char **argv);

/* The same between two streams. */
int cmd_read_between(int argc, char **argv, FILE *in, FILE *out);

#endif
