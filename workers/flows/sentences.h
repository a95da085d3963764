/* What the shop says, as data: one text per sentence and language, with marks in braces that the flow fills.
 * A text ends in one call to action. Languages: "en", "hi" (Devanagari), "hi-Latn" (also for any other and for "").
 * A text is WhatsApp markup, so a value is put in as it is. */
#ifndef MUNIM_FLOWS_SENTENCES_H
#define MUNIM_FLOWS_SENTENCES_H

#include <stdbool.h>
#include <utstring.h>

enum sentence {
    SAY_NOTHING, /* the row is followed by another one, or speaks to the owner only */
    SAY_GREETING,
    SAY_THANKS,
    SAY_ASK_PRODUCT,
    SAY_ASK_COLOR,
    SAY_ASK_QUANTITY,
    SAY_SUMMARY,
    SAY_OFFER,
    SAY_ALTERNATIVES,
    SAY_WHAT_INSTEAD,
    SAY_WHAT_TO_CHANGE,
    SAY_WHICH_LINE,
    SAY_ASKED_OWNER,
    SAY_OWNER_LOOKING,
    SAY_LOCKED,
    SAY_CANCELLED,
    SAY_NOTHING_LEFT,
    SAY_EXPIRED,
    SAY_COMPLETED,
    SAY_REJECTED,
    SAY_PRICES,
    SAY_STOCKS,
    SAY_STATUS,
    SAY_STATUS_NONE,
    SAY_TAKE_TIME,
    SAY_PRICE_FIXED,
    SAY_NOT_DONE_HERE,
    SAY_NOT_UNDERSTOOD,
    SAY_NO_TEXT,
    SAY_NO_ORDER,
    SAY_REFUSED,
    SAY_STOCK_MOVED,
    /* parts of the above */
    SAY_NEXT_NONE,
    SAY_NEXT_COLLECTING,
    SAY_NEXT_NEGOTIATION,
    SAY_NEXT_FINAL,
    SAY_NEXT_WAITING,
    SAY_OFFER_PARTIAL,
    SAY_OFFER_OUT,
    SAY_OFFER_INSTEAD,
    SAY_HOW_PARTIAL,
    SAY_HOW_WITHOUT,
    SAY_HOW_OUT,
    SAY_STOCK_SOME,
    SAY_STOCK_NONE,
    SAY_SUMS,
    SAY_ROUND_OFF,
    SAY_NOTE_METRES,
    SAY_NOTE_FULL,
    SAY_NOTE_LEFT_OUT,
    SAY_REST,
    SAY_REASON,
    SENTENCE_COUNT
};

const char *sentence_name(enum sentence id); /* "ask_color"; "" for SAY_NOTHING */

/* The text with its marks, never NULL. */
const char *sentence_text(enum sentence id, const char *language);

/* Appends the value of a mark to out; false leaves the mark as it stands. */
typedef bool sentence_value(void *arg, const char *mark, UT_string *out);

/* Appends the text to out, its marks replaced. A value is not searched for marks again. */
void sentence_render(UT_string *out, enum sentence id, const char *language, sentence_value *value, void *arg);

#endif
