/* What a text holds, as far as the word lists can tell: the ground on which another reader's answer is judged. A number
 * that is not here was said by nobody. */
#ifndef MUNIM_READING_FACTS_H
#define MUNIM_READING_FACTS_H

#include "workers/reading/reader.h"
#include "workers/reading/text.h"

enum { FACT_NUMBERS = 2048 };

struct text_facts {
    bool readable; /* false: longer than any order; nothing else is told then */
    bool commands; /* speaks to the clerk as if to a machine, or as its owner */
    char language[8];
    struct text text; /* for facts_words */
    struct {
        int64_t u;     /* millionths: a number as some stretch of the words spells it */
        bool quantity; /* else it stands as a price, a width, a date, a strength and is no quantity */
    } numbers[FACT_NUMBERS];
    size_t n;
    struct reading words; /* what the word lists read: sums and shares that follow from the words stand there */
};

/* Pure. The structure is large: keep it off small stacks. */
void facts_of(const struct shopwords *s, const char *text, size_t n, const struct reading_context *ctx,
              struct text_facts *out);

/* Whether this number stands in the text, or follows from it in a reading by the word lists. u in millionths. */
bool facts_number(const struct text_facts *f, int64_t u);
/* The same for a number that may be the quantity of goods. */
bool facts_quantity(const struct text_facts *f, int64_t u);

/* Whether these words stand in the text in this order, whatever their case, marks and spelling of letters. */
bool facts_words(const struct text_facts *f, const char *words);

#endif
