/* A message cut into tokens in the one spelling that the word lists know: compatibility forms taken apart, case folded,
 * nukta and accents dropped, chandrabindu as anusvara, invisible characters gone, digits of every Indian script as
 * numbers. The lists go through the same function, so both sides always agree. */
#ifndef MUNIM_READING_TEXT_H
#define MUNIM_READING_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TEXT_TOKENS = 512, TEXT_BYTES = 16384, TOKEN_BYTES = 64 };

enum token_kind { TOKEN_WORD, TOKEN_NUMBER, TOKEN_MARK };

struct token {
    enum token_kind kind;
    uint16_t at, len;         /* in text.bytes */
    uint16_t raw_at, raw_end; /* in the message as it came */
    bool glued;               /* nothing stood between it and the token before */
    bool devanagari;
    char mark;       /* of a TOKEN_MARK: '\n' for a line's end, '.' for danda too, '-' for every dash */
    uint8_t digits;  /* of a TOKEN_NUMBER: digits before the decimal point */
    int64_t value_u; /* of a TOKEN_NUMBER: millionths; -1 when it does not fit or is not exact in millionths */
};

struct text {
    char bytes[TEXT_BYTES];
    struct token tokens[TEXT_TOKENS];
    size_t n, used;
};

/* False when the message is longer than any order: more bytes or tokens than the arrays hold. Invalid UTF-8 counts as
 * white space. */
bool text_read(struct text *t, const char *s, size_t n);

#endif
