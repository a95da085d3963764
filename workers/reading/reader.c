#include "workers/reading/reader.h"

#include <string.h>

#include "workers/reading/decide.h"

static bool has(const struct drafts *d, enum act a)
{
    return (d->acts & ACT_BIT(a)) != 0;
}

static void clear(struct reading *r)
{
    r->intent = INTENT_UNKNOWN;
    r->n_items = r->n_clarify = 0;
    memset(r->language, 0, sizeof r->language);
    memset(&r->fields, 0, sizeof r->fields);
    r->fields.amount_paise = -1;
    r->reader = "words";
}

/* What the question is about: lines that are asked, not ordered. */
static void ask_lines(const struct scene *s)
{
    for (size_t k = 0; k < s->drafts->n; k++) {
        const struct draft *d = &s->drafts->d[k];
        if (!draft_has_goods(d))
            continue;
        struct reading_item *it = item_new(s->out, ACTION_ASK);
        if (it == NULL)
            return;
        item_goods(it, d);
        if (d->quantity != NULL)
            item_quantity(it, s->m, d);
    }
}

/* A question asks, unless the same message orders by a verb and a quantity; then the question comes along. */
static bool only_asks(const struct scene *s)
{
    const uint64_t orders = ACT_BIT(ACT_WANT) | ACT_BIT(ACT_DO) | ACT_BIT(ACT_SET) | ACT_BIT(ACT_DROP) |
                            ACT_BIT(ACT_CANCEL) | ACT_BIT(ACT_MORE) | ACT_BIT(ACT_LESS);
    for (size_t k = 0; k < s->drafts->n; k++)
        if ((ACT_BIT(s->drafts->d[k].act) & orders) != 0 && s->drafts->d[k].quantity != NULL &&
            draft_has_goods(&s->drafts->d[k]))
            return false;
    return true;
}

/* A line with goods and a quantity: an order, whatever else the message says. */
static bool has_order(const struct drafts *o)
{
    for (size_t k = 0; k < o->n; k++)
        if (o->d[k].quantity != NULL && draft_has_goods(&o->d[k]) && !o->d[k].negated)
            return true;
    return false;
}

/* Acts under which goods are named in passing and no line is meant. */
static bool no_lines(const struct scene *s)
{
    const struct drafts *d = s->drafts;
    return has(d, ACT_OPT_OUT) || (has(d, ACT_HUMAN) && !has_order(d)) || has(d, ACT_COMPLAINT) ||
           has(d, ACT_PAYMENT) || (has(d, ACT_BARGAIN) && !has_order(d)) || (has(d, ACT_DEFER) && only_asks(s));
}

/* "silk hai?": goods and a question word, and no verb that orders, answers or changes. */
static bool asks_of_goods(const struct drafts *o)
{
    const uint64_t quiet = ACT_BIT(ACT_QUESTION) | ACT_BIT(ACT_GREETING) | ACT_BIT(ACT_THANKS) | ACT_BIT(ACT_THAT) |
                           ACT_BIT(ACT_THOSE) | ACT_BIT(ACT_SAME_LOT) | ACT_BIT(ACT_EACH) | ACT_BIT(ACT_ANY_COLOR);
    if (!has(o, ACT_QUESTION) || (o->acts & ~quiet) != 0)
        return false;
    for (size_t k = 0; k < o->n; k++)
        if (draft_has_goods(&o->d[k]))
            return true;
    return false;
}

void read_words(const struct shopwords *s, const char *text, size_t n, const struct reading_context *ctx,
                struct reading *out)
{
    static const struct reading_context nothing = {.state = "", .pending_slot = ""};
    struct message m;
    struct drafts d;
    clear(out);
    m.s = s;
    m.l = s->lexicon;
    ctx = ctx != NULL ? ctx : &nothing;
    m.asked_number = ctx->pending_slot != NULL && strcmp(ctx->pending_slot, "quantity") == 0;
    if (!message_match(&m, text, n))
        return;
    memcpy(out->language, m.language, sizeof out->language);
    message_spans(&m);
    drafts_read(&m, &d);
    if (has(&d, ACT_COMMAND) || d.overflow)
        return;
    if (has(&d, ACT_BILL))
        strncpy(out->fields.bill, "gst", sizeof out->fields.bill - 1);
    struct scene scene = {.m = &m, .drafts = &d, .ctx = ctx, .out = out};
    enum intent asked = question_of(&scene);
    if (asked == INTENT_UNKNOWN && asks_of_goods(&d))
        asked = INTENT_ASK_STOCK;
    if (no_lines(&scene)) {
        answer_read(&scene);
    } else if (asked != INTENT_UNKNOWN && only_asks(&scene)) {
        out->intent = asked;
        ask_lines(&scene);
    } else if (!orders_read(&scene)) {
        answer_read(&scene);
    } else if (asked != INTENT_UNKNOWN || has(&d, ACT_BARGAIN)) {
        asked = asked != INTENT_UNKNOWN ? asked : INTENT_BARGAIN;
        strncpy(out->fields.also, intent_name(asked), sizeof out->fields.also - 1);
    }
}
