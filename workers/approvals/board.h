/* The board: the approval topic, all partitions from the beginning, without a group, folded into each order's newest
 * state; and the way back, decisions under the conversation's key. Blocking: for the owner's command, not for a daemon.
 */
#ifndef MUNIM_APPROVALS_BOARD_H
#define MUNIM_APPROVALS_BOARD_H

#include "common/base/fault.h"
#include "common/config/settings.h"
#include "workers/approvals/approval.h"

#include <stdbool.h>
#include <stdint.h>

struct board;

/* Reads to the end of what is there now. NULL and RETRY when nothing comes from the brokers for 15 s; STOP when the
 * topic is not there. */
struct board *board_new(const struct settings *s, struct fault *f);
void board_free(struct board **b);

/* Reads on for at most ms milliseconds; returns after each new state, which is given, or NULL. It belongs to the board
 * and may vanish at the next call. */
const struct approval *board_next(struct board *b, int ms);

/* The order with this id, or whose id begins or ends with this text when there is just one; NULL otherwise. */
const struct approval *board_find(const struct board *b, const char *id);

/* Two orders or more fit the text, so that board_find gives none. */
bool board_ambiguous(const struct board *b, const char *id);

/* No broker answered when one was last asked; what the board shows may be old. */
bool board_away(const struct board *b);

/* Every order, oldest request first; calls back for each. */
void board_each(struct board *b, void (*one)(void *arg, const struct approval *a), void *arg);

/* Writes a decision and waits until Kafka has it. decision_id is made and given back. RETRY: it is not known to be
 * written, but may be; the same order can be decided again without harm. */
int board_decide(struct board *b, const struct approval *a, bool approve, const char *reason, int64_t version,
                 const char *by, char decision_id[UUID_TEXT], struct fault *f);

#endif
