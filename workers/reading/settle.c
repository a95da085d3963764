/* Words whose meaning their neighbours settle, before lines are made of them: "no", "leave it", a negated command. */
#include "workers/reading/draft.h"

static const uint64_t commands = ACT_BIT(ACT_CANCEL) | ACT_BIT(ACT_DROP) | ACT_BIT(ACT_CONFIRM) | ACT_BIT(ACT_SET) |
                                 ACT_BIT(ACT_WANT) | ACT_BIT(ACT_DO) | ACT_BIT(ACT_ACCEPT) | ACT_BIT(ACT_ALTERNATIVE) |
                                 ACT_BIT(ACT_MORE) | ACT_BIT(ACT_LESS) | ACT_BIT(ACT_REPEAT) | ACT_BIT(ACT_RETURN) |
                                 ACT_BIT(ACT_HUMAN) | ACT_BIT(ACT_OPT_OUT) | ACT_BIT(ACT_KEEP) | ACT_BIT(ACT_YES) |
                                 ACT_BIT(ACT_ANY_COLOR) | ACT_BIT(ACT_TIMES) | ACT_BIT(ACT_THRICE);

/* Words that negate only what follows: by themselves they are a "no", before a command they negate it, behind one ("kar
 * do na") they say nothing. */
static void settle_not_next(struct message *m)
{
    for (size_t i = 0; i < m->n; i++) {
        if (span_acts(m, i, ACT_BIT(ACT_NO)) && span_is(m, i + 1, SPAN_GOODS) && cue_at(m, m->spans[i].at, CUE_WITHOUT))
            m->spans[i].act = ACT_NOT; /* "no silk" */
        if (!span_acts(m, i, ACT_BIT(ACT_NOT_NEXT)))
            continue;
        bool alone = i == 0 && (m->n == 1 || span_is(m, 1, SPAN_SPLIT));
        m->spans[i].act = alone ? ACT_NO : span_acts(m, i + 1, commands) ? ACT_NOT : ACT_NONE;
    }
}

/* "linen rehne do, silk hata do": left where it is, since another line goes; else it is that what goes. */
static void settle_leave(struct message *m)
{
    size_t going = 0;
    for (size_t i = 0; i < m->n; i++)
        going += span_acts(m, i, ACT_BIT(ACT_DROP) | ACT_BIT(ACT_CANCEL) | ACT_BIT(ACT_NOT_WANTED)) &&
                 ((i > 0 && span_is(m, i - 1, SPAN_GOODS)) || span_is(m, i + 1, SPAN_GOODS));
    for (size_t i = 0; i < m->n; i++)
        if (span_acts(m, i, ACT_BIT(ACT_LEAVE)))
            m->spans[i].act = going > 0 && ((i > 0 && span_is(m, i - 1, SPAN_GOODS)) || span_is(m, i + 1, SPAN_GOODS))
                                  ? ACT_KEEP
                                  : ACT_CANCEL;
}

/* A negated command is not the command. A plain "no" negates only what it follows ("cancel nahi karna"); a word that is
 * no answer by itself ("mat", "don't") negates what stands on either side. */
static void negate(struct message *m, struct drafts *out)
{
    for (size_t i = 0; i < m->n; i++) {
        bool unwanted =
            span_acts(m, i, ACT_BIT(ACT_NOT_WANTED)) && span_acts(m, i + 1, ACT_BIT(ACT_CANCEL) | ACT_BIT(ACT_DROP));
        if (!unwanted && !span_acts(m, i, ACT_BIT(ACT_NOT) | ACT_BIT(ACT_NO)))
            continue;
        bool hard = m->spans[i].act == ACT_NOT || unwanted;
        size_t hit = m->n;
        if (i > 0 && span_acts(m, i - 1, commands))
            hit = i - 1;
        else if (hard && span_acts(m, i + 1, commands))
            hit = i + 1;
        else if (hard && span_is(m, i + 1, SPAN_OTHER) && span_acts(m, i + 2, commands))
            hit = i + 2;
        if (hit == m->n)
            continue;
        /* "mat karo cancel": what is forbidden is the word after the auxiliary */
        if (m->spans[hit].act == ACT_SET && hit > i && span_acts(m, hit + 1, commands)) {
            m->spans[hit].act = ACT_NONE;
            hit++;
        }
        enum act a = m->spans[hit].act;
        out->negated |= ACT_BIT(a);
        m->spans[hit].act = a == ACT_WANT || a == ACT_DO ? ACT_NOT_WANTED : ACT_NONE;
        if (hit + 1 == i && span_acts(m, i + 1, ACT_BIT(ACT_SET) | ACT_BIT(ACT_DO)))
            m->spans[i + 1].act = ACT_NONE; /* the auxiliary of "cancel mat karo" */
        if (hard || i > 0)
            m->spans[i].act = ACT_NONE;
    }
}

/* Folded hands beside a greeting greet too, and among words of something else they are no thanks either. */
static void settle_gestures(struct message *m)
{
    size_t others = 0;
    bool greets = false;
    for (size_t i = 0; i < m->n; i++) {
        others += m->spans[i].kind == SPAN_OTHER ? 1 : 0;
        greets = greets || span_acts(m, i, ACT_BIT(ACT_GREETING));
    }
    for (size_t i = 0; (greets || others >= CHATTER) && i < m->n; i++)
        if (span_acts(m, i, ACT_BIT(ACT_THANKS)) && cue_at(m, m->spans[i].at, CUE_GESTURE))
            m->spans[i].act = ACT_NONE;
}

/* "bandra nahi, thane ke liye", "not bandra, thane": an outlet ruled out, where another is told. */
static void settle_outlets(struct message *m)
{
    size_t told = 0, outlets = 0;
    for (size_t i = 0; i < m->n; i++)
        outlets += m->spans[i].kind == SPAN_OUTLET ? 1 : 0;
    for (size_t i = 0; outlets > 1 && i < m->n; i++) {
        if (m->spans[i].kind != SPAN_OUTLET)
            continue;
        bool before = i > 0 && span_acts(m, i - 1, ACT_BIT(ACT_NOT));
        bool after = span_acts(m, i + 1, ACT_BIT(ACT_NO) | (span_is(m, i + 2, SPAN_OUTLET) ? 0 : ACT_BIT(ACT_NOT)));
        if ((!before && !after) || told + 1 == outlets)
            continue;
        told++;
        struct span *no = &m->spans[before ? i - 1 : i + 1];
        no->act = ACT_NONE;
        m->spans[i] = (struct span){.kind = SPAN_ACT, .act = ACT_NONE, .at = m->spans[i].at, .end = m->spans[i].end};
    }
}

/* "good evening ji": a yes right behind a greeting is politeness. */
static void settle_politeness(struct message *m)
{
    for (size_t i = 0; i < m->n; i++)
        if (span_acts(m, i, ACT_BIT(ACT_CONFIRM)) && cue_at(m, m->spans[i].at, CUE_SAME) &&
            (span_is(m, i + 1, SPAN_GOODS) || (i > 0 && span_is(m, i - 1, SPAN_GOODS))))
            m->spans[i].act = ACT_NONE; /* "utna hi off white": as much as before */
    for (size_t i = 1; i < m->n; i++)
        if (span_acts(m, i, ACT_BIT(ACT_YES)) && span_acts(m, i - 1, ACT_BIT(ACT_GREETING)))
            m->spans[i].act = ACT_NONE;
}

void drafts_settle(struct message *m, struct drafts *out)
{
    settle_politeness(m);
    settle_gestures(m);
    settle_not_next(m);
    settle_outlets(m);
    settle_leave(m);
    negate(m, out);
}
