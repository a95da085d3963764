/* A catalogue as JSON lines (--catalogue FILE): products and the shop's own words for a slot's values. */
#ifndef MUNIM_READING_CATALOGUE_FILE_H
#define MUNIM_READING_CATALOGUE_FILE_H

#include "common/base/fault.h"
#include "workers/reading/reading.h"

#include <stdio.h>

struct catalogue_file {
    struct catalogue_entry *entries;
    size_t n_entries;
    struct catalogue_word *words;
    size_t n_words;
    struct catalogue_text *text; /* what the strings above borrow from */
};

/* Reads all of in; name is for faults. NULL and a REJECT fault with the line's number when a line is no JSON object, is
 * of no known kind, or lacks id or name: nothing is loaded then. */
struct catalogue_file *catalogue_file_new(FILE *in, const char *name, struct fault *f);
void catalogue_file_free(struct catalogue_file **c);

#endif
