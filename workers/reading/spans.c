#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "workers/reading/fields.h"
#include "workers/reading/message.h"

enum { SUFFIX_MOST = 4 }; /* letters of a medicine's suffix */

static struct span *add(struct message *m, enum span_kind kind, size_t at, size_t end)
{
    struct span *s = &m->spans[m->n++];
    *s = (struct span){.kind = kind, .at = at, .end = end, .unit = -1, .per_u = -1, .per_unit = -1};
    return s;
}

/* The slots that stand by themselves; a unit does not, and numbers are read before. Goods come before other meanings of
 * the same length, the shop's before the lists'. */
static int rank(const struct message *m, const struct match *k)
{
    switch (k->sense->slot) {
    case SLOT_COLOR:
    case SLOT_MATERIAL:
    case SLOT_PRODUCT:
    case SLOT_OUTLET:
        return k->of_shop ? 4 : 3;
    case SLOT_FORM:
    case SLOT_CATEGORY: /* of medicines: words of every day elsewhere */
        return m->s->strengths && (m->domain == DOMAIN_PHARMACY || m->domain == DOMAIN_NONE) ? 3 : 0;
    case SLOT_ORDINAL:
    case SLOT_ACT:
    case SLOT_JOIN:
        return 2;
    case SLOT_CUE: /* those of building sites and leads say nothing of an order */
        return (k->sense->value >= CUE_SITE_BEFORE && k->sense->value <= CUE_PER_CENT) ||
                       (k->sense->value >= CUE_HOUR && k->sense->value != CUE_PICK)
                   ? 0
                   : 1;
    case SLOT_PLAIN:
        return 1;
    default:
        return 0;
    }
}

static bool is_goods(const struct match *k)
{
    return k->sense->slot == SLOT_COLOR || k->sense->slot == SLOT_FORM;
}

static const struct match *longest(const struct message *m, size_t at)
{
    const struct match *best = NULL;
    for (size_t i = 0; i < m->n_matches[at]; i++) {
        const struct match *k = &m->matches[at][i];
        if (rank(m, k) == 0)
            continue;
        if (best == NULL || k->length > best->length || (k->length == best->length && rank(m, k) > rank(m, best)))
            best = k;
    }
    if (best == NULL || !is_goods(best) || best->length > 1)
        return best;
    const struct match *form = match_at(m, at, SLOT_FORM, ACT_NONE), *drop = match_at(m, at, SLOT_ACT, ACT_DROP);
    if (best->sense->slot == SLOT_FORM && drop != NULL && at == 0 && m->ctx->n_cart > 0)
        return drop; /* "drop the crocin", and no eye drops */
    return form != NULL && m->domain == DOMAIN_PHARMACY && best->sense->slot == SLOT_COLOR ? form : best;
}

/* Takes the words of a phrase out of the running; what stands in its gaps stays. */
static void use(struct message *m, size_t at, const struct match *k)
{
    for (size_t i = 0; i < k->length; i++)
        if ((k->mask >> i & 1) != 0)
            m->used[at + i] = true;
}

static size_t past_marks(const struct message *m, size_t i)
{
    while (mark_at(m, i, '.') || mark_at(m, i, ':') || mark_at(m, i, '-') || mark_at(m, i, '#') || mark_at(m, i, '='))
        i++;
    return i;
}

/* Takes an offer's verb along ("80 me de do"); returns the token after it. */
static size_t put_price(struct message *m, size_t at, size_t end, const struct number *n, bool bid)
{
    const struct match *offer = match_at(m, end, SLOT_AFTER, ACT_BID_AFTER);
    end += offer != NULL ? offer->length : 0;
    struct span *price = add(m, SPAN_PRICE, at, end);
    price->number = *n;
    price->bid = bid || offer != NULL;
    return end;
}

/* "rs 80", "rate 80", "per metre 80": a number after the word that announces what else it is. The token after all of
 * it, or 0 when no such number follows. */
static size_t put_announced(struct message *m, size_t at)
{
    const struct match *before = match_at(m, at, SLOT_BEFORE, ACT_NONE), *per = match_at(m, at, SLOT_PER, ACT_NONE);
    const struct match *unit = per != NULL ? match_at(m, at + per->length, SLOT_UNIT, ACT_NONE) : NULL;
    if (before == NULL && unit == NULL)
        return 0;
    size_t end = unit != NULL ? at + per->length + unit->length : at + before->length;
    size_t i = past_marks(m, end), skip;
    struct number n;
    if (i >= m->text.n || m->used[i] || !number_read(m, i, &n) || (n.weak != WEAK_NO && !n.digits))
        return unit != NULL ? end : 0;
    if (n.u < 0 && mark_at(m, i + 1, '-') &&
        !m->text.tokens[i + 1].glued) { /* "no 556 - 40 mtr": the dash parts them */
        (void)number_first(m, i, &n);
        return put_price(m, at, n.end, &n, false);
    }
    struct span s;
    bool quantity = quantity_read(m, i, &s, &skip);
    if (quantity && s.unit >= 0 && (before == NULL || before->sense->value == ACT_MEASURE_BEFORE))
        return unit != NULL ? end : 0;
    end = quantity ? s.end : skip > n.end ? skip : n.end;
    return put_price(m, at, end, &n, !quantity && s.bid);
}

static void put_match(struct message *m, size_t at, const struct match *k)
{
    const struct sense *sense = k->sense;
    size_t end = at + k->length;
    struct span *s;
    use(m, at, k);
    switch (sense->slot) {
    case SLOT_ACT:
        if (sense->value == ACT_GREETING && at > 0 && match_at(m, at, SLOT_PLAIN, ACT_FILLER) != NULL)
            return; /* a word of greeting that is a particle elsewhere */
        s = add(m, SPAN_ACT, at, end);
        s->act = (enum act)sense->value;
        return;
    case SLOT_PLAIN:
        if (sense->value == ACT_COMMON)
            (void)add(m, SPAN_OTHER, at, end);
        return;
    case SLOT_CUE:
        if (sense->value == CUE_GIVE_LAST && (end == m->text.n || m->text.tokens[end].kind == TOKEN_MARK))
            add(m, SPAN_ACT, at, end)->act = ACT_WANT;
        return;
    case SLOT_OUTLET:
        add(m, SPAN_OUTLET, at, end)->goods = shopwords_goods(m->s, sense, k->of_shop);
        return;
    case SLOT_JOIN:
        if (cue_at(m, at, CUE_MORE_LAST) && m->n > 0 && m->spans[m->n - 1].kind == SPAN_QUANTITY &&
            (end == m->text.n ||
             (m->text.tokens[end].kind == TOKEN_MARK && (m->text.tokens[end].mark != ',' || m->ctx->n_cart > 0)))) {
            add(m, SPAN_ACT, at, end)->act = ACT_MORE; /* "2 metre aur" */
            return;
        }
        if (sense->value == JOIN_OR)
            (void)add(m, SPAN_OR, at, end);
        else if (sense->value == JOIN_POINT)
            (void)add(m, SPAN_OTHER, at, end);
        else if (sense->value != JOIN_RANGE && sense->value != JOIN_BETWEEN)
            add(m, SPAN_SPLIT, at, end)->strong = sense->value == JOIN_BUT;
        return;
    case SLOT_ORDINAL:
        add(m, SPAN_ORDINAL, at, end)->ordinal = (int)sense->value;
        return;
    default:
        s = add(m, SPAN_GOODS, at, end);
        s->goods = shopwords_goods(m->s, sense, k->of_shop);
    }
}

static void put_mark(struct message *m, size_t at)
{
    switch (m->text.tokens[at].mark) {
    case ',':
    case '&':
    case '+':
    case '/':
        (void)add(m, SPAN_SPLIT, at, at + 1);
        break;
    case '.':
    case ';':
    case '!':
    case '\n':
        add(m, SPAN_SPLIT, at, at + 1)->strong = true;
        break;
    case '?':
        add(m, SPAN_ACT, at, at + 1)->act = ACT_QUESTION;
        add(m, SPAN_SPLIT, at, at + 1)->strong = true;
        break;
    default:
        break;
    }
}

/* "metre 20": the unit went before its number. */
static bool put_unit_first(struct message *m, size_t at, size_t *end)
{
    const struct match *unit = match_at(m, at, SLOT_UNIT, ACT_NONE);
    struct span s;
    size_t skip, next;
    if (unit == NULL)
        return false;
    next = at + unit->length;
    if (mark_at(m, next, '-') || mark_at(m, next, ':'))
        next++;
    if (next >= m->text.n || !quantity_read(m, next, &s, &skip) || s.unit >= 0 || s.sign != 0)
        return false;
    s.at = at;
    s.unit = (int)unit->sense->value;
    m->spans[m->n++] = s;
    *end = s.end;
    return true;
}

/* An outlet that only the context names, at a token; the token after it, or 0. */
static size_t put_outlet(struct message *m, size_t at)
{
    for (size_t k = 0; k < m->ctx->n_outlets && m->n_outlets < MESSAGE_OUTLETS; k++) {
        struct text t;
        const char *name = m->ctx->outlets[k];
        size_t i = 0;
        if (!text_read(&t, name, strlen(name)) || t.n == 0)
            continue;
        while (i < t.n && at + i < m->text.n && m->text.tokens[at + i].len == t.tokens[i].len &&
               memcmp(m->text.bytes + m->text.tokens[at + i].at, t.bytes + t.tokens[i].at, t.tokens[i].len) == 0)
            i++;
        if (i < t.n)
            continue;
        struct goods *g = &m->outlets[m->n_outlets++];
        *g = (struct goods){.slot = SLOT_OUTLET, .unit = -1};
        (void)snprintf(g->name, sizeof g->name, "%s", name);
        add(m, SPAN_OUTLET, at, at + t.n)->goods = g;
        return at + t.n;
    }
    return 0;
}

/* Two digits, PAN, three more signs, all in one: the token after a GSTIN that begins here, or 0. No part of it counts.
 */
static size_t past_gstin(const struct message *m, size_t at)
{
    static const char shape[] = "99AAAAA9999AXXX";
    const char *raw = m->raw + m->text.tokens[at].raw_at;
    size_t i = 0, end = at;
    if (m->text.tokens[at].raw_at + sizeof shape - 1 > m->text.tokens[m->text.n - 1].raw_end)
        return 0;
    for (; shape[i] != '\0'; i++) {
        bool digit = raw[i] >= '0' && raw[i] <= '9';
        bool letter = (raw[i] >= 'A' && raw[i] <= 'Z') || (raw[i] >= 'a' && raw[i] <= 'z');
        if (shape[i] == '9' ? !digit : shape[i] == 'A' ? !letter : !digit && !letter)
            return 0;
    }
    while (end < m->text.n && m->text.tokens[end].raw_end < m->text.tokens[at].raw_at + i)
        end++;
    bool whole = end < m->text.n && m->text.tokens[end].raw_end == m->text.tokens[at].raw_at + i;
    return whole && !m->text.tokens[at].glued ? end + 1 : 0;
}

/* "telma 40 h": of two goods the one whose suffix stands behind the strength. */
static const struct goods *with_suffix(const struct message *m, const struct goods *g, size_t at)
{
    const struct token *k = &m->text.tokens[at];
    size_t n = strlen(g->name);
    for (size_t i = 0; k->kind == TOKEN_WORD && k->len <= SUFFIX_MOST && i < m->s->n_goods; i++) {
        const struct goods *other = &m->s->goods[i];
        bool longer = other->slot == SLOT_PRODUCT && strncmp(other->name, g->name, n) == 0 && other->name[n] == ' ' &&
                      strlen(other->name) == n + 1 + k->len;
        if (longer && strncasecmp(other->name + n + 1, m->text.bytes + k->at, k->len) == 0)
            return other;
    }
    return NULL;
}

/* A suffix behind the product or its strength makes it another medicine: the shop's own, or one to be asked about. */
static void join_suffixes(struct message *m)
{
    for (size_t i = 0; m->s->strengths && i < m->n; i++) {
        struct span *s = &m->spans[i];
        if (s->kind != SPAN_GOODS || s->goods->slot != SLOT_PRODUCT)
            continue;
        bool valued = i + 1 < m->n && s[1].kind == SPAN_VALUE && s[1].at == s->end;
        size_t k = valued ? i + 2 : i + 1, at = valued ? s[1].end : s->end;
        const struct goods *other = at < m->text.n ? with_suffix(m, s->goods, at) : NULL;
        bool apart = k < m->n && m->spans[k].at == at;
        bool suffix = apart && (cue_at(m, at, CUE_SUFFIX) || (m->text.tokens[at].len == 2 && cue_at(m, at, CUE_HOUR)));
        if (other == NULL && suffix && m->spans[k].kind == SPAN_OTHER) { /* "am" is an hour elsewhere */
            m->spans[k].kind = SPAN_UNCLEAR;
            m->spans[k].slot = SLOT_PRODUCT;
        }
        if (other == NULL)
            continue;
        s->goods = other;
        if (apart) {
            memmove(&m->spans[k], &m->spans[k + 1], (m->n - k - 1) * sizeof *s);
            m->n--;
        }
    }
}

/* "bill in the name of Meenakshi Silks": a capitalised word of a name, goods elsewhere. */
static bool goods_of_name(const struct message *m, size_t at)
{
    char c = m->raw[m->text.tokens[at].raw_at];
    const struct match *k = longest(m, at);
    return c >= 'A' && c <= 'Z' && k != NULL && rank(m, k) > 2;
}

void message_spans(struct message *m)
{
    m->n_outlets = 0;
    m->gstin = false;
    size_t at = 0, name = 0, name_end = 0;
    bool named = bill_name(m, &name, &name_end);
    while (at < m->text.n && m->n + 2 < TEXT_TOKENS) {
        struct span s;
        size_t skip = at;
        bool of_name = named && at >= (cue_at(m, name_end, CUE_BILL_TO_AFTER) ? name_end - 1 : name) && at < name_end;
        if (m->used[at] || (of_name && goods_of_name(m, at))) {
            at++;
            continue;
        }
        size_t gstin = past_gstin(m, at);
        if (gstin > 0) {
            m->gstin = true;
            at = gstin;
            continue;
        }
        if (attribute_read(m, at, &s)) {
            m->spans[m->n++] = s;
            at = s.end;
            continue;
        }
        size_t outlet = m->n_matches[at] == 0 || m->ctx->n_outlets > 0 ? put_outlet(m, at) : 0;
        if (outlet > 0) {
            at = outlet;
            continue;
        }
        const struct match *k = longest(m, at);
        size_t past = k == NULL || k->length == 1 || k->sense->slot == SLOT_PLAIN ? put_announced(m, at) : 0;
        if (past > 0) {
            bool told = m->n > 0 && m->spans[m->n - 1].kind == SPAN_PRICE; /* "rate 140": no question */
            bool label = k != NULL && (k->sense->value == ACT_PRICE || (k->sense->value == ACT_NO && at > 0));
            if (k != NULL && k->sense->slot == SLOT_ACT && !(told && label))
                put_match(m, at, k);
            at = past;
            continue;
        }
        bool quantity = quantity_read(m, at, &s, &skip);
        size_t reach = quantity ? s.number.end : skip;
        bool phrase = k != NULL && k->length > 1 && at + k->length == reach && quantity && s.unit < 0; /* "half half" */
        if (k != NULL && (phrase || at + k->length > reach || (!quantity && skip == at))) {
            put_match(m, at, k);
            at++;
        } else if (quantity) {
            m->spans[m->n++] = s;
            at = s.end;
        } else if (skip > at) {
            at = put_price(m, at, skip, &s.number, s.bid);
        } else if (put_unit_first(m, at, &skip)) {
            at = skip;
        } else if (m->text.tokens[at].kind == TOKEN_MARK) {
            put_mark(m, at++);
        } else {
            const struct match *unit = match_at(m, at, SLOT_UNIT, ACT_NONE);
            struct span *other = add(m, m->unclear[at] != SLOT_NONE ? SPAN_UNCLEAR : SPAN_OTHER, at, at + 1);
            other->slot = m->unclear[at];
            other->unit = unit != NULL ? (int)unit->sense->value : -1;
            at++;
        }
    }
    join_suffixes(m);
    message_packages(m);
}
