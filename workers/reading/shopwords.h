/* The words of one shop, joined with the languages' lists: its goods hide the lists' goods of the same meaning. */
#ifndef MUNIM_READING_SHOPWORDS_H
#define MUNIM_READING_SHOPWORDS_H

#include "workers/reading/lexicon.h"
#include "workers/reading/spelling.h"

/* One article among those of one name: "650 mg" of Dolo. */
struct variant_words {
    size_t goods;
    char strength[24], size[24], form[24]; /* as the catalogue spells them, "" when it tells none */
    int64_t strength_u, size_u;            /* their figures, -1 */
    int strength_in, size_in;              /* what they are told in: index of the lexicon's goods, -1 */
};

struct shopwords {
    const struct lexicon *lexicon;
    struct phrasebook *book;
    struct goods *goods;
    size_t n_goods;
    struct variant_words *variants;
    size_t n_variants;
    bool strengths, outlets; /* whether any goods have strengths; whether any outlet is known */
    int *instead;            /* for each of the lexicon's goods the shop's own, or -1 */
    struct spelling *spellings;
};

/* The goods that a whole name stands for, by any of the names that the shop or the lists have for them, their own
 * included, and without correcting a letter; NULL when there are none or several. */
const struct goods *shopwords_named(const struct shopwords *s, enum slot slot, const char *name);

/* The goods that a sense of either book stands for. */
const struct goods *shopwords_goods(const struct shopwords *s, const struct sense *sense, bool of_shop);

#endif
