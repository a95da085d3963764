#include "workers/turn/mailbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

struct mailbox {
    UT_hash_handle hh;
    struct turn *turns;
    char route[32 + 96 + KEY_MAX + 3];
};

bool mailbox_add(struct mailboxes *all, struct turn *t)
{
    if (t->ev.key[0] == '\0')
        return true;
    char route[sizeof((struct mailbox *)0)->route];
    int n = snprintf(route, sizeof route, "%s\n%s\n%s", t->ev.channel, t->ev.account_id, t->ev.key);
    struct mailbox *box = NULL;
    HASH_FIND(hh, all->by_route, route, (size_t)n, box);
    if (box == NULL) {
        box = calloc(1, sizeof *box);
        if (box == NULL)
            abort();
        memcpy(box->route, route, (size_t)n + 1);
        HASH_ADD(hh, all->by_route, route, (size_t)n, box);
    }
    t->box = box;
    DL_APPEND2(box->turns, t, box_prev, box_next);
    return box->turns == t;
}

struct turn *mailbox_remove(struct mailboxes *all, struct turn *t)
{
    struct mailbox *box = t->box;
    if (box == NULL)
        return NULL;
    bool was_first = box->turns == t;
    DL_DELETE2(box->turns, t, box_prev, box_next);
    t->box = NULL;
    if (box->turns == NULL) {
        HASH_DELETE(hh, all->by_route, box);
        free(box);
        return NULL;
    }
    return was_first ? box->turns : NULL;
}
