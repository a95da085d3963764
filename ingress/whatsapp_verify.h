/* Is it Meta who speaks? Signature of a POST and handshake of a GET (Cloud API, webhooks). */
#ifndef MUNIM_INGRESS_WHATSAPP_VERIFY_H
#define MUNIM_INGRESS_WHATSAPP_VERIFY_H

#include <stdbool.h>
#include <stddef.h>

enum { WA_SECRETS_MAX = 8, WA_CHALLENGE_MAX = 512 };

struct whatsapp_verify;

/* Each argument holds one secret or token a line; several are in force at once, for rotation and for accounts with an
 * override. Blank lines are skipped; beyond WA_SECRETS_MAX are refused. tokens may be NULL: then no handshake
 * succeeds. NULL when there is no secret, or there are too many. */
struct whatsapp_verify *whatsapp_verify_new(const char *secrets, const char *tokens);
void whatsapp_verify_free(struct whatsapp_verify **v);

/* field is the value of X-Hub-Signature-256, body the bytes as they came. Takes the same time whatever differs. */
bool whatsapp_signed(struct whatsapp_verify *v, const char *field, size_t field_n, const char *body, size_t n);

/* query is what follows "?" in the target. True when it subscribes with a token in force: the challenge, decoded, is
 * then in out (ended by NUL) and is the answer's body. False also for a challenge that is longer than
 * WA_CHALLENGE_MAX or no printable ASCII. */
bool whatsapp_handshake(const struct whatsapp_verify *v, const char *query, size_t n, char out[WA_CHALLENGE_MAX + 1]);

#endif
