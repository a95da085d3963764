#include "workers/approvals/approval.h"

#include "common/base/json.h"
#include "workers/books/invoice.h"

#include <stdlib.h>
#include <string.h>

static bool take(const cJSON *o, const char *key, char *out, size_t room)
{
    const char *v = json_str(o, key);
    if (v == NULL || strlen(v) >= room)
        return false;
    memcpy(out, v, strlen(v) + 1);
    return true;
}

struct approval *approval_new(const void *value, size_t n, struct fault *f)
{
    cJSON *o = json_parse(value, n, &json_limits_default, f);
    if (o == NULL)
        return NULL;
    struct approval *a = calloc(1, sizeof *a);
    if (a == NULL)
        abort();
    a->record = o;
    const cJSON *route = json_obj(o, "route");
    bool whole =
        take(o, "order_id", a->order_id, sizeof a->order_id) &&
        take(o, "tenant_id", a->tenant_id, sizeof a->tenant_id) && take(o, "state", a->state, sizeof a->state) &&
        json_i64(o, "version", &a->version) && take(route, "channel", a->channel, sizeof a->channel) &&
        take(route, "account_id", a->account_id, sizeof a->account_id) && take(route, "key", a->key, sizeof a->key);
    (void)take(o, "asked_at", a->asked_at, sizeof a->asked_at);
    (void)take(o, "expires_at", a->expires_at, sizeof a->expires_at);
    if (!whole) {
        fault_set(f, VERDICT_REJECT, "a record on the approval topic is no order's state");
        approval_free(&a);
    }
    return a;
}

void approval_free(struct approval **ap)
{
    if (*ap == NULL)
        return;
    cJSON_Delete((*ap)->record);
    free(*ap);
    *ap = NULL;
}

bool approval_waiting(const struct approval *a)
{
    return strcmp(a->state, "WAITING_OWNER_CONFIRMATION") == 0;
}

bool approval_answer(const struct approval *a, const char *decision_id, struct answer *out)
{
    const cJSON *one = json_obj(json_obj(a->record, "answers"), decision_id);
    if (one == NULL)
        return false;
    *out = (struct answer){.verb = json_str(one, "verb"),
                           .outcome = json_str(one, "outcome"),
                           .reason = json_str(one, "reason"),
                           .invoice_number = json_str(one, "invoice_number"),
                           .by = json_str(one, "by"),
                           .at = json_str(one, "at")};
    return out->outcome != NULL;
}

char *approval_json(const struct approval *a)
{
    static const char *const line_keys[] = {"product", "quantity", "unit", "batch", "amount_paise"};
    cJSON *o = cJSON_CreateObject();
    json_put_str(o, "order_id", a->order_id);
    json_put_str(o, "conversation", json_str(a->record, "conversation"));
    json_put_str(o, "customer", json_str(a->record, "customer"));
    cJSON *lines = cJSON_AddArrayToObject(o, "lines");
    const cJSON *one;
    cJSON_ArrayForEach(one, json_arr(a->record, "lines"))
    {
        cJSON *l = cJSON_CreateObject();
        for (size_t i = 0; i < sizeof line_keys / sizeof *line_keys; i++) {
            const cJSON *v = json_get(one, line_keys[i]);
            cJSON_AddItemToObject(l, line_keys[i], v != NULL ? cJSON_Duplicate(v, true) : cJSON_CreateNull());
        }
        cJSON_AddItemToArray(lines, l);
    }
    int64_t total = 0;
    (void)json_i64(a->record, "total_paise", &total);
    json_put_i64(o, "total_paise", total);
    json_put_str(o, "asked_at", a->asked_at);
    json_put_str(o, "expires_at", a->expires_at);
    json_put_i64(o, "version", a->version);
    char *text = json_text(o);
    cJSON_Delete(o);
    return text;
}

static void put_money(UT_string *out, const cJSON *o, const char *key)
{
    int64_t paise = 0;
    char text[40];
    (void)json_i64(o, key, &paise);
    rupees(paise, text);
    utstring_printf(out, "%s", text);
}

static const char *text_of(const cJSON *o, const char *key)
{
    const char *v = json_str(o, key);
    return v != NULL ? v : "-";
}

void approval_line(const struct approval *a, UT_string *out)
{
    utstring_printf(out, "%s  %-24.24s  ", a->order_id, text_of(a->record, "customer"));
    put_money(out, a->record, "total_paise");
    const char *comma = "  ";
    const cJSON *one;
    cJSON_ArrayForEach(one, json_arr(a->record, "lines"))
    {
        utstring_printf(out, "%s%s %s %s", comma, text_of(one, "quantity"), text_of(one, "unit"),
                        text_of(one, "product"));
        comma = ", ";
    }
    if (!approval_waiting(a))
        utstring_printf(out, "  [%s]", a->state);
    utstring_printf(out, "\n");
}

void approval_page(const struct approval *a, UT_string *out)
{
    utstring_printf(out, "Order     %s (version %lld)\nState     %s\nCustomer  %s\n", a->order_id,
                    (long long)a->version, a->state, text_of(a->record, "customer"));
    const cJSON *one;
    cJSON_ArrayForEach(one, json_arr(a->record, "lines"))
    {
        utstring_printf(out, "  %8s %-3s %-28s lot %-12s ", text_of(one, "quantity"), text_of(one, "unit"),
                        text_of(one, "product"), text_of(one, "batch"));
        put_money(out, one, "amount_paise");
        utstring_printf(out, "\n");
    }
    utstring_printf(out, "Taxable   ");
    put_money(out, a->record, "taxable_paise");
    utstring_printf(out, "\nTax       ");
    put_money(out, a->record, "tax_paise");
    utstring_printf(out, "\nTotal     ");
    put_money(out, a->record, "total_paise");
    utstring_printf(out, "\nAsked     %s\nExpires   %s\n", a->asked_at, a->expires_at);
    if (json_str(a->record, "invoice_number") != NULL)
        utstring_printf(out, "Invoice   %s\n", json_str(a->record, "invoice_number"));
    cJSON_ArrayForEach(one, json_obj(a->record, "answers"))
    {
        utstring_printf(out, "Decision  %s: %s -> %s%s%s (%s)\n", text_of(one, "at"), text_of(one, "verb"),
                        text_of(one, "outcome"), text_of(one, "reason")[0] != '\0' ? ", " : "", text_of(one, "reason"),
                        text_of(one, "by"));
    }
}

char *decision_json(const struct approval *a, const char *decision_id, bool approve, const char *reason,
                    int64_t version, const char *by)
{
    cJSON *o = cJSON_CreateObject();
    json_put_str(o, "decision_id", decision_id);
    json_put_str(o, "order_id", a->order_id);
    json_put_str(o, "tenant_id", a->tenant_id);
    json_put_str(o, "verb", approve ? "approve" : "reject");
    json_put_str(o, "reason", reason);
    json_put_i64(o, "version", version);
    json_put_str(o, "by", by);
    cJSON *route = cJSON_AddObjectToObject(o, "route");
    json_put_str(route, "channel", a->channel);
    json_put_str(route, "account_id", a->account_id);
    json_put_str(route, "key", a->key);
    char *text = json_text(o);
    cJSON_Delete(o);
    return text;
}
