/* munim flow --mermaid order: prints a workflow's table as a diagram. Needs nothing but the program itself. */
#ifndef MUNIM_CLI_CMD_FLOW_H
#define MUNIM_CLI_CMD_FLOW_H

/* argv[0] is "flow". Returns the exit status: 0 printed, 1 stdout cannot be written, 2 usage. */
int cmd_flow(int argc, char **argv);

#endif
