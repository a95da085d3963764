/* Names of a reading's values, read back. */
#ifndef MUNIM_READING_READING_NAMES_H
#define MUNIM_READING_READING_NAMES_H

#include "workers/reading/reading.h"

enum intent intent_of(const char *name); /* INTENT_COUNT for no intent's name */
int item_action_of(const char *name);    /* -1 for no action's name */

#endif
