/* The one way a function of munim says that it failed.
 *
 * Convention: a function that can fail returns int, 0 for done and -1 for failed, and takes a struct fault
 * as its last argument. The fault says what to do about it (the verdict) and why, in words for a person.
 * The words never hold a phone, a name, a message's text or a token. */
#ifndef MUNIM_BASE_FAULT_H
#define MUNIM_BASE_FAULT_H

enum verdict {
    VERDICT_NONE = 0, /* nothing failed */
    VERDICT_RETRY,    /* passes by itself: do the same again later */
    VERDICT_REJECT,   /* this one is wrong and stays wrong: refuse it, go on with the next */
    VERDICT_STOP      /* going on would do harm: end the process, an operator must look */
};

struct fault {
    enum verdict verdict;
    char code[16];  /* SQLSTATE, Kafka error name, HTTP status or channel code; "" where there is none */
    char text[256]; /* one sentence, what is wrong and what to do */
};

/* Fills f (which may be NULL) and returns -1, so that a caller can write `return fault_set(...)`. */
int fault_set(struct fault *f, enum verdict verdict, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* As fault_set, with a code (cut to 15 characters). */
int fault_code(struct fault *f, enum verdict verdict, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

const char *verdict_name(enum verdict verdict);

#endif
