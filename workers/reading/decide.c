#include "workers/reading/decide.h"

#include <ctype.h>
#include <string.h>

static bool has(const struct scene *s, enum act a)
{
    return (s->drafts->acts & ACT_BIT(a)) != 0;
}

static bool negotiating(const struct scene *s)
{
    for (size_t i = 0; i < s->ctx->n_cart; i++)
        if (s->ctx->cart[i].short_of_stock)
            return true;
    return false;
}

/* Every line that waits for the customer's word on what there is. */
static void each_short_line(const struct scene *s, enum item_action action)
{
    for (size_t i = 0; i < s->ctx->n_cart; i++) {
        const struct reading_cart_line *line = &s->ctx->cart[i];
        struct reading_item *it = line->short_of_stock ? item_new(s->out, action) : NULL;
        if (it == NULL)
            continue;
        item_from_line(it, s, line, false);
        if (action == ACTION_ACCEPT && line->available_um > 0) {
            it->quantity_u = line->available_um;
            it->unit[0] = 'm';
            item_length(it, s->m->l);
        }
    }
}

static bool names_goods(const struct drafts *o)
{
    for (size_t k = 0; k < o->n; k++)
        if (draft_has_goods(&o->d[k]))
            return true;
    return false;
}

enum intent question_of(const struct scene *s)
{
    if (has(s, ACT_STATUS))
        return INTENT_ASK_STATUS;
    if (has(s, ACT_BALANCE))
        return INTENT_ASK_BALANCE;
    if (has(s, ACT_PRICE))
        return INTENT_ASK_PRICE;
    if (has(s, ACT_STOCK) || (has(s, ACT_EXISTS) && names_goods(s->drafts)))
        return INTENT_ASK_STOCK;
    return has(s, ACT_ADVICE) ? INTENT_ASK_ADVICE : INTENT_UNKNOWN;
}

static int option_of(const struct scene *s)
{
    for (size_t i = 0; i < s->m->n; i++) {
        const struct span *p = &s->m->spans[i];
        if (p->kind == SPAN_ORDINAL)
            return p->ordinal;
        bool number = p->kind == SPAN_QUANTITY && p->unit < 0 && p->number.u > 0 && p->number.u <= 9000000 &&
                      p->number.u % 1000000 == 0;
        bool beside = (i + 1 < s->m->n && s->m->spans[i + 1].act == ACT_OPTION) ||
                      (i > 0 && s->m->spans[i - 1].act == ACT_OPTION);
        if (number && beside)
            return (int)(p->number.u / 1000000);
    }
    return 0;
}

static void payment(const struct scene *s)
{
    s->out->intent = INTENT_REPORT_PAYMENT;
    for (size_t i = 0; i < s->m->n; i++) {
        const struct span *p = &s->m->spans[i];
        bool amount = p->kind == SPAN_PRICE || (p->kind == SPAN_QUANTITY && p->unit < 0);
        if (amount && p->number.u > 0 && p->number.u % 10000 == 0 && s->out->fields.amount_paise < 0)
            s->out->fields.amount_paise = p->number.u / 10000;
    }
}

/* Acts that stand for a whole message, strongest first. */
static const struct {
    enum act act;
    enum intent intent;
} whole[] = {
    {ACT_OPT_OUT, INTENT_OPT_OUT},
    {ACT_HUMAN, INTENT_TALK_TO_HUMAN},
    {ACT_COMPLAINT, INTENT_COMPLAINT},
    {ACT_RETURN, INTENT_COMPLAINT},
    {ACT_REPEAT, INTENT_REPEAT_ORDER},
    {ACT_ACCEPT, INTENT_ACCEPT_AVAILABLE},
    {ACT_ALTERNATIVE, INTENT_REQUEST_ALTERNATIVE},
    {ACT_BARGAIN, INTENT_BARGAIN},
    {ACT_CANCEL, INTENT_CANCEL_ORDER},
    {ACT_NOT_WANTED, INTENT_CANCEL_ORDER},
    {ACT_DEFER, INTENT_DEFER},
    {ACT_CONFIRM, INTENT_CONFIRM_ORDER},
};

static void yes_or_no(const struct scene *s)
{
    struct reading *r = s->out;
    bool yes = has(s, ACT_YES) || has(s, ACT_CONFIRM), no = has(s, ACT_NO) || has(s, ACT_NOT);
    uint64_t undone = s->drafts->negated;
    if (no || (undone & (ACT_BIT(ACT_CONFIRM) | ACT_BIT(ACT_YES) | ACT_BIT(ACT_SET))) != 0) {
        r->intent = INTENT_DENY;
        reading_clarify(r, "intent");
    } else if (yes && negotiating(s)) {
        r->intent = INTENT_ACCEPT_AVAILABLE;
        each_short_line(s, ACTION_ACCEPT);
    } else if (has(s, ACT_THANKS) && !has(s, ACT_CONFIRM)) {
        r->intent = INTENT_THANKS;
    } else if (yes || ((has(s, ACT_SET) || has(s, ACT_DO)) && s->drafts->others == 0)) {
        r->intent = INTENT_CONFIRM_ORDER;
    } else if (has(s, ACT_GREETING)) {
        r->intent = INTENT_GREETING;
    } else if (undone != 0) {
        reading_clarify(r, "intent");
    }
}

void answer_read(const struct scene *s)
{
    struct reading *r = s->out;
    enum intent asked = question_of(s);
    int option = option_of(s);
    if (has(s, ACT_PAYMENT) && asked == INTENT_UNKNOWN) {
        payment(s);
        return;
    }
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        bool line_word = whole[i].act == ACT_CANCEL && has(s, ACT_THAT) && s->ctx->n_cart > 1;
        if (!has(s, whole[i].act) || (whole[i].act == ACT_CONFIRM && negotiating(s)))
            continue;
        if (asked != INTENT_UNKNOWN && whole[i].act != ACT_OPT_OUT && whole[i].act != ACT_HUMAN)
            break;
        r->intent = line_word ? INTENT_CANCEL_ITEM : whole[i].intent;
        if (line_word)
            reading_clarify(r, "product");
        if (whole[i].act == ACT_ACCEPT)
            each_short_line(s, ACTION_ACCEPT);
        if (whole[i].act == ACT_ALTERNATIVE)
            each_short_line(s, ACTION_ALTERNATIVE);
        return;
    }
    if (asked != INTENT_UNKNOWN) {
        r->intent = asked;
    } else if (option > 0) {
        r->intent = INTENT_CHOOSE_OPTION;
        struct reading_item *it = item_new(r, ACTION_SET);
        if (it != NULL)
            it->option = option;
    } else if (has(s, ACT_DROP)) {
        r->intent = INTENT_CANCEL_ITEM;
        reading_clarify(r, "product");
    } else {
        yes_or_no(s);
    }
}
