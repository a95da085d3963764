/* Exact decimals in millionths, as text. */
#ifndef MUNIM_READING_DECIMAL_H
#define MUNIM_READING_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

enum { DECIMAL_TEXT = 24 };

/* "20", "7.5": no exponent, no needless zeros. u at least 0. */
void decimal_text(int64_t u, char out[DECIMAL_TEXT]);
/* False for anything but digits with one point, a sign, more than six places, or a value beyond 9 * 10^11. */
bool decimal_of(const char *text, int64_t *u);

#endif
