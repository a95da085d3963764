/* The list behind personal.h: phrases by what they say of the words beside them. Private to personal. */
#ifndef MUNIM_READING_MODEL_PERSONAL_LISTS_H
#define MUNIM_READING_MODEL_PERSONAL_LISTS_H

#include "workers/reading/model/personal.h"

/* The names in the list are those of personal_lists.c. */
enum personal_cue {
    SAYS_NAME_BEFORE, /* a name follows, whatever the word else means */
    SAYS_NAME_MAYBE,  /* a name follows where the word is no other */
    SAYS_NAME_AROUND, /* the gap of the phrase is a name */
    SAYS_NAME_AFTER,  /* a name went before */
    SAYS_TITLE_BEFORE,
    SAYS_TITLE_AFTER,
    SAYS_ADDRESS_BEFORE,
    SAYS_ADDRESS_HEAD, /* with a number behind it it begins an address */
    SAYS_ADDRESS_PART, /* with a name before it it is part of one */
    SAYS_ADDRESS_JOINT,
    SAYS_LANDMARK_BEFORE,
    SAYS_LANDMARK_AFTER,
    SAYS_PIN,   /* a PIN code follows */
    SAYS_PLAIN, /* never part of a name */
    SAYS_GIVEN, /* a name though a list knows the word */
    SAYS_KEEP,  /* speaks of the name of something else */
    SAYS_COUNT
};

struct personal_lists {
    struct phrasebook *book;
};

#endif
