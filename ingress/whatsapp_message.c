/* One inbound message as a record (Cloud API, messages webhook). What the normal form has no place for goes along
 * under `raw`, so that nothing is lost between the channel and the worker. */
#include "ingress/whatsapp_item.h"

#include "common/base/digest.h"
#include "common/kafka/envelope.h"

#include <stdio.h>
#include <string.h>

/* Writes what the body, the member named like the type, says. False: not as expected, the whole message goes along. */
typedef bool body_fn(UT_string *out, const struct json_node *body);

static bool put_body_text(UT_string *out, const struct json_node *body)
{
    const struct json_node *text = json_view_get_kind(body, "body", JSON_STRING);
    put_node(out, "text", text);
    return text != NULL;
}

static bool put_button(UT_string *out, const struct json_node *body)
{
    put_string(out, "text", json_view_get(body, "text"));
    put_open(out, "reply", '{');
    put_text(out, "type", "button");
    put_string(out, "id", json_view_get(body, "payload"));
    put_string(out, "title", json_view_get(body, "text"));
    utstring_bincpy(out, "}", 1);
    return body != NULL;
}

static bool put_interactive(UT_string *out, const struct json_node *body)
{
    char type[WA_ID_MAX];
    if (!json_view_ascii(json_view_get_kind(body, "type", JSON_STRING), type, sizeof type))
        return false;
    const struct json_node *answer = json_view_get_kind(body, type, JSON_OBJECT);
    bool choice = strcmp(type, "button_reply") == 0 || strcmp(type, "list_reply") == 0;
    if (choice)
        put_string(out, "text", json_view_get(answer, "title"));
    put_open(out, "reply", '{');
    put_text(out, "type", type);
    if (choice) {
        put_string(out, "id", json_view_get(answer, "id"));
        put_string(out, "title", json_view_get(answer, "title"));
        put_string(out, "description", json_view_get(answer, "description"));
    } else {
        put_node(out, "data", answer); /* nfm_reply, call_permission_reply and what is yet to come */
    }
    utstring_bincpy(out, "}", 1);
    return answer != NULL;
}

/* The address of the file is left out: it lives five minutes, and the id fetches a new one. */
static bool put_media(UT_string *out, const struct json_node *body)
{
    static const char *const members[] = {"id", "mime_type", "sha256", "caption", "filename", "voice", "animated"};
    put_string(out, "text", json_view_get(body, "caption"));
    put_open(out, "media", '{');
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        put_node(out, members[i], json_view_get(body, members[i]));
    utstring_bincpy(out, "}", 1);
    return body != NULL;
}

static bool put_location(UT_string *out, const struct json_node *body)
{
    put_node(out, "location", body);
    return body != NULL;
}

static bool put_contacts(UT_string *out, const struct json_node *body)
{
    put_node(out, "contacts", body);
    return body != NULL && body->kind == JSON_ARRAY;
}

static bool put_order(UT_string *out, const struct json_node *body)
{
    put_string(out, "text", json_view_get(body, "text"));
    put_node(out, "order", body);
    return body != NULL;
}

static bool put_reaction(UT_string *out, const struct json_node *body)
{
    put_node(out, "reaction", body);
    return body != NULL;
}

static bool put_system(UT_string *out, const struct json_node *body)
{
    put_node(out, "system", body);
    return body != NULL;
}

static bool put_nothing(UT_string *out, const struct json_node *body)
{
    (void)out;
    (void)body;
    return false;
}

static const struct kind {
    const char *type;
    body_fn *put;
} kinds[] = {
    {"text", put_body_text},
    {"button", put_button},
    {"interactive", put_interactive},
    {"image", put_media},
    {"video", put_media},
    {"audio", put_media},
    {"document", put_media},
    {"sticker", put_media},
    {"location", put_location},
    {"contacts", put_contacts},
    {"order", put_order},
    {"reaction", put_reaction},
    {"system", put_system},
    {"edit", put_nothing},
    {"revoke", put_nothing},
    {"unsupported", put_nothing},
    {"request_welcome", put_nothing},
};
static const struct kind errors_alone = {"errors", put_nothing};
static const struct kind unknown = {"unknown", put_nothing};

/* By `type`; a message without one (seen: a location) by the body that it has. */
static const struct kind *kind_of(const struct json_node *m)
{
    const struct json_node *type = json_view_get(m, "type");
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (type != NULL ? json_view_says(type, kinds[i].type) : json_view_get(m, kinds[i].type) != NULL)
            return &kinds[i];
    return type == NULL && json_view_get(m, "errors") != NULL ? &errors_alone : &unknown;
}

/* Where the channel gave no id, the message's own bytes are its name: the same webhook again is the same message. */
static void put_message_id(UT_string *out, const struct json_node *m)
{
    const struct json_node *id = json_view_get_kind(m, "id", JSON_STRING);
    if (id != NULL && id->n > 2) {
        put_node(out, "message_id", id);
        return;
    }
    unsigned char d[DIGEST_BYTES];
    char text[8 + DIGEST_HEX] = "sha256:";
    digest_sha256(m->p, m->n, d);
    digest_hex(d, sizeof d, text + 7);
    put_text(out, "message_id", text);
}

static void put_identity(UT_string *out, const char *prefix, const char *id)
{
    if (id[0] == '\0')
        return;
    if (out->d[out->i - 1] != '[')
        utstring_bincpy(out, ",", 1);
    utstring_bincpy(out, "\"", 1);
    utstring_bincpy(out, prefix, strlen(prefix));
    for (; *id != '\0'; id++) {
        if (*id == '"' || *id == '\\')
            utstring_bincpy(out, "\\", 1);
        utstring_bincpy(out, id, 1);
    }
    utstring_bincpy(out, "\"", 1);
}

static void put_who(UT_string *out, const struct wa_who *who)
{
    bool phone = who->phone[0] != '\0';
    put_text(out, "key", who->key);
    put_open(out, "identities", '[');
    put_identity(out, "p:", who->phone);
    put_identity(out, "p:", who->other_phone);
    put_identity(out, "u:", who->user_id);
    put_identity(out, "pu:", who->parent);
    utstring_bincpy(out, "]", 1);
    put_text(out, "address", phone ? who->phone : who->user_id);
    put_text(out, "address_kind", phone ? "phone" : "user_id");
    put_node(out, "name", who->name);
}

void whatsapp_message(struct records *out, const struct wa_value *v, const struct json_node *m)
{
    static const struct wa_names names = {"from", "from_user_id", "from_parent_user_id"};
    static const char *const aside[] = {"context", "referral", "group_id"};
    struct wa_who who;
    if (m->kind != JSON_OBJECT) {
        whatsapp_refuse(out, "a message that is no object", m);
        return;
    }
    if (!wa_who_read(&who, v, m, &names)) {
        whatsapp_refuse(out, "a message without any identity of its sender", m);
        return;
    }
    const struct kind *kind = kind_of(m);
    UT_string *text = &out->text;
    records_begin(out);
    put_text(text, "channel", WHATSAPP);
    put_text(text, "account_id", v->account);
    put_message_id(text, m);
    put_who(text, &who);
    wa_put_id(text, "sent_at", json_view_get(m, "timestamp"));
    put_text(text, "kind", kind->type);
    bool told = kind->put(text, json_view_get(m, kind->type));
    for (size_t i = 0; i < sizeof aside / sizeof aside[0]; i++)
        put_node(text, aside[i], json_view_get(m, aside[i]));
    const struct json_node *errors = json_view_get(m, "errors");
    put_node(text, "errors", errors != NULL ? errors : v->errors);
    if (!told)
        put_node(text, "raw", m);
    if (!records_end(out, TOPIC_INBOUND, CE_INBOUND_MESSAGE, kind->type, who.key))
        whatsapp_refuse(out, "a message too large for a record", m);
}
