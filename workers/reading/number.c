/* Numbers in words and digits. Hindi counts in units below a hundred that are each a word of their own, English in tens
 * and ones; both multiply by scales, and fractions go before a number ("sadhe teen") or before a scale ("dhai sau"). */
#include "workers/reading/message.h"

static const int64_t one_u = 1000000;
static const int64_t most_u = 8000000000000000000;

/* A coefficient and the scales right after it. */
struct group {
    int64_t count_u; /* before the scales */
    int64_t scale;   /* 1 without one */
    size_t end;
    enum weak weak;
    bool digits, exact;
};

static const struct sense *sense_of(const struct message *m, size_t at, enum slot slot)
{
    if (at >= m->text.n || m->text.tokens[at].kind != TOKEN_WORD)
        return NULL;
    for (const struct sense *s = word_senses(m->listed[at]); s != NULL; s = s->next)
        if (s->slot == slot)
            return s;
    return NULL;
}

/* A scale of one letter ("k", "l") counts only where it touches its number. */
static const struct sense *scale_at(const struct message *m, size_t at)
{
    const struct sense *s = sense_of(m, at, SLOT_SCALE);
    if (s != NULL && m->text.tokens[at].len == 1 && !m->text.tokens[at].glued)
        return NULL;
    bool packed = m->domain == DOMAIN_PACKAGING || m->domain == DOMAIN_PHARMACY; /* "1L": litres there */
    if (s != NULL && m->text.tokens[at].len == 1 && s->value > 1000 && packed)
        return NULL;
    return s;
}

/* "25", "1/2", "2 1/2". False for no number or one that is too large or too fine. */
static bool digits_read(const struct message *m, size_t at, struct group *g)
{
    const struct token *k = &m->text.tokens[at];
    if (k->kind != TOKEN_NUMBER || k->value_u < 0)
        return false;
    *g = (struct group){.count_u = k->value_u, .scale = 1, .end = at + 1, .digits = true, .exact = true};
    size_t top = at;
    if (at + 3 < m->text.n && k[1].kind == TOKEN_NUMBER && mark_at(m, at + 2, '/'))
        top = at + 1;
    if (!mark_at(m, top + 1, '/') || top + 2 >= m->text.n || m->text.tokens[top + 2].kind != TOKEN_NUMBER)
        return true;
    int64_t a = m->text.tokens[top].value_u, b = m->text.tokens[top + 2].value_u;
    if (a <= 0 || b <= a || b > 16 * one_u || a % one_u != 0 || b % one_u != 0 ||
        one_u * (a / one_u) % (b / one_u) != 0)
        return true; /* "21/11" is a date: the slash is left for the caller to see */
    g->count_u = (top == at ? 0 : k->value_u) + one_u * (a / one_u) / (b / one_u);
    g->end = top + 3;
    return true;
}

/* A word from 0 to 99, with its ones. */
static bool word_read(const struct message *m, size_t at, struct group *g)
{
    const struct sense *s = sense_of(m, at, SLOT_NUMBER);
    if (s == NULL)
        return false;
    *g = (struct group){.count_u = s->value * one_u, .scale = 1, .end = at + 1, .weak = s->weak, .exact = true};
    size_t next = at + 1 + (mark_at(m, at + 1, '-') ? 1 : 0);
    const struct sense *ones = s->tens ? sense_of(m, next, SLOT_NUMBER) : NULL;
    if (ones != NULL && ones->value > 0 && ones->value < 10 && (ones->lang & s->lang) != 0) {
        g->count_u += ones->value * one_u;
        g->end = next + 1;
    }
    return true;
}

static bool fraction_read(const struct message *m, size_t at, struct group *g)
{
    const struct match *k = match_at(m, at, SLOT_FRACTION, ACT_NONE);
    if (k == NULL || m->text.tokens[at].kind != TOKEN_WORD)
        return false;
    const struct sense *s = k->sense;
    const struct fraction *fr = &m->l->fractions[s->value];
    size_t next = at + k->length;
    if (fr->before_u != FRACTION_NONE && next < m->text.n && (digits_read(m, next, g) || word_read(m, next, g)) &&
        g->count_u > -fr->before_u) {
        g->count_u += fr->before_u;
        g->weak = WEAK_NO;
        return true;
    }
    bool scaled = scale_at(m, next) != NULL;
    int64_t u = scaled ? fr->scale_u : fr->alone_u;
    *g = (struct group){.count_u = u, .scale = 1, .end = next, .weak = s->weak, .exact = true};
    return u != FRACTION_NONE;
}

static bool group_read(const struct message *m, size_t at, struct group *g)
{
    if (at >= m->text.n)
        return false;
    const struct sense *scale = scale_at(m, at);
    if (scale != NULL) /* "sau" alone is one hundred */
        *g = (struct group){.count_u = one_u, .scale = 1, .end = at, .weak = scale->weak, .exact = true};
    else if (!digits_read(m, at, g) && !fraction_read(m, at, g) && !word_read(m, at, g))
        return false;
    while ((scale = scale_at(m, g->end)) != NULL) {
        if (g->end > at)
            g->weak = WEAK_NO;
        g->end++;
        g->exact = g->exact && g->scale <= INT64_C(100000000000);
        if (g->exact)
            g->scale *= scale->value;
    }
    g->exact = g->exact && g->count_u <= most_u / g->scale;
    return true;
}

/* Whether a word that only may be a number lacks the unit that would make it one. */
static bool lonely(const struct message *m, enum weak weak, size_t end)
{
    return weak != WEAK_NO && match_at(m, end, SLOT_UNIT, ACT_NONE) == NULL;
}

/* "twenty point seven five": the digits behind the word, one by one or as one number. */
static void add_decimals(const struct message *m, struct number *out)
{
    const struct match *point = match_at(m, out->end, SLOT_JOIN, ACT_NONE);
    if (point == NULL || point->sense->value != JOIN_POINT || out->u < 0 || out->u % one_u != 0)
        return;
    size_t at = out->end + point->length;
    int64_t place = one_u / 10, sum = 0;
    struct group g;
    while (place > 0 && at < m->text.n && word_read(m, at, &g) && g.count_u < 100 * one_u) {
        int64_t digits = g.count_u / one_u;
        if (digits >= 10)
            place /= 10;
        sum += digits * place;
        place /= 10;
        at = g.end;
    }
    if (at == out->end + point->length)
        return;
    out->u += sum;
    out->end = at;
    out->weak = WEAK_NO;
}

/* "and a half" after a number. */
static void add_after(const struct message *m, struct number *out)
{
    const struct match *k = match_at(m, out->end, SLOT_FRACTION, ACT_NONE);
    if (k == NULL)
        return;
    int64_t after_u = m->l->fractions[k->sense->value].after_u;
    if (after_u != FRACTION_NONE && out->u >= 0 && out->u % one_u == 0) {
        out->u += after_u;
        out->end += k->length;
        out->weak = WEAK_NO;
        const struct sense *scale = scale_at(m, out->end); /* "two and a half lakhs" */
        if (scale != NULL && out->u <= most_u / scale->value) {
            out->u *= scale->value;
            out->end++;
        }
    }
}

/* Groups of falling scales, one number: "ek hazaar paanch sau", "two hundred and fifty". *first is its first group. */
static bool cardinal_read(const struct message *m, size_t at, struct number *out, struct group *first)
{
    struct group g;
    if (!group_read(m, at, &g))
        return false;
    *first = g;
    *out = (struct number){
        .min_u = -1, .max_u = -1, .first_u = -1, .last_u = -1, .end = g.end, .weak = g.weak, .digits = g.digits};
    bool exact = g.exact;
    int64_t total = exact ? g.count_u * g.scale : 0;
    int64_t least = g.scale;
    while (least > 1) {
        const struct match *and = match_at(m, out->end, SLOT_JOIN, ACT_NONE);
        bool comma = least >= 1000 && !g.digits && mark_at(m, out->end, ','); /* "one thousand, one hundred" */
        size_t next = out->end + (comma ? 1 : and != NULL && and->sense->value == JOIN_AND_NUMBER ? and->length : 0);
        if (!group_read(m, next, &g) || (next > out->end && (g.digits || (g.scale > 1 && !comma))) || g.scale >= least)
            break;
        if (!g.exact || g.count_u / one_u >= least / g.scale || lonely(m, g.weak, g.end))
            break;
        exact = exact && total <= most_u - g.count_u * g.scale;
        total += exact ? g.count_u * g.scale : 0;
        out->end = g.end;
        out->weak = WEAK_NO;
        least = g.scale;
    }
    out->u = exact ? total : -1;
    add_after(m, out);
    add_decimals(m, out);
    return true;
}

/* What may stand between the ends of a range; the token after it, or 0. *hyphen when nothing doubts that it joins. */
static size_t between(const struct message *m, size_t first, size_t at, bool *hyphen)
{
    const struct match *opens = first > 0 ? match_at(m, first - 1, SLOT_JOIN, ACT_NONE) : NULL;
    *hyphen = mark_at(m, at, '-') || mark_at(m, at, '~');
    if (*hyphen)
        return at + 1;
    const struct match *k = match_at(m, at, SLOT_JOIN, ACT_NONE);
    bool pair = opens != NULL && opens->sense->value == JOIN_BETWEEN;
    if (k != NULL && pair && (k->sense->value == JOIN_AND || k->sense->value == JOIN_AND_NUMBER))
        return at + k->length; /* "between 30 and 40" */
    if (k != NULL && (k->sense->value == JOIN_RANGE || k->sense->value == JOIN_OR))
        return at + k->length;
    return at;
}

bool number_first(const struct message *m, size_t at, struct number *out)
{
    struct group g;
    return cardinal_read(m, at, out, &g);
}

bool number_read(const struct message *m, size_t at, struct number *out)
{
    struct group a, b;
    struct number second;
    bool hyphen;
    if (!cardinal_read(m, at, out, &a))
        return false;
    size_t next = between(m, at, out->end, &hyphen);
    if (out->u < 0 || !cardinal_read(m, next, &second, &b) || second.u < 0)
        return true;
    if (!hyphen && (lonely(m, second.weak, second.end) || (out->weak != WEAK_NO && second.digits)))
        return true; /* "20 do", "bol do 20": one of them is most likely the other word */
    if (!hyphen && out->weak != WEAK_NO && second.u < out->u)
        return true; /* "crocin do ek patta": no range falls */
    const struct sense *tens = next == out->end && !second.digits ? sense_of(m, next, SLOT_NUMBER) : NULL;
    if (tens != NULL && tens->tens && !a.digits && a.scale == 1 && a.end == out->end && out->u >= one_u &&
        out->u < 10 * one_u && out->u % one_u == 0 && second.u < 100 * one_u) {
        out->u = out->u * 100 + second.u; /* "one fifty": the hundreds left out */
        out->end = second.end;
        out->weak = WEAK_NO;
        return true;
    }
    int64_t low = out->u;
    if (a.scale == 1 && b.scale > 1 && a.end == out->end && b.count_u > a.count_u)
        low *= b.scale; /* "do-teen sau" is 200 to 300 */
    out->first_u = low;
    out->last_u = second.u;
    if (low == second.u && a.digits == b.digits) {
        out->each = true;
    } else {
        out->min_u = low < second.u ? low : -1;
        out->max_u = low < second.u ? second.u : -1;
        out->u = -1;
    }
    out->end = second.end;
    out->weak = hyphen || second.weak == WEAK_NO ? WEAK_NO : second.weak;
    return true;
}
