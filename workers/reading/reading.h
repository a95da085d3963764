/* A reading: what a text, read in its context, asks for. Pure data; a reading proposes, code decides. It carries no
 * price, no total, no state. Meaning of every field: schema/contracts/reading.json. */
#ifndef MUNIM_READING_READING_H
#define MUNIM_READING_READING_H

#include "workers/reading/context.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum intent {
    INTENT_UNKNOWN,
    INTENT_PLACE_ORDER,
    INTENT_ADD_ITEM,
    INTENT_EDIT_ITEM,
    INTENT_CANCEL_ITEM,
    INTENT_CANCEL_ORDER,
    INTENT_CONFIRM_ORDER,
    INTENT_DENY,
    INTENT_DEFER,
    INTENT_ACCEPT_AVAILABLE,
    INTENT_REQUEST_ALTERNATIVE,
    INTENT_CHOOSE_OPTION,
    INTENT_PROVIDE_VALUE,
    INTENT_REPEAT_ORDER,
    INTENT_MULTI,
    INTENT_BARGAIN,
    INTENT_ASK_PRICE,
    INTENT_ASK_STOCK,
    INTENT_ASK_STATUS,
    INTENT_ASK_BALANCE,
    INTENT_ASK_ADVICE,
    INTENT_REPORT_PAYMENT,
    INTENT_COMPLAINT,
    INTENT_GREETING,
    INTENT_THANKS,
    INTENT_PROGRESS_UPDATE,
    INTENT_LEAD_INFO,
    INTENT_TALK_TO_HUMAN,
    INTENT_OPT_OUT,
    INTENT_COUNT
};

enum item_action {
    ACTION_ADD,
    ACTION_SET,
    ACTION_ACCEPT,
    ACTION_REMOVE,
    ACTION_ALTERNATIVE,
    ACTION_REPLACE,
    ACTION_ASK,
    ACTION_REPLACE_COLOR, /* in an order that is repeated */
    ACTION_RETURN
};

enum { READING_ITEMS = 64, READING_WORD = 64, READING_CLARIFY = 8, READING_STOCK = 8, READING_REASONS = 6 };

/* Quantities are exact: millionths of the unit (20 m = 20,000,000), -1 when the message names none. */
struct reading_item {
    enum item_action action;
    int line;                   /* cart line it speaks of (context's n), 0 when none is named */
    char product[READING_WORD]; /* names as the catalogue spells them, "" when not said */
    char material[READING_WORD];
    char color[READING_WORD];
    char category[READING_WORD]; /* class of goods, where no product was named */
    char strength[READING_WORD], form[READING_WORD], size[READING_WORD], outlet[READING_WORD];
    bool any_color;
    int64_t quantity_u, quantity_min_u, quantity_max_u;
    char unit[READING_WORD]; /* "m", "yd", "roll", ...; "" when not named */
    int64_t length_um;       /* exact micrometres for length units, else -1 */
    bool same_lot;
    char relative[24];             /* "+15", "-15", "x3" beside the resulting quantity; "" for none */
    char from_color[READING_WORD]; /* of ACTION_REPLACE_COLOR: the colour it had */
    int option;                    /* number of the option chosen, 0 for none */
    int64_t per_package_u;         /* length of one package as the message tells it, in `per_unit`; -1 */
    char per_unit[READING_WORD];
};

/* What a message tells beside lines; "" and -1 where it does not. */
struct reading_fields {
    int64_t amount_paise;
    char mode[READING_WORD], reference[READING_WORD]; /* of a payment */
    char bill_to[READING_WORD];
    char prescription[READING_WORD]; /* "none", "promised", "attached" */
    char bill[READING_WORD];         /* "gst" when a tax invoice is asked for */
    char also[READING_WORD];         /* a second question, as an intent's name or ask_invoice */
    /* Of a building site: millionths, -1 when not told. */
    char site[READING_WORD], level[READING_WORD], task[READING_WORD], unit[READING_WORD];
    int64_t percent_u, masons_u, labour_u, quantity_u;
    struct {
        char name[READING_WORD];
        int64_t u;
    } stock[READING_STOCK];
    size_t n_stock;
    bool blocked;
    char reasons[READING_REASONS][READING_WORD];
    size_t n_reasons;
    /* Of a lead. */
    char service[READING_WORD], property[READING_WORD], location[READING_WORD], timeline[READING_WORD],
        contact_preference[READING_WORD];
    int64_t budget_min_paise, budget_max_paise;
};

struct reading {
    enum intent intent;
    struct reading_item items[READING_ITEMS];
    size_t n_items;
    char clarify[READING_CLARIFY][READING_WORD]; /* slots a good clerk would ask for */
    size_t n_clarify;
    char language[8];   /* "en", "hi", "hi-Latn", "" when it cannot be told */
    const char *reader; /* "words" or "model", static */
    struct reading_fields fields;
};

const char *intent_name(enum intent intent); /* "place_order" */
const char *item_action_name(enum item_action action);
void reading_clear(struct reading *r); /* nothing said: unknown, every field empty; the reader is "words" */

#endif
