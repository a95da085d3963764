/* Other spellings of known words: letters drawn out, the free Latin spelling of Indian words (by the languages' fold
 * lists), and slips of the finger in words for goods. Number words are reached by none of these. */
#ifndef MUNIM_READING_SPELLING_H
#define MUNIM_READING_SPELLING_H

#include "workers/reading/phrasebook.h"

struct lexicon;
struct spelling;

/* Of the words of a book; borrows the folds, letters and sounds of l. */
struct spelling *spelling_new(const struct phrasebook *b, const struct lexicon *l);
void spelling_free(struct spelling **s);

/* The word that this unknown one spells by drawn-out letters or folds; NULL when none or several. */
const struct word *spelling_find(const struct spelling *s, const char *word, size_t n);

/* The Latin word for goods that this one of another script sounds like ("बॉक्स": box): the same consonants, and both end
 * in a vowel or neither does. NULL when none or several do. */
const struct word *spelling_sound(const struct spelling *s, const char *word, size_t n);

/* The nearest words for goods within the bound for this length: *best and its distance, *second the distance of the
 * nearest word of another spelling (both UINT8_MAX when none). Adds to what a former call found. */
struct nearest {
    const struct word *best, *other;
    unsigned distance, second;
};
void spelling_near(const struct spelling *s, const char *word, size_t n, struct nearest *near);

#endif
