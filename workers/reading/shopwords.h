/* The words of one shop, joined with the languages' lists: its goods hide the lists' goods of the same meaning. */
#ifndef MUNIM_READING_SHOPWORDS_H
#define MUNIM_READING_SHOPWORDS_H

#include "workers/reading/lexicon.h"
#include "workers/reading/spelling.h"

struct shopwords {
    const struct lexicon *lexicon;
    struct phrasebook *book;
    struct goods *goods;
    size_t n_goods;
    int *instead; /* for each of the lexicon's goods the shop's own, or -1 */
    struct spelling *spellings;
};

/* The goods that a sense of either book stands for. */
const struct goods *shopwords_goods(const struct shopwords *s, const struct sense *sense, bool of_shop);

#endif
