#include "workers/reading/reader.h"

#include <stdio.h>
#include <string.h>

#include "workers/reading/decide.h"
#include "workers/reading/fields.h"
#include "workers/reading/options.h"
#include "workers/reading/report.h"

static bool has(const struct drafts *d, enum act a)
{
    return (d->acts & ACT_BIT(a)) != 0;
}

/* What the question is about: lines that are asked, not ordered. */
static void ask_lines(const struct scene *s)
{
    for (size_t k = 0; k < s->drafts->n; k++) {
        const struct draft *d = &s->drafts->d[k];
        if (!draft_has_goods(d) || (s->out->intent == INTENT_ASK_STATUS && d->quantity == NULL))
            continue;
        struct reading_item *it = item_new(s->out, ACTION_ASK);
        if (it == NULL)
            return;
        item_goods(it, d);
        const struct draft *next = k + 1 < s->drafts->n ? d + 1 : NULL;
        bool figure = d->category != NULL && d->product == NULL && d->form == NULL; /* "bukhar hai 101" */
        if (d->quantity != NULL && !(figure && d->quantity->unit < 0))
            item_quantity(it, s->m, d);
        else if (d->quantity == NULL && next != NULL && next->quantity != NULL && !draft_has_goods(next) &&
                 !next->negated && next->act != ACT_NOT_WANTED)
            item_quantity(it, s->m, next); /* "honitus hai? do bottle chahiye" */
        item_count(s, it, d);
        for (size_t i = 0; i + 1 < s->out->n_items; i++)
            /* item_new() cleared both whole; were what lies between members to differ, it would be asked twice.
             * NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-exp42-c,cert-flp37-c) */
            if (memcmp(&s->out->items[i], it, sizeof *it) == 0) {
                s->out->n_items--; /* named twice */
                break;
            }
    }
}

/* "20 m black lining and share the price list": a word joins the question to the lines, and no goods follow it. */
static bool asks_apart(const struct scene *s)
{
    const struct message *m = s->m;
    const uint64_t questions = ACT_BIT(ACT_PRICE) | ACT_BIT(ACT_STOCK) | ACT_BIT(ACT_ADVICE);
    bool joined = false, asks = false;
    for (size_t i = 0; i < m->n; i++) {
        const struct span *span = &m->spans[i];
        bool asked = span->kind == SPAN_ACT && (ACT_BIT(span->act) & questions) != 0;
        if (span->kind == SPAN_GOODS || (asked && !joined))
            joined = asks = false;
        else if (span->kind == SPAN_SPLIT && m->text.tokens[span->at].kind == TOKEN_WORD)
            joined = true;
        asks = asks || (asked && joined);
        if (asked && !joined)
            return false;
    }
    return asks;
}

/* "20 m cotton ka kya hua": what came of the goods is asked, in one breath with them. */
static bool asked_of_goods(const struct message *m)
{
    const uint64_t orders = ACT_BIT(ACT_WANT) | ACT_BIT(ACT_DO) | ACT_BIT(ACT_SET);
    bool goods = false, asked = false;
    for (size_t i = 0; i < m->n; i++) {
        const struct span *span = &m->spans[i];
        bool named = span->kind == SPAN_GOODS || span->kind == SPAN_QUANTITY;
        bool status = span_acts(m, i, ACT_BIT(ACT_STATUS));
        if ((named && asked) || (status && goods))
            return true;
        goods = goods || named;
        asked = asked || status;
        if (span->kind == SPAN_SPLIT || span_acts(m, i, orders))
            goods = asked = false;
    }
    return false;
}

/* A question asks, unless the same message orders by a verb and a quantity; then the question comes along. */
static bool only_asks(const struct scene *s)
{
    bool apart = (has(s->drafts, ACT_STATUS) && !asked_of_goods(s->m)) ||
                 has(s->drafts, ACT_BALANCE); /* asks of something else than the goods */
    const uint64_t orders = ACT_BIT(ACT_WANT) | ACT_BIT(ACT_DO) | ACT_BIT(ACT_SET) | ACT_BIT(ACT_DROP) |
                            ACT_BIT(ACT_CANCEL) | ACT_BIT(ACT_MORE) | ACT_BIT(ACT_LESS);
    for (size_t k = 0; k < s->drafts->n; k++)
        if ((apart || asks_apart(s) || (ACT_BIT(s->drafts->d[k].act) & orders) != 0) &&
            s->drafts->d[k].quantity != NULL && draft_has_goods(&s->drafts->d[k]))
            return false;
    return true;
}

static bool has_goods(const struct drafts *o)
{
    for (size_t k = 0; k < o->n; k++)
        if (draft_has_goods(&o->d[k]))
            return true;
    return false;
}

/* A line with goods and a quantity: an order, whatever else the message says. */
static bool has_order(const struct drafts *o)
{
    for (size_t k = 0; k < o->n; k++)
        if (o->d[k].quantity != NULL && draft_has_goods(&o->d[k]) && !o->d[k].negated)
            return true;
    return false;
}

/* "haan kar do, kab tak aayega": the yes to what is in the cart, and a question beside it. */
static bool confirms_and_asks(const struct scene *s, enum intent asked)
{
    const struct drafts *d = s->drafts;
    if (asked == INTENT_UNKNOWN || s->ctx->n_cart == 0 || d->n > 0 || line_pending(s) != NULL)
        return false;
    for (size_t i = 0; i < s->ctx->n_cart; i++)
        if (s->ctx->cart[i].short_of_stock)
            return false;
    return (has(d, ACT_YES) || has(d, ACT_CONFIRM)) && !has(d, ACT_NO) && !has(d, ACT_NOT);
}

/* "2 number hata do", "item 3 ko 10 kar do": a line told by its number. */
static void see_line(const struct scene *s, struct drafts *d)
{
    const uint64_t goes = ACT_BIT(ACT_CANCEL) | ACT_BIT(ACT_DROP) | ACT_BIT(ACT_NOT_WANTED);
    d->line = line_number(s);
    if (d->line > 0 && d->n == 0 && (d->acts & goes) != 0)
        d->d[d->n++] = (struct draft){.unit = -1, .parts = 1, .act = ACT_DROP, .that = true};
}

/* A way of paying beside an amount or the bank's number, and no goods: a payment, whatever the verb. */
static void see_payment(const struct scene *s, struct drafts *d)
{
    const struct message *m = s->m;
    size_t at, end;
    bool mode = false, amount = false;
    if (has_goods(d) || has(d, ACT_QUESTION) || m->domain == DOMAIN_SERVICES)
        return;
    for (size_t i = 0; i < m->text.n; i++)
        mode = mode || value_at(m, i, SLOT_MODE, &end) != NULL;
    for (size_t i = 0; i < m->n; i++)
        amount = amount || ((m->spans[i].kind == SPAN_QUANTITY || m->spans[i].kind == SPAN_PRICE) &&
                            m->spans[i].unit < 0 && m->spans[i].number.u > 0);
    if (amount && (mode || cue_from(m, 0, CUE_REFERENCE, &at) != NULL))
        d->acts |= ACT_BIT(ACT_PAYMENT);
}

/* Acts under which goods are named in passing and no line is meant. */
static bool no_lines(const struct scene *s)
{
    const struct drafts *d = s->drafts;
    return has(d, ACT_OPT_OUT) || (has(d, ACT_HUMAN) && !has_order(d)) ||
           (has(d, ACT_COMPLAINT) && !has(d, ACT_RETURN)) || has(d, ACT_PAYMENT) ||
           (has(d, ACT_BARGAIN) && !has_order(d)) || (has(d, ACT_DEFER) && only_asks(s));
}

/* Whether a question stands in one sentence with cloth or a product, and not with words alone ("coffee at 5?"). */
static bool asked_beside(const struct message *m)
{
    bool goods = false;
    for (size_t i = 0; i < m->n; i++) {
        const struct span *s = &m->spans[i];
        goods = goods || (s->kind == SPAN_GOODS && s->goods->slot != SLOT_COLOR);
        if (span_acts(m, i, ACT_BIT(ACT_QUESTION)) && goods)
            return true;
        if (s->kind == SPAN_SPLIT && s->strong)
            goods = false;
    }
    return false;
}

/* "silk hai?": goods and a question word, and no verb that orders, answers or changes. */
static bool asks_of_goods(const struct message *m, const struct drafts *o)
{
    const uint64_t quiet = ACT_BIT(ACT_QUESTION) | ACT_BIT(ACT_GREETING) | ACT_BIT(ACT_THANKS) | ACT_BIT(ACT_THAT) |
                           ACT_BIT(ACT_THOSE) | ACT_BIT(ACT_OPTION) | ACT_BIT(ACT_SAME_LOT) | ACT_BIT(ACT_EACH) |
                           ACT_BIT(ACT_ANY_COLOR);
    if (!has(o, ACT_QUESTION) || (o->acts & ~quiet) != 0 || (o->others > 1 && !asked_beside(m)))
        return false;
    for (size_t k = 0; k < o->n; k++)
        if (draft_has_goods(&o->d[k]))
            return true;
    return false;
}

/* "which is cooler, linen or cotton" */
static bool compares(const struct message *m)
{
    for (size_t i = 1; i + 1 < m->n; i++)
        if (m->spans[i].kind == SPAN_OR && m->spans[i - 1].kind == SPAN_GOODS && m->spans[i + 1].kind == SPAN_GOODS)
            return true;
    return false;
}

/* "pati: ... ? patni: ...": what others said to one another; without a question or laughter it may be a form. */
static bool tells_tale(const struct message *m, const struct drafts *d)
{
    size_t speakers = 0, at;
    for (size_t i = 0; i + 1 < m->text.n; i++)
        speakers += mark_at(m, i + 1, ':') && cue_at(m, i, CUE_SPEAKER) ? 1 : 0;
    return speakers > 1 && (has(d, ACT_QUESTION) || cue_from(m, 0, CUE_LAUGH, &at) != NULL);
}

/* "lol my cat slept on 3 m white net", a recipe, a match: goods and figures, but nothing that is wished for. */
static bool chats(const struct message *m, const struct drafts *d)
{
    const uint64_t wishes = ACT_BIT(ACT_WANT) | ACT_BIT(ACT_DO) | ACT_BIT(ACT_SET) | ACT_BIT(ACT_YES) |
                            ACT_BIT(ACT_CONFIRM) | ACT_BIT(ACT_COMPLAINT) | ACT_BIT(ACT_REPEAT) | ACT_BIT(ACT_HUMAN);
    size_t at;
    bool laughs = d->others > 2 && cue_from(m, 0, CUE_LAUGH, &at) != NULL && cue_from(m, 0, CUE_MINE, &at) != NULL;
    bool told = d->others > 1 && cue_from(m, 0, CUE_TALE, &at) != NULL;
    return m->ctx->n_cart == 0 && (d->acts & wishes) == 0 && (laughs || told);
}

/* Trades in which nobody orders goods. */
static bool reports(const struct message *m)
{
    return (m->domain == DOMAIN_CONSTRUCTION || m->domain == DOMAIN_SERVICES) && m->ctx->n_cart == 0;
}

static enum domain domain_of(const char *name)
{
    static const char *const names[] = {[DOMAIN_TEXTILE] = "textile",
                                        [DOMAIN_PHARMACY] = "pharmacy",
                                        [DOMAIN_PACKAGING] = "packaging",
                                        [DOMAIN_CONSTRUCTION] = "construction",
                                        [DOMAIN_SERVICES] = "services"};
    for (size_t i = DOMAIN_TEXTILE; name != NULL && i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return (enum domain)i;
    return DOMAIN_NONE;
}

static enum slot asked_of(const char *pending)
{
    if (pending == NULL)
        return SLOT_NONE;
    return strcmp(pending, "strength") == 0 ? SLOT_IN_STRENGTH
           : strcmp(pending, "size") == 0   ? SLOT_IN_SIZE
                                            : SLOT_NONE;
}

bool message_begin(struct message *m, const struct shopwords *s, const char *text, size_t n,
                   const struct reading_context *ctx)
{
    static const struct reading_context nothing = {.state = "", .pending_slot = ""};
    ctx = ctx != NULL ? ctx : &nothing;
    m->s = s;
    m->l = s->lexicon;
    m->raw = text;
    m->ctx = ctx;
    m->domain = domain_of(ctx->domain);
    m->asked = asked_of(ctx->pending_slot);
    m->asked_outlet = ctx->pending_slot != NULL && strcmp(ctx->pending_slot, "outlet") == 0;
    m->asked_number = ctx->pending_slot != NULL && strcmp(ctx->pending_slot, "quantity") == 0;
    if (!message_match(m, text, n))
        return false;
    message_products(m, ctx);
    message_spans(m);
    return true;
}

void read_words(const struct shopwords *s, const char *text, size_t n, const struct reading_context *ctx,
                struct reading *out)
{
    struct message m;
    struct drafts d;
    size_t at;
    reading_clear(out);
    if (!message_begin(&m, s, text, n, ctx))
        return;
    memcpy(out->language, m.language, sizeof out->language);
    drafts_read(&m, &d);
    if (has(&d, ACT_COMMAND) || d.overflow || (has(&d, ACT_ADVERT) && !has_order(&d)) || tells_tale(&m, &d) ||
        chats(&m, &d))
        return;
    struct scene scene = {.m = &m, .drafts = &d, .ctx = m.ctx, .out = out};
    see_payment(&scene, &d);
    enum intent asked = question_of(&scene);
    if (asked == INTENT_UNKNOWN && asks_of_goods(&m, &d))
        asked = compares(&m) ? INTENT_ASK_ADVICE : INTENT_ASK_STOCK;
    fields_read(&scene);
    if (out->fields.prescription[0] != '\0')
        d.acts &= ~ACT_BIT(ACT_DEFER); /* it is the paper that comes later */
    if (has_order(&d) && only_when(&m))
        d.acts &= ~ACT_BIT(ACT_DEFER);
    for (size_t k = 0; k < d.n; k++)
        if (d.d[k].quantity != NULL && rest_told(&scene))
            d.acts &= ~ACT_BIT(ACT_DEFER); /* "18 de do, baki baad me" */
    if (report_read(&scene))
        return;
    see_line(&scene, &d);
    if (asked == INTENT_UNKNOWN && !has(&d, ACT_CANCEL) && (option_read(&scene) || unit_answered(&scene)))
        return;
    if (confirms_and_asks(&scene, asked)) {
        out->intent = INTENT_CONFIRM_ORDER;
        (void)snprintf(out->fields.also, sizeof out->fields.also, "%s", intent_name(asked));
    } else if (no_lines(&scene)) {
        answer_read(&scene);
    } else if (asked != INTENT_UNKNOWN && only_asks(&scene)) {
        out->intent = asked;
        ask_lines(&scene);
        if (asked == INTENT_ASK_STOCK && stock_first(&scene))
            strncpy(out->fields.also, intent_name(INTENT_ASK_PRICE), sizeof out->fields.also - 1);
    } else if ((reports(&m) && !report_orders(&scene)) || (!rest_read(&scene) && !orders_read(&scene))) {
        answer_read(&scene);
    } else if (asked == INTENT_ASK_STOCK && out->intent == INTENT_ACCEPT_AVAILABLE) {
        ; /* "send the 35 m you have" asks nothing */
    } else if (asked != INTENT_UNKNOWN || (has(&d, ACT_BARGAIN) && out->items[0].relative[0] != '-')) {
        asked = asked != INTENT_UNKNOWN ? asked : INTENT_BARGAIN;
        strncpy(out->fields.also, intent_name(asked), sizeof out->fields.also - 1);
    }
    bool takes = out->n_items > 0 || out->intent == INTENT_CONFIRM_ORDER; /* an order, and its paper with it */
    if (takes && !has(&d, ACT_BILL) && out->fields.also[0] == '\0' && cue_from(&m, 0, CUE_INVOICE, &at) != NULL)
        strncpy(out->fields.also, "ask_invoice", sizeof out->fields.also - 1);
}
