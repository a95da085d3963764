#include "workers/reading/model/answer.h"

#include "common/base/json.h"
#include "workers/reading/decimal.h"
#include "workers/reading/reading_names.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static const struct json_limits limits = {.bytes = 64 * 1024, .depth = 8, .values = 8000};

/* What one member of an object is and where it goes. */
enum kind { TO_WORD, TO_QUANTITY, TO_RUPEES, TO_NUMBER, TO_TRUE, TO_ACTION, TO_RELATIVE, TO_STOCK, TO_REASONS };

struct member {
    const char *name;
    enum kind kind;
    size_t at;
};

#define ITEM(name, kind, field)                                                                                        \
    {                                                                                                                  \
        name, kind, offsetof(struct reading_item, field)                                                               \
    }
#define FIELD(name, kind, field)                                                                                       \
    {                                                                                                                  \
        name, kind, offsetof(struct reading_fields, field)                                                             \
    }

static const struct member item_members[] = {
    ITEM("action", TO_ACTION, action),
    ITEM("line", TO_NUMBER, line),
    ITEM("option", TO_NUMBER, option),
    ITEM("product", TO_WORD, product),
    ITEM("material", TO_WORD, material),
    ITEM("color", TO_WORD, color),
    ITEM("any_color", TO_TRUE, any_color),
    ITEM("from_color", TO_WORD, from_color),
    ITEM("category", TO_WORD, category),
    ITEM("strength", TO_WORD, strength),
    ITEM("form", TO_WORD, form),
    ITEM("size", TO_WORD, size),
    ITEM("outlet", TO_WORD, outlet),
    ITEM("quantity", TO_QUANTITY, quantity_u),
    ITEM("quantity_min", TO_QUANTITY, quantity_min_u),
    ITEM("quantity_max", TO_QUANTITY, quantity_max_u),
    ITEM("unit", TO_WORD, unit),
    ITEM("relative", TO_RELATIVE, relative),
    ITEM("per_package", TO_QUANTITY, per_package_u),
    ITEM("per_unit", TO_WORD, per_unit),
    ITEM("same_lot", TO_TRUE, same_lot),
};

static const struct member field_members[] = {
    FIELD("amount", TO_RUPEES, amount_paise),
    FIELD("mode", TO_WORD, mode),
    FIELD("reference", TO_WORD, reference),
    FIELD("bill", TO_WORD, bill),
    FIELD("bill_to", TO_WORD, bill_to),
    FIELD("prescription", TO_WORD, prescription),
    FIELD("also", TO_WORD, also),
    FIELD("site", TO_WORD, site),
    FIELD("level", TO_WORD, level),
    FIELD("task", TO_WORD, task),
    FIELD("percent", TO_QUANTITY, percent_u),
    FIELD("masons", TO_QUANTITY, masons_u),
    FIELD("labour", TO_QUANTITY, labour_u),
    FIELD("quantity", TO_QUANTITY, quantity_u),
    FIELD("unit", TO_WORD, unit),
    FIELD("stock", TO_STOCK, stock),
    FIELD("blocked", TO_TRUE, blocked),
    FIELD("reasons", TO_REASONS, reasons),
    FIELD("service", TO_WORD, service),
    FIELD("property", TO_WORD, property),
    FIELD("location", TO_WORD, location),
    FIELD("budget_min", TO_RUPEES, budget_min_paise),
    FIELD("budget_max", TO_RUPEES, budget_max_paise),
    FIELD("timeline", TO_WORD, timeline),
    FIELD("contact_preference", TO_WORD, contact_preference),
};

static int wrong(struct fault *f, const char *member)
{
    return fault_set(f, VERDICT_REJECT, "the answer's \"%.40s\" is not of the schema", member);
}

static bool word(const cJSON *v, char out[READING_WORD])
{
    if (!cJSON_IsString(v) || strlen(v->valuestring) >= READING_WORD)
        return false;
    (void)snprintf(out, READING_WORD, "%s", v->valuestring);
    return true;
}

/* "7.5", or the number 7.5 where the server let one through. A quantity in words is none. */
static bool quantity(const cJSON *v, int64_t *u)
{
    char text[64];
    if (cJSON_IsString(v))
        return decimal_of(v->valuestring, u);
    if (!cJSON_IsNumber(v) || v->valuedouble < 0 || v->valuedouble >= 1e12)
        return false;
    (void)snprintf(text, sizeof text, "%.6f", v->valuedouble);
    return decimal_of(text, u);
}

static bool rupees(const cJSON *v, int64_t *paise)
{
    int64_t u;
    if (!quantity(v, &u) || u % 10000 != 0)
        return false;
    *paise = u / 10000;
    return true;
}

static bool number(const cJSON *v, int *out)
{
    if (!cJSON_IsNumber(v) || v->valuedouble < 1 || v->valuedouble > INT_MAX || v->valuedouble != (double)v->valueint)
        return false;
    *out = v->valueint;
    return true;
}

static bool relative(const cJSON *v, char out[24])
{
    int64_t u;
    const char *s = cJSON_IsString(v) ? v->valuestring : "";
    if (strlen(s) >= 24 || (*s != '+' && *s != '-' && *s != 'x') || !decimal_of(s + 1, &u))
        return false;
    (void)snprintf(out, 24, "%s", s);
    return true;
}

static bool action(const cJSON *v, enum item_action *out)
{
    int a = cJSON_IsString(v) ? item_action_of(v->valuestring) : -1;
    *out = a >= 0 ? (enum item_action)a : ACTION_ADD;
    return a >= 0;
}

static bool stock(const cJSON *v, struct reading_fields *g)
{
    const cJSON *one;
    if (!cJSON_IsArray(v) || cJSON_GetArraySize(v) > READING_STOCK)
        return false;
    cJSON_ArrayForEach(one, v)
    {
        if (cJSON_GetArraySize(one) != 2 || !word(json_get(one, "name"), g->stock[g->n_stock].name) ||
            !quantity(json_get(one, "quantity"), &g->stock[g->n_stock].u))
            return false;
        g->n_stock++;
    }
    return true;
}

static bool reasons(const cJSON *v, struct reading_fields *g)
{
    const cJSON *one;
    if (!cJSON_IsArray(v) || cJSON_GetArraySize(v) > READING_REASONS)
        return false;
    cJSON_ArrayForEach(one, v)
    {
        if (!word(one, g->reasons[g->n_reasons]))
            return false;
        g->n_reasons++;
    }
    return true;
}

static bool value(const cJSON *v, const struct member *to, void *into)
{
    void *field = (char *)into + to->at;
    switch (to->kind) {
    case TO_WORD:
        return word(v, field);
    case TO_QUANTITY:
        return quantity(v, field);
    case TO_RUPEES:
        return rupees(v, field);
    case TO_NUMBER:
        return number(v, field);
    case TO_TRUE:
        *(bool *)field = cJSON_IsTrue(v);
        return cJSON_IsBool(v);
    case TO_ACTION:
        return action(v, field);
    case TO_RELATIVE:
        return relative(v, field);
    case TO_STOCK:
        return stock(v, into);
    case TO_REASONS:
        return reasons(v, into);
    }
    return false;
}

static int members(const cJSON *o, const struct member *list, size_t n, void *into, struct fault *f)
{
    const cJSON *v;
    cJSON_ArrayForEach(v, o)
    {
        size_t i = 0;
        while (i < n && strcmp(list[i].name, v->string) != 0)
            i++;
        if (i == n || (!cJSON_IsNull(v) && !value(v, &list[i], into)))
            return wrong(f, i < n ? list[i].name : "member");
    }
    return 0;
}

static int items(const cJSON *list, struct reading *out, struct fault *f)
{
    const cJSON *one;
    if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) > READING_ITEMS)
        return wrong(f, "items");
    cJSON_ArrayForEach(one, list)
    {
        struct reading_item *it = &out->items[out->n_items++];
        memset(it, 0, sizeof *it);
        it->quantity_u = it->quantity_min_u = it->quantity_max_u = it->length_um = it->per_package_u = -1;
        if (!cJSON_IsObject(one) || json_str(one, "action") == NULL)
            return wrong(f, "action");
        if (members(one, item_members, sizeof item_members / sizeof *item_members, it, f) != 0)
            return -1;
    }
    return 0;
}

static int clarify(const cJSON *list, struct reading *out, struct fault *f)
{
    const cJSON *one;
    if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) > READING_CLARIFY)
        return wrong(f, "clarify");
    cJSON_ArrayForEach(one, list)
    {
        if (!word(one, out->clarify[out->n_clarify]))
            return wrong(f, "clarify");
        out->n_clarify++;
    }
    return 0;
}

static int document(const cJSON *o, struct reading *out, struct fault *f)
{
    const cJSON *v, *fields = json_get(o, "fields");
    const char *intent = json_str(o, "intent");
    cJSON_ArrayForEach(v, o)
    {
        if (strcmp(v->string, "intent") != 0 && strcmp(v->string, "items") != 0 && strcmp(v->string, "fields") != 0 &&
            strcmp(v->string, "clarify") != 0)
            return wrong(f, "member");
    }
    if (intent == NULL || (out->intent = intent_of(intent)) == INTENT_COUNT)
        return wrong(f, "intent");
    if (fields != NULL && !cJSON_IsNull(fields) && !cJSON_IsObject(fields))
        return wrong(f, "fields");
    if (members(fields, field_members, sizeof field_members / sizeof *field_members, &out->fields, f) != 0 ||
        items(json_get(o, "items"), out, f) != 0)
        return -1;
    return clarify(json_get(o, "clarify"), out, f);
}

int answer_parse(const char *content, struct reading *out, struct fault *f)
{
    reading_clear(out);
    cJSON *o = json_parse(content, strlen(content), &limits, f);
    if (o == NULL)
        return -1;
    int rc = cJSON_IsObject(o) ? document(o, out, f) : wrong(f, "whole");
    cJSON_Delete(o);
    if (rc != 0)
        reading_clear(out);
    return rc;
}
