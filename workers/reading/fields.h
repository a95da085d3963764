/* What a message tells beside its lines: how a bill was paid, whom it is for, the prescription. */
#ifndef MUNIM_READING_FIELDS_H
#define MUNIM_READING_FIELDS_H

#include "workers/reading/lines.h"

/* Bill, bill_to and prescription; they may stand in any message. */
void fields_read(const struct scene *s);
/* Amount, mode and reference of a payment that the message reports. */
void payment_read(const struct scene *s);

/* The first cue of this kind from a token on; NULL for none. *at is where. */
const struct match *cue_from(const struct message *m, size_t from, enum cue cue, size_t *at);
/* The longest value of this slot at a token. NULL for none. */
const struct goods *value_at(const struct message *m, size_t at, enum slot slot, size_t *end);
/* The message's own letters of the tokens [at, end), cut to a word of the reading. */
void raw_words(const struct message *m, size_t at, size_t end, char out[READING_WORD]);
/* Whether the token is a word that no list and no catalogue holds: a name, most likely. */
bool unknown_word(const struct message *m, size_t at);

/* "20 m blue cotton tomorrow": what would put an answer off tells when the goods shall come. */
bool only_when(const struct message *m);

/* The tokens of the name that a bill is for; false when none is told. */
bool bill_name(const struct message *m, size_t *at, size_t *end);

#endif
