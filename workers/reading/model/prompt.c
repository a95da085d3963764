#include "workers/reading/model/prompt.h"

#include "common/base/json.h"
#include "workers/reading/decimal.h"
#include "workers/reading/shopwords.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utstring.h>

enum { FILE_MOST = 256 * 1024, GOODS_BYTES = 12 * 1024 };

struct prompt {
    char *system, *schema;
    char hash[DIGEST_HEX];
};

static const void *must(const void *p)
{
    if (p == NULL)
        abort();
    return p;
}

static char *read_file(const char *dir, const char *name, struct fault *f)
{
    char path[PATH_MAX];
    char *text = NULL;
    size_t room = 0;
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *in = fopen(path, "re");
    ssize_t n = in != NULL ? getdelim(&text, &room, '\0', in) : -1;
    int why = errno;
    if (in != NULL)
        (void)fclose(in);
    if (n > 0 && n <= FILE_MOST)
        return text;
    free(text);
    (void)fault_set(f, VERDICT_STOP, "%.200s: %s", path, in == NULL ? strerror(why) : "it is empty or too long");
    return NULL;
}

struct prompt *prompt_new(const char *dir, struct fault *f)
{
    struct fault why = {.text = ""};
    struct prompt *p = calloc(1, sizeof *p);
    must(p);
    p->system = read_file(dir, PROMPT_VERSION ".txt", f);
    p->schema = p->system != NULL ? read_file(dir, PROMPT_VERSION ".schema.json", f) : NULL;
    cJSON *o = p->schema != NULL ? json_parse(p->schema, strlen(p->schema), &json_limits_default, &why) : NULL;
    if (!cJSON_IsObject(o)) {
        if (p->schema != NULL)
            (void)fault_set(f, VERDICT_STOP, PROMPT_VERSION ".schema.json is no JSON object: %.150s", why.text);
        cJSON_Delete(o);
        prompt_free(&p);
        return NULL;
    }
    free(p->schema);
    p->schema = json_text(o);
    cJSON_Delete(o);
    UT_string both;
    unsigned char digest[DIGEST_BYTES];
    utstring_init(&both);
    utstring_printf(&both, "%s\n%s", p->system, p->schema);
    digest_sha256(utstring_body(&both), utstring_len(&both), digest);
    digest_hex(digest, sizeof digest, p->hash);
    utstring_done(&both);
    return p;
}

void prompt_free(struct prompt **pp)
{
    struct prompt *p = *pp;
    if (p == NULL)
        return;
    free(p->system);
    free(p->schema);
    free(p);
    *pp = NULL;
}

const char *prompt_hash(const struct prompt *p)
{
    return p->hash;
}

/* ---- the context; every text goes through the masks ---- */

static void put(cJSON *o, struct masked *m, const char *key, const char *text)
{
    if (text == NULL || *text == '\0')
        return;
    char *safe = masked_text(m, text, strlen(text));
    json_put_str(o, key, safe);
    free(safe);
}

static void push(cJSON *array, struct masked *m, const char *text)
{
    char *safe = masked_text(m, text, strlen(text));
    cJSON *s = cJSON_CreateString(safe);
    must(s);
    cJSON_AddItemToArray(array, s);
    free(safe);
}

static cJSON *array_in(cJSON *o, const char *key)
{
    cJSON *a = cJSON_AddArrayToObject(o, key);
    must(a);
    return a;
}

static cJSON *object_in(cJSON *array)
{
    cJSON *o = cJSON_CreateObject();
    must(o);
    cJSON_AddItemToArray(array, o);
    return o;
}

static void put_quantity(cJSON *o, const char *key, int64_t u)
{
    char text[DECIMAL_TEXT];
    if (u <= 0)
        return;
    decimal_text(u, text);
    json_put_str(o, key, text);
}

static void put_line(cJSON *o, struct masked *m, const struct reading_cart_line *l)
{
    bool in_units = l->quantity_u > 0;
    if (l->n > 0)
        json_put_i64(o, "n", l->n);
    put(o, m, "product", l->product);
    put(o, m, "material", l->material);
    put(o, m, "color", l->color);
    put(o, m, "strength", l->strength);
    put(o, m, "form", l->form);
    put(o, m, "size", l->size);
    put(o, m, "outlet", l->outlet);
    put_quantity(o, "quantity", in_units ? l->quantity_u : l->length_um);
    put(o, m, "unit", in_units ? l->unit : l->length_um > 0 ? "m" : "");
    if (l->short_of_stock)
        must(cJSON_AddTrueToObject(o, "short"));
    put_quantity(o, "available_m", l->available_um);
}

static void put_options(cJSON *o, struct masked *m, const struct reading_context *ctx)
{
    cJSON *options = array_in(o, "options");
    for (size_t i = 0; i < ctx->n_options; i++) {
        const struct reading_option *one = &ctx->options[i];
        cJSON *into = object_in(options);
        json_put_i64(into, "n", one->n);
        put(into, m, "product", one->product);
        put(into, m, "material", one->material);
        put(into, m, "color", one->color);
        put(into, m, "strength", one->strength);
        put(into, m, "form", one->form);
        put(into, m, "size", one->size);
        if (one->line > 0)
            json_put_i64(into, "line", one->line);
    }
    cJSON *outlets = array_in(o, "outlets");
    for (size_t i = 0; i < ctx->n_outlets; i++)
        push(outlets, m, ctx->outlets[i]);
}

static void put_pending(cJSON *o, struct masked *m, const struct reading_context *ctx)
{
    if (ctx->pending_slot == NULL || *ctx->pending_slot == '\0')
        return;
    cJSON *pending = cJSON_AddObjectToObject(o, "pending");
    must(pending);
    put(pending, m, "slot", ctx->pending_slot);
    if (ctx->pending_item != NULL)
        put_line(pending, m, ctx->pending_item);
    else if (ctx->pending_line > 0)
        json_put_i64(pending, "line", ctx->pending_line);
}

/* The shop's own names, as many as fit; without a catalogue the lists' names of cloth and colours. An answer may use
 * any other name that the shop or the lists know. */
static void put_goods(cJSON *o, struct masked *m, const struct shopwords *s)
{
    static const struct {
        const char *key;
        enum slot slot;
    } kinds[] = {{"products", SLOT_PRODUCT},    {"materials", SLOT_MATERIAL}, {"colors", SLOT_COLOR},
                 {"categories", SLOT_CATEGORY}, {"forms", SLOT_FORM},         {"outlets", SLOT_OUTLET}};
    const struct goods *goods = s->n_goods > 0 ? s->goods : s->lexicon->goods;
    size_t n = s->n_goods > 0 ? s->n_goods : s->lexicon->n_goods, bytes = 0;
    cJSON *into = cJSON_AddObjectToObject(o, "goods");
    must(into);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        cJSON *names = NULL;
        for (size_t i = 0; i < n && bytes < GOODS_BYTES; i++) {
            if (goods[i].slot != kinds[k].slot || goods[i].name[0] == '\0')
                continue;
            names = names != NULL ? names : array_in(into, kinds[k].key);
            push(names, m, goods[i].name);
            bytes += strlen(goods[i].name) + 3;
        }
    }
}

static cJSON *context_of(const struct model_input *in, struct masked *m)
{
    static const struct reading_context nothing = {.state = "", .pending_slot = ""};
    const struct reading_context *ctx = in->ctx != NULL ? in->ctx : &nothing;
    cJSON *o = cJSON_CreateObject();
    must(o);
    put(o, m, "state", ctx->state);
    put(o, m, "domain", ctx->domain);
    cJSON *cart = array_in(o, "cart");
    for (size_t i = 0; i < ctx->n_cart; i++)
        put_line(object_in(cart), m, &ctx->cart[i]);
    put_pending(o, m, ctx);
    put_options(o, m, ctx);
    put_goods(o, m, in->words);
    return o;
}

/* ---- the request ---- */

/* JSON strings hold no line's end, so that no message can write a mark of its own. */
static char *user_part(const struct model_input *in, struct masked *m)
{
    char *safe = masked_message(m, in->text, in->n);
    cJSON *said = cJSON_CreateString(safe), *context = context_of(in, m);
    must(said);
    char *text = json_text(said), *around = json_text(context);
    UT_string out;
    utstring_init(&out);
    utstring_printf(&out, "CONTEXT\n%s\nMESSAGE\n%s\nEND", around, text);
    free(text);
    free(around);
    free(safe);
    cJSON_Delete(said);
    cJSON_Delete(context);
    return utstring_body(&out);
}

void prompt_tokens(const struct model_input *in, struct masked *m)
{
    free(user_part(in, m));
}

static void add_message(cJSON *messages, const char *role, const char *content)
{
    cJSON *o = object_in(messages);
    json_put_str(o, "role", role);
    json_put_str(o, "content", content);
}

char *prompt_request(const struct prompt *p, const char *model, const char *temperature, const struct model_input *in,
                     struct masked *m)
{
    cJSON *o = cJSON_CreateObject();
    must(o);
    json_put_str(o, "model", model);
    if (*temperature != '\0')
        must(cJSON_AddRawToObject(o, "temperature", temperature));
    cJSON *messages = array_in(o, "messages");
    char *user = user_part(in, m);
    add_message(messages, "system", p->system);
    add_message(messages, "user", user);
    free(user);
    cJSON *format = cJSON_AddObjectToObject(o, "response_format");
    must(format);
    json_put_str(format, "type", "json_schema");
    cJSON *schema = cJSON_AddObjectToObject(format, "json_schema");
    must(schema);
    json_put_str(schema, "name", "reading");
    must(cJSON_AddTrueToObject(schema, "strict"));
    must(cJSON_AddRawToObject(schema, "schema", p->schema));
    char *text = json_text(o);
    cJSON_Delete(o);
    return text;
}
