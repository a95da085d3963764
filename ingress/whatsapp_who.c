/* Who it is: phones may be missing, may differ between `from` and `wa_id`, and user ids have been seen in both
 * (Cloud API, business-scoped user ids, 2026). Contacts are matched by id, never by their place in the list. */
#include "ingress/whatsapp_item.h"

#include <string.h>

/* "US.13491208655302741918": two letters, a dot, alphanumerics; the parent form has "ENT." after the country. */
static bool is_user_id(const char *text)
{
    return text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'A' && text[1] <= 'Z' && text[2] == '.' && text[3] != '\0';
}

static bool same(const struct json_node *a, const struct json_node *b)
{
    return a != NULL && b != NULL && a->kind == JSON_STRING && a->n == b->n && a->n > 2 &&
           memcmp(a->p, b->p, a->n) == 0;
}

static const struct json_node *find_contact(const struct wa_value *v, const struct json_node *id,
                                            const struct json_node *user_id)
{
    if (v->contacts == NULL)
        return NULL;
    const struct json_node *c = json_view_first(v->contacts);
    for (uint32_t i = 0; i < v->contacts->kids; i++, c = json_view_next(c)) {
        const struct json_node *wa_id = json_view_get(c, "wa_id");
        const struct json_node *its_user = json_view_get(c, "user_id");
        if (same(wa_id, id) || same(its_user, user_id) || same(its_user, id) || same(wa_id, user_id))
            return c;
    }
    return NULL;
}

/* An identity field of either sort. */
static void take(struct wa_who *who, const struct json_node *field)
{
    char text[KEY_MAX], phone[PHONE_MAX];
    if (!json_view_ascii(field, text, sizeof text))
        return;
    if (phone_normalise(text, phone)) {
        if (who->phone[0] == '\0')
            memcpy(who->phone, phone, sizeof phone);
        else if (strcmp(who->phone, phone) != 0)
            memcpy(who->other_phone, phone, sizeof phone);
    } else if (who->user_id[0] == '\0' && is_user_id(text)) {
        memcpy(who->user_id, text, sizeof text);
    }
}

bool wa_who_read(struct wa_who *who, const struct wa_value *v, const struct json_node *item,
                 const struct wa_names *names)
{
    who->phone[0] = who->other_phone[0] = who->user_id[0] = who->parent[0] = '\0';
    const struct json_node *id = json_view_get(item, names->id);
    const struct json_node *user_id = json_view_get(item, names->user_id);
    const struct json_node *contact = find_contact(v, id, user_id);
    (void)json_view_ascii(user_id, who->user_id, sizeof who->user_id);
    take(who, id);
    take(who, json_view_get(contact, "wa_id"));
    if (who->user_id[0] == '\0')
        (void)json_view_ascii(json_view_get(contact, "user_id"), who->user_id, sizeof who->user_id);
    if (!json_view_ascii(json_view_get(item, names->parent), who->parent, sizeof who->parent))
        (void)json_view_ascii(json_view_get(contact, "parent_user_id"), who->parent, sizeof who->parent);
    who->name = json_view_get_kind(json_view_get(contact, "profile"), "name", JSON_STRING);
    return customer_key(who->phone, "wa", who->user_id, who->key);
}
