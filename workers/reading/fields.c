#include "workers/reading/fields.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { NAME_WORDS = 5, REFERENCE_LEAST = 6 };

const struct match *cue_from(const struct message *m, size_t from, enum cue cue, size_t *at)
{
    const struct match *found = NULL;
    for (*at = from; *at < m->text.n; (*at)++) {
        for (size_t i = 0; i < m->n_matches[*at]; i++) {
            const struct match *k = &m->matches[*at][i];
            bool fits = k->sense->slot == SLOT_CUE && k->sense->value == (int64_t)cue;
            if (fits && (found == NULL || k->length > found->length))
                found = k;
        }
        if (found != NULL)
            return found;
    }
    return NULL;
}

bool only_when(const struct message *m)
{
    for (size_t i = 0; i < m->n; i++) {
        const struct span *s = &m->spans[i];
        bool when = false;
        for (size_t k = 0; k < m->n_matches[s->at]; k++) {
            const struct match *c = &m->matches[s->at][k];
            when =
                when || (c->sense->slot == SLOT_CUE && (c->sense->value == CUE_WHEN || c->sense->value == CUE_HOUR) &&
                         s->at + c->length >= s->end);
        }
        if (span_acts(m, i, ACT_BIT(ACT_DEFER)) && !when)
            return false;
    }
    return true;
}

const struct goods *value_at(const struct message *m, size_t at, enum slot slot, size_t *end)
{
    const struct match *k = match_at(m, at, slot, ACT_NONE);
    if (k == NULL)
        return NULL;
    *end = at + k->length;
    return shopwords_goods(m->s, k->sense, k->of_shop);
}

void raw_words(const struct message *m, size_t at, size_t end, char out[READING_WORD])
{
    if (at >= end || end > m->text.n)
        return;
    size_t from = m->text.tokens[at].raw_at, to = m->text.tokens[end - 1].raw_end;
    (void)snprintf(out, READING_WORD, "%.*s", (int)(to - from < READING_WORD ? to - from : READING_WORD - 1),
                   m->raw + from);
}

bool unknown_word(const struct message *m, size_t at)
{
    return at < m->text.n && m->text.tokens[at].kind == TOKEN_WORD && m->n_matches[at] == 0;
}

static bool plain(const struct message *m, size_t at)
{
    return at < m->text.n && m->text.tokens[at].kind == TOKEN_WORD;
}

/* "in the name of Sharma Traders": up to a mark, a number or a word that does something. */
static bool name_word(const struct message *m, size_t at)
{
    bool title =
        plain(m, at) && at > 0 && m->raw[m->text.tokens[at].raw_at] >= 'A' && m->raw[m->text.tokens[at].raw_at] <= 'Z';
    if (title && match_at(m, at, SLOT_JOIN, ACT_NONE) == NULL && match_at(m, at, SLOT_CUE, ACT_NONE) == NULL)
        return true;
    return plain(m, at) && match_at(m, at, SLOT_ACT, ACT_NONE) == NULL &&
           match_at(m, at, SLOT_JOIN, ACT_NONE) == NULL && match_at(m, at, SLOT_CUE, ACT_NONE) == NULL &&
           match_at(m, at, SLOT_PLAIN, ACT_NONE) == NULL;
}

/* "Rao & Sons" */
static bool joins_name(const struct message *m, size_t at)
{
    return at > 0 && mark_at(m, at, '&') && name_word(m, at - 1) && name_word(m, at + 1);
}

static bool names_goods(const struct message *m, size_t at)
{
    return match_at(m, at, SLOT_COLOR, ACT_NONE) != NULL || match_at(m, at, SLOT_MATERIAL, ACT_NONE) != NULL ||
           match_at(m, at, SLOT_PRODUCT, ACT_NONE) != NULL;
}

bool bill_name(const struct message *m, size_t *at, size_t *end)
{
    const struct match *k = cue_from(m, 0, CUE_BILL_TO_BEFORE, at);
    if (k != NULL) {
        *at += k->length;
        *at += mark_at(m, *at, ':') || mark_at(m, *at, '-') ? 1 : 0;
        for (*end = *at; *end < *at + NAME_WORDS && (name_word(m, *end) || joins_name(m, *end)); (*end)++)
            continue;
        if (*end > *at)
            return true;
    }
    if (cue_from(m, 0, CUE_BILL_TO_AFTER, end) == NULL)
        return false;
    for (*at = *end; *at > 0 && *end - *at < NAME_WORDS && match_at(m, *at - 1, SLOT_UNIT, ACT_NONE) == NULL &&
                     (name_word(m, *at - 1) || joins_name(m, *at - 1));
         (*at)--)
        continue;
    bool counted =
        *at > 0 && (m->text.tokens[*at - 1].kind == TOKEN_NUMBER || match_at(m, *at - 1, SLOT_UNIT, ACT_NONE) != NULL);
    while (counted && *at + 1 < *end && names_goods(m, *at)) /* "20 m Red Silk Sharma ke naam" */
        (*at)++;
    return *end > *at;
}

void fields_read(const struct scene *s)
{
    static const struct {
        enum cue cue;
        const char *name;
    } papers[] = {{CUE_RX_NONE, "none"}, {CUE_RX_PROMISED, "promised"}, {CUE_RX_ATTACHED, "attached"}};
    struct reading_fields *f = &s->out->fields;
    size_t at, end, longest = 0;
    if ((s->drafts->acts & ACT_BIT(ACT_BILL)) != 0 || (s->m->gstin && cue_from(s->m, 0, CUE_PAPER, &at) != NULL))
        (void)snprintf(f->bill, sizeof f->bill, "%s", "gst");
    for (size_t i = 0; i < sizeof papers / sizeof *papers; i++) {
        const struct match *k = cue_from(s->m, 0, papers[i].cue, &at);
        if (k != NULL && k->length > longest) {
            longest = k->length;
            (void)snprintf(f->prescription, sizeof f->prescription, "%s", papers[i].name);
        }
    }
    if (bill_name(s->m, &at, &end))
        raw_words(s->m, at, end, f->bill_to);
}

/* A bank's number: a long one, or letters and digits written as one word, after its label or by its length. */
static size_t reference_at(const struct message *m, size_t at)
{
    size_t end = at, chars = 0, digits = 0;
    while (end < m->text.n && m->text.tokens[end].kind != TOKEN_MARK && (end == at || m->text.tokens[end].glued)) {
        chars += (size_t)m->text.tokens[end].raw_end - m->text.tokens[end].raw_at;
        digits += m->text.tokens[end].digits;
        end++;
    }
    return chars >= REFERENCE_LEAST && digits > 0 ? end : at;
}

static void reference(const struct scene *s, size_t *from, size_t *to)
{
    const struct message *m = s->m;
    size_t at;
    const struct match *k = cue_from(m, 0, CUE_REFERENCE, &at);
    *from = *to = m->text.n;
    for (size_t i = k != NULL ? at + k->length : m->text.n; i < m->text.n && i < at + k->length + 4; i++)
        if (reference_at(m, i) > i) {
            *from = i;
            *to = reference_at(m, i);
            break;
        }
    for (size_t i = 0; *from == m->text.n && i < m->text.n; i++)
        if (m->text.tokens[i].kind == TOKEN_NUMBER && m->text.tokens[i].digits == 12) {
            *from = i;
            *to = i + 1;
        }
    raw_words(m, *from, *to, s->out->fields.reference);
}

void payment_read(const struct scene *s)
{
    const struct message *m = s->m;
    struct reading_fields *f = &s->out->fields;
    size_t from, to, end;
    reference(s, &from, &to);
    for (size_t i = 0; i < m->text.n && f->mode[0] == '\0'; i++) {
        const struct goods *mode = value_at(m, i, SLOT_MODE, &end);
        if (mode != NULL)
            (void)snprintf(f->mode, sizeof f->mode, "%s", mode->name);
    }
    for (size_t i = 0; i < m->n; i++) {
        const struct span *p = &m->spans[i];
        bool amount = p->kind == SPAN_PRICE || (p->kind == SPAN_QUANTITY && p->unit < 0);
        bool inside = p->at < to && p->end > from;
        amount = amount && match_at(m, p->number.end, SLOT_AFTER, ACT_MEASURE_AFTER) == NULL;
        if (amount && !inside && p->number.u > 0 && p->number.u % 10000 == 0 && f->amount_paise < 0)
            f->amount_paise = p->number.u / 10000;
    }
}
