/* Mailboxes: the turns of one conversation, strictly one after another. The key is the event's route (channel, account,
 * Kafka key); two routes of one conversation are kept apart by the conversation's version at commit. */
#ifndef MUNIM_TURN_MAILBOX_H
#define MUNIM_TURN_MAILBOX_H

#include "workers/turn/turn.h"

struct mailboxes {
    struct mailbox *by_route;
};

/* Puts the turn at the end of its conversation's box; true when it is the first there and may run. A turn whose event
 * is unreadable has no route and always may. */
bool mailbox_add(struct mailboxes *all, struct turn *t);

/* Takes the turn out; the next turn that may run now, or NULL. */
struct turn *mailbox_remove(struct mailboxes *all, struct turn *t);

#endif
