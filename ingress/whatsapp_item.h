/* The parts of a webhook's `value` that its messages and statuses share; for whatsapp_*.c only. */
#ifndef MUNIM_INGRESS_WHATSAPP_ITEM_H
#define MUNIM_INGRESS_WHATSAPP_ITEM_H

#include "common/base/phone.h"
#include "ingress/json_view.h"
#include "ingress/records.h"

#define WHATSAPP "whatsapp"

enum { WA_ID_MAX = 64 };

struct wa_value {
    char account[WA_ID_MAX];          /* metadata.phone_number_id */
    const struct json_node *contacts; /* may be NULL */
    const struct json_node *errors;   /* of the value as a whole; may be NULL */
};

/* The names under which an item tells whom it is from or to. */
struct wa_names {
    const char *id, *user_id, *parent;
};

/* Somebody, by every identity that was seen; "" for what was not. Since 2026 there may be no phone at all. */
struct wa_who {
    char phone[PHONE_MAX];
    char other_phone[PHONE_MAX]; /* wa_id, where it is another number than the item's own */
    char user_id[KEY_MAX];
    char parent[KEY_MAX];
    char key[KEY_MAX];
    const struct json_node *name; /* profile name as it stands; may be NULL */
};

/* False when there is no identity to make a key of. */
bool wa_who_read(struct wa_who *who, const struct wa_value *v, const struct json_node *item,
                 const struct wa_names *names);

/* One record each: an event, or a dlq record with the reason. */
void whatsapp_message(struct records *out, const struct wa_value *v, const struct json_node *m);
void whatsapp_status(struct records *out, const struct wa_value *v, const struct json_node *s);

void whatsapp_refuse(struct records *out, const char *reason, const struct json_node *item);

/* The member as text whether the channel wrote a string or a number ("timestamp":"1718000000"). */
void wa_put_id(UT_string *out, const char *name, const struct json_node *v);

#endif
