/* `munim approve`: the owner's tool. Needs Kafka and nothing else. */
#ifndef MUNIM_APPROVALS_CMD_APPROVE_H
#define MUNIM_APPROVALS_CMD_APPROVE_H

/* argv[0] is "approve". Exit status: 0 decided as asked (or listed), 1 error or no answer, 2 usage, 3 already decided,
 * 4 expired, 5 shortage, 6 changed since shown. */
int cmd_approve(int argc, char **argv);

#endif
