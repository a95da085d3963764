/* Foreign text on a terminal. What a customer calls himself must not move the cursor, change colours or turn a line
 * round: control and format characters and bytes that are no UTF-8 become U+FFFD; the two joiners that Indian scripts
 * and emoji need stay. Pure. */
#ifndef MUNIM_BASE_PLAIN_H
#define MUNIM_BASE_PLAIN_H

#include <stdbool.h>
#include <utstring.h>

/* Appends the text as one line: line ends and tabs become spaces. NULL is appended as "-". */
void plain_put(UT_string *out, const char *text);

/* The same with its line ends kept. */
void plain_put_lines(UT_string *out, const char *text);

/* As plain_put, cut or filled with spaces to so many columns of a terminal. */
void plain_put_cell(UT_string *out, const char *text, int columns);

/* True when the text is one line that a terminal shows as it is. */
bool plain_is(const char *text);

/* True when the bytes up to the NUL are UTF-8. */
bool plain_utf8(const char *text);

#endif
