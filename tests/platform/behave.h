/* How the simulated channel misbehaves: an ordered list of rules, the first that matches a send and has turns left
 * decides. Pure. */
#ifndef MUNIM_SIM_BEHAVE_H
#define MUNIM_SIM_BEHAVE_H

#include "common/base/fault.h"

#include <cjson/cJSON.h>
#include <stdbool.h>

enum behave_mode {
    BEHAVE_ACCEPT, /* 200 with a message id */
    BEHAVE_REFUSE, /* http and code; not accepted */
    BEHAVE_LATE,   /* accepted, answered after delay_ms */
    BEHAVE_HANG,   /* the request is read and never answered */
    BEHAVE_CLOSE   /* the request is read and the connection closed */
};

struct behaviour {
    enum behave_mode mode;
    char to[160];    /* recipient, "*" for any */
    long times;      /* how often it still applies; -1 for ever */
    int http;        /* of REFUSE */
    int code;        /* error.code of REFUSE; 0: no readable envelope */
    int retry_after; /* seconds, -1 none */
    long delay_ms;
    bool accepted;    /* of HANG, CLOSE and REFUSE: whether the channel took the message all the same */
    char statuses[8]; /* "normal", "none", "twice", "reverse" */
    long status_ms;   /* between statuses */
    struct behaviour *next;
};

/* From {"mode":"refuse","to":"*","times":1,"http":429,"code":130429,...}. NULL and a REJECT fault when unreadable. */
struct behaviour *behaviour_new(const cJSON *o, struct fault *f);
void behaviours_free(struct behaviour **list);

/* The behaviour of the next send to this recipient; counts it. */
struct behaviour behave(struct behaviour **list, const char *to);

#endif
