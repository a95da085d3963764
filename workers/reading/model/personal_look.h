/* One message as personal.h looks at it: what each of its words is. Private to personal. */
#ifndef MUNIM_READING_MODEL_PERSONAL_LOOK_H
#define MUNIM_READING_MODEL_PERSONAL_LOOK_H

#include "workers/reading/message.h"
#include "workers/reading/model/personal_lists.h"
#include "workers/reading/reading.h"

struct hit {
    uint8_t length;
    uint32_t mask;
};

enum taken { TAKEN_NOT, TAKEN_NAME, TAKEN_ADDRESS };

/* Large; lives for one message. */
struct look {
    struct message m;
    struct reading reading;
    struct hit hits[TEXT_TOKENS][SAYS_COUNT];
    uint8_t taken[TEXT_TOKENS];
    bool kept[TEXT_TOKENS];     /* what the reading needs as it stands */
    bool masked[TEXT_TOKENS];   /* by the masks */
    bool counted[TEXT_TOKENS];  /* the quantity of goods */
    bool measured[TEXT_TOKENS]; /* a quantity with its unit */
};

/* All of it but what is taken; text is NUL-ended. False when the text is longer than any order. */
bool look_begin(struct look *k, const struct personal_lists *l, const struct personal_text *in, const char *text);

/* The length of the longest phrase of this kind at a token, 0 for none. */
size_t says(const struct look *k, size_t at, enum personal_cue cue);
/* A word that is neither masked nor kept. */
bool is_word(const struct look *k, size_t i);
/* Begins with a Latin capital. */
bool title(const struct look *k, size_t i);
/* A word that no list and no catalogue holds. */
bool loose(const struct look *k, size_t i);
/* A word that is nothing but a name of goods and the like, or with common_too a plain word: it may be a person's or a
 * street's name as well. */
bool named(const struct look *k, size_t i, bool common_too);
bool any_mark(const struct look *k, size_t i, const char *marks);
/* The token after a label and its mark. */
size_t after(const struct look *k, size_t at);
/* Takes the tokens [from, to), but for those that are kept, masked or taken. */
void take(struct look *k, size_t from, size_t to, enum taken as);
/* Where a name that ends here begins; `end` when none does. */
size_t name_begin(const struct look *k, size_t end);

/* personal_address.c */
void see_addresses(struct look *k);

#endif
