/* A shop's facts, catalogue and words, kept per tenant and catalogue version. A cache, not state: every turn's hydrate
 * brings the version in force, and an older copy is never used for it. References are counted, since turns in flight
 * hold the copy that they were planned with. */
#ifndef MUNIM_TURN_SHOP_WORDS_H
#define MUNIM_TURN_SHOP_WORDS_H

#include "common/pg/pg.h"
#include "workers/flows/session.h"
#include "workers/reading/reader.h"

struct shop_words {
    struct shop shop;
    struct catalogue catalogue;
    struct shopwords *words;
    unsigned refs;
};

struct shop_store;
struct shop_store *shop_store_new(struct pg *pg, const struct lexicon *lexicon);
void shop_store_free(struct shop_store **s);

/* The copy of that version, with a reference for the caller; NULL when it must be loaded first. */
struct shop_words *shop_store_get(struct shop_store *s, const char *tenant_id, int64_t version);

/* Adds the queries that load the tenant to a batch; after its PG_DONE call shop_store_loaded: false when there is no
 * such tenant any more. */
void shop_store_load(struct shop_store *s, struct pg_batch *b, const char *tenant_id);
bool shop_store_loaded(struct shop_store *s);

void shop_words_release(struct shop_words **w);

#endif
