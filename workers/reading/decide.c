#include "workers/reading/decide.h"
#include "workers/reading/fields.h"
#include "workers/reading/options.h"

#include <stdio.h>
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
        if (action == ACTION_ACCEPT)
            item_available(it, s, line);
    }
}

static bool names_goods(const struct drafts *o)
{
    for (size_t k = 0; k < o->n; k++)
        if (draft_has_goods(&o->d[k]))
            return true;
    return false;
}

/* "photo dikhao blue cotton ki": the goods are to be seen. */
static bool shows(const struct scene *s)
{
    size_t at;
    if (cue_from(s->m, 0, CUE_SHOW, &at) == NULL || has(s, ACT_ALTERNATIVE) || s->drafts->others > CHATTER)
        return false;
    for (size_t k = 0; k < s->drafts->n; k++)
        if (s->drafts->d[k].quantity != NULL)
            return false;
    return true;
}

/* "any syrup for cough 1 bottle": whichever there is of a class, and how much of it, is an order. */
static bool wants_class(const struct scene *s)
{
    for (size_t k = 0; k < s->drafts->n; k++)
        if (s->drafts->d[k].category != NULL && s->drafts->d[k].quantity != NULL && !has(s, ACT_QUESTION))
            return true;
    return false;
}

bool stock_first(const struct scene *s)
{
    bool stock = false, parted = false;
    for (size_t i = 0; i < s->m->n; i++) {
        const struct span *span = &s->m->spans[i];
        if (span_acts(s->m, i, ACT_BIT(ACT_PRICE)))
            return stock && parted;
        stock = stock || span_acts(s->m, i, ACT_BIT(ACT_STOCK));
        parted = parted || (stock && span->kind == SPAN_SPLIT && span->strong);
    }
    return false;
}

enum intent question_of(const struct scene *s)
{
    if (has(s, ACT_STATUS))
        return INTENT_ASK_STATUS;
    if (has(s, ACT_BALANCE))
        return INTENT_ASK_BALANCE;
    bool haggles = has(s, ACT_BARGAIN) || (has(s, ACT_LESS) && s->drafts->n == 0);
    if (has(s, ACT_PRICE) && names_goods(s->drafts) && stock_first(s))
        return INTENT_ASK_STOCK;
    if (has(s, ACT_PRICE))
        return haggles ? INTENT_UNKNOWN : INTENT_ASK_PRICE;
    if (has(s, ACT_ADVICE))
        return INTENT_ASK_ADVICE;
    if (names_goods(s->drafts) && shows(s))
        return INTENT_ASK_STOCK;
    if (has(s, ACT_ALTERNATIVE) && negotiating(s))
        return INTENT_UNKNOWN;
    bool changes = has(s, ACT_SET) || has(s, ACT_WANT) || has(s, ACT_DO);
    if (has(s, ACT_ALTERNATIVE) && s->ctx->n_cart == 0 && names_goods(s->drafts) && !changes)
        return INTENT_ASK_STOCK;
    if (has(s, ACT_ACCEPT) && negotiating(s) && !has(s, ACT_QUESTION))
        return INTENT_UNKNOWN; /* "jitna pada hai utna hi bhej do" */
    if (has(s, ACT_STOCK) || (has(s, ACT_EXISTS) && names_goods(s->drafts) && !wants_class(s)))
        return INTENT_ASK_STOCK;
    return INTENT_UNKNOWN;
}

static void payment(const struct scene *s)
{
    s->out->intent = INTENT_REPORT_PAYMENT;
    payment_read(s);
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
    {ACT_PRICE, INTENT_BARGAIN}, /* a price and less of it: a plain question was answered before */
    {ACT_CANCEL, INTENT_CANCEL_ORDER},
    {ACT_NOT_WANTED, INTENT_CANCEL_ORDER},
    {ACT_DEFER, INTENT_DEFER},
    {ACT_CONFIRM, INTENT_CONFIRM_ORDER},
};

/* "make it 90 per meter": a price wished for. */
static bool bids(const struct scene *s)
{
    bool price = false;
    for (size_t i = 0; i < s->m->n; i++)
        price = price || (s->m->spans[i].kind == SPAN_PRICE && s->m->spans[i].number.u > 0 &&
                          match_at(s->m, s->m->spans[i].number.end, SLOT_AFTER, ACT_MEASURE_AFTER) == NULL);
    size_t at;
    bool offers = cue_from(s->m, 0, CUE_OFFER, &at) != NULL && !names_goods(s->drafts) && line_pending(s) == NULL;
    for (size_t i = 0; offers && i < s->m->n; i++)
        price =
            price || (s->m->spans[i].kind == SPAN_QUANTITY && s->m->spans[i].unit < 0 && s->m->spans[i].number.u > 0);
    if (price && offers)
        return true;                                                                 /* "110 laga do" */
    bool last_word = has(s, ACT_CONFIRM) && !has(s, ACT_YES) && s->ctx->n_cart == 0; /* "100 rs final" */
    return price && (has(s, ACT_SET) || has(s, ACT_DO) || has(s, ACT_KEEP) || has(s, ACT_WANT) || last_word);
}

/* "60 chalega" where several lines are short: the one of which there is so much. */
static const struct reading_cart_line *told_line(const struct scene *s)
{
    const struct reading_cart_line *line = NULL;
    for (size_t i = 0; i < s->m->n && line == NULL; i++)
        if (s->m->spans[i].kind == SPAN_QUANTITY || s->m->spans[i].kind == SPAN_PRICE)
            line = line_with_available(s, s->m->spans[i].number.u);
    return line;
}

/* "aaj bijli nahi hai": a sentence about something else, in which the "no" is no answer. */
static bool tells(const struct scene *s)
{
    const struct message *m = s->m;
    bool begins = m->n > 0 && m->spans[0].kind == SPAN_ACT &&
                  (m->spans[0].act == ACT_NO || m->spans[0].act == ACT_NOT || m->spans[0].act == ACT_YES);
    size_t others = s->drafts->others;
    for (size_t i = 0; i < m->n; i++)
        others += m->spans[i].kind == SPAN_PRICE ? 1 : 0; /* "2 ghante se light nahi hai" */
    return !begins &&
           (others >= OTHER_WORDS || (s->ctx->n_cart == 0 && names_goods(s->drafts) && s->drafts->others > 0));
}

static void yes_or_no(const struct scene *s)
{
    if (bids(s) && s->m->domain != DOMAIN_CONSTRUCTION && s->m->domain != DOMAIN_SERVICES) {
        s->out->intent = INTENT_BARGAIN;
        return;
    }
    struct reading *r = s->out;
    bool greets = has(s, ACT_GREETING) && !has(s, ACT_CONFIRM); /* "accha ye batao kaise ho" */
    bool yes = (has(s, ACT_YES) || has(s, ACT_CONFIRM)) && !((has(s, ACT_QUESTION) || greets) && s->ctx->n_cart == 0),
         no = (has(s, ACT_NO) || has(s, ACT_NOT)) && !tells(s);
    uint64_t undone = s->drafts->negated;
    if (tells(s))
        undone &= ~ACT_BIT(ACT_YES); /* "wine peena accha nahi hota" */
    if (no || (undone & (ACT_BIT(ACT_CONFIRM) | ACT_BIT(ACT_YES) | ACT_BIT(ACT_SET))) != 0) {
        r->intent = INTENT_DENY;
        reading_clarify(r, "intent");
    } else if (yes && negotiating(s)) {
        r->intent = INTENT_ACCEPT_AVAILABLE;
        if (told_line(s) != NULL)
            line_accept(s, told_line(s));
        else
            each_short_line(s, ACTION_ACCEPT);
    } else if (has(s, ACT_THANKS) && !has(s, ACT_CONFIRM)) {
        r->intent = INTENT_THANKS;
    } else if (s->ctx->n_cart == 0 && s->drafts->others > 0 && !has(s, ACT_CONFIRM)) {
        r->intent = has(s, ACT_GREETING) ? INTENT_GREETING : INTENT_UNKNOWN;
    } else if (yes || ((has(s, ACT_SET) || has(s, ACT_DO)) &&
                       (s->drafts->others == 0 ||
                        ((r->fields.bill[0] != '\0' || r->fields.bill_to[0] != '\0') && s->ctx->n_cart > 0)))) {
        r->intent = INTENT_CONFIRM_ORDER;
    } else if (has(s, ACT_GREETING)) {
        r->intent = INTENT_GREETING;
    } else if (undone != 0) {
        reading_clarify(r, "intent");
    }
}

/* Whether a question stands apart, behind what the message tells. */
static bool asks_behind(const struct scene *s)
{
    const uint64_t questions = ACT_BIT(ACT_STATUS) | ACT_BIT(ACT_BALANCE) | ACT_BIT(ACT_PRICE) | ACT_BIT(ACT_STOCK);
    bool parted = false;
    for (size_t i = 0; i < s->m->n; i++) {
        const struct span *span = &s->m->spans[i];
        if (span->kind == SPAN_ACT && (ACT_BIT(span->act) & questions) != 0)
            return parted;
        parted = parted || span->kind == SPAN_SPLIT;
    }
    return false;
}

/* "meri jeans ki zip kharab ho gayi": of what is the customer's own and nothing that the shop brought. */
static bool of_other_things(const struct scene *s)
{
    size_t at;
    for (size_t i = 0; i < s->m->text.n; i++)
        if (match_at(s->m, i, SLOT_UNIT, ACT_NONE) != NULL)
            return false;
    return (cue_from(s->m, 0, CUE_MINE, &at) != NULL || s->drafts->others >= CHATTER) &&
           cue_from(s->m, 0, CUE_GOODS, &at) == NULL && !has(s, ACT_ORDER) && !names_goods(s->drafts) &&
           s->drafts->others > 0;
}

/* "18 km me 3 ola cancel": what was counted right before it is called off, or much else is told and nothing in the
 * cart.
 */
static bool of_other_goods(const struct scene *s)
{
    const struct message *m = s->m;
    bool counted = false;
    for (size_t i = 2; i < m->n; i++)
        counted = counted || (span_acts(m, i, ACT_BIT(ACT_CANCEL)) && m->spans[i].end - m->spans[i].at == 1 &&
                              m->spans[i - 1].kind == SPAN_OTHER && m->spans[i - 2].kind == SPAN_QUANTITY);
    return s->ctx->n_cart == 0 && !has(s, ACT_ORDER) && (counted || s->drafts->others > 2 * CHATTER);
}

void answer_read(const struct scene *s)
{
    struct reading *r = s->out;
    enum intent asked = question_of(s);
    int option = option_number(s);
    size_t at;
    if (has(s, ACT_PAYMENT)) {
        payment(s);
        bool told = r->fields.amount_paise > 0 || r->fields.reference[0] != '\0';
        if (asked != INTENT_UNKNOWN && told && asks_behind(s))
            (void)snprintf(r->fields.also, sizeof r->fields.also, "%s", intent_name(asked));
        if (asked == INTENT_UNKNOWN || told)
            return;
        r->fields.mode[0] = '\0';
    }
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        if (whole[i].act == ACT_REPEAT && cue_from(s->m, 0, CUE_INVOICE, &at) != NULL)
            continue; /* a copy of its bill, not the goods again */
        bool line_word = whole[i].act == ACT_CANCEL && has(s, ACT_THAT) && s->ctx->n_cart > 1;
        if (!has(s, whole[i].act) || (whole[i].act == ACT_CONFIRM && negotiating(s)) ||
            (whole[i].act == ACT_COMPLAINT && of_other_things(s)) || (whole[i].act == ACT_CONFIRM && bids(s)))
            continue;
        if (whole[i].act == ACT_CANCEL && of_other_goods(s))
            continue;
        if (whole[i].act == ACT_CANCEL && negotiating(s) && (has(s, ACT_YES) || s->drafts->n > 0) && rest_told(s)) {
            r->intent = INTENT_ACCEPT_AVAILABLE; /* "18 chalega, baki cancel": the rest of what was asked for */
            each_short_line(s, ACTION_ACCEPT);
            return;
        }
        bool agreed = (has(s, ACT_YES) || has(s, ACT_CONFIRM)) && has(s, ACT_DO) && !has(s, ACT_NO) && !has(s, ACT_NOT);
        if (whole[i].act == ACT_DEFER && agreed && s->ctx->n_cart > 0)
            continue; /* "yes but deliver tomorrow" */
        bool stated = whole[i].act == ACT_COMPLAINT && asked == INTENT_ASK_STOCK && !has(s, ACT_QUESTION);
        if (asked != INTENT_UNKNOWN && whole[i].act != ACT_OPT_OUT && whole[i].act != ACT_HUMAN && !stated)
            break;
        r->intent = line_word ? INTENT_CANCEL_ITEM : whole[i].intent;
        if (line_word)
            reading_clarify(r, "product");
        if (whole[i].act == ACT_ACCEPT && told_line(s) != NULL)
            line_accept(s, told_line(s));
        else if (whole[i].act == ACT_ACCEPT)
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
    } else if (has(s, ACT_LESS) && s->drafts->n == 0) {
        r->intent = INTENT_BARGAIN; /* "thoda kam karo" */
    } else if (has(s, ACT_DROP)) {
        r->intent = INTENT_CANCEL_ITEM;
        reading_clarify(r, "product");
    } else {
        yes_or_no(s);
    }
}
