/* `munim chat`: be the customer. Text goes as a signed webhook through the real ingress; what the sender sends back to
 * this customer is shown. Only with the simulator: with a real channel, the phone is the chat. */
#ifndef MUNIM_CLI_CMD_CHAT_H
#define MUNIM_CLI_CMD_CHAT_H

/* argv[0] is "chat". Exit status: 0 ended, 1 the instance does not answer, 2 usage, 3 the instance has no simulator. */
int cmd_chat(int argc, char **argv);

#endif
