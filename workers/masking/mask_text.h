/* A text as the masks see it: one cell per character, digits of any script folded to ASCII, letters to upper case.
 * Private to masking. */
#ifndef MUNIM_MASKING_MASK_TEXT_H
#define MUNIM_MASKING_MASK_TEXT_H

#include "workers/masking/mask.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cells {
    int32_t *c; /* folded; n of them */
    size_t *at; /* byte offset of each, and of the end */
    size_t n;
};

void cells_make(struct cells *t, const char *text, size_t n);
void cells_free(struct cells *t);

bool cell_digit(const struct cells *t, size_t i); /* false past the end */
bool cell_alnum(const struct cells *t, size_t i); /* ASCII letters and digits */
bool cell_word(const struct cells *t, size_t i);  /* any letter, digit or mark */

enum {
    LABEL_KEEP = MASK_TYPES, /* what follows is a number of the trade and stays */
    LABEL_JOINT              /* a small word that may stand between such a label and its number */
};

/* A label found in the text, cells [from, to). */
struct label {
    size_t from, to;
    int type; /* enum mask_type or LABEL_KEEP */
};
size_t labels_find(const struct mask_labels *l, const struct cells *t, struct label **out);

/* The label that speaks of the cells [from, to), by being close before it, or behind it for a one-time password; -1
 * when none does. */
int label_of(const struct cells *t, const struct label *labels, size_t n, size_t from, size_t to, int type);

struct candidate {
    size_t from, to; /* cells */
    enum mask_type type;
    bool labelled;
};
struct candidates {
    struct candidate *list;
    size_t n, room;
};
void candidate_add(struct candidates *all, size_t from, size_t to, enum mask_type type, bool labelled);

/* Each adds what it finds. */
void find_words(const struct cells *t, const struct label *labels, size_t n, struct candidates *out);
void find_numbers(const struct cells *t, const struct label *labels, size_t n, struct candidates *out);

#endif
