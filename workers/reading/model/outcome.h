/* What came of asking the model about one message. */
#ifndef MUNIM_READING_MODEL_OUTCOME_H
#define MUNIM_READING_MODEL_OUTCOME_H

enum model_outcome {
    MODEL_UNASKED, /* a text that only the word lists read: too long, or a command to the clerk */
    MODEL_ANSWERED,
    MODEL_REFUSED,     /* the model would not, or a filter stood before it */
    MODEL_CUT,         /* the answer ended before its end */
    MODEL_MALFORMED,   /* no chat completion, no JSON, or not of the schema */
    MODEL_INVALID,     /* of the schema, but says what the message or the catalogue does not hold */
    MODEL_LATE,        /* no answer within the deadline */
    MODEL_UNREACHABLE, /* the network, to the last try */
    MODEL_OVERLOADED,  /* 408, 429 or 5xx, to the last try */
    MODEL_DENIED,      /* any other status: the key, the model's name, the request */
    MODEL_RESTING,     /* the breaker is open */
    MODEL_BUSY,        /* as many calls are out as may be */
    MODEL_OUTCOMES
};

const char *model_outcome_name(enum model_outcome o);  /* "answered" */
enum model_outcome model_outcome_of(const char *name); /* MODEL_OUTCOMES for no outcome's name */

#endif
