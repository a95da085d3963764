/* A number with its unit, and everything a number may be instead: a price, a width, a count of threads, a date. */
#include "workers/reading/message.h"

#include <string.h>

static const int64_t one_u = 1000000;

static bool is_number(const struct message *m, size_t at)
{
    return at < m->text.n && m->text.tokens[at].kind == TOKEN_NUMBER;
}

static bool is_text(const struct message *m, size_t at, const char *text)
{
    const struct token *k = &m->text.tokens[at];
    return at < m->text.n && k->len == strlen(text) && memcmp(m->text.bytes + k->at, text, k->len) == 0;
}

/* Whether the token parts one line from the next. */
static bool parts(const struct message *m, size_t at)
{
    const struct match *join = match_at(m, at, SLOT_JOIN, ACT_NONE);
    return m->text.tokens[at].kind != TOKEN_WORD || (join != NULL && join->sense->value != JOIN_RANGE);
}

/* Whether the line of this token names a product elsewhere. */
static bool names_other(const struct message *m, size_t at)
{
    for (size_t i = at + 1; i < m->text.n && !parts(m, i); i++)
        if (match_at(m, i, SLOT_PRODUCT, ACT_NONE) != NULL)
            return true;
    size_t number = at;
    while (number > 0 && !is_number(m, number))
        number--;
    for (size_t i = number; i-- > 0 && !parts(m, i);) {
        const struct match *k = match_at(m, i, SLOT_PRODUCT, ACT_NONE);
        if (k != NULL && i + k->length <= number)
            return true;
    }
    return false;
}

static int unit_at(const struct message *m, size_t at, size_t *end)
{
    const struct match *k = match_at(m, at, SLOT_UNIT, ACT_NONE);
    if (k == NULL)
        return -1;
    const struct match *product = match_at(m, at, SLOT_PRODUCT, ACT_NONE);
    if (product != NULL && product->of_shop && product->length >= k->length && !names_other(m, at))
        return -1; /* "50 box" where the shop calls its goods so */
    *end = at + k->length;
    return (int)k->sense->value;
}

/* Past "per metre" or "/m" or a bare unit after a price. */
static size_t past_rate(const struct message *m, size_t at)
{
    const struct match *per = match_at(m, at, SLOT_PER, ACT_NONE);
    size_t next = per != NULL ? at + per->length : mark_at(m, at, '/') ? at + 1 : at;
    size_t end = next;
    return unit_at(m, next, &end) >= 0 && next > at ? end : at;
}

/* "+91 98765 43210", "98765-43210": digits in blocks, as many as a phone has, and no unit after them. 0 for none. */
static size_t past_phone(const struct message *m, size_t at)
{
    unsigned digits = 0, most = 0;
    size_t end = at;
    for (size_t i = at; is_number(m, i); i = end + (mark_at(m, end, '-') ? 1 : 0)) {
        digits += m->text.tokens[i].digits;
        most = m->text.tokens[i].digits > most ? m->text.tokens[i].digits : most;
        end = i + 1;
    }
    bool phone = digits >= 10 && digits <= 13 && most >= 4 && end > at + 1;
    return phone && match_at(m, end, SLOT_UNIT, ACT_NONE) == NULL ? end : 0;
}

/* "1000 pcs MG Road": an outlet, whatever its first word measures elsewhere. */
static bool names_outlet(const struct message *m, size_t at)
{
    const struct match *k = match_at(m, at, SLOT_OUTLET, ACT_NONE);
    return k != NULL && k->length > 1;
}

/* The token after a number that is none of a quantity, or 0. */
static size_t other_measure(const struct message *m, size_t at, size_t end)
{
    size_t phone = past_phone(m, at);
    if (phone > 0)
        return phone;
    if ((mark_at(m, end, '/') || mark_at(m, end, '-')) && is_number(m, end + 1)) { /* dates, phones, counts */
        while ((mark_at(m, end, '/') || mark_at(m, end, '-')) && is_number(m, end + 1))
            end += 2;
        return end;
    }
    const struct match *k = names_outlet(m, end) ? NULL : match_at(m, end, SLOT_AFTER, ACT_NONE);
    if (k != NULL && mark_at(m, end + k->length, '?') && match_at(m, end, SLOT_ACT, ACT_PRICE) != NULL)
        k = NULL; /* "shipper 500 rate?" asks */
    if (k != NULL && k->sense->value == ACT_PRICE_AFTER)
        return past_rate(m, end + k->length);
    if (k != NULL)
        return end + k->length;
    const struct match *one = match_at(m, end, SLOT_ACT, ACT_ONE);
    size_t unit_end = end;
    const struct token *last = &m->text.tokens[end - 1];
    bool whole = last->kind == TOKEN_NUMBER && last->value_u >= one_u;
    if (one != NULL && whole && unit_at(m, end + one->length, &unit_end) >= 0)
        return unit_end;        /* "75 a metre" */
    if (mark_at(m, end, '"')) { /* inches of cloth */
        const struct match *behind = match_at(m, end + 1, SLOT_AFTER, ACT_MEASURE_AFTER);
        return end + 1 + (behind != NULL ? behind->length : 0);
    }
    if (match_at(m, end, SLOT_PER, ACT_NONE) != NULL || (mark_at(m, end, '/') && past_rate(m, end) > end))
        return past_rate(m, end);
    if ((is_text(m, end, "x") || is_text(m, end, "*")) && is_number(m, end + 1)) {
        while ((is_text(m, end, "x") || is_text(m, end, "*")) && is_number(m, end + 1))
            end += 2;
        return end;
    }
    const struct token *first = &m->text.tokens[at];
    if (first->kind == TOKEN_NUMBER && first->digits >= 10 && match_at(m, end, SLOT_UNIT, ACT_NONE) == NULL)
        return end;
    bool dashed = first->glued && at > 1 && (mark_at(m, at - 1, '-') || mark_at(m, at - 1, '/')) &&
                  m->text.tokens[at - 1].glued && m->text.tokens[at - 2].kind == TOKEN_WORD &&
                  m->text.tokens[at - 2].len == 1;
    if (first->kind == TOKEN_NUMBER && dashed && match_at(m, at - 2, SLOT_UNIT, ACT_NONE) == NULL &&
        match_at(m, end, SLOT_UNIT, ACT_NONE) == NULL)
        return end; /* "B-42" */
    if (first->kind == TOKEN_NUMBER && first->glued && at > 0 && m->text.tokens[at - 1].kind == TOKEN_WORD &&
        match_at(m, at - 1, SLOT_UNIT, ACT_NONE) == NULL && m->n_matches[at - 1] == 0)
        return end; /* "T07", "GP1": a code */
    return 0;
}

static bool scaled(int64_t u, int64_t by, int64_t over, int64_t *out)
{
    __int128 v = (__int128)u * by;
    if (v % over != 0 || v / over > INT64_MAX)
        return false;
    *out = (int64_t)(v / over);
    return true;
}

/* "3 dozen rolls", "3 gaz 4 girah": a second part of the same quantity. */
static void join_parts(const struct message *m, struct span *s)
{
    const struct unit *u = &m->l->units[s->unit];
    size_t end;
    int second = unit_at(m, s->end, &end);
    if (second >= 0 && u->kind == UNIT_COUNT && u->factor > 1) {
        const struct unit *v = &m->l->units[second];
        bool counted = v->kind == UNIT_PACKAGE || (v->kind == UNIT_COUNT && v->factor == 1);
        if (counted && s->number.u >= 0 && scaled(s->number.u, u->factor, 1, &s->number.u)) {
            s->unit = second;
            s->end = end;
        }
        return;
    }
    struct number n;
    if (u->kind != UNIT_LENGTH || s->number.u < 0 || !number_read(m, s->end, &n) || n.u < 0)
        return;
    second = unit_at(m, n.end, &end);
    if (second < 0 || m->l->units[second].kind != UNIT_LENGTH || m->l->units[second].factor >= u->factor)
        return;
    if (u->factor % m->l->units[second].factor != 0 || match_at(m, end, SLOT_AFTER, ACT_NONE) != NULL)
        return; /* "20 metre 44 inch": the second is the width */
    int64_t small = m->l->units[second].factor, joined, rest;
    if (scaled(n.u, small, u->factor, &joined)) {
        s->number.u += joined;
    } else if (scaled(s->number.u, u->factor, small, &rest)) {
        s->number.u = rest + n.u;
        s->unit = second;
    } else {
        return;
    }
    s->end = end;
}

/* What tells that the length after a package is the package's: "of" before it, or "wala" or "each" behind. The token
 * after all of it, or 0. */
static size_t package_end(const struct message *m, const struct span *s, struct number *n, int *unit)
{
    const struct match *of = match_at(m, s->end, SLOT_OF, ACT_NONE);
    const struct match *such_first = match_at(m, s->end, SLOT_ACT, ACT_OPTION); /* "30 metre wale 2 roll" */
    const struct match *ahead = of != NULL ? of : such_first;
    bool times = m->l->units[s->unit].kind == UNIT_PACKAGE && is_text(m, s->end, "x"); /* "8 rolls x 55 m" */
    size_t end, from = ahead != NULL ? s->end + ahead->length : s->end + (times ? 1 : 0);
    int cut = such_first != NULL && of == NULL ? unit_at(m, from, &end) : -1; /* "5 metre wala tukda 3 piece" */
    if (!number_read(m, cut >= 0 ? end : from, n) || n->u < 0)
        return 0;
    *unit = unit_at(m, n->end, &end);
    if (*unit < 0 && cut >= 0) {
        *unit = cut; /* "5 metre wale tukde 3" */
        end = n->end;
    }
    if (*unit < 0)
        return 0;
    const struct match *each = match_at(m, end, SLOT_ACT, ACT_EACH), *such = match_at(m, end, SLOT_ACT, ACT_OPTION);
    const struct match *behind = each != NULL ? each : such;
    if (ahead == NULL && behind == NULL && !times)
        return 0;
    return behind != NULL ? end + behind->length : end;
}

/* "5 roll of 40 metres", "5 roll 40 metre wale", "40 metre ke 5 roll": the message tells how long one package is. */
static void join_package(const struct message *m, struct span *s)
{
    const struct match *holds = match_at(m, s->end, SLOT_OF, ACT_NONE);
    struct number each;
    if (holds != NULL && m->l->units[s->unit].kind == UNIT_PACKAGE && number_read(m, s->end + holds->length, &each) &&
        each.u > 0 && match_at(m, each.end, SLOT_PRODUCT, ACT_NONE) != NULL)
        s->end = each.end; /* "4 cartons of 100 boxes": what one holds is no order */
    enum unit_kind kind = m->l->units[s->unit].kind;
    struct number n;
    int second;
    size_t end = s->number.u >= 0 ? package_end(m, s, &n, &second) : 0;
    if (end == 0)
        return;
    enum unit_kind other = m->l->units[second].kind;
    bool package_first = (kind == UNIT_PACKAGE || kind == UNIT_COUNT) && other == UNIT_LENGTH;
    bool length_first = kind == UNIT_LENGTH && (other == UNIT_PACKAGE || other == UNIT_COUNT);
    if (!package_first && !length_first)
        return;
    s->per_u = package_first ? n.u : s->number.u;
    s->per_unit = package_first ? second : s->unit;
    if (length_first) {
        s->number = n;
        s->unit = second;
    }
    s->end = end;
}

/* "10 metre x 3": whether it is one length three times or three pieces, the clerk has to ask. */
static void doubt_product(const struct message *m, struct span *s)
{
    if ((!is_text(m, s->end, "x") && !is_text(m, s->end, "*")) || !is_number(m, s->end + 1))
        return;
    s->number.u = s->number.min_u = s->number.max_u = -1;
    s->end += 2;
}

/* Whether the rest of an answer is small words, and one of them stands behind the number unless it is all there is. */
static bool answers_alone(const struct message *m, const struct span *s)
{
    for (size_t i = 0; i < m->text.n; i++) {
        if (i == s->at)
            i = s->end;
        if (i < m->text.n && match_at(m, i, SLOT_PLAIN, ACT_FILLER) == NULL &&
            match_at(m, i, SLOT_ACT, ACT_WANT) == NULL)
            return false;
    }
    return s->end < m->text.n || s->at == 0;
}

/* Number words that are other words too need a unit, or goods that are counted, or to be the whole answer. */
static bool believed(const struct message *m, const struct span *s)
{
    const struct number *n = &s->number;
    if (n->weak == WEAK_NO || s->unit >= 0 || (m->asked_number && answers_alone(m, s)))
        return true;
    const struct match *p = match_at(m, s->end, SLOT_PRODUCT, ACT_NONE);
    for (size_t back = 1; n->weak == WEAK_COUNTED && p == NULL && back <= s->at && back <= 4; back++) {
        const struct match *k = match_at(m, s->at - back, SLOT_PRODUCT, ACT_NONE);
        bool form = back > 1 && match_at(m, s->at - 1, SLOT_FORM, ACT_NONE) != NULL;
        p = k != NULL && ((size_t)k->length == back || (form && (size_t)k->length + 1 == back)) ? k
                                                                                                : NULL; /* "moov ek" */
    }
    bool last = s->end == m->text.n || parts(m, s->end); /* "tapolin 650 ka ek" */
    for (size_t back = 2; last && n->weak == WEAK_COUNTED && p == NULL && back <= s->at && back <= 5; back++)
        p = !parts(m, s->at - back) || back == 2 ? match_at(m, s->at - back, SLOT_PRODUCT, ACT_NONE) : NULL;
    if (n->weak != WEAK_COUNTED || p == NULL)
        return false;
    int unit = shopwords_goods(m->s, p->sense, p->of_shop)->unit;
    return unit >= 0 && m->l->units[unit].kind != UNIT_LENGTH;
}

static int sign_at(const struct message *m, size_t at)
{
    bool plus = mark_at(m, at, '+'), minus = mark_at(m, at, '-');
    if ((!plus && !minus) || !is_number(m, at + 1) || !m->text.tokens[at + 1].glued || m->text.tokens[at].glued)
        return 0;
    return plus ? 1 : -1;
}

/* 5'6", 5': the marks of feet and inches. */
static bool feet_and_inches(const struct message *m, size_t at, struct span *s)
{
    int ft = lexicon_unit(m->l, "ft"), in = lexicon_unit(m->l, "in");
    if (ft < 0 || in < 0 || !is_number(m, at) || !mark_at(m, at + 1, '\'') || m->text.tokens[at].value_u < 0)
        return false;
    bool both = is_number(m, at + 2) && mark_at(m, at + 3, '"');
    int64_t feet = m->text.tokens[at].value_u, inches = both ? m->text.tokens[at + 2].value_u : 0, rest = 0;
    if (feet > INT64_MAX / 12 || inches < 0 || inches >= 12 * one_u)
        return false;
    bool exact = scaled(inches, 1, 12, &rest);
    s->number = (struct number){.u = exact ? feet + rest : feet * 12 + inches,
                                .min_u = -1,
                                .max_u = -1,
                                .first_u = -1,
                                .last_u = -1,
                                .digits = true};
    s->unit = exact ? ft : in;
    s->number.end = s->end = at + (both ? 4 : 2);
    return true;
}

/* "20+10 m", "20,5 m": whether they are one quantity or two, and how large, the clerk has to ask. */
static bool doubt_sum(const struct message *m, size_t at, struct span *s)
{
    size_t mark = s->number.end, end = mark + 1;
    bool plus = mark_at(m, mark, '+'), comma = mark_at(m, mark, ',') && m->text.tokens[mark].glued;
    bool behind = is_number(m, end) && (plus || (comma && m->text.tokens[end].glued && m->text.tokens[end].digits < 3));
    if (!is_number(m, at) || mark != at + 1 || !behind)
        return false;
    size_t after = end + 1;
    int unit = unit_at(m, end + 1, &after);
    if (unit < 0)
        return false;
    s->number.u = s->number.min_u = s->number.max_u = -1;
    s->unit = unit;
    s->end = s->number.end = after;
    return true;
}

bool quantity_read(const struct message *m, size_t at, struct span *s, size_t *skip)
{
    *skip = at;
    *s = (struct span){.kind = SPAN_QUANTITY, .at = at, .unit = -1, .per_u = -1, .per_unit = -1};
    s->sign = sign_at(m, at);
    size_t first = s->sign != 0 ? at + 1 : at;
    const struct match *one = match_at(m, first, SLOT_ACT, ACT_ONE);
    bool read = number_read(m, first, &s->number);
    bool sized = read && s->number.u < 0 && is_number(m, first) && is_number(m, first + 1) && m->n_products > 0 &&
                 (match_at(m, first + 2, SLOT_IN_SIZE, ACT_NONE) != NULL ||
                  match_at(m, first + 2, SLOT_IN_STRENGTH, ACT_NONE) != NULL);
    if (sized) /* "50 10 inch plates" */
        read = number_first(m, first, &s->number);
    if (read)
        s->end = s->number.end;
    else if (one != NULL && unit_at(m, first + one->length, &s->end) >= 0)
        s->number =
            (struct number){.u = one_u, .min_u = -1, .max_u = -1, .end = first + one->length, .weak = WEAK_UNIT};
    else
        return false;
    s->end = s->number.end;
    s->bid = match_at(m, s->end, SLOT_AFTER, ACT_BID_AFTER) != NULL;
    if (feet_and_inches(m, first, s))
        return true;
    if (doubt_sum(m, first, s))
        return true;
    *skip = other_measure(m, first, s->end);
    if (*skip > 0)
        return false;
    *skip = at;
    one = match_at(m, s->end, SLOT_ACT, ACT_ONE); /* "half a metre" */
    size_t end = s->end;
    s->unit = unit_at(m, one != NULL ? s->end + one->length : s->end, &end);
    const struct match *more = s->unit < 0 ? match_at(m, s->end, SLOT_ACT, ACT_MORE) : NULL;
    if (more != NULL && (s->unit = unit_at(m, s->end + more->length, &end)) >= 0)
        s->sign = 1; /* "3 more meters" */
    if (s->unit >= 0)
        s->end = end;
    if (!believed(m, s))
        return false;
    if (s->unit < 0)
        return true;
    bool alone = s->number.u >= 0;
    join_parts(m, s);
    join_package(m, s);
    doubt_product(m, s);
    if (mark_at(m, s->end, '.') && s->end + 1 < m->text.n && m->text.tokens[s->end + 1].kind == TOKEN_WORD)
        end += s->end == end ? 1 : 0, s->end++; /* "mtr." is an abbreviation */
    const struct match *measure = names_outlet(m, s->end) ? NULL : match_at(m, s->end, SLOT_AFTER, ACT_MEASURE_AFTER);
    struct number n;
    if (measure != NULL && !m->l->units[s->unit].width && match_at(m, s->end, SLOT_BEFORE, ACT_NONE) != NULL &&
        number_read(m, s->end + measure->length, &n))
        measure = NULL; /* "35 metre width 44": the word is of the number that follows */
    bool width = m->l->units[s->unit].width && s->end == end && alone && !(m->asked_number && at == 0);
    if (measure == NULL && !width)
        return true;
    *skip = s->end + (measure != NULL ? measure->length : 0);
    return false;
}
