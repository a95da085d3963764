/* From a message or a decision to the first input of a walk, and what the reader and the shell ask of an order. */
#include "workers/flows/order_core.h"

#include <string.h>

static const char *const input_names[ORDER_INPUT_COUNT] = {
    [IN_NOTHING] = "",
    [IN_ITEMS_GIVEN] = "ITEMS_GIVEN",
    [IN_PRODUCT_UNCLEAR] = "PRODUCT_UNCLEAR",
    [IN_ALTERNATIVE_ASKED] = "ALTERNATIVE_ASKED",
    [IN_CONFIRMED] = "CONFIRMED",
    [IN_DENIED] = "DENIED",
    [IN_DEFERRED] = "DEFERRED",
    [IN_CANCEL_ASKED] = "CANCEL_ASKED",
    [IN_GREETED] = "GREETED",
    [IN_THANKED] = "THANKED",
    [IN_PRICE_ASKED] = "PRICE_ASKED",
    [IN_STOCK_ASKED] = "STOCK_ASKED",
    [IN_STATUS_ASKED] = "STATUS_ASKED",
    [IN_PRICE_HAGGLED] = "PRICE_HAGGLED",
    [IN_NOT_DONE_HERE] = "NOT_DONE_HERE",
    [IN_NOT_UNDERSTOOD] = "NOT_UNDERSTOOD",
    [IN_NO_TEXT] = "NO_TEXT",
    [IN_OWNER_APPROVED] = "OWNER_APPROVED",
    [IN_OWNER_REJECTED] = "OWNER_REJECTED",
    [IN_PRODUCT_MISSING] = "PRODUCT_MISSING",
    [IN_COLOR_MISSING] = "COLOR_MISSING",
    [IN_QUANTITY_MISSING] = "QUANTITY_MISSING",
    [IN_LINE_UNCLEAR] = "LINE_UNCLEAR",
    [IN_NOTHING_LEFT] = "NOTHING_LEFT",
    [IN_STOCK_FULL] = "STOCK_FULL",
    [IN_STOCK_SHORT] = "STOCK_SHORT",
    [IN_STOCK_HELD] = "STOCK_HELD",
    [IN_ORDER_EXPIRED] = "ORDER_EXPIRED",
    [IN_DECISION_STALE] = "DECISION_STALE",
    [IN_APPROVAL_GOOD] = "APPROVAL_GOOD",
    [IN_APPROVAL_SHORT] = "APPROVAL_SHORT",
    [IN_REJECTION_GOOD] = "REJECTION_GOOD",
};

const char *order_input_name(enum order_input input)
{
    return input_names[input];
}

bool order_is_over(enum order_state s)
{
    return s == ORDER_COMPLETED || s == ORDER_REJECTED || s == ORDER_CANCELLED;
}

/* Intents whose input needs no look at the items. The others stay IN_NOTHING. */
static const enum order_input plain_inputs[INTENT_COUNT] = {
    [INTENT_UNKNOWN] = IN_NOT_UNDERSTOOD,
    [INTENT_CANCEL_ORDER] = IN_CANCEL_ASKED,
    [INTENT_CONFIRM_ORDER] = IN_CONFIRMED,
    [INTENT_DENY] = IN_DENIED,
    [INTENT_DEFER] = IN_DEFERRED,
    [INTENT_REQUEST_ALTERNATIVE] = IN_ALTERNATIVE_ASKED,
    [INTENT_BARGAIN] = IN_PRICE_HAGGLED,
    [INTENT_ASK_STATUS] = IN_STATUS_ASKED,
    [INTENT_ASK_BALANCE] = IN_NOT_DONE_HERE,
    [INTENT_ASK_ADVICE] = IN_NOT_DONE_HERE,
    [INTENT_REPORT_PAYMENT] = IN_NOT_DONE_HERE,
    [INTENT_COMPLAINT] = IN_NOT_DONE_HERE,
    [INTENT_GREETING] = IN_GREETED,
    [INTENT_THANKS] = IN_THANKED,
    [INTENT_PROGRESS_UPDATE] = IN_NOT_DONE_HERE,
    [INTENT_LEAD_INFO] = IN_NOT_DONE_HERE,
    [INTENT_TALK_TO_HUMAN] = IN_NOT_DONE_HERE,
    [INTENT_OPT_OUT] = IN_NOT_DONE_HERE,
};

static enum order_input asked(const struct catalogue *c, const struct reading *r)
{
    for (size_t i = 0; i < r->n_items; i++)
        if (match_goods(c, r->items[i].product, r->items[i].material, r->items[i].color).product != NULL)
            return r->intent == INTENT_ASK_PRICE ? IN_PRICE_ASKED : IN_STOCK_ASKED;
    return IN_PRODUCT_UNCLEAR;
}

static enum order_input items_given(const struct session *s, const struct order *o, const struct reading *r)
{
    if (r->n_items == 0) {
        bool lines_meant = r->intent == INTENT_ACCEPT_AVAILABLE || r->intent == INTENT_CANCEL_ITEM;
        return lines_meant && o->state != ORDER_NONE ? IN_ITEMS_GIVEN : IN_NOT_UNDERSTOOD;
    }
    for (size_t i = 0; i < r->n_items; i++)
        if (item_has_place(s->catalogue, o, &r->items[i]))
            return IN_ITEMS_GIVEN;
    return r->items[0].action == ACTION_RETURN ? IN_NOT_DONE_HERE : IN_PRODUCT_UNCLEAR;
}

enum order_input order_first_input(const struct session *s, const struct order *o, const struct turn_input *in)
{
    if (in->kind == TURN_NO_TEXT)
        return IN_NO_TEXT;
    if (in->kind == TURN_DECISION)
        return in->decision->approve ? IN_OWNER_APPROVED : IN_OWNER_REJECTED;
    const struct reading *r = in->reading;
    if (r->intent == INTENT_ASK_PRICE || r->intent == INTENT_ASK_STOCK)
        return asked(s->catalogue, r);
    if (plain_inputs[r->intent] != IN_NOTHING)
        return plain_inputs[r->intent];
    return items_given(s, o, r);
}

bool order_needs_stock(const struct session *s, const struct turn_input *in)
{
    const struct order *o = &s->order;
    switch (in->kind) {
    case TURN_DECISION:
        return in->decision->approve && o->state == ORDER_WAITING && o->holds_lapsed && !o->expired &&
               in->decision->version == o->version;
    case TURN_NO_TEXT:
        return o->state == ORDER_NEGOTIATION; /* the offer is repeated, with what else there is */
    case TURN_READING:
        break;
    }
    switch (order_first_input(s, o, in)) {
    case IN_STOCK_ASKED:
        return true;
    case IN_ITEMS_GIVEN:
    case IN_CONFIRMED:
    case IN_DENIED:
        return o->state != ORDER_WAITING;
    default:
        return o->state == ORDER_NEGOTIATION;
    }
}

void order_reading_context(const struct session *s, struct reading_cart_line *lines, struct reading_context *ctx)
{
    const struct order *o = &s->order;
    bool open = o->state != ORDER_NONE && !order_is_over(o->state);
    *ctx = (struct reading_context){.state = open ? order_state_name(o->state) : "",
                                    .cart = lines,
                                    .pending_slot = open ? o->pending_slot : "",
                                    .pending_line = open ? o->pending_line : 0};
    for (size_t i = 0; open && i < o->n_lines; i++) {
        const struct order_line *l = &o->lines[i];
        const struct variant *v = variant_by_id(s->catalogue, l->variant_id);
        const struct variant *any = variant_of_product(s->catalogue, l->product_id);
        if (!line_live(l))
            continue;
        lines[ctx->n_cart++] = (struct reading_cart_line){
            .n = l->line_no,
            .product = any != NULL ? any->name : "",
            .material = any != NULL ? any->material : "",
            .color = v != NULL ? v->color : "",
            .length_um = l->quantity_um,
            .short_of_stock = o->state == ORDER_NEGOTIATION && line_short(l),
            .available_um = line_short(l) ? l->available_um : 0,
        };
    }
}
