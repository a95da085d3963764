#include "workers/reading/report.h"

#include <stdio.h>
#include <string.h>

#include "workers/reading/decimal.h"
#include "workers/reading/fields.h"

static const int64_t one_u = 1000000;
enum { LEAST_BUDGET = 1000, PHONE_DIGITS = 10 };

/* "call mat karna", "no calls" */
static bool refuses(const struct message *m, size_t at)
{
    return match_at(m, at, SLOT_ACT, ACT_NO) != NULL || match_at(m, at, SLOT_ACT, ACT_NOT) != NULL ||
           match_at(m, at, SLOT_ACT, ACT_NOT_NEXT) != NULL;
}

static bool put_first(const struct message *m, enum slot slot, char out[READING_WORD])
{
    size_t longest = 0;
    for (size_t i = 0, past = 0; i < m->text.n; i++) {
        size_t end = i;
        const struct goods *g = i < past ? NULL : value_at(m, i, slot, &end); /* the first of two that overlap */
        past = end > past ? end : past;
        bool refused = slot == SLOT_CONTACT && g != NULL && (refuses(m, end) || (i > 0 && refuses(m, i - 1)));
        if (g != NULL && end - i > longest && !refused) {
            longest = end - i;
            (void)snprintf(out, READING_WORD, "%s", g->name);
        }
    }
    return longest > 0;
}

/* A word that may be a place: known as one, an outlet, or a name that no list holds. */
static bool place_word(const struct message *m, size_t at)
{
    return unknown_word(m, at) || match_at(m, at, SLOT_LOCATION, ACT_NONE) != NULL ||
           match_at(m, at, SLOT_OUTLET, ACT_NONE) != NULL;
}

/* "3BHK, Whitefield, budget 30k": a name that no list holds, alone between marks. */
static bool put_lone_place(const struct message *m, char out[READING_WORD])
{
    for (size_t from = 0, end; from < m->text.n; from = end + 1) {
        size_t names = 0;
        for (end = from; end < m->text.n && m->text.tokens[end].kind != TOKEN_MARK; end++) {
            char c = m->raw[m->text.tokens[end].raw_at];
            names += place_word(m, end) &&
                             ((c >= 'A' && c <= 'Z') || names > 0 || match_at(m, end, SLOT_OUTLET, ACT_NONE) != NULL)
                         ? 1
                         : 0;
        }
        bool between = from > 0 && names > 0 && names <= 2 && end - from == names;
        if (between && !mark_at(m, end, ':')) {
            raw_words(m, from, end, out);
            return true;
        }
    }
    return false;
}

static bool put_place(const struct message *m, char out[READING_WORD])
{
    size_t at, end;
    const struct match *k;
    if (put_first(m, SLOT_LOCATION, out))
        return true;
    for (size_t from = 0; (k = cue_from(m, from, CUE_PLACE_BEFORE, &at)) != NULL; from = at + 1) {
        size_t begin = at + k->length + (mark_at(m, at + k->length, ':') ? 1 : 0);
        for (end = begin; end < begin + 3 && place_word(m, end); end++)
            continue;
        if (end > begin && !(end < m->text.n && m->raw[m->text.tokens[end - 1].raw_end] == '@')) {
            raw_words(m, begin, end, out);
            return true;
        }
    }
    for (size_t from = 0; cue_from(m, from, CUE_PLACE_AFTER, &at) != NULL; from = at + 1) {
        size_t begin = at;
        while (begin > 0 && at - begin < 2 && place_word(m, begin - 1) && !m->text.tokens[begin - 1].glued)
            begin--;
        if (at > begin) {
            raw_words(m, begin, at, out);
            return true;
        }
    }
    if (m->domain != DOMAIN_SERVICES)
        return false;
    for (size_t i = 0; i < m->n; i++)
        if (m->spans[i].kind == SPAN_OUTLET) {
            raw_words(m, m->spans[i].at, m->spans[i].end, out);
            return true;
        }
    return put_lone_place(m, out);
}

static bool cue_near(const struct message *m, size_t from, size_t to, enum cue cue)
{
    size_t at;
    return cue_from(m, from, cue, &at) != NULL && at < to;
}

/* The largest scale below an amount: what "8 and 10 lakh" leaves unsaid of the first. */
static int64_t scale_of(int64_t u)
{
    int64_t scale = 1;
    for (int64_t s = 1000; s <= 10000000; s *= 100)
        scale = u >= s * one_u ? s : scale;
    return scale;
}

/* "between 8 and 10 lakh", "5 to 7 lakh". */
static void join_amounts(const struct message *m, struct number *n)
{
    struct number second;
    const struct match *join = match_at(m, n->end, SLOT_JOIN, ACT_NONE);
    bool joins = join != NULL && (join->sense->value == JOIN_AND_NUMBER || join->sense->value == JOIN_AND);
    if (n->u < 0 || !joins || !number_read(m, n->end + join->length, &second) || second.u <= n->u)
        return;
    int64_t low = n->u < LEAST_BUDGET * one_u ? n->u * scale_of(second.u) : n->u;
    if (second.u < LEAST_BUDGET * one_u || low >= second.u)
        return;
    n->min_u = low;
    n->max_u = second.u;
    n->u = -1;
    n->end = second.end;
}

static bool put_budget(const struct message *m, struct reading_fields *f)
{
    for (size_t i = 0; i < m->text.n; i++) {
        struct number n;
        size_t end;
        if (value_at(m, i, SLOT_PROPERTY, &end) != NULL || !number_read(m, i, &n))
            continue;
        bool wage = cue_near(m, i > 3 ? i - 3 : 0, i, CUE_WAGE);
        if (m->text.tokens[i].digits >= PHONE_DIGITS || wage) {
            i = n.end;
            continue;
        }
        join_amounts(m, &n);
        int64_t low = n.u >= 0 ? n.u : n.min_u, high = n.u >= 0 ? n.u : n.max_u;
        if (high < LEAST_BUDGET * one_u || high > INT64_MAX / 2 || match_at(m, n.end, SLOT_UNIT, ACT_NONE) != NULL)
            continue;
        size_t from = i > 3 ? i - 3 : 0;
        bool most = n.u >= 0 && (cue_near(m, from, i, CUE_AT_MOST) || cue_near(m, n.end, n.end + 2, CUE_AT_MOST));
        bool least = n.u >= 0 && (cue_near(m, from, i, CUE_AT_LEAST) || cue_near(m, n.end, n.end + 2, CUE_AT_LEAST));
        least = least && !most; /* "not more than" */
        f->budget_min_paise = most ? -1 : low / 10000;
        f->budget_max_paise = least ? -1 : high / 10000;
        return true;
    }
    return false;
}

/* "2 months"; the list names one and many: "month/months". */
static bool put_period(const struct message *m, char out[READING_WORD])
{
    for (size_t i = 0; i < m->text.n; i++) {
        struct number n;
        size_t end;
        if (!number_read(m, i, &n))
            continue;
        const struct goods *period = value_at(m, n.end, SLOT_PERIOD, &end);
        const char *many = period != NULL ? strchr(period->name, '/') : NULL;
        char low[DECIMAL_TEXT], high[DECIMAL_TEXT];
        if (many == NULL || n.u >= 100 * one_u)
            continue; /* "budget 5000 mahina" */
        decimal_text(n.u >= 0 ? n.u : n.min_u >= 0 ? n.min_u : 0, low);
        decimal_text(n.max_u >= 0 ? n.max_u : 0, high);
        if (n.u < 0 && n.min_u < 0)
            continue;
        if (n.u < 0)
            (void)snprintf(out, READING_WORD, "%.20s-%.20s %.20s", low, high, many + 1);
        else if (n.u == one_u)
            (void)snprintf(out, READING_WORD, "%.20s %.*s", low, (int)(many - period->name), period->name);
        else
            (void)snprintf(out, READING_WORD, "%.20s %.20s", low, many + 1);
        return true;
    }
    return false;
}

/* "CCTV installation": a trade that no list has, by the word behind it. */
static bool put_trade(const struct message *m, char out[READING_WORD])
{
    size_t at;
    const struct match *k = cue_from(m, 0, CUE_TRADE, &at);
    size_t begin = at;
    while (k != NULL && begin > 0 && at - begin < 2 && unknown_word(m, begin - 1))
        begin--;
    if (k == NULL || begin == at)
        return false;
    raw_words(m, begin, at + k->length, out);
    return true;
}

static bool has(const struct scene *s, enum act a)
{
    return (s->drafts->acts & ACT_BIT(a)) != 0;
}

bool lead_read(const struct scene *s)
{
    const struct message *m = s->m;
    struct reading_fields *f = &s->out->fields;
    size_t at;
    bool contact = put_first(m, SLOT_CONTACT, f->contact_preference);
    bool service = put_first(m, SLOT_SERVICE, f->service) || (m->domain == DOMAIN_SERVICES && put_trade(m, f->service)),
         property = put_first(m, SLOT_PROPERTY, f->property);
    bool money = put_budget(m, f);
    bool listed = put_first(m, SLOT_TIMELINE, f->timeline), when = listed || put_period(m, f->timeline);
    bool place = put_place(m, f->location);
    bool human = has(s, ACT_HUMAN);
    bool hour = m->domain == DOMAIN_SERVICES && contact && cue_from(m, 0, CUE_HOUR, &at) != NULL; /* "after 6 pm" */
    bool own = cue_from(m, 0, CUE_MINE, &at) != NULL; /* "mera beta 3 saal ka hai" */
    if (when && !listed && !service && !property && !money && !place && !contact &&
        (s->drafts->others > CHATTER || (own && s->drafts->others > 0)))
        return false; /* "4 din gaon ja raha hu" */
    bool wanted = service || contact || has(s, ACT_WANT) || has(s, ACT_SET) ||
                  cue_from(m, 0, CUE_LOOKING, &at) != NULL || cue_from(m, 0, CUE_BUDGET, &at) != NULL;
    bool gone_by = when && cue_from(m, 0, CUE_SINCE, &at) != NULL;
    if ((money || (property && (gone_by || !when))) && !wanted && !place && s->drafts->others > CHATTER)
        return false; /* "my flat is on the 14th floor, lift out since 3 days" */
    if (has(s, ACT_DEFER) && !only_when(m) && !service && !money && !contact)
        return false; /* "will let you know tomorrow, discussing at home" */
    if (service && !property && !money && !place && !contact && !when && s->drafts->others > CHATTER &&
        !has(s, ACT_QUESTION) && !has(s, ACT_WANT) && !has(s, ACT_SET) && cue_from(m, 0, CUE_LOOKING, &at) == NULL &&
        cue_from(m, 0, CUE_BUDGET, &at) == NULL && cue_from(m, 0, CUE_TALE, &at) != NULL)
        return false; /* "38 degree today, free sun for the solar" */
    bool facts = service || property || money || when || (place && !human) || hour;
    if (m->domain == DOMAIN_NONE && !(service && (property || money || place)))
        return false;
    if (!facts && !(contact && strcmp(f->contact_preference, "call") != 0) && (human || !contact) &&
        cue_from(m, 0, CUE_LOOKING, &at) == NULL)
        return false;
    if (!facts && !contact && has(s, ACT_DEFER))
        return false; /* "not decided yet, will tell you later" */
    s->out->intent = INTENT_LEAD_INFO;
    return true;
}
