#include "workers/reading/act.h"

#include <string.h>

static const struct {
    const char *topic, *name;
} act_names[ACT_COUNT] = {
    [ACT_YES] = {"answers", "yes"},
    [ACT_CONFIRM] = {"answers", "confirm"},
    [ACT_NO] = {"answers", "no"},
    [ACT_NOT] = {"negation", "not"},
    [ACT_CANCEL] = {"intents", "cancel"},
    [ACT_ORDER] = {"intents", "order"},
    [ACT_DROP] = {"intents", "drop"},
    [ACT_NOT_WANTED] = {"intents", "not-wanted"},
    [ACT_ACCEPT] = {"intents", "accept"},
    [ACT_ALTERNATIVE] = {"intents", "alternative"},
    [ACT_SET] = {"intents", "set"},
    [ACT_MORE] = {"intents", "more"},
    [ACT_LESS] = {"intents", "less"},
    [ACT_TIMES] = {"quantities", "times"},
    [ACT_THRICE] = {"quantities", "thrice"},
    [ACT_WANT] = {"intents", "want"},
    [ACT_DO] = {"intents", "do"},
    [ACT_KEEP] = {"intents", "keep"},
    [ACT_REPEAT] = {"intents", "repeat"},
    [ACT_OLD_BEFORE] = {"intents", "old-before"},
    [ACT_OLD_AFTER] = {"intents", "old-after"},
    [ACT_OPTION] = {"intents", "option"},
    [ACT_BARGAIN] = {"intents", "bargain"},
    [ACT_PRICE] = {"intents", "price"},
    [ACT_STOCK] = {"intents", "stock"},
    [ACT_STATUS] = {"intents", "status"},
    [ACT_BALANCE] = {"intents", "balance"},
    [ACT_ADVICE] = {"intents", "advice"},
    [ACT_PAYMENT] = {"intents", "payment"},
    [ACT_COMPLAINT] = {"intents", "complaint"},
    [ACT_GREETING] = {"answers", "greeting"},
    [ACT_THANKS] = {"answers", "thanks"},
    [ACT_HUMAN] = {"intents", "human"},
    [ACT_OPT_OUT] = {"intents", "opt-out"},
    [ACT_DEFER] = {"intents", "defer"},
    [ACT_COMMAND] = {"intents", "command"},
    [ACT_RETURN] = {"intents", "return"},
    [ACT_SAME_LOT] = {"quantities", "same-lot"},
    [ACT_ANY_COLOR] = {"quantities", "any-color"},
    [ACT_MIXED] = {"quantities", "mixed"},
    [ACT_EACH] = {"quantities", "each"},
    [ACT_SPLIT] = {"quantities", "split"},
    [ACT_TOTAL] = {"quantities", "total"},
    [ACT_THAT] = {"pronouns", "that"},
    [ACT_THOSE] = {"pronouns", "those"},
    [ACT_QUESTION] = {"questions", "question"},
    [ACT_EXISTS] = {"questions", "exists"},
    [ACT_BILL] = {"intents", "bill"},
    [ACT_FILLER] = {"filler", "filler"},
    [ACT_COMMON] = {"filler", "common"},
    [ACT_PRICE_BEFORE] = {"measures", "price-before"},
    [ACT_PRICE_AFTER] = {"measures", "price-after"},
    [ACT_BID_AFTER] = {"measures", "bid-after"},
    [ACT_MEASURE_BEFORE] = {"measures", "before"},
    [ACT_MEASURE_AFTER] = {"measures", "after"},
    [ACT_PER] = {"measures", "per"},
    [ACT_OF] = {"measures", "of"},
    [ACT_ONE] = {"quantities", "one"},
    [ACT_NOT_NEXT] = {"negation", "not-next"},
    [ACT_CORRECT] = {"intents", "correct"},
    [ACT_PAST] = {"intents", "past"},
    [ACT_ADVERT] = {"intents", "advert"},
    [ACT_LEAVE] = {"intents", "leave"},
};

enum act act_of(const char *topic, const char *name)
{
    for (int a = ACT_NONE + 1; a < ACT_COUNT; a++)
        if (strcmp(act_names[a].topic, topic) == 0 && strcmp(act_names[a].name, name) == 0)
            return (enum act)a;
    return ACT_NONE;
}

enum slot slot_of_act(enum act a)
{
    switch (a) {
    case ACT_PRICE_BEFORE:
    case ACT_MEASURE_BEFORE:
        return SLOT_BEFORE;
    case ACT_PRICE_AFTER:
    case ACT_BID_AFTER:
    case ACT_MEASURE_AFTER:
        return SLOT_AFTER;
    case ACT_PER:
        return SLOT_PER;
    case ACT_OF:
        return SLOT_OF;
    case ACT_FILLER:
    case ACT_COMMON:
        return SLOT_PLAIN;
    default:
        return SLOT_ACT;
    }
}
