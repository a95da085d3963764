#include "workers/reading/reading.h"
#include "workers/reading/reading_names.h"

#include <string.h>

static const char *const intents[INTENT_COUNT] = {
    [INTENT_UNKNOWN] = "unknown",
    [INTENT_PLACE_ORDER] = "place_order",
    [INTENT_ADD_ITEM] = "add_item",
    [INTENT_EDIT_ITEM] = "edit_item",
    [INTENT_CANCEL_ITEM] = "cancel_item",
    [INTENT_CANCEL_ORDER] = "cancel_order",
    [INTENT_CONFIRM_ORDER] = "confirm_order",
    [INTENT_DENY] = "deny",
    [INTENT_DEFER] = "defer",
    [INTENT_ACCEPT_AVAILABLE] = "accept_available",
    [INTENT_REQUEST_ALTERNATIVE] = "request_alternative",
    [INTENT_CHOOSE_OPTION] = "choose_option",
    [INTENT_PROVIDE_VALUE] = "provide_value",
    [INTENT_REPEAT_ORDER] = "repeat_order",
    [INTENT_MULTI] = "multi",
    [INTENT_BARGAIN] = "bargain",
    [INTENT_ASK_PRICE] = "ask_price",
    [INTENT_ASK_STOCK] = "ask_stock",
    [INTENT_ASK_STATUS] = "ask_status",
    [INTENT_ASK_BALANCE] = "ask_balance",
    [INTENT_ASK_ADVICE] = "ask_advice",
    [INTENT_REPORT_PAYMENT] = "report_payment",
    [INTENT_COMPLAINT] = "complaint",
    [INTENT_GREETING] = "greeting",
    [INTENT_THANKS] = "thanks",
    [INTENT_PROGRESS_UPDATE] = "progress_update",
    [INTENT_LEAD_INFO] = "lead_info",
    [INTENT_TALK_TO_HUMAN] = "talk_to_human",
    [INTENT_OPT_OUT] = "opt_out",
};

static const char *const actions[] = {
    [ACTION_ADD] = "add",
    [ACTION_SET] = "set",
    [ACTION_ACCEPT] = "accept",
    [ACTION_REMOVE] = "remove",
    [ACTION_ALTERNATIVE] = "alternative",
    [ACTION_REPLACE] = "replace",
    [ACTION_ASK] = "ask",
    [ACTION_REPLACE_COLOR] = "replace_color",
    [ACTION_RETURN] = "return",
};

const char *intent_name(enum intent intent)
{
    return (unsigned)intent < INTENT_COUNT ? intents[intent] : "unknown";
}

const char *item_action_name(enum item_action action)
{
    return (unsigned)action < sizeof actions / sizeof *actions ? actions[action] : "add";
}

enum intent intent_of(const char *name)
{
    unsigned i = 0;
    while (i < INTENT_COUNT && strcmp(intents[i], name) != 0)
        i++;
    return (enum intent)i;
}

int item_action_of(const char *name)
{
    for (unsigned i = 0; i < sizeof actions / sizeof *actions; i++)
        if (strcmp(actions[i], name) == 0)
            return (int)i;
    return -1;
}

void reading_clear(struct reading *r)
{
    r->intent = INTENT_UNKNOWN;
    r->n_items = r->n_clarify = 0;
    memset(r->language, 0, sizeof r->language);
    memset(&r->fields, 0, sizeof r->fields);
    r->fields.amount_paise = r->fields.budget_min_paise = r->fields.budget_max_paise = -1;
    r->fields.percent_u = r->fields.masons_u = r->fields.labour_u = r->fields.quantity_u = -1;
    r->reader = "words";
}
