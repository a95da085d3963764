/* `munim parked`: conversations that stopped because of an event that could not be taken. */
#ifndef MUNIM_CLI_CMD_PARKED_H
#define MUNIM_CLI_CMD_PARKED_H

/* argv[0] is "parked". Exit status: 0 done, 1 not found or no answer, 2 usage. */
int cmd_parked(int argc, char **argv);

#endif
