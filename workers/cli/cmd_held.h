/* munim held: messages of which nobody knows whether they arrived, and which a person decides about. */
#ifndef MUNIM_CLI_CMD_HELD_H
#define MUNIM_CLI_CMD_HELD_H

/* Arguments: list [--json] | resend KEY | leave KEY. Returns 0 when done, 1 when there is no such message or no answer,
 * 2 for a wrong call. */
int cmd_held(int argc, char **argv);

#endif
