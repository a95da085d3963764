/* What holds for every reading, whatever the text; for the targets that read. */
#ifndef MUNIM_TESTS_FUZZ_READING_CHECK_H
#define MUNIM_TESTS_FUZZ_READING_CHECK_H

#include "tests/fuzz/fuzz.h"

#include "common/base/json.h"
#include "common/base/plain.h"
#include "workers/reading/catalogue_file.h"
#include "workers/reading/check.h"
#include "workers/reading/lexicon.h"
#include "workers/reading/reader.h"
#include "workers/reading/reading_json.h"

#include <time.h>

enum { READ_MOST_MS = 2000 }; /* of processor time, with sanitizers on a busy machine */

static inline int64_t cpu_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static inline void word_ends(const char *word, size_t room)
{
    ENSURE(memchr(word, 0, room) != NULL && plain_utf8(word));
}

static inline void item_holds(const struct lexicon *l, const struct reading_item *it)
{
    word_ends(it->product, sizeof it->product);
    word_ends(it->material, sizeof it->material);
    word_ends(it->color, sizeof it->color);
    word_ends(it->unit, sizeof it->unit);
    word_ends(it->relative, sizeof it->relative);
    word_ends(it->from_color, sizeof it->from_color);
    word_ends(it->per_unit, sizeof it->per_unit);
    ENSURE(it->action <= ACTION_RETURN && item_action_name(it->action) != NULL);
    ENSURE(it->quantity_u >= -1 && it->quantity_min_u >= -1 && it->quantity_max_u >= -1 && it->length_um >= -1);
    ENSURE(it->quantity_min_u < 0 || it->quantity_max_u < 0 || it->quantity_min_u <= it->quantity_max_u);
    ENSURE(it->line >= 0 && it->option >= 0);
    int unit = it->unit[0] != '\0' ? lexicon_unit(l, it->unit) : -1;
    if (it->length_um >= 0)
        ENSURE(it->unit[0] != '\0' || it->quantity_u < 0);
    /* A length is the quantity times the unit, to the micrometre. */
    if (unit >= 0 && l->units[unit].kind == UNIT_LENGTH && it->quantity_u >= 0 && it->length_um >= 0)
        ENSURE((__int128)it->length_um * 1000000 - (__int128)it->quantity_u * l->units[unit].factor < 1000000 &&
               (__int128)it->quantity_u * l->units[unit].factor - (__int128)it->length_um * 1000000 < 1000000);
}

static inline void reading_holds(const struct lexicon *l, const struct reading *r)
{
    ENSURE(r->intent < INTENT_COUNT && intent_name(r->intent) != NULL && r->reader != NULL);
    ENSURE(r->n_items <= READING_ITEMS && r->n_clarify <= READING_CLARIFY);
    word_ends(r->language, sizeof r->language);
    word_ends(r->fields.bill, sizeof r->fields.bill);
    word_ends(r->fields.also, sizeof r->fields.also);
    ENSURE(r->fields.amount_paise >= -1);
    for (size_t i = 0; i < r->n_clarify; i++)
        word_ends(r->clarify[i], sizeof r->clarify[i]);
    for (size_t i = 0; i < r->n_items; i++)
        item_holds(l, &r->items[i]);
}

/* The project's own lists joined with a small catalogue. */
static inline struct shopwords *reading_words(struct lexicon **lexicon)
{
    static struct catalogue_file *catalogue; /* the words borrow nothing of it, the leak check wants it kept */
    struct fault f = {.text = ""};
    FILE *in = fopen("tests/unit/data/catalogue.jsonl", "re");
    *lexicon = lexicon_new("schema/lexicon", &f);
    if (*lexicon == NULL)
        (void)fprintf(stderr, "%s\n", f.text);
    ENSURE(in != NULL && *lexicon != NULL);
    catalogue = catalogue_file_new(in, "catalogue.jsonl", &f);
    (void)fclose(in);
    ENSURE(catalogue != NULL);
    return shopwords_new(*lexicon, catalogue->entries, catalogue->n_entries, catalogue->words, catalogue->n_words);
}

/* Reads twice: the same, in bounded time, and a reading that prints as JSON. */
static inline void read_and_check(const struct shopwords *s, const struct lexicon *l, const char *text, size_t n,
                                  const struct reading_context *ctx)
{
    static struct reading r;
    char *told[2];
    struct fault f = {.text = ""};
    for (int i = 0; i < 2; i++) {
        memset(&r, i == 0 ? 0x5a : 0xa5, sizeof r); /* nothing may be left as it was found */
        int64_t began = cpu_ms();
        read_words(s, text, n, ctx, &r);
        ENSURE(cpu_ms() - began < READ_MOST_MS);
        reading_holds(l, &r);
        if (reading_check(s, ctx, &r, &f) != 0)
            (void)fprintf(stderr, "%s\n", f.text);
        ENSURE(f.text[0] == '\0'); /* the validator knows both readers */
        cJSON *o = reading_to_json(&r);
        told[i] = json_text(o);
        cJSON_Delete(o);
    }
    ENSURE(strcmp(told[0], told[1]) == 0);
    cJSON *again = json_parse(told[0], strlen(told[0]), &json_limits_default, &f);
    ENSURE(again != NULL);
    cJSON_Delete(again);
    free(told[0]);
    free(told[1]);
}

#endif
