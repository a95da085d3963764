/* The languages' lists as the reader sees them. Format and meaning of each list: schema/lexicon/README.md. */
#ifndef MUNIM_READING_LEXICON_H
#define MUNIM_READING_LEXICON_H

#include "workers/reading/act.h"
#include "workers/reading/phrasebook.h"
#include "workers/reading/reader.h"
#include "workers/reading/reading.h"

enum unit_kind { UNIT_LENGTH, UNIT_COUNT, UNIT_PACKAGE, UNIT_WEIGHT, UNIT_AREA };

struct unit {
    char name[16];
    enum unit_kind kind;
    int64_t factor; /* micrometres of a length, pieces of a count, else 0 */
    bool width;     /* alone it measures the goods, not how much of them (inches of cloth) */
};

/* Millionths; FRACTION_NONE where the word cannot be used so. */
struct fraction {
    int64_t alone_u;  /* by itself, or times a scale */
    int64_t before_u; /* added to the number that follows */
    int64_t after_u;  /* added to the number before */
    int64_t scale_u;  /* times a scale, where that differs */
};
enum { FRACTION_NONE = INT32_MIN };

enum { LEXICON_UNITS = 64, LEXICON_FRACTIONS = 64, LEXICON_LANGS = 16, LEXICON_FOLDS = 96, LEXICON_FILES = 512 };

struct goods {
    enum slot slot;
    char name[READING_WORD];
    char material[READING_WORD]; /* of a shop's product, "" else */
    int unit;                    /* index of the unit it is sold by, -1 when not told */
};

struct fold {
    char from[8], to[8];
};

struct lexicon {
    struct phrasebook *book;
    struct unit units[LEXICON_UNITS];
    size_t n_units;
    struct fraction fractions[LEXICON_FRACTIONS];
    size_t n_fractions;
    struct goods *goods;
    size_t n_goods;
    char langs[LEXICON_LANGS][8];
    size_t n_langs;
    uint32_t lends; /* languages whose words for goods others take: they tell nothing beside another's own */
    struct fold folds[LEXICON_FOLDS];
    size_t n_folds;
    struct fold plurals[LEXICON_FOLDS]; /* endings of catalogue names, and what they are for many */
    size_t n_plurals;
    struct fold letters[LEXICON_FOLDS], sounds[LEXICON_FOLDS]; /* spelling.h: names in another script */
    size_t n_letters, n_sounds;
    char *files[LEXICON_FILES]; /* the lists read, for complaints */
    size_t n_files;
    lexicon_fault_fn *complain; /* told every fault while loading goes on; NULL: the first ends it */
    void *complain_arg;
    size_t wrong;
    struct spelling *spellings; /* folded spelling -> word (spelling.h) */
};

/* -1 for none. */
int lexicon_unit(const struct lexicon *l, const char *name);
/* Index of the goods of this slot and name, added when new. */
size_t lexicon_goods(struct lexicon *l, enum slot slot, const char *name);

/* Reads one list (lexicon_load.c). topic is the file's name without ".list"; path is for the fault. */
int lexicon_load(struct lexicon *l, uint32_t lang, const char *topic, const char *path, struct fault *f);

#endif
