/* Text for a chat: goods, lengths, and messages of a length that the channel takes. */
#include "workers/flows/order_core.h"

#include <string.h>

void text_cut(char *to, size_t room, const char *from)
{
    size_t n = strlen(from);
    if (n >= room) {
        n = room - 1;
        while (n > 0 && ((unsigned char)from[n] & 0xC0) == 0x80)
            n--;
    }
    memcpy(to, from, n);
    to[n] = '\0';
}

void put_goods(UT_string *out, const struct variant *v)
{
    if (v != NULL)
        utstring_printf(out, "%s%s%s", v->color, v->color[0] != '\0' ? " " : "", v->name);
}

void put_length(UT_string *out, int64_t um)
{
    char text[40];
    int n = snprintf(text, sizeof text, "%lld.%06lld", (long long)(um / 1000000), (long long)(um % 1000000));
    while (text[n - 1] == '0')
        n--;
    if (text[n - 1] == '.')
        n--;
    utstring_printf(out, "%.*s m", n, text);
}

/* The longest beginning of text that a message holds, ended at a line where there is one. */
static size_t message_end(const char *text, size_t n)
{
    size_t room = PLAN_REPLY_TEXT - 1;
    if (n <= room)
        return n;
    for (size_t i = room; i > 0; i--)
        if (text[i] == '\n')
            return i;
    while (((unsigned char)text[room] & 0xC0) == 0x80)
        room--;
    return room;
}

/* A long order takes several messages; the call to action ends the last one. */
void say(struct walk *w, enum sentence id, enum message_class cls)
{
    UT_string text;
    utstring_init(&text);
    order_part(w, id, &text);
    const char *at = utstring_body(&text);
    size_t left = utstring_len(&text);
    while (left > 0 && w->out->n_replies < PLAN_REPLIES) {
        struct plan_reply *r = &w->out->replies[w->out->n_replies++];
        size_t n = message_end(at, left);
        r->cls = cls;
        memcpy(r->text, at, n);
        r->text[n] = '\0';
        n += at[n] == '\n' ? 1 : 0;
        at += n;
        left -= n;
    }
    utstring_done(&text);
}
