/* One message on its way from tokens to spans: what each stretch of words is, before anybody asks what it means in the
 * conversation. Lives on the stack of read_words. */
#ifndef MUNIM_READING_MESSAGE_H
#define MUNIM_READING_MESSAGE_H

#include "workers/reading/shopwords.h"

enum { MATCHES = 8 };

/* One phrase that begins at a token. */
struct match {
    const struct sense *sense;
    uint32_t mask;
    uint8_t length;
    bool of_shop;
};

/* A number as it stands in the text. Range: u is -1 and both ends are told; two numbers that make no range: all -1. */
struct number {
    int64_t u, min_u, max_u; /* millionths */
    size_t end;              /* token after it */
    enum weak weak;
    bool each;   /* "20-20" */
    bool digits; /* began with digits */
};

enum span_kind {
    SPAN_QUANTITY,
    SPAN_GOODS,
    SPAN_ACT,
    SPAN_SPLIT,
    SPAN_OR,
    SPAN_ORDINAL,
    SPAN_PRICE,
    SPAN_UNCLEAR,
    SPAN_OTHER
};

struct span {
    enum span_kind kind;
    size_t at, end; /* tokens */
    enum act act;
    const struct goods *goods;
    enum slot slot; /* of SPAN_UNCLEAR: between which goods the writing is not clear */
    bool strong;    /* of SPAN_SPLIT: a sentence or a line ends */
    bool bid;       /* of SPAN_PRICE: the customer's offer */
    int ordinal;
    struct number number; /* of SPAN_QUANTITY and SPAN_PRICE (any number that is no quantity) */
    int unit;             /* index, -1 when not named */
    int sign;             /* +1, -1 when written "+15", "-15" */
    int64_t per_u;        /* length of one package, in per_unit; -1 */
    int per_unit;
};

struct message {
    const struct shopwords *s;
    const struct lexicon *l;
    struct text text;
    const struct word *listed[TEXT_TOKENS], *own[TEXT_TOKENS]; /* the token as a word of the lists, of the shop */
    enum slot unclear[TEXT_TOKENS];                            /* a slip that two goods explain alike */
    struct match matches[TEXT_TOKENS][MATCHES];
    uint8_t n_matches[TEXT_TOKENS];
    bool used[TEXT_TOKENS];
    struct span spans[TEXT_TOKENS];
    size_t n;
    bool asked_number; /* a quantity was asked for: a lone number word is the answer */
    char language[8];
};

/* Tokens to words and phrases (match.c). False when the text is too long. */
bool message_match(struct message *m, const char *text, size_t n);
/* The longest match of this slot at a token; for SLOT_ACT of this act (ACT_NONE: any). NULL when there is none. */
const struct match *match_at(const struct message *m, size_t at, enum slot slot, enum act act);
bool mark_at(const struct message *m, size_t at, char mark);

/* A number at a token (number.c); false when there is none. */
bool number_read(const struct message *m, size_t at, struct number *out);

/* A quantity with its unit at a token (quantity.c): fills s and returns true; or, when the number there is no quantity
 * but a price, a width, a date..., returns false with *skip set to the token after it. */
bool quantity_read(const struct message *m, size_t at, struct span *s, size_t *skip);

/* Words to spans (spans.c). */
void message_spans(struct message *m);

#endif
