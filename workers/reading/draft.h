/* Drafts: what a message says of each line, before the cart is looked at. */
#ifndef MUNIM_READING_DRAFT_H
#define MUNIM_READING_DRAFT_H

#include "workers/reading/message.h"

struct draft {
    const struct goods *color, *material, *product, *form, *category;
    const char *outlet;             /* NULL when not said, as the next two */
    const char *strength, *size;    /* "650 mg", "10 inch" */
    const struct span *quantity;    /* NULL when not said */
    int unit;                       /* the unit, where it was told with another quantity; -1 */
    size_t first, last;             /* spans */
    enum act act;                   /* what shall happen to the line; ACT_NONE when only the goods are named */
    int64_t less_u;                 /* what of its quantity the lines before took ("60 black, baaki rust") */
    int64_t parts;                  /* lines that its quantity is split over evenly; 1 when it is its own */
    bool lent;                      /* its cloth was named with another colour */
    bool each;                      /* its quantity was told once for several lines */
    bool open_quantity;             /* a quantity was told that may or may not be this line's: it is asked for */
    bool open_color, open_material; /* "blue or red", or a slip that two names explain */
    bool any_color, mixed, same_lot, that;
    bool answer;  /* the colour that was asked for, before a line of its own follows */
    bool negated; /* "linen nahi": named only to be ruled out */
    bool old;     /* what another line takes the place of */
};

/* Words that no list explains: from so many on a message says something else as well, and then mainly that. */
enum { OTHER_WORDS = 2, CHATTER = 3 };

struct drafts {
    struct draft d[READING_ITEMS];
    size_t n;
    uint64_t acts; /* every act of the message, a bit each, negated ones taken out */
    uint64_t negated;
    int line;       /* number of the cart line that the message tells; 0 for none */
    size_t others;  /* words that no list explains */
    bool corrected; /* a quantity was taken back for another */
    bool overflow;  /* more lines than a reading holds */
};

#define ACT_BIT(a) ((uint64_t)1 << (a))

_Static_assert(ACT_COUNT <= 64, "one bit for each act");

/* Whether a number in one unit (dozens) counts things of the other (pieces, rolls). */
bool unit_of_dozens(const struct lexicon *l, int dozens, int unit);

/* Whether a span is one of these acts, or of this kind; false past the end. */
static inline bool span_acts(const struct message *m, size_t i, uint64_t set)
{
    return i < m->n && m->spans[i].kind == SPAN_ACT && (ACT_BIT(m->spans[i].act) & set) != 0;
}
static inline bool span_is(const struct message *m, size_t i, enum span_kind kind)
{
    return i < m->n && m->spans[i].kind == kind;
}

void drafts_read(struct message *m, struct drafts *out);
/* Settles spans by their neighbours, and tells which commands are negated (settle.c). Called by drafts_read. */
void drafts_settle(struct message *m, struct drafts *out);
/* What the message takes back of its own lines, and completes (mend.c). Called by drafts_share. */
void drafts_mend(const struct message *m, struct drafts *out);
/* Colours, materials and quantities that lines of one message share (share.c). Called by drafts_read. */
void drafts_share(const struct message *m, struct drafts *out);
/* Gives each line its outlet, and every outlet of a shared line a line (outlets.c). Called by drafts_share. */
void drafts_outlets(const struct message *m, struct drafts *out);

static inline bool draft_has_goods(const struct draft *d)
{
    return d->color != NULL || d->material != NULL || d->product != NULL || d->category != NULL || d->size != NULL ||
           d->strength != NULL;
}

/* Whether the draft is a line that is ordered. */
static inline bool draft_adds(const struct draft *d)
{
    return !d->negated && !d->old && (d->act == ACT_NONE || d->act == ACT_WANT || d->act == ACT_SET);
}

#endif
