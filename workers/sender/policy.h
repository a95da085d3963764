/* What becomes of a message whose outcome nobody has told within the window, by its class. Pure; the one place. */
#ifndef MUNIM_SENDER_POLICY_H
#define MUNIM_SENDER_POLICY_H

#include <stdbool.h>

enum unknown_policy {
    UNKNOWN_RESEND, /* sent again once, marked, by itself */
    UNKNOWN_DROP,   /* not worth saying twice */
    UNKNOWN_HOLD    /* a person decides: `munim held` */
};

/* cls: "reply", "greeting" or "bill", as the outbound record has it. resend: the message is a second try itself. */
enum unknown_policy unknown_policy(const char *cls, bool resend);

/* munim.guard.settled_by of such a row: "window" or "held". */
const char *unknown_settled_by(enum unknown_policy p);

#endif
