/* What a channel's error code means for the message. The one table; sources: WhatsApp Cloud API error codes. */
#ifndef MUNIM_SENDER_TROUBLE_H
#define MUNIM_SENDER_TROUBLE_H

#include <stdbool.h>
#include <stdint.h>

enum send_verdict {
    SEND_SENT,      /* accepted, with the channel's id */
    SEND_RETRY,     /* proven refused, will pass: again after a wait */
    SEND_PAIR,      /* as SEND_RETRY, but this recipient alone is too fast: a longer wait */
    SEND_UNCERTAIN, /* may have been accepted: never sent again blindly */
    SEND_FAILED,    /* proven refused for good */
    SEND_STOPPED    /* proven refused, and so would every message of this account be: an operator must look */
};

struct trouble {
    enum send_verdict verdict;
    const char *words; /* static; kept in munim.guard.error and in the log */
};

const char *send_verdict_name(enum send_verdict v);

/* error.code of a Graph API answer, with the HTTP status it came by and its is_transient flag, which decide for codes
 * that the table lacks. Codes decide before the status: throttling comes with 400 as well as 429. */
struct trouble trouble_of_code(int64_t code, long status, bool transient);

/* An answer without a readable error envelope. Never SEND_SENT. */
struct trouble trouble_of_status(long status);

#endif
