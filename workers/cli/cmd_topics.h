/* munim topics: what Kafka must have before the first start. */
#ifndef MUNIM_CLI_CMD_TOPICS_H
#define MUNIM_CLI_CMD_TOPICS_H

/* Arguments: create | check, and settings flags. Returns 0 when all topics are as the contract says, 2 for a wrong
 * call, 75 when the broker gives no answer, 78 when a topic is missing or differs. */
int cmd_topics(int argc, char **argv);

#endif
