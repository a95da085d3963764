#include "workers/turn/shop_words.h"

#include "common/base/json.h"
#include "common/log/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

/* Versions of one tenant that turns in flight may still hold; only the newest stays here. */
struct entry {
    UT_hash_handle hh;
    char tenant_id[UUID_TEXT];
    struct shop_words *words;
};

struct shop_store {
    struct pg *pg;
    const struct lexicon *lexicon;
    struct entry *entries;
    struct shop_words *loading;    /* being filled by a batch's results */
    struct catalogue_entry *items; /* for the reader, while loading */
    size_t n_items;
    struct catalogue_word *terms;
    size_t n_terms;
};

static const char sql_tenant[] = "SELECT tenant_id, name, state_code, coalesce(gstin, ''), invoice_series,"
                                 " catalogue_version FROM munim.tenant WHERE tenant_id = $1::uuid";
static const char sql_products[] =
    "SELECT product_id, code, name, material, unit, to_json(aliases) FROM munim.product WHERE tenant_id = $1::uuid"
    " ORDER BY code";
static const char sql_variants[] =
    "SELECT v.variant_id, v.product_id, p.name, p.material, v.color, v.price_paise, p.gst_bp, p.hsn, p.unit"
    " FROM munim.variant v JOIN munim.product p USING (product_id) WHERE v.tenant_id = $1::uuid ORDER BY p.code, "
    "v.color";
static const char sql_words[] =
    "SELECT slot, name, to_json(aliases) FROM munim.word WHERE tenant_id = $1::uuid"
    " UNION ALL SELECT 'color', v.color, '[]'::json FROM munim.variant v WHERE v.tenant_id = $1::uuid AND NOT EXISTS"
    "  (SELECT 1 FROM munim.word w WHERE w.tenant_id = v.tenant_id AND w.slot = 'color' AND w.name = v.color)"
    "  GROUP BY v.color";

static void *zalloc(size_t n, size_t size)
{
    void *p = calloc(n > 0 ? n : 1, size);
    if (p == NULL)
        abort();
    return p;
}

static char *copy(const char *s)
{
    char *c = strdup(s != NULL ? s : "");
    if (c == NULL)
        abort();
    return c;
}

static void put(char *out, size_t room, const char *value)
{
    (void)snprintf(out, room, "%s", value != NULL ? value : "");
}

/* A JSON array of strings as a NULL-ended list; freed by free_list. */
static const char *const *list_of(const char *json)
{
    cJSON *a = json != NULL ? cJSON_Parse(json) : NULL;
    const char **list = zalloc((size_t)cJSON_GetArraySize(a) + 1, sizeof *list);
    size_t n = 0;
    const cJSON *one;
    cJSON_ArrayForEach(one, a)
    {
        if (cJSON_IsString(one))
            list[n++] = copy(one->valuestring);
    }
    cJSON_Delete(a);
    return list;
}

static void free_list(const char *const *list)
{
    for (size_t i = 0; list[i] != NULL; i++)
        free((void *)(uintptr_t)list[i]);
    free((void *)(uintptr_t)list);
}

static void on_tenant(void *arg, const PGresult *r)
{
    struct shop_store *s = arg;
    if (PQntuples(r) != 1)
        return;
    struct shop *shop = &s->loading->shop;
    put(shop->tenant_id, sizeof shop->tenant_id, pg_text(r, 0, 0));
    put(shop->name, sizeof shop->name, pg_text(r, 0, 1));
    put(shop->state_code, sizeof shop->state_code, pg_text(r, 0, 2));
    put(shop->gstin, sizeof shop->gstin, pg_text(r, 0, 3));
    put(shop->series, sizeof shop->series, pg_text(r, 0, 4));
    s->loading->catalogue.version = pg_i64(r, 0, 5);
}

static void on_products(void *arg, const PGresult *r)
{
    struct shop_store *s = arg;
    s->n_items = (size_t)PQntuples(r);
    s->items = zalloc(s->n_items, sizeof *s->items);
    for (size_t i = 0; i < s->n_items; i++) {
        struct catalogue_entry *e = &s->items[i];
        e->id = copy(pg_text(r, (int)i, 1));
        e->name = copy(pg_text(r, (int)i, 2));
        e->material = copy(pg_text(r, (int)i, 3));
        e->unit = copy(pg_text(r, (int)i, 4));
        e->aliases = list_of(pg_text(r, (int)i, 5));
    }
}

static void on_variants(void *arg, const PGresult *r)
{
    struct shop_store *s = arg;
    struct catalogue *c = &s->loading->catalogue;
    c->n_variants = (size_t)PQntuples(r);
    c->variants = zalloc(c->n_variants, sizeof *c->variants);
    for (size_t i = 0; i < c->n_variants; i++) {
        struct variant *v = &c->variants[i];
        put(v->variant_id, sizeof v->variant_id, pg_text(r, (int)i, 0));
        put(v->product_id, sizeof v->product_id, pg_text(r, (int)i, 1));
        v->name = copy(pg_text(r, (int)i, 2));
        v->material = copy(pg_text(r, (int)i, 3));
        v->color = copy(pg_text(r, (int)i, 4));
        v->price_paise = pg_i64(r, (int)i, 5);
        v->gst_bp = (int)pg_i64(r, (int)i, 6);
        put(v->hsn, sizeof v->hsn, pg_text(r, (int)i, 7));
        v->unit = copy(pg_text(r, (int)i, 8));
    }
}

static void on_words(void *arg, const PGresult *r)
{
    struct shop_store *s = arg;
    s->n_terms = (size_t)PQntuples(r);
    s->terms = zalloc(s->n_terms, sizeof *s->terms);
    for (size_t i = 0; i < s->n_terms; i++) {
        s->terms[i].slot = copy(pg_text(r, (int)i, 0));
        s->terms[i].name = copy(pg_text(r, (int)i, 1));
        s->terms[i].aliases = list_of(pg_text(r, (int)i, 2));
    }
}

struct shop_store *shop_store_new(struct pg *pg, const struct lexicon *lexicon)
{
    struct shop_store *s = zalloc(1, sizeof *s);
    s->pg = pg;
    s->lexicon = lexicon;
    return s;
}

static void entry_drop(struct shop_store *s, struct entry *e)
{
    HASH_DEL(s->entries, e);
    shop_words_release(&e->words);
    free(e);
}

static void loading_drop(struct shop_store *s)
{
    for (size_t i = 0; i < s->n_items; i++) {
        free((void *)(uintptr_t)s->items[i].id);
        free((void *)(uintptr_t)s->items[i].name);
        free((void *)(uintptr_t)s->items[i].material);
        free((void *)(uintptr_t)s->items[i].unit);
        free_list(s->items[i].aliases);
    }
    for (size_t i = 0; i < s->n_terms; i++) {
        free((void *)(uintptr_t)s->terms[i].slot);
        free((void *)(uintptr_t)s->terms[i].name);
        free_list(s->terms[i].aliases);
    }
    free(s->items);
    free(s->terms);
    s->items = NULL;
    s->terms = NULL;
    s->n_items = s->n_terms = 0;
    shop_words_release(&s->loading);
}

void shop_store_free(struct shop_store **sp)
{
    struct shop_store *s = *sp;
    if (s == NULL)
        return;
    struct entry *e, *tmp;
    HASH_ITER(hh, s->entries, e, tmp)
    {
        entry_drop(s, e);
    }
    loading_drop(s);
    free(s);
    *sp = NULL;
}

struct shop_words *shop_store_get(struct shop_store *s, const char *tenant_id, int64_t version)
{
    struct entry *e;
    HASH_FIND_STR(s->entries, tenant_id, e);
    if (e == NULL || e->words->catalogue.version < version)
        return NULL;
    e->words->refs++;
    return e->words;
}

void shop_store_load(struct shop_store *s, struct pg_batch *b, const char *tenant_id)
{
    loading_drop(s);
    s->loading = zalloc(1, sizeof *s->loading);
    s->loading->refs = 1;
    const char *v[] = {tenant_id};
    pg_add(b, sql_tenant, 1, v, on_tenant, s);
    pg_add(b, sql_products, 1, v, on_products, s);
    pg_add(b, sql_variants, 1, v, on_variants, s);
    pg_add(b, sql_words, 1, v, on_words, s);
}

bool shop_store_loaded(struct shop_store *s)
{
    if (s->loading == NULL || s->loading->shop.tenant_id[0] == '\0')
        return false;
    s->loading->words = shopwords_new(s->lexicon, s->items, s->n_items, s->terms, s->n_terms);
    struct entry *e;
    HASH_FIND_STR(s->entries, s->loading->shop.tenant_id, e);
    if (e != NULL)
        entry_drop(s, e);
    e = zalloc(1, sizeof *e);
    memcpy(e->tenant_id, s->loading->shop.tenant_id, sizeof e->tenant_id);
    e->words = s->loading;
    s->loading = NULL;
    HASH_ADD_STR(s->entries, tenant_id, e);
    log_event(LOG_INFO, "catalogue loaded", F_INT("products", s->n_items), F_INT("words", s->n_terms),
              F_INT("version", e->words->catalogue.version));
    loading_drop(s);
    return true;
}

void shop_words_release(struct shop_words **wp)
{
    struct shop_words *w = *wp;
    *wp = NULL;
    if (w == NULL || --w->refs > 0)
        return;
    for (size_t i = 0; i < w->catalogue.n_variants; i++) {
        free((void *)(uintptr_t)w->catalogue.variants[i].name);
        free((void *)(uintptr_t)w->catalogue.variants[i].material);
        free((void *)(uintptr_t)w->catalogue.variants[i].color);
        free((void *)(uintptr_t)w->catalogue.variants[i].unit);
    }
    free(w->catalogue.variants);
    shopwords_free(&w->words);
    free(w);
}
