/* What of a person stands in texts, taken out before they leave and put back into what comes home. One of these lives
 * for one message: the same phone in its text and in its context has the same token. Pure. */
#ifndef MUNIM_READING_MODEL_MASKED_H
#define MUNIM_READING_MODEL_MASKED_H

#include "workers/masking/mask.h"
#include "workers/reading/model/personal.h"

#include <stdbool.h>
#include <stddef.h>

struct masked;

/* Borrows labels. person is the customer's own name as the channel tells it, masked wherever it stands; NULL or "" for
 * none. */
struct masked *masked_new(const struct mask_labels *labels, const char *person);
void masked_free(struct masked **m);

/* From now on the names and addresses that the message itself tells are taken too, in masked_message and masked_blank.
 * Borrows all; ctx may be NULL. */
void masked_personal(struct masked *m, const struct personal_lists *lists, const struct shopwords *words,
                     const struct reading_context *ctx);

/* A text of the context, with each span replaced by its token ("<phone_1>"); the caller frees. */
char *masked_text(struct masked *m, const char *text, size_t n);
/* The same for the message. */
char *masked_message(struct masked *m, const char *text, size_t n);

/* The message with each span blanked by spaces, of the same length: what is left was said by the message itself. */
char *masked_blank(struct masked *m, const char *text, size_t n);

/* True when the text is one token of this message. */
bool masked_is_token(const struct masked *m, const char *text);

/* Puts back what tokens stand for. False when the result does not fit, or a token-like word is none of ours. */
bool masked_restore(const struct masked *m, const char *from, char *to, size_t room);

#endif
