/* The languages' lists as the reader sees them. Format and meaning of each list: schema/lexicon/README.md. */
#ifndef MUNIM_READING_LEXICON_H
#define MUNIM_READING_LEXICON_H

#include "workers/reading/phrasebook.h"
#include "workers/reading/reader.h"
#include "workers/reading/reading.h"

/* What a word or phrase does in a message. The names in the lists are those of act_names (lexicon.c). */
enum act {
    ACT_NONE,
    ACT_YES,
    ACT_CONFIRM,
    ACT_NO,
    ACT_NOT, /* negates what stands beside it, and is no answer by itself */
    ACT_CANCEL,
    ACT_ORDER, /* names the order as a whole */
    ACT_DROP,
    ACT_NOT_WANTED,
    ACT_ACCEPT,
    ACT_ALTERNATIVE,
    ACT_SET,
    ACT_MORE,
    ACT_LESS,
    ACT_TIMES, /* the quantity as often as the list's number says */
    ACT_WANT,
    ACT_DO, /* wants what was named; by itself agrees to what was offered */
    ACT_KEEP,
    ACT_REPEAT,
    ACT_OLD_BEFORE, /* what stands before it is replaced by what follows */
    ACT_OLD_AFTER,  /* what follows it is replaced by what comes next */
    ACT_OPTION,
    ACT_BARGAIN,
    ACT_PRICE,
    ACT_STOCK,
    ACT_STATUS,
    ACT_BALANCE,
    ACT_ADVICE,
    ACT_PAYMENT,
    ACT_COMPLAINT,
    ACT_GREETING,
    ACT_THANKS,
    ACT_HUMAN,
    ACT_OPT_OUT,
    ACT_DEFER,
    ACT_COMMAND, /* speaks to the clerk as if to a machine, or as its owner */
    ACT_RETURN,
    ACT_SAME_LOT,
    ACT_ANY_COLOR,
    ACT_MIXED,
    ACT_EACH,
    ACT_SPLIT,
    ACT_TOTAL,
    ACT_THAT, /* a pronoun for a line already named */
    ACT_THOSE,
    ACT_QUESTION,
    ACT_EXISTS, /* asks for stock when the message is a question */
    ACT_BILL,
    ACT_FILLER,
    ACT_COMMON, /* a plain word of the language: no slip of a word for goods, but no meaning here either */
    ACT_PRICE_BEFORE, /* a number after it is no quantity, with or without a unit */
    ACT_PRICE_AFTER,
    ACT_BID_AFTER, /* and the number is what the customer offers to pay */
    ACT_MEASURE_BEFORE, /* the same, but not when a unit follows ("rate of 20 metres") */
    ACT_MEASURE_AFTER,
    ACT_PER, /* a unit after it belongs to a price */
    ACT_OF,  /* joins a package with its length */
    ACT_ONE, /* "a": one, before a unit */
    ACT_COUNT
};

enum join { JOIN_AND, JOIN_AND_NUMBER, JOIN_OR, JOIN_BUT, JOIN_RANGE };

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

enum { LEXICON_UNITS = 64, LEXICON_FRACTIONS = 64, LEXICON_LANGS = 16, LEXICON_FOLDS = 64 };

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
    struct fold folds[LEXICON_FOLDS];
    size_t n_folds;
    struct spelling *spellings; /* folded spelling -> word (spelling.h) */
};

/* -1 for none. */
int lexicon_unit(const struct lexicon *l, const char *name);
/* Index of the goods of this slot and name, added when new. */
size_t lexicon_goods(struct lexicon *l, enum slot slot, const char *name);

/* Reads one list (lexicon_load.c). topic is the file's name without ".list"; path is for the fault. */
int lexicon_load(struct lexicon *l, uint32_t lang, const char *topic, const char *path, struct fault *f);

/* ACT_NONE for an unknown name. */
enum act act_of(const char *topic, const char *name);
enum slot slot_of_act(enum act a);

#endif
