/* WhatsApp Cloud API, the send side: a record becomes a request body, an answer becomes a verdict. Pure. */
#ifndef MUNIM_SENDER_WHATSAPP_H
#define MUNIM_SENDER_WHATSAPP_H

#include "common/http_out/http_out.h"
#include "workers/sender/outbound.h"
#include "workers/sender/trouble.h"

enum { PROVIDER_ID_MAX = 256, ERROR_CODE_MAX = 16 };

struct send_outcome {
    enum send_verdict verdict;
    char provider_id[PROVIDER_ID_MAX]; /* SEND_SENT */
    char code[ERROR_CODE_MAX];         /* the channel's code, "http 503", "not sent"; "" when sent */
    const char *words;                 /* static */
    long retry_after_s;                /* -1 when the channel named no time */
};

/* POST {api_url}/{account_id}/messages. The caller frees with free(). account_id is checked when the record is read. */
char *whatsapp_url(const char *api_url, const char *account_id);
char *whatsapp_body(const struct outbound *o);

void whatsapp_answer(const struct http_answer *a, struct send_outcome *out);

#endif
