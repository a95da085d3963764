/* What the fuzz targets share: a property that must hold for any input, and the bytes of one input taken apart.
 * A target is one file fuzz_<name>.c with LLVMFuzzerTestOneInput; its seeds are in corpus/<name>, its words in
 * dict/<name>.dict. They run from the project's root. */
#ifndef MUNIM_TESTS_FUZZ_H
#define MUNIM_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define ENSURE(property)                                                                                               \
    do {                                                                                                               \
        if (!(property)) {                                                                                             \
            (void)fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #property);                        \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

/* The first byte as a choice among `choices`; the rest stays. 0 when there is none. */
static inline unsigned fuzz_choice(const uint8_t **data, size_t *n, unsigned choices)
{
    if (*n == 0)
        return 0;
    unsigned c = **data % choices;
    (*data)++;
    (*n)--;
    return c;
}

/* The bytes up to the first NUL as a text; what follows it stays. The caller frees. */
static inline char *fuzz_text(const uint8_t **data, size_t *n)
{
    const uint8_t *nul = *n > 0 ? memchr(*data, 0, *n) : NULL;
    size_t len = nul != NULL ? (size_t)(nul - *data) : *n;
    char *text = malloc(len + 1);
    ENSURE(text != NULL);
    if (len > 0)
        memcpy(text, *data, len);
    text[len] = '\0';
    *data += len + (nul != NULL);
    *n -= len + (nul != NULL);
    return text;
}

#endif
