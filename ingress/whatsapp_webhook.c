/* entry x change x (message | status | error): Cloud API, webhooks. One POST may hold up to 1,000 updates of several
 * accounts, and fields that nobody has heard of yet. */
#include "ingress/whatsapp_webhook.h"

#include "ingress/whatsapp_item.h"

#include <stdio.h>
#include <string.h>

void whatsapp_refuse(struct records *out, const char *reason, const struct json_node *item)
{
    records_refuse(out, WHATSAPP, reason, item->p, item->n);
}

void wa_put_id(UT_string *out, const char *name, const struct json_node *v)
{
    char text[KEY_MAX];
    if (v != NULL && v->kind == JSON_STRING)
        put_node(out, name, v);
    else if (json_view_ascii(v, text, sizeof text))
        put_text(out, name, text);
}

typedef void item_fn(struct records *out, const struct wa_value *v, const struct json_node *item);

static void each(struct records *out, const struct wa_value *v, const struct json_node *list, item_fn *fn)
{
    const struct json_node *item = list != NULL ? json_view_first(list) : NULL;
    for (uint32_t i = 0; list != NULL && i < list->kids; i++, item = json_view_next(item))
        fn(out, v, item);
}

/* A change of the field `messages`: the one that belongs to conversations. Value-level errors beside messages are about
 * them (131000 beside an interactive answer without a body has been seen); alone they are nobody's. */
static void read_messages(struct records *out, const struct json_node *change)
{
    const struct json_node *value = json_view_get(change, "value");
    const struct json_node *messages = json_view_get_kind(value, "messages", JSON_ARRAY);
    const struct json_node *statuses = json_view_get_kind(value, "statuses", JSON_ARRAY);
    struct wa_value v = {.contacts = json_view_get_kind(value, "contacts", JSON_ARRAY),
                         .errors = json_view_get_kind(value, "errors", JSON_ARRAY)};
    const struct json_node *metadata = json_view_get(value, "metadata");
    if (!json_view_ascii(json_view_get(metadata, "phone_number_id"), v.account, sizeof v.account)) {
        whatsapp_refuse(out, "no account: metadata.phone_number_id is missing or unreadable", change);
        return;
    }
    size_t before = out->n;
    each(out, &v, messages, whatsapp_message);
    each(out, &v, statuses, whatsapp_status);
    if (v.errors != NULL && (messages == NULL || messages->kids == 0))
        whatsapp_refuse(out, "no conversation: errors of the account", change);
    else if (out->n == before)
        whatsapp_refuse(out, "no conversation: neither messages nor statuses", change);
}

static void read_change(struct records *out, const struct json_node *change)
{
    const struct json_node *field = json_view_get(change, "field");
    char name[WA_ID_MAX];
    if (json_view_says(field, "messages")) {
        read_messages(out, change);
        return;
    }
    char reason[128];
    (void)snprintf(reason, sizeof reason, "no conversation: field %s",
                   json_view_ascii(field, name, sizeof name) ? name : "missing or unreadable");
    whatsapp_refuse(out, reason, change);
}

static void read_entry(struct records *out, const struct json_node *entry)
{
    const struct json_node *changes = json_view_get_kind(entry, "changes", JSON_ARRAY);
    if (changes == NULL) {
        whatsapp_refuse(out, "an entry without changes", entry);
        return;
    }
    const struct json_node *change = json_view_first(changes);
    for (uint32_t i = 0; i < changes->kids; i++, change = json_view_next(change))
        read_change(out, change);
}

int whatsapp_webhook(struct json_view *view, const char *body, size_t n, struct records *out, struct fault *f)
{
    if (json_view_read(view, body, n, f) != 0)
        return -1;
    utstring_reserve(&out->text, n + n / 2 + 256);
    const struct json_node *root = &view->nodes[0];
    const struct json_node *entries = json_view_get_kind(root, "entry", JSON_ARRAY);
    if (entries == NULL) {
        whatsapp_refuse(out, "no webhook: a body without entries", root);
        return 0;
    }
    const struct json_node *entry = json_view_first(entries);
    for (uint32_t i = 0; i < entries->kids; i++, entry = json_view_next(entry))
        read_entry(out, entry);
    return 0;
}
