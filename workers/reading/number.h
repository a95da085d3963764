/* Numbers as they stand in a message: figures and words, fractions, ranges, "20-20". */
#ifndef MUNIM_READING_NUMBER_H
#define MUNIM_READING_NUMBER_H

#include "workers/reading/value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct message;

/* A number as it stands in the text. Range: u is -1 and both ends are told; two numbers that make no range: all -1. */
struct number {
    int64_t u, min_u, max_u; /* millionths */
    int64_t first_u, last_u; /* of two numbers, as they are told; else -1 */
    size_t end;              /* token after it */
    enum weak weak;
    bool each;   /* "20-20" */
    bool digits; /* began with digits */
};

/* A number at a token (number.c); false when there is none. */
bool number_read(const struct message *m, size_t at, struct number *out);
/* The same without a range or a second number behind it. */
bool number_first(const struct message *m, size_t at, struct number *out);

#endif
