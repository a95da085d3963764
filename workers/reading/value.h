/* Slots whose values are names: which list and which word of a catalogue gives them. */
#ifndef MUNIM_READING_VALUE_H
#define MUNIM_READING_VALUE_H

#include "workers/reading/phrasebook.h"

/* Words that tell what stands beside them; the names in cues.list are those of cue_of. */
enum cue {
    CUE_NONE,
    CUE_BILL_TO_BEFORE, /* a name follows, for the bill */
    CUE_BILL_TO_AFTER,
    CUE_REFERENCE, /* the bank's number of a payment follows */
    CUE_RX_NONE,
    CUE_RX_PROMISED,
    CUE_RX_ATTACHED,
    CUE_INVOICE,     /* asks for an invoice already made */
    CUE_SITE_BEFORE, /* a site's name follows; of CUE_SITE_AFTER it went before */
    CUE_SITE_PART,   /* the same, and part of a short name itself ("tower B") */
    CUE_SITE_AFTER,
    CUE_PLACE_BEFORE,
    CUE_PLACE_AFTER,
    CUE_BUDGET,
    CUE_AT_MOST,
    CUE_AT_LEAST,
    CUE_BLOCKED,
    CUE_LEFT, /* what is in store, as against used up */
    CUE_USED,
    CUE_LOOKING, /* of a lead that names nothing yet */
    CUE_PER_CENT,
    CUE_SHOW,      /* wants to see, not to buy */
    CUE_GIVE_LAST, /* a number word that asks for what stands before it, where nothing follows */
    CUE_MATCHING,  /* of the colour of what stands before */
    CUE_ONLY,      /* nothing but what stands beside it */
    CUE_REST,      /* what was not named */
    CUE_WITHOUT,   /* rules out the goods that follow it */
    CUE_GONE,      /* of what is in store: none is left */
    CUE_EXCEPT,    /* what stands beside it stays */
    CUE_MORE_LAST, /* a word that joins, and asks for more where nothing follows */
    CUE_LINE,      /* a number behind it is that of a line */
    CUE_SAME,      /* as much as of the line before */
    CUE_HOUR,      /* of a call: when */
    CUE_WAGE,      /* an amount behind it is no budget */
    CUE_NOW,       /* of a site: what is done today, where what was done before is told too */
    CUE_WORK,      /* of a site: a share of the work is told, whatever it is called */
    CUE_TRADE,     /* what stands before it is what a lead looks for ("cctv installation") */
    CUE_MINE,      /* the customer's own */
    CUE_GOODS,     /* what the shop delivers, whatever it is called */
    CUE_OFFER,     /* a bare number before it is what the customer would pay */
    CUE_PICK,      /* one of those offered, but not which */
    CUE_PAPER,     /* a bill */
    CUE_SPEAKER,   /* with a colon behind it: who says what follows */
    CUE_GESTURE,   /* thanks that is as good a greeting */
    CUE_SUFFIX,    /* behind a medicine: it is another one of that name */
    CUE_TALE,      /* a recipe, a game: what is told is no order */
    CUE_LAUGH,     /* nor is it beside this where it is of the customer's own */
    CUE_ALSO,      /* as what went before */
    CUE_WHEN,      /* puts an answer off, or tells when goods shall come */
    CUE_SINCE,     /* a time beside it has gone by */
    CUE_COUNT
};

/* SLOT_NONE for a list that holds no names. */
enum slot slot_of_list(const char *topic);
/* The slot that a catalogue calls so ("color", "site"...); SLOT_NONE for none. */
enum slot slot_of_word(const char *name);
/* Whether senses of this slot are indexes of goods. */
bool slot_is_named(enum slot s);
/* CUE_NONE for an unknown name. */
enum cue cue_of(const char *name);

#endif
