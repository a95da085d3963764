/* One message on its way from tokens to spans: what each stretch of words is, before anybody asks what it means in the
 * conversation. Lives on the stack of read_words. */
#ifndef MUNIM_READING_MESSAGE_H
#define MUNIM_READING_MESSAGE_H

#include "workers/reading/context.h"
#include "workers/reading/number.h"
#include "workers/reading/shopwords.h"
#include "workers/reading/value.h"

enum { MATCHES = 12, MESSAGE_PRODUCTS = 16, MESSAGE_MADE = 8, MESSAGE_OUTLETS = 16 };

/* Trades whose messages are read in a way of their own. */
enum domain { DOMAIN_NONE, DOMAIN_TEXTILE, DOMAIN_PHARMACY, DOMAIN_PACKAGING, DOMAIN_CONSTRUCTION, DOMAIN_SERVICES };

/* One phrase that begins at a token. */
struct match {
    const struct sense *sense;
    uint32_t mask;
    uint8_t length;
    bool of_shop;
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
    SPAN_VALUE, /* a strength or a size */
    SPAN_OUTLET,
    SPAN_OTHER
};

struct span {
    enum span_kind kind;
    size_t at, end; /* tokens */
    enum act act;
    const struct goods *goods;
    enum slot slot;    /* of SPAN_UNCLEAR: of the goods it may be; of SPAN_VALUE: what it is told in */
    const char *value; /* of SPAN_VALUE: "650 mg" */
    bool strong;       /* of SPAN_SPLIT: a sentence or a line ends */
    bool bid;          /* of SPAN_PRICE: the customer's offer */
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
    bool gstin; /* a GSTIN stands in it */
    bool asked_outlet;
    bool asked_number; /* a quantity was asked for: a lone number word is the answer */
    enum slot asked;   /* SLOT_IN_STRENGTH or SLOT_IN_SIZE when that was asked for */
    enum domain domain;
    char language[8];
    const char *raw;                   /* the message as it came */
    size_t products[MESSAGE_PRODUCTS]; /* indexes of the shop's goods that the message or its context names */
    size_t n_products;
    char made[MESSAGE_MADE][24]; /* strengths and sizes that no catalogue knows */
    size_t n_made;
    const struct reading_context *ctx;
    struct goods outlets[MESSAGE_OUTLETS]; /* of the customer, where the catalogue does not know them */
    size_t n_outlets;
};

/* All of it, up to spans (reader.c). ctx may be NULL. False when the text is too long. */
bool message_begin(struct message *m, const struct shopwords *s, const char *text, size_t n,
                   const struct reading_context *ctx);

/* Tokens to words and phrases (match.c). False when the text is too long. */
bool message_match(struct message *m, const char *text, size_t n);
/* The longest match of this slot at a token; for SLOT_ACT of this act (ACT_NONE: any). NULL when there is none. */
const struct match *match_at(const struct message *m, size_t at, enum slot slot, enum act act);
/* Whether a cue begins at a token. */
bool cue_at(const struct message *m, size_t at, enum cue cue);
bool mark_at(const struct message *m, size_t at, char mark);

/* A quantity with its unit at a token (quantity.c): fills s and returns true; or, when the number there is no quantity
 * but a price, a width, a date..., returns false with *skip set to the token after it. */
bool quantity_read(const struct message *m, size_t at, struct span *s, size_t *skip);

/* Products that the message names, and those of its context, for attribute_read (attributes.c). */
void message_products(struct message *m, const struct reading_context *ctx);
/* A strength or size at a token: a figure with what it is told in, or a bare one that can be nothing else beside its
 * product ("Dolo 650"). Fills s and returns true. */
bool attribute_read(struct message *m, size_t at, struct span *s);
/* Whether goods of the shop are of this size; u in millionths. */
bool size_of_goods(const struct message *m, const struct goods *g, int64_t u);

/* Gives packages the length of one that stands apart from them (packages.c). Called by message_spans. */
void message_packages(struct message *m);

void message_spans(struct message *m);

#endif
