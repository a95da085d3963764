/* Choosing among what was offered. */
#ifndef MUNIM_READING_OPTIONS_H
#define MUNIM_READING_OPTIONS_H

#include "workers/reading/lines.h"

/* Reads a choice among the context's options, by number or by name, and adds its line. False when the message makes
 * none. */
bool option_read(const struct scene *s);

/* The number of an option that the message names by an ordinal or "option 2"; 0 for none. */
int option_number(const struct scene *s);

/* The number of the cart line that a message without goods tells ("item 2", "the first one"); 0 for none. */
int line_number(const struct scene *s);

#endif
