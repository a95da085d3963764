/* munim config: the settings in force and where each came from. */
#ifndef MUNIM_CLI_CMD_CONFIG_H
#define MUNIM_CLI_CMD_CONFIG_H

/* Arguments: [--markdown], and settings flags. Returns 0, 2 for a wrong call, 78 when a setting is wrong. */
int cmd_config(int argc, char **argv);

#endif
