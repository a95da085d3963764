/* The word-list reader: text, context and the shop's words in, a reading out. Pure; all knowledge of a language is data
 * in schema/lexicon/. Bounded time for any input (100 kB, 10,000 numbers, one letter repeated). */
#ifndef MUNIM_READING_READER_H
#define MUNIM_READING_READER_H

#include "common/base/fault.h"
#include "workers/reading/reading.h"

struct lexicon;   /* the languages' lists */
struct shopwords; /* a lexicon joined with one shop's catalogue */

/* Loads every list below dir. NULL and a STOP fault with file and line on a clash, an unknown slot or invalid UTF-8. */
struct lexicon *lexicon_new(const char *dir, struct fault *f);
void lexicon_free(struct lexicon **l);

/* Every fault of the lists below dir, in words with file and line; returns how many. The phrases and the languages of a
 * good folder are counted in *phrases and *languages. */
typedef void lexicon_fault_fn(void *arg, const char *text);
size_t lexicon_check(const char *dir, lexicon_fault_fn *complain, void *arg, size_t *phrases, size_t *languages);

/* Where the lists are: $MUNIM_LEXICON, else the source tree around the running program, else /usr/share/munim/lexicon.
 * -1 and a STOP fault when none of these is a folder. */
int lexicon_dir(char *out, size_t room, struct fault *f);

/* Borrows l, copies the entries. */
struct shopwords *shopwords_new(const struct lexicon *l, const struct catalogue_entry *entries, size_t n_entries,
                                const struct catalogue_word *words, size_t n_words);
void shopwords_free(struct shopwords **s);

/* Never fails: what cannot be read is INTENT_UNKNOWN. text is UTF-8 of n bytes. */
void read_words(const struct shopwords *s, const char *text, size_t n, const struct reading_context *ctx,
                struct reading *out);

#endif
