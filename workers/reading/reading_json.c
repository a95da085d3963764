#include "workers/reading/reading_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "workers/reading/check.h"
#include "workers/reading/decimal.h"

static const int64_t one_u = 1000000;

/* A quantity from a JSON number or a decimal string; -1 when absent or no such thing. */
static int64_t quantity(const cJSON *o, const char *key)
{
    const cJSON *v = json_get(o, key);
    char text[64];
    int64_t u;
    if (cJSON_IsString(v))
        (void)snprintf(text, sizeof text, "%s", v->valuestring);
    else if (cJSON_IsNumber(v) && v->valuedouble >= 0 && v->valuedouble < 1e12)
        (void)snprintf(text, sizeof text, "%.6f", v->valuedouble);
    else
        return -1;
    return decimal_of(text, &u) ? u : -1;
}

static const char *text_of(const cJSON *o, const char *key)
{
    const char *s = json_str(o, key);
    return s != NULL ? s : "";
}

static bool waits(const char *status, int64_t requested_u, int64_t available_u)
{
    static const char *const words[] = {"negotiating",  "partial", "partial_available",
                                        "out_of_stock", "short",   "shortage"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(status, words[i]) == 0)
            return true;
    return *status == '\0' && available_u >= 0 && requested_u > available_u;
}

/* A unit that is none of the contract's would come out again as a reading's: it counts as not told. */
static const char *unit_of(const cJSON *o)
{
    const char *unit = text_of(o, "unit");
    return reading_unit(unit) ? unit : "";
}

static void line_from(struct reading_cart_line *line, const cJSON *o, int n)
{
    int64_t number, requested_u = quantity(o, "requested_m"), available_u = quantity(o, "available_m");
    int64_t quantity_u = quantity(o, "quantity");
    const char *unit = unit_of(o);
    if (quantity_u < 0 && requested_u >= 0) {
        quantity_u = requested_u;
        unit = "m";
    }
    *line = (struct reading_cart_line){
        .n = json_i64(o, "n", &number) || json_i64(o, "line", &number) ? (int)number : n,
        .product = text_of(o, "product"),
        .material = text_of(o, "material"),
        .color = text_of(o, "color"),
        .strength = text_of(o, "strength"),
        .form = text_of(o, "form"),
        .size = text_of(o, "size"),
        .outlet = text_of(o, "outlet"),
        .unit = unit,
        .quantity_u = quantity_u > 0 ? quantity_u : 0,
        .available_um = available_u > 0 ? available_u : 0,
    };
    line->length_um = strcmp(unit, "m") == 0 && quantity_u > 0 ? quantity_u : -1;
    line->short_of_stock = waits(text_of(o, "status"), requested_u >= 0 ? requested_u : quantity_u, available_u);
}

/* "pending" is the slot with "item" beside it, or an object that holds both; the item is a line or a line's number. */
static void pending_from(struct context_json *out, const cJSON *o)
{
    const cJSON *pending = json_obj(o, "pending");
    const cJSON *from = pending != NULL ? pending : o;
    const cJSON *item = json_obj(from, "item");
    int64_t number;
    out->ctx.pending_slot = pending != NULL ? text_of(pending, "slot") : text_of(o, "pending");
    if (item != NULL) {
        line_from(&out->item, item, 0);
        out->ctx.pending_item = &out->item;
    } else if (json_i64(from, "item", &number) || json_i64(from, "line", &number)) {
        out->ctx.pending_line = (int)number;
    }
}

static void offers_from(struct context_json *out, const cJSON *o)
{
    const cJSON *one;
    out->ctx.options = out->options;
    out->ctx.outlets = out->outlets;
    cJSON_ArrayForEach(one, json_arr(o, "options"))
    {
        int64_t n = (int64_t)out->ctx.n_options + 1, line = 0;
        if (out->ctx.n_options == CONTEXT_OPTIONS)
            break;
        (void)json_i64(one, "n", &n);
        (void)json_i64(one, "line", &line);
        const char *product = cJSON_IsString(one) ? one->valuestring : text_of(one, "product");
        product = *product != '\0' ? product : text_of(one, "name");
        out->options[out->ctx.n_options++] = (struct reading_option){.n = (int)n,
                                                                     .product = product,
                                                                     .material = text_of(one, "material"),
                                                                     .color = text_of(one, "color"),
                                                                     .strength = text_of(one, "strength"),
                                                                     .form = text_of(one, "form"),
                                                                     .size = text_of(one, "size"),
                                                                     .line = (int)line};
    }
    cJSON_ArrayForEach(one, json_arr(o, "outlets"))
    {
        const char *name = cJSON_IsString(one) ? one->valuestring : text_of(one, "name");
        if (*name != '\0' && out->ctx.n_outlets < CONTEXT_OUTLETS)
            out->outlets[out->ctx.n_outlets++] = name;
    }
}

/* Where nobody tells what was asked but the shop's last message is a question: it was for what its one line lacks. */
static void pending_from_last(struct context_json *out, const cJSON *o)
{
    struct reading_context *c = &out->ctx;
    const struct reading_cart_line *line = c->pending_item != NULL ? c->pending_item : c->n_cart == 1 ? c->cart : NULL;
    if (*c->pending_slot != '\0' || line == NULL || line->short_of_stock || strchr(text_of(o, "bot_last"), '?') == NULL)
        return;
    bool goods = *line->product != '\0' || *line->material != '\0';
    if (line->quantity_u <= 0 && line->length_um <= 0)
        c->pending_slot = "quantity";
    else if (!goods)
        c->pending_slot = "material";
    else if (*line->product == '\0' && *line->color == '\0')
        c->pending_slot = "color";
    else
        return;
    c->pending_line = line->n;
}

int context_from_json(struct context_json *out, const cJSON *o, const char *state, struct fault *f)
{
    *out = (struct context_json){.ctx = {.state = state, .pending_slot = "", .cart = out->lines}};
    const cJSON *line;
    if (o == NULL)
        return 0;
    cJSON_ArrayForEach(line, json_arr(o, "cart"))
    {
        if (out->ctx.n_cart == CONTEXT_LINES)
            return fault_set(f, VERDICT_REJECT, "the context's cart has more than %d lines", CONTEXT_LINES);
        if (cJSON_IsObject(line)) {
            line_from(&out->lines[out->ctx.n_cart], line, (int)out->ctx.n_cart + 1);
            out->ctx.n_cart++;
        }
    }
    pending_from(out, o);
    pending_from_last(out, o);
    offers_from(out, o);
    return 0;
}

static void must(const void *p)
{
    if (p == NULL)
        abort();
}

static void put_text(cJSON *o, const char *key, const char *s)
{
    must(*s != '\0' ? cJSON_AddStringToObject(o, key, s) : cJSON_AddNullToObject(o, key));
}

/* Exact: the figure is printed from its millionths, never from a double. */
static void put_number(cJSON *o, const char *key, int64_t u)
{
    char text[DECIMAL_TEXT];
    if (u < 0) {
        must(cJSON_AddNullToObject(o, key));
        return;
    }
    decimal_text(u, text);
    must(cJSON_AddRawToObject(o, key, text));
}

/* Left out when not told. */
static void put_told(cJSON *o, const char *key, const char *s)
{
    if (*s != '\0')
        put_text(o, key, s);
}

static void put_figure(cJSON *o, const char *key, int64_t u)
{
    if (u >= 0)
        put_number(o, key, u);
}

static cJSON *item_to_json(const struct reading_item *it)
{
    cJSON *o = cJSON_CreateObject();
    must(o);
    put_text(o, "action", item_action_name(it->action));
    put_text(o, "product", it->product);
    put_text(o, "material", it->material);
    put_text(o, "color", it->color);
    put_told(o, "category", it->category);
    put_told(o, "strength", it->strength);
    put_told(o, "form", it->form);
    put_told(o, "size", it->size);
    put_told(o, "outlet", it->outlet);
    put_number(o, "quantity", it->quantity_u);
    put_text(o, "unit", it->unit);
    put_number(o, "meters", it->length_um);
    if (it->quantity_min_u >= 0 || it->quantity_max_u >= 0) {
        put_number(o, "quantity_min", it->quantity_min_u);
        put_number(o, "quantity_max", it->quantity_max_u);
    }
    if (it->line > 0)
        json_put_i64(o, "line", it->line);
    if (it->any_color)
        must(cJSON_AddTrueToObject(o, "any_color"));
    if (it->same_lot)
        must(cJSON_AddTrueToObject(o, "same_lot"));
    if (it->relative[0] != '\0')
        put_text(o, "relative", it->relative);
    if (it->from_color[0] != '\0')
        put_text(o, "from_color", it->from_color);
    if (it->option > 0)
        json_put_i64(o, "option", it->option);
    if (it->per_package_u >= 0)
        put_number(o, strcmp(it->unit, "piece") == 0 ? "per_unit" : "per_package", it->per_package_u);
    return o;
}

static int64_t rupees_u(int64_t paise)
{
    return paise >= 0 && paise < INT64_MAX / one_u ? paise * (one_u / 100) : -1;
}

static void put_stock(cJSON *o, const struct reading_fields *f)
{
    if (f->n_stock > 0) {
        cJSON *stock = cJSON_AddObjectToObject(o, "stock");
        must(stock);
        for (size_t i = 0; i < f->n_stock; i++)
            put_number(stock, f->stock[i].name, f->stock[i].u);
    }
    if (f->blocked)
        must(cJSON_AddTrueToObject(o, "blocked"));
    if (f->n_reasons > 0) {
        cJSON *reasons = cJSON_AddArrayToObject(o, "reasons");
        must(reasons);
        for (size_t i = 0; i < f->n_reasons; i++)
            must(cJSON_AddItemToArray(reasons, cJSON_CreateString(f->reasons[i])) ? o : NULL);
    }
}

static cJSON *fields_to_json(const struct reading_fields *f)
{
    cJSON *o = cJSON_CreateObject();
    must(o);
    put_figure(o, "amount", rupees_u(f->amount_paise));
    put_told(o, "mode", f->mode);
    put_told(o, "reference", f->reference);
    put_told(o, "bill", f->bill);
    put_told(o, "bill_to", f->bill_to);
    put_told(o, "prescription", f->prescription);
    put_told(o, "also", f->also);
    put_told(o, "site", f->site);
    put_told(o, "level", f->level);
    put_told(o, "task", f->task);
    put_figure(o, "percent", f->percent_u);
    put_figure(o, "masons", f->masons_u);
    put_figure(o, "labour", f->labour_u);
    put_figure(o, "quantity", f->quantity_u);
    put_told(o, "unit", f->unit);
    put_stock(o, f);
    put_told(o, "service", f->service);
    put_told(o, "property", f->property);
    put_told(o, "location", f->location);
    put_figure(o, "budget_min", rupees_u(f->budget_min_paise));
    put_figure(o, "budget_max", rupees_u(f->budget_max_paise));
    put_told(o, "timeline", f->timeline);
    put_told(o, "contact_preference", f->contact_preference);
    return o;
}

cJSON *reading_to_json(const struct reading *r)
{
    cJSON *o = cJSON_CreateObject();
    must(o);
    put_text(o, "intent", intent_name(r->intent));
    cJSON *items = cJSON_AddArrayToObject(o, "items");
    must(items);
    for (size_t i = 0; i < r->n_items; i++)
        must(cJSON_AddItemToArray(items, item_to_json(&r->items[i])) ? o : NULL);
    must(cJSON_AddItemToObject(o, "fields", fields_to_json(&r->fields)) ? o : NULL);
    cJSON *clarify = cJSON_AddArrayToObject(o, "clarify");
    must(clarify);
    for (size_t i = 0; i < r->n_clarify; i++)
        must(cJSON_AddItemToArray(clarify, cJSON_CreateString(r->clarify[i])) ? o : NULL);
    json_put_str(o, "language", r->language);
    put_text(o, "reader", r->reader);
    return o;
}
