/* Words and the phrases made of them: a hash of spellings and a trie over word ids. One phrasebook holds the languages'
 * lists, another the words of one shop. Built once, then only read. */
#ifndef MUNIM_READING_PHRASEBOOK_H
#define MUNIM_READING_PHRASEBOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workers/reading/text.h"

/* What a phrase may stand for; the meaning of a sense's value depends on it. */
enum slot {
    SLOT_NONE,
    SLOT_NUMBER,   /* 0 to 99 */
    SLOT_SCALE,    /* 100, 1000, 100000... */
    SLOT_FRACTION, /* index into the lexicon's fractions */
    SLOT_UNIT,     /* index into the lexicon's units */
    SLOT_COLOR,    /* index into the goods of the same book, as for the next two */
    SLOT_MATERIAL,
    SLOT_PRODUCT,
    SLOT_FORM, /* named values (value.h), indexes as above, down to SLOT_IN_SIZE */
    SLOT_CATEGORY,
    SLOT_OUTLET,
    SLOT_SITE,
    SLOT_LEVEL,
    SLOT_TASK,
    SLOT_STOCK,
    SLOT_REASON,
    SLOT_ROLE,
    SLOT_SERVICE,
    SLOT_PROPERTY,
    SLOT_LOCATION,
    SLOT_TIMELINE,
    SLOT_PERIOD,
    SLOT_CONTACT,
    SLOT_MODE,
    SLOT_STRENGTH, /* of a catalogue alone: a strength, a size that is a word ("large") */
    SLOT_SIZE,
    SLOT_IN_STRENGTH, /* what a strength is told in ("mg"), and a size ("inch") */
    SLOT_IN_SIZE,
    SLOT_PERCENT, /* 0 to 100, without a number ("half done") */
    SLOT_CUE,     /* enum cue: a word that tells what stands beside it */
    SLOT_ACT,     /* enum act */
    SLOT_JOIN,    /* enum join */
    SLOT_ORDINAL, /* 1, 2, 3... */
    SLOT_BEFORE,  /* enum act: what a number after it measures, as in the next three */
    SLOT_AFTER,
    SLOT_PER,
    SLOT_OF,
    SLOT_PLAIN, /* enum act: a word without weight here */
    SLOT_COUNT
};

enum { PHRASE_GAP = 3, PHRASE_MOST = 32 }; /* words that ".." in a phrase may stand for; words of a match at most */

/* How much company a number word needs, since some are other words too ("do": two, give). */
enum weak { WEAK_NO, WEAK_UNIT, WEAK_COUNTED };

struct sense {
    enum slot slot;
    int64_t value;
    enum weak weak;
    bool tens;     /* a number that takes ones after it ("twenty five") */
    uint32_t lang; /* bit of the language whose list says so */
    uint16_t file; /* of the lexicon's files, and the line in it */
    uint32_t line;
    struct sense *next;
};

struct word;
struct phrasebook;

struct phrasebook *phrasebook_new(void);
void phrasebook_free(struct phrasebook **b);

/* Adds the phrase of the tokens [0, n) of t, where gap_before[i] (may be NULL) tells that ".." stands before token i.
 * Returns the sense that already holds this slot there (with whatever value), or NULL when it was added. */
struct sense *phrasebook_add(struct phrasebook *b, const struct text *t, const bool *gap_before,
                             const struct sense *as);

/* Makes `other` one more spelling of `word` (NUL-ended both): whoever looks it up finds `word`. False when other
 * already has a meaning or a spelling of its own. */
bool phrasebook_same(struct phrasebook *b, const char *word, const char *other, uint32_t lang);

/* NULL when the book holds no such word. */
const struct word *phrasebook_word(const struct phrasebook *b, const char *s, size_t n);
/* Senses of the word alone; NULL for none. */
const struct sense *word_senses(const struct word *w);
uint32_t word_langs(const struct word *w);
const char *word_text(const struct word *w);

/* Calls back for every phrase that begins at word 0 of words[0, n) (NULL for unknown words) with its length; bit i of
 * mask tells that word i is one of its own and not one that a gap stands for. */
typedef void phrase_fn(void *arg, const struct sense *sense, size_t length, uint32_t mask);
void phrasebook_match(const struct phrasebook *b, const struct word *const *words, size_t n, phrase_fn *found,
                      void *arg);

/* Every word, for the indexes built over a book. */
typedef void word_fn(void *arg, const struct word *w);
void phrasebook_each_word(const struct phrasebook *b, word_fn *each, void *arg);
/* Whether the word is part of a phrase for goods (colour, material, product). */
bool word_of_goods(const struct word *w);
/* Whether the word spells a number; such a word is never corrected nor reached by correction. */
bool word_of_number(const struct word *w);

#endif
