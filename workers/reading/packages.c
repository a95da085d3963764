/* "6 rolls white cotton, each roll 40 metre", "5 thaan poplin 20 metre wale": the length of one package, told apart
 * from the packages by their goods. */
#include <string.h>

#include "workers/reading/message.h"

static const int64_t one_u = 1000000;

static bool is_quantity(const struct message *m, size_t i)
{
    return i < m->n && m->spans[i].kind == SPAN_QUANTITY && m->spans[i].unit >= 0 && m->spans[i].number.u > 0;
}

static bool is_length(const struct message *m, size_t i)
{
    return is_quantity(m, i) && m->l->units[m->spans[i].unit].kind == UNIT_LENGTH && m->spans[i].per_u < 0 &&
           m->spans[i].sign == 0;
}

static bool is_package(const struct message *m, size_t i)
{
    if (!is_quantity(m, i) || m->spans[i].per_u >= 0)
        return false;
    const struct unit *u = &m->l->units[m->spans[i].unit];
    return u->kind == UNIT_PACKAGE || (u->kind == UNIT_COUNT && u->factor == 1);
}

static bool names_unit(const struct message *m, size_t at, int unit)
{
    const struct match *k = match_at(m, at, SLOT_UNIT, ACT_NONE);
    return k != NULL && (int)k->sense->value == unit;
}

/* "per roll", "each" or "wale" behind a length; the token after it, or 0. */
static size_t behind(const struct message *m, size_t at, int unit, bool *named)
{
    *named = false;
    const struct match *of = match_at(m, at, SLOT_OF, ACT_NONE), *per = match_at(m, at, SLOT_PER, ACT_NONE);
    *named = per != NULL;
    if (per != NULL)
        return names_unit(m, at + per->length, unit) ? at + per->length + 1 : 0;
    if (mark_at(m, at, '/') && names_unit(m, at + 1, unit))
        return at + 2;
    at += of != NULL ? of->length : 0;
    struct number one;
    if (of != NULL && number_read(m, at, &one) && one.u == one_u && (one.end == m->text.n || mark_at(m, one.end, ',')))
        return one.end; /* "2 lump black, 100 m ka ek" */
    const struct match *each = match_at(m, at, SLOT_ACT, ACT_EACH), *such = match_at(m, at, SLOT_ACT, ACT_OPTION);
    const struct match *k = each != NULL ? each : such;
    *named = each != NULL && names_unit(m, at + each->length, unit); /* "60 m each roll" */
    return k != NULL ? at + k->length + (*named ? 1 : 0) : 0;
}

/* "each roll 40 metre", "ek roll me 40 metre": the package's own name right before a length, with no goods between.
 * Only small words may stand between them. */
static bool before(const struct message *m, const struct span *length, size_t from, int unit)
{
    for (size_t i = length->at; i-- > from && i + 4 > length->at;) {
        if (names_unit(m, i, unit))
            return true;
        bool small = match_at(m, i, SLOT_PLAIN, ACT_FILLER) != NULL || match_at(m, i, SLOT_OF, ACT_NONE) != NULL ||
                     mark_at(m, i, '-') || mark_at(m, i, ':') || mark_at(m, i, '=');
        if (!small)
            return false;
    }
    return false;
}

static void take_out(struct message *m, size_t from, size_t to)
{
    memmove(&m->spans[from], &m->spans[to], (m->n - to) * sizeof *m->spans);
    m->n -= to - from;
}

/* Whether something parts the packages from the length at span j other than right before it. */
static bool parted(const struct message *m, size_t i, size_t j)
{
    for (size_t k = i + 1; k + 1 < j; k++)
        if (m->spans[k].kind == SPAN_SPLIT)
            return true;
    return false;
}

static bool join(struct message *m, size_t i, size_t j)
{
    struct span *package = &m->spans[i];
    const struct span *length = &m->spans[j];
    bool one = j > i + 1 && is_package(m, j - 1) && m->spans[j - 1].unit == package->unit &&
               m->spans[j - 1].number.u == one_u; /* "ek roll 40 metre ka" */
    bool named;
    size_t after = behind(m, length->end, package->unit, &named), from = j;
    bool each = m->spans[j - 1].kind == SPAN_ACT && m->spans[j - 1].act == ACT_EACH; /* "(each 25 m)" */
    bool told =
        one || before(m, length, package->end, package->unit) || ((after > 0 || each) && (named || !parted(m, i, j)));
    if (!told)
        return false;
    package->per_u = length->number.u;
    package->per_unit = length->unit;
    while (from > i + 1 && (m->spans[from - 1].kind == SPAN_OTHER || m->spans[from - 1].kind == SPAN_SPLIT ||
                            m->spans[from - 1].act == ACT_EACH || (one && from == j)))
        from--;
    size_t to = j + 1;
    while (to < m->n && m->spans[to].at < after)
        to++;
    take_out(m, from, to);
    return true;
}

static bool limited(const struct message *m, size_t i, enum cue cue)
{
    return m->spans[i].at > 0 && cue_at(m, m->spans[i].at - 1, cue);
}

/* "minimum 30 maximum 40 m" is a range. */
static void join_limits(struct message *m)
{
    for (size_t i = 0; i + 1 < m->n; i++) {
        struct span *low = &m->spans[i], *high = low + 1;
        bool both = low->kind == SPAN_QUANTITY && high->kind == SPAN_QUANTITY && low->number.u > 0 &&
                    high->number.u > low->number.u && (low->unit < 0 || low->unit == high->unit);
        if (!both || !limited(m, i, CUE_AT_LEAST) || !limited(m, i + 1, CUE_AT_MOST))
            continue;
        low->number.min_u = low->number.u;
        low->number.max_u = high->number.u;
        low->number.u = -1;
        low->unit = high->unit;
        low->end = high->end;
        take_out(m, i + 1, i + 2);
    }
}

/* "18 gaz satin 4 girah": the smaller part of a length, told behind its goods. */
static void join_late(struct message *m)
{
    for (size_t i = 0; i + 2 < m->n; i++) {
        size_t j = i + 1;
        while (j < m->n && m->spans[j].kind == SPAN_GOODS)
            j++;
        if (j == i + 1 || !is_length(m, i) || !is_length(m, j) || (j + 1 < m->n && m->spans[j + 1].kind == SPAN_GOODS))
            continue;
        struct span *whole = &m->spans[i];
        const struct span *part = &m->spans[j];
        int64_t large = m->l->units[whole->unit].factor, small = m->l->units[part->unit].factor;
        bool fraction = small < large && large % small == 0 && part->number.u < large / small * one_u &&
                        part->number.u % (large / small) == 0 && whole->number.u < INT64_MAX / 2;
        if (!fraction || m->l->units[part->unit].width)
            continue;
        whole->number.u += part->number.u / (large / small);
        take_out(m, j, j + 1);
    }
}

/* "5.5 m blue silk 2 piece": pieces of that length. */
static void join_pieces(struct message *m)
{
    for (size_t i = 0; i + 2 < m->n; i++) {
        size_t j = i + 1;
        while (j < m->n && m->spans[j].kind == SPAN_GOODS)
            j++;
        bool alone = j + 1 >= m->n || (m->spans[j + 1].kind != SPAN_GOODS && m->spans[j + 1].kind != SPAN_QUANTITY);
        if (j == i + 1 || !is_length(m, i) || !is_package(m, j) || m->spans[j].sign != 0 || !alone ||
            m->l->units[m->spans[j].unit].kind != UNIT_COUNT || (i > 0 && m->spans[i - 1].kind == SPAN_GOODS))
            continue;
        struct span *whole = &m->spans[i];
        whole->per_u = whole->number.u;
        whole->per_unit = whole->unit;
        whole->number = m->spans[j].number;
        whole->unit = m->spans[j].unit;
        take_out(m, j, j + 1);
    }
}

/* "20 m + 10 m blue cotton": one length or two, the clerk has to ask. */
static void doubt_sums(struct message *m)
{
    for (size_t i = 0; i + 2 < m->n; i++) {
        struct span *first = &m->spans[i];
        const struct span *second = first + 2;
        if (!is_length(m, i) || !is_length(m, i + 2) || first->unit != second->unit || first[1].kind != SPAN_SPLIT ||
            !mark_at(m, first[1].at, '+') ||
            (i > 0 && first[-1].kind == SPAN_GOODS && i + 3 < m->n && first[3].kind == SPAN_GOODS))
            continue;
        first->number.u = first->number.min_u = first->number.max_u = -1;
        first->end = second->end;
        take_out(m, i + 1, i + 3);
    }
}

/* "20 m white cotton x 3": one length three times, or three pieces? */
static void doubt_times(struct message *m)
{
    for (size_t i = 0; i + 2 < m->n; i++) {
        size_t j = i + 1;
        while (j < m->n && m->spans[j].kind == SPAN_GOODS)
            j++;
        const struct span *times = &m->spans[j];
        if (j == i + 1 || j == m->n || !is_length(m, i) || times->kind != SPAN_QUANTITY || times->unit >= 0)
            continue;
        const struct token *k = &m->text.tokens[times->at - 1];
        bool sign = k->len == 1 && (m->text.bytes[k->at] == 'x' || m->text.bytes[k->at] == '*');
        if (!sign || (j + 1 < m->n && m->spans[j + 1].kind == SPAN_GOODS))
            continue;
        m->spans[i].number.u = m->spans[i].number.min_u = m->spans[i].number.max_u = -1;
        take_out(m, j, j + 1);
    }
}

void message_packages(struct message *m)
{
    join_limits(m);
    doubt_sums(m);
    doubt_times(m);
    join_late(m);
    join_pieces(m);
    for (size_t j = 1; j < m->n; j++) {
        if (!is_length(m, j))
            continue;
        size_t i;
        bool one = is_package(m, j - 1) && m->spans[j - 1].number.u == one_u;
        for (i = one && j > 1 ? j - 1 : j; i > 0 && !is_package(m, i - 1) && !is_length(m, i - 1); i--)
            continue;
        if (i > 0 && is_package(m, i - 1) && join(m, i - 1, j))
            j = i;
    }
}
