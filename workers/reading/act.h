/* The acts that words can have; the lists say which words have which. */
#ifndef MUNIM_READING_ACT_H
#define MUNIM_READING_ACT_H

#include "workers/reading/phrasebook.h"

/* What a word or phrase does in a message. The names in the lists are those of act_names (act.c). */
enum act {
    ACT_NONE,
    ACT_YES,
    ACT_CONFIRM,
    ACT_NO,
    ACT_NOT, /* negates what stands beside it, and is no answer by itself */
    ACT_CANCEL,
    ACT_ORDER, /* names the order as a whole */
    ACT_DROP,
    ACT_NOT_WANTED,
    ACT_ACCEPT,
    ACT_ALTERNATIVE,
    ACT_SET,
    ACT_MORE,
    ACT_LESS,
    ACT_TIMES, /* the quantity as often as the list's number says */
    ACT_THRICE,
    ACT_WANT,
    ACT_DO, /* wants what was named; by itself agrees to what was offered */
    ACT_KEEP,
    ACT_REPEAT,
    ACT_OLD_BEFORE, /* what stands before it is replaced by what follows */
    ACT_OLD_AFTER,  /* what follows it is replaced by what comes next */
    ACT_OPTION,
    ACT_BARGAIN,
    ACT_PRICE,
    ACT_STOCK,
    ACT_STATUS,
    ACT_BALANCE,
    ACT_ADVICE,
    ACT_PAYMENT,
    ACT_COMPLAINT,
    ACT_GREETING,
    ACT_THANKS,
    ACT_HUMAN,
    ACT_OPT_OUT,
    ACT_DEFER,
    ACT_COMMAND, /* speaks to the clerk as if to a machine, or as its owner */
    ACT_RETURN,
    ACT_SAME_LOT,
    ACT_ANY_COLOR,
    ACT_MIXED,
    ACT_EACH,
    ACT_SPLIT,
    ACT_TOTAL,
    ACT_THAT, /* a pronoun for a line already named */
    ACT_THOSE,
    ACT_QUESTION,
    ACT_EXISTS, /* asks for stock when the message is a question */
    ACT_BILL,
    ACT_FILLER,
    ACT_COMMON,       /* a plain word of the language: no slip of a word for goods, but no meaning here either */
    ACT_PRICE_BEFORE, /* a number after it is no quantity, with or without a unit */
    ACT_PRICE_AFTER,
    ACT_BID_AFTER,      /* and the number is what the customer offers to pay */
    ACT_MEASURE_BEFORE, /* the same, but not when a unit follows ("rate of 20 metres") */
    ACT_MEASURE_AFTER,
    ACT_PER,      /* a unit after it belongs to a price */
    ACT_OF,       /* joins a package with its length */
    ACT_ONE,      /* "a": one, before a unit */
    ACT_NOT_NEXT, /* negates what follows it; behind a verb it only softens */
    ACT_CORRECT,  /* "sorry": what follows takes the place of what was said */
    ACT_PAST,     /* tells of what was bought before */
    ACT_ADVERT,   /* offers something to the shop, or to everybody */
    ACT_LEAVE,    /* leaves a line: away, or in the order where another line goes */
    ACT_COUNT
};

enum join { JOIN_AND, JOIN_AND_NUMBER, JOIN_OR, JOIN_BUT, JOIN_RANGE, JOIN_BETWEEN, JOIN_POINT };

/* The act that a list's left side names, ACT_NONE for an unknown name; topic is the list's. */
enum act act_of(const char *topic, const char *name);
/* The slot that phrases of this act are kept in. */
enum slot slot_of_act(enum act a);

#endif
