/* The order flow's table and its walker. */
#include "workers/flows/order_core.h"

#define IN(state) (1u << (state))
#define EDITABLE  (IN(ORDER_COLLECTING) | IN(ORDER_NEGOTIATION) | IN(ORDER_FINAL))
#define BEFORE    (IN(ORDER_NONE) | EDITABLE) /* the owner was not asked yet */
#define ANY       (BEFORE | IN(ORDER_WAITING))
#define WAITING   IN(ORDER_WAITING)
#define STAY      ORDER_STATE_COUNT

struct row {
    unsigned states;
    enum order_input input;
    order_action *action; /* NULL: nothing to do but to answer */
    enum order_state next;
    enum sentence sentence; /* to the customer, when the walk ends here */
};

static const struct row table[] = {
    /* the customer's order */
    {IN(ORDER_NONE), IN_ITEMS_GIVEN, act_apply, ORDER_COLLECTING, SAY_NOTHING},
    {EDITABLE, IN_ITEMS_GIVEN, act_apply, STAY, SAY_NOTHING},
    {IN(ORDER_COLLECTING), IN_CONFIRMED, act_check, STAY, SAY_NOTHING},
    {IN(ORDER_NEGOTIATION), IN_CONFIRMED, act_accept_offer, STAY, SAY_NOTHING},
    {IN(ORDER_FINAL), IN_CONFIRMED, act_confirm, STAY, SAY_NOTHING},
    {IN(ORDER_COLLECTING), IN_DENIED, act_check, STAY, SAY_NOTHING},
    {IN(ORDER_NEGOTIATION), IN_DENIED, NULL, STAY, SAY_WHAT_INSTEAD},
    {IN(ORDER_FINAL), IN_DENIED, NULL, STAY, SAY_WHAT_TO_CHANGE},
    {IN(ORDER_NONE), IN_DENIED, NULL, STAY, SAY_TAKE_TIME},
    {IN(ORDER_NEGOTIATION), IN_ALTERNATIVE_ASKED, NULL, STAY, SAY_ALTERNATIVES},
    {IN(ORDER_COLLECTING) | IN(ORDER_FINAL), IN_ALTERNATIVE_ASKED, NULL, STAY, SAY_WHAT_TO_CHANGE},
    {BEFORE, IN_PRODUCT_UNCLEAR, NULL, STAY, SAY_ASK_PRODUCT},
    {BEFORE, IN_DEFERRED, NULL, STAY, SAY_TAKE_TIME},
    {EDITABLE, IN_CANCEL_ASKED, act_cancel, ORDER_CANCELLED, SAY_CANCELLED},
    /* what the check of the order says */
    {EDITABLE, IN_LINE_UNCLEAR, NULL, STAY, SAY_WHICH_LINE},
    {EDITABLE, IN_PRODUCT_MISSING, act_ask_product, ORDER_COLLECTING, SAY_ASK_PRODUCT},
    {EDITABLE, IN_COLOR_MISSING, act_ask_color, ORDER_COLLECTING, SAY_ASK_COLOR},
    {EDITABLE, IN_QUANTITY_MISSING, act_ask_quantity, ORDER_COLLECTING, SAY_ASK_QUANTITY},
    {EDITABLE, IN_STOCK_FULL, NULL, ORDER_FINAL, SAY_SUMMARY},
    {EDITABLE, IN_STOCK_SHORT, NULL, ORDER_NEGOTIATION, SAY_OFFER},
    {EDITABLE, IN_NOTHING_LEFT, act_close_empty, ORDER_CANCELLED, SAY_NOTHING_LEFT},
    {IN(ORDER_FINAL), IN_STOCK_HELD, act_ask_owner, ORDER_WAITING, SAY_ASKED_OWNER},
    /* the customer while the owner decides */
    {WAITING, IN_ITEMS_GIVEN, act_wait, STAY, SAY_LOCKED},
    {WAITING, IN_PRODUCT_UNCLEAR, act_wait, STAY, SAY_LOCKED},
    {WAITING, IN_ALTERNATIVE_ASKED, act_wait, STAY, SAY_LOCKED},
    {WAITING, IN_DENIED, act_wait, STAY, SAY_LOCKED},
    {WAITING, IN_CONFIRMED, act_wait, STAY, SAY_OWNER_LOOKING},
    {WAITING, IN_DEFERRED, act_wait, STAY, SAY_OWNER_LOOKING},
    {WAITING, IN_STATUS_ASKED, act_wait, STAY, SAY_OWNER_LOOKING},
    {WAITING, IN_CANCEL_ASKED, act_cancel_waiting, ORDER_CANCELLED, SAY_CANCELLED},
    {WAITING, IN_ORDER_EXPIRED, act_expire, ORDER_CANCELLED, SAY_EXPIRED},
    /* the owner's decision */
    {WAITING, IN_OWNER_APPROVED, act_approve, STAY, SAY_NOTHING},
    {WAITING, IN_OWNER_REJECTED, act_reject, STAY, SAY_NOTHING},
    {WAITING, IN_DECISION_STALE, act_stale, STAY, SAY_NOTHING},
    {WAITING, IN_APPROVAL_SHORT, NULL, STAY, SAY_NOTHING},
    {WAITING, IN_APPROVAL_GOOD, act_complete, ORDER_COMPLETED, SAY_COMPLETED},
    {WAITING, IN_REJECTION_GOOD, act_close_rejected, ORDER_REJECTED, SAY_REJECTED},
    {IN(ORDER_NONE), IN_OWNER_APPROVED, act_unknown_order, STAY, SAY_NOTHING},
    {IN(ORDER_NONE), IN_OWNER_REJECTED, act_unknown_order, STAY, SAY_NOTHING},
    {EDITABLE, IN_OWNER_APPROVED, act_too_early, STAY, SAY_NOTHING},
    {EDITABLE, IN_OWNER_REJECTED, act_too_early, STAY, SAY_NOTHING},
    {IN(ORDER_COMPLETED) | IN(ORDER_REJECTED), IN_OWNER_APPROVED, act_already, STAY, SAY_NOTHING},
    {IN(ORDER_COMPLETED) | IN(ORDER_REJECTED), IN_OWNER_REJECTED, act_already, STAY, SAY_NOTHING},
    {IN(ORDER_CANCELLED), IN_OWNER_APPROVED, act_after_cancel, STAY, SAY_NOTHING},
    {IN(ORDER_CANCELLED), IN_OWNER_REJECTED, act_after_cancel, STAY, SAY_NOTHING},
    /* talk that changes nothing */
    {IN(ORDER_NONE), IN_STATUS_ASKED, NULL, STAY, SAY_STATUS_NONE},
    {EDITABLE, IN_STATUS_ASKED, NULL, STAY, SAY_STATUS},
    {ANY, IN_GREETED, NULL, STAY, SAY_GREETING},
    {ANY, IN_THANKED, NULL, STAY, SAY_THANKS},
    {ANY, IN_PRICE_ASKED, NULL, STAY, SAY_PRICES},
    {ANY, IN_STOCK_ASKED, NULL, STAY, SAY_STOCKS},
    {ANY, IN_PRICE_HAGGLED, NULL, STAY, SAY_PRICE_FIXED},
    {ANY, IN_NOT_DONE_HERE, NULL, STAY, SAY_NOT_DONE_HERE},
    {ANY, IN_NOT_UNDERSTOOD, NULL, STAY, SAY_NOT_UNDERSTOOD},
    {ANY, IN_NO_TEXT, NULL, STAY, SAY_NO_TEXT},
};
enum { ROWS = sizeof table / sizeof table[0] };

static const struct row *row_for(enum order_state state, enum order_input input)
{
    for (size_t i = 0; i < ROWS; i++)
        if (table[i].input == input && (table[i].states & IN(state)) != 0)
            return &table[i];
    return NULL;
}

static enum order_state row_next(const struct row *r, enum order_state from)
{
    return r->next == STAY ? from : r->next;
}

static enum message_class class_of(enum sentence id)
{
    if (id == SAY_COMPLETED)
        return CLASS_BILL;
    return id == SAY_GREETING ? CLASS_GREETING : CLASS_REPLY;
}

static void log_step(struct plan *out, enum order_state from, enum order_state to, enum order_input input, bool ok)
{
    out->transitions[out->n_transitions++] =
        (struct plan_transition){.from = from, .to = to, .input = order_input_name(input), .ok = ok};
}

static void refuse(struct walk *w, enum order_state state, enum order_input input)
{
    log_step(w->out, state, state, input, false);
    say(w, state == ORDER_NONE ? SAY_NO_ORDER : SAY_REFUSED, CLASS_REPLY);
}

/* Two steps at most by the table as it stands; the room for transitions bounds it whatever the table says. */
static void walk(struct walk *w, enum order_input input)
{
    while (input != IN_NOTHING && w->out->n_transitions < PLAN_TRANSITIONS) {
        enum order_state from = w->out->order.state;
        const struct row *r = row_for(from, input);
        if (r == NULL) {
            refuse(w, from, input);
            return;
        }
        w->follow = IN_NOTHING;
        if (r->action != NULL)
            r->action(w);
        w->out->order.state = row_next(r, from);
        log_step(w->out, from, w->out->order.state, input, true);
        if (w->follow == IN_NOTHING && r->sentence != SAY_NOTHING)
            say(w, r->sentence, class_of(r->sentence));
        input = w->follow;
    }
}

static bool allocates(enum plan_stock stock)
{
    return stock == PLAN_STOCK_HOLD || stock == PLAN_STOCK_REHOLD_SELL;
}

static struct walk walk_begin(const struct session *s, const struct turn_input *in, struct plan *out)
{
    plan_clear(out);
    const char *told = in->kind == TURN_READING ? in->reading->language : "";
    (void)snprintf(out->language, sizeof out->language, "%s", told);
    out->order = s->order;
    if (in->kind != TURN_DECISION && order_is_over(s->order.state)) /* a new message speaks of no order that is over */
        out->order = (struct order){.state = ORDER_NONE};
    return (struct walk){
        .s = s, .in = in, .out = out, .stock = stock_clone(s->stock), .language = told[0] != '\0' ? told : s->language};
}

void order_turn(const struct session *s, const struct turn_input *in, const char *new_order_id, struct plan *out)
{
    struct walk w = walk_begin(s, in, out);
    bool none = out->order.state == ORDER_NONE;
    walk(&w, order_first_input(s, &out->order, in));
    if (out->order_changed) {
        out->order.version++;
        out->order_new = none;
    }
    if (out->order_new)
        (void)snprintf(out->order.order_id, sizeof out->order.order_id, "%s", new_order_id);
    if (!allocates(out->stock))
        out->n_holds = 0;
    stock_free(&w.stock);
}

void order_turn_short(const struct session *s, const struct turn_input *in, struct plan *out)
{
    struct walk w = walk_begin(s, in, out);
    if (in->kind == TURN_DECISION)
        owner_told_short(out, "its goods went to other orders while it was being approved: try again, or reject it");
    else
        say(&w, SAY_STOCK_MOVED, CLASS_REPLY);
    stock_free(&w.stock);
}

void order_flow_each(void (*each)(void *arg, const char *state, const char *input, const char *next,
                                  const char *sentence),
                     void *arg)
{
    for (size_t i = 0; i < ROWS; i++)
        for (enum order_state s = ORDER_NONE; s < ORDER_STATE_COUNT; s++)
            if ((table[i].states & IN(s)) != 0)
                each(arg, order_state_name(s), order_input_name(table[i].input),
                     order_state_name(row_next(&table[i], s)), sentence_name(table[i].sentence));
}

static void print_edge(FILE *out, enum order_state from, enum order_state to)
{
    bool first = true;
    for (size_t i = 0; i < ROWS; i++) {
        if ((table[i].states & IN(from)) == 0 || row_next(&table[i], from) != to)
            continue;
        if (first)
            (void)fprintf(out, "    %s --> %s : ", from == ORDER_NONE ? "NO_ORDER" : order_state_name(from),
                          to == ORDER_NONE ? "NO_ORDER" : order_state_name(to));
        (void)fprintf(out, "%s%s", first ? "" : "<br/>", order_input_name(table[i].input));
        first = false;
    }
    if (!first)
        (void)fputc('\n', out);
}

void order_flow_mermaid(FILE *out)
{
    (void)fputs("stateDiagram-v2\n    [*] --> NO_ORDER\n", out);
    for (enum order_state from = ORDER_NONE; from < ORDER_STATE_COUNT; from++)
        for (enum order_state to = ORDER_NONE; to < ORDER_STATE_COUNT; to++)
            print_edge(out, from, to);
    for (enum order_state s = ORDER_NONE; s < ORDER_STATE_COUNT; s++)
        if (order_is_over(s))
            (void)fprintf(out, "    %s --> [*]\n", order_state_name(s));
}
