/* Actions of the customer's side. An action changes the plan's order and may yield the input that follows; it never
 * sets the state. */
#include "workers/flows/order_core.h"

#include <stdio.h>
#include <string.h>

static void changed(struct walk *w)
{
    w->out->order_changed = true;
}

void order_close(struct walk *w, const char *reason)
{
    (void)snprintf(w->out->order.closure_reason, sizeof w->out->order.closure_reason, "%s", reason);
    (void)snprintf(w->out->closure_reason, sizeof w->out->closure_reason, "%s", reason);
    w->out->order.pending_slot[0] = '\0';
    w->out->order.pending_line = 0;
    changed(w);
}

/* All items or none: with one line unclear, nothing of the message is put into effect. A message that opens an order
 * has no lines to be unclear about. */
void act_apply(struct walk *w)
{
    struct order before = w->out->order;
    lines_apply(w, w->in->reading);
    if (w->line_unclear && before.state != ORDER_NONE) {
        w->out->order = before;
        w->follow = IN_LINE_UNCLEAR;
        return;
    }
    act_check(w);
}

void act_check(struct walk *w)
{
    changed(w);
    w->follow = order_check(w);
}

/* "Yes" to an offer takes what there is, and goes on without what there is not. The summary that follows says so, and
 * wants a "yes" of its own. */
void act_accept_offer(struct walk *w)
{
    lines_accept_offer(w);
    act_check(w);
}

void act_confirm(struct walk *w)
{
    act_check(w);
    if (w->follow != IN_STOCK_FULL)
        return;
    w->out->stock = PLAN_STOCK_HOLD;
    w->follow = IN_STOCK_HELD;
}

void act_ask_owner(struct walk *w)
{
    w->out->asks_owner = true;
    w->out->approval = true;
}

static void ask(struct walk *w, const char *slot)
{
    struct order *o = &w->out->order;
    (void)snprintf(o->pending_slot, sizeof o->pending_slot, "%s", slot);
    w->line = line_numbered(o, o->pending_line);
}

void act_ask_product(struct walk *w)
{
    ask(w, "material");
}

void act_ask_color(struct walk *w)
{
    ask(w, "color");
}

void act_ask_quantity(struct walk *w)
{
    ask(w, "quantity");
}

void act_close_empty(struct walk *w)
{
    order_close(w, "no_lines");
}

void act_cancel(struct walk *w)
{
    order_close(w, "customer");
}

void act_cancel_waiting(struct walk *w)
{
    act_cancel(w);
    w->out->stock = PLAN_STOCK_RELEASE;
    w->out->approval = true;
}

/* No timer has closed it yet: the customer's own message does, or he would wait for ever. */
void act_wait(struct walk *w)
{
    if (w->out->order.expired)
        w->follow = IN_ORDER_EXPIRED;
}
