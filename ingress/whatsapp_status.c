/* One status of a message that we sent, as a receipt. Statuses come in any order and more than once; nothing here
 * judges that. */
#include "ingress/whatsapp_item.h"

#include "common/base/digest.h"
#include "common/kafka/envelope.h"

#include <string.h>

enum { RECEIPT_ID_MAX = 256 }; /* what the sender takes as a message id: visible ASCII, one byte less than this */

/* What the receipt names; the rest of the status goes along under `raw`. */
static bool is_named(const struct json_node *m)
{
    static const char *const named[] = {"id",
                                        "status",
                                        "timestamp",
                                        "recipient_id",
                                        "recipient_user_id",
                                        "parent_recipient_user_id",
                                        "errors",
                                        "biz_opaque_callback_data"};
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++)
        if (m->name_n == strlen(named[i]) && memcmp(m->name, named[i], m->name_n) == 0)
            return true;
    return false;
}

static void put_rest(UT_string *out, const struct json_node *s)
{
    bool open = false;
    const struct json_node *m = json_view_first(s);
    for (uint32_t i = 0; i < s->kids; i++, m = json_view_next(m)) {
        if (is_named(m))
            continue;
        if (!open)
            put_open(out, "raw", '{');
        else
            utstring_bincpy(out, ",", 1);
        open = true;
        utstring_bincpy(out, "\"", 1);
        json_view_paste(out, m->name, m->name_n);
        utstring_bincpy(out, "\":", 2);
        json_view_paste(out, m->p, m->n);
    }
    if (open)
        utstring_bincpy(out, "}", 1);
}

/* The recipient only routes: the sender settles by message id and dedupe key. A status that names no person (a
 * group's) is routed by whatever id it has. */
static void find_key(struct wa_who *who, const struct wa_value *v, const struct json_node *s)
{
    static const struct wa_names names = {"recipient_id", "recipient_user_id", "parent_recipient_user_id"};
    static const char *const others[] = {"recipient_participant_id", "recipient_id", "id"};
    if (wa_who_read(who, v, s, &names))
        return;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        char id[KEY_MAX];
        if (json_view_ascii(json_view_get(s, others[i]), id, sizeof id) && customer_key(id, "wa", id, who->key))
            return;
    }
    unsigned char d[DIGEST_BYTES]; /* only ids longer than a key may be */
    char hex[DIGEST_HEX];
    digest_sha256(s->p, s->n, d);
    digest_hex(d, sizeof d, hex);
    (void)customer_key(NULL, "wa", hex, who->key);
}

void whatsapp_status(struct records *out, const struct wa_value *v, const struct json_node *s)
{
    struct wa_who who;
    char text_of_id[RECEIPT_ID_MAX];
    const struct json_node *id = json_view_get_kind(s, "id", JSON_STRING);
    const struct json_node *status = json_view_get_kind(s, "status", JSON_STRING);
    if (!json_view_ascii(id, text_of_id, sizeof text_of_id) || status == NULL) {
        whatsapp_refuse(out, "a status without a message id or without a status", s);
        return;
    }
    find_key(&who, v, s);
    UT_string *text = &out->text;
    records_begin(out);
    put_text(text, "channel", WHATSAPP);
    put_text(text, "account_id", v->account);
    put_node(text, "message_id", id);
    put_node(text, "status", status);
    if (who.phone[0] != '\0' || who.user_id[0] != '\0')
        put_text(text, "recipient", who.phone[0] != '\0' ? who.phone : who.user_id);
    else
        wa_put_id(text, "recipient", json_view_get(s, "recipient_id"));
    put_string(text, "dedupe_key", json_view_get(s, "biz_opaque_callback_data"));
    wa_put_id(text, "sent_at", json_view_get(s, "timestamp"));
    put_node(text, "errors", json_view_get(s, "errors"));
    put_rest(text, s);
    if (!records_end(out, TOPIC_RECEIPT, CE_RECEIPT_STATUS, "status", who.key))
        whatsapp_refuse(out, "a status too large for a record", s);
}
