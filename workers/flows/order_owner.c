/* Actions of the owner's side. The outcome and its reason go back to the owner's tool, in English; what the customer
 * hears is the row's sentence. */
#include "workers/flows/order_core.h"

#include <stdio.h>
#include <string.h>

static void owner_told(struct plan *out, enum decision_outcome outcome, const char *words)
{
    out->outcome = outcome;
    text_cut(out->outcome_reason, sizeof out->outcome_reason, words);
    out->approval = outcome != DECISION_UNKNOWN_ORDER;
}

void owner_told_short(struct plan *out, const char *words)
{
    owner_told(out, DECISION_SHORTAGE, words);
}

void act_unknown_order(struct walk *w)
{
    owner_told(w->out, DECISION_UNKNOWN_ORDER, "there is no such order: list the waiting ones");
}

void act_too_early(struct walk *w)
{
    owner_told(w->out, DECISION_CHANGED, "the customer is still changing this order: it comes back when he confirms");
}

/* What holds for both decisions, in this order: too late, then not what the owner saw. */
static enum order_input stale(const struct walk *w)
{
    const struct order *o = &w->out->order;
    if (o->expired)
        return IN_ORDER_EXPIRED;
    return w->in->decision->version != o->version ? IN_DECISION_STALE : IN_NOTHING;
}

static void told_which_line(struct walk *w)
{
    const struct order *o = &w->out->order;
    UT_string words;
    utstring_init(&words);
    for (size_t i = 0; i < o->n_lines; i++) {
        const struct order_line *l = &o->lines[i];
        if (!line_short(l))
            continue;
        utstring_printf(&words, "%sline %d, ", utstring_len(&words) > 0 ? "; " : "", l->line_no);
        put_goods(&words, variant_by_id(w->s->catalogue, l->variant_id));
        utstring_printf(&words, ": ");
        put_length(&words, l->quantity_um);
        utstring_printf(&words, " needed, ");
        put_length(&words, l->available_um);
        utstring_printf(&words, " left in one lot");
    }
    owner_told_short(w->out, utstring_body(&words));
    utstring_done(&words);
}

/* Lapsed holds count for nothing: the goods are looked for anew, and what cannot be found leaves the order as it was.
 */
void act_approve(struct walk *w)
{
    struct order before = w->out->order;
    struct fault f = {0};
    w->follow = stale(w);
    if (w->follow != IN_NOTHING)
        return;
    w->follow = IN_APPROVAL_GOOD;
    w->out->stock = PLAN_STOCK_SELL;
    if (before.holds_lapsed) {
        w->out->stock = PLAN_STOCK_REHOLD_SELL;
        if (order_check(w) != IN_STOCK_FULL) {
            told_which_line(w);
            w->follow = IN_APPROVAL_SHORT;
        }
    }
    if (w->follow == IN_APPROVAL_GOOD && order_invoice(w, &f) != 0) {
        owner_told_short(w->out, f.text);
        w->follow = IN_APPROVAL_SHORT;
    }
    if (w->follow == IN_APPROVAL_SHORT) {
        w->out->order = before;
        w->out->stock = PLAN_STOCK_NONE;
    }
}

void act_reject(struct walk *w)
{
    enum order_input late = stale(w);
    w->follow = late != IN_NOTHING ? late : IN_REJECTION_GOOD;
}

void act_expire(struct walk *w)
{
    order_close(w, "expired");
    w->out->stock = PLAN_STOCK_RELEASE;
    w->out->approval = true;
    if (w->in->kind == TURN_DECISION)
        owner_told(w->out, DECISION_EXPIRED,
                   "the time to decide has passed: the order is closed, its goods are free again");
}

void act_stale(struct walk *w)
{
    char words[160];
    (void)snprintf(words, sizeof words, "the order is at version %lld, the decision speaks of %lld: look at it again",
                   (long long)w->out->order.version, (long long)w->in->decision->version);
    owner_told(w->out, DECISION_CHANGED, words);
}

void act_complete(struct walk *w)
{
    w->out->order_changed = true;
    w->out->has_invoice = true;
    owner_told(w->out, DECISION_COMPLETED, "");
}

void act_close_rejected(struct walk *w)
{
    order_close(w, "owner");
    w->out->stock = PLAN_STOCK_RELEASE;
    owner_told(w->out, DECISION_REJECTED, w->in->decision->reason);
}

void act_already(struct walk *w)
{
    const struct order *o = &w->out->order;
    char words[96];
    bool billed = o->state == ORDER_COMPLETED;
    (void)snprintf(words, sizeof words, "this order was %s%s", billed ? "approved before, invoice " : "rejected before",
                   billed ? o->invoice_number : "");
    owner_told(w->out, DECISION_ALREADY, words);
}

void act_after_cancel(struct walk *w)
{
    if (strcmp(w->out->order.closure_reason, "expired") == 0)
        owner_told(w->out, DECISION_EXPIRED, "the time to decide had passed: the order is closed");
    else
        owner_told(w->out, DECISION_CHANGED, "the customer has cancelled this order");
}
