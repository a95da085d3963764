#include "workers/reading/value.h"

#include <string.h>

static const struct {
    const char *list, *word;
} names[SLOT_COUNT] = {
    [SLOT_COLOR] = {"colors", "color"},
    [SLOT_MATERIAL] = {"materials", "material"},
    [SLOT_PRODUCT] = {NULL, "product"},
    [SLOT_FORM] = {"forms", "form"},
    [SLOT_CATEGORY] = {"categories", "category"},
    [SLOT_OUTLET] = {NULL, "outlet"},
    [SLOT_SITE] = {NULL, "site"},
    [SLOT_LEVEL] = {"levels", "level"},
    [SLOT_TASK] = {"tasks", "task"},
    [SLOT_STOCK] = {"stocks", "stock"},
    [SLOT_REASON] = {"reasons", "reason"},
    [SLOT_ROLE] = {"roles", "role"},
    [SLOT_SERVICE] = {"services", "service"},
    [SLOT_PROPERTY] = {"properties", "property"},
    [SLOT_LOCATION] = {"locations", "location"},
    [SLOT_TIMELINE] = {"timelines", "timeline"},
    [SLOT_PERIOD] = {"periods", NULL},
    [SLOT_CONTACT] = {"contacts", "contact_preference"},
    [SLOT_MODE] = {"modes", "mode"},
    [SLOT_STRENGTH] = {NULL, "strength"},
    [SLOT_SIZE] = {NULL, "size"},
    [SLOT_IN_STRENGTH] = {"strengths", NULL},
    [SLOT_IN_SIZE] = {"sizes", NULL},
};

enum slot slot_of_list(const char *topic)
{
    for (int s = 0; s < SLOT_COUNT; s++)
        if (names[s].list != NULL && strcmp(names[s].list, topic) == 0)
            return (enum slot)s;
    return SLOT_NONE;
}

enum slot slot_of_word(const char *name)
{
    for (int s = 0; s < SLOT_COUNT; s++)
        if (names[s].word != NULL && strcmp(names[s].word, name) == 0)
            return (enum slot)s;
    return slot_of_list(name); /* "reasons", as the field is called */
}

bool slot_is_named(enum slot s)
{
    return s >= SLOT_COLOR && s <= SLOT_IN_SIZE;
}

static const char *const cues[CUE_COUNT] = {
    [CUE_BILL_TO_BEFORE] = "bill-to-before",
    [CUE_BILL_TO_AFTER] = "bill-to-after",
    [CUE_REFERENCE] = "reference",
    [CUE_RX_NONE] = "prescription-none",
    [CUE_RX_PROMISED] = "prescription-promised",
    [CUE_RX_ATTACHED] = "prescription-attached",
    [CUE_INVOICE] = "invoice",
    [CUE_SITE_BEFORE] = "site-before",
    [CUE_SITE_AFTER] = "site-after",
    [CUE_PLACE_BEFORE] = "place-before",
    [CUE_PLACE_AFTER] = "place-after",
    [CUE_BUDGET] = "budget",
    [CUE_AT_MOST] = "at-most",
    [CUE_AT_LEAST] = "at-least",
    [CUE_BLOCKED] = "blocked",
    [CUE_LEFT] = "left",
    [CUE_USED] = "used",
    [CUE_LOOKING] = "looking",
    [CUE_PER_CENT] = "per-cent",
    [CUE_SHOW] = "show",
    [CUE_GIVE_LAST] = "give-last",
    [CUE_MATCHING] = "matching",
    [CUE_ONLY] = "only",
    [CUE_WITHOUT] = "without",
    [CUE_GONE] = "gone",
    [CUE_EXCEPT] = "except",
    [CUE_LINE] = "line",
    [CUE_SAME] = "same",
    [CUE_SITE_PART] = "site-part",
    [CUE_TRADE] = "trade",
    [CUE_NOW] = "now",
    [CUE_OFFER] = "offer",
    [CUE_WORK] = "work",
    [CUE_HOUR] = "hour",
    [CUE_SUFFIX] = "suffix",
    [CUE_LAUGH] = "laugh",
    [CUE_TALE] = "tale",
    [CUE_ALSO] = "also",
    [CUE_WHEN] = "when",
    [CUE_SPEAKER] = "speaker",
    [CUE_GESTURE] = "gesture",
    [CUE_SINCE] = "since",
    [CUE_MINE] = "mine",
    [CUE_GOODS] = "goods",
    [CUE_WAGE] = "wage",
    [CUE_PICK] = "pick",
    [CUE_PAPER] = "paper",
    [CUE_MORE_LAST] = "more-last",
    [CUE_REST] = "rest",
};

enum cue cue_of(const char *name)
{
    for (int c = CUE_NONE + 1; c < CUE_COUNT; c++)
        if (strcmp(cues[c], name) == 0)
            return (enum cue)c;
    return CUE_NONE;
}
