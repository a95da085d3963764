#include "workers/approvals/approval.h"

#include "common/base/json.h"
#include "common/base/plain.h"
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

static void put_text_or_null(cJSON *o, const char *key, const char *value)
{
    if (value != NULL && value[0] != '\0')
        json_put_str(o, key, value);
    else if (cJSON_AddNullToObject(o, key) == NULL)
        abort();
}

static void put_copy(cJSON *to, const char *key, const cJSON *value)
{
    cJSON *copy = value != NULL ? cJSON_Duplicate(value, true) : cJSON_CreateNull();
    if (copy == NULL || !cJSON_AddItemToObject(to, key, copy))
        abort();
}

static cJSON *request(const struct approval *a)
{
    static const char *const line_keys[] = {"product", "quantity", "unit", "batch", "amount_paise"};
    cJSON *o = cJSON_CreateObject();
    json_put_str(o, "order_id", a->order_id);
    put_text_or_null(o, "conversation", json_str(a->record, "conversation"));
    put_text_or_null(o, "customer", json_str(a->record, "customer"));
    cJSON *lines = cJSON_AddArrayToObject(o, "lines");
    const cJSON *one;
    cJSON_ArrayForEach(one, json_arr(a->record, "lines"))
    {
        cJSON *l = cJSON_CreateObject();
        for (size_t i = 0; i < sizeof line_keys / sizeof *line_keys; i++)
            put_copy(l, line_keys[i], json_get(one, line_keys[i]));
        cJSON_AddItemToArray(lines, l);
    }
    int64_t total = 0;
    (void)json_i64(a->record, "total_paise", &total);
    json_put_i64(o, "total_paise", total);
    put_text_or_null(o, "asked_at", a->asked_at);
    put_text_or_null(o, "expires_at", a->expires_at);
    json_put_i64(o, "version", a->version);
    return o;
}

char *approval_json(const struct approval *a)
{
    cJSON *o = request(a);
    char *text = json_text(o);
    cJSON_Delete(o);
    return text;
}

char *approval_json_whole(const struct approval *a)
{
    static const char *const further[] = {"taxable_paise", "tax_paise", "invoice_number", "closure_reason", "answers"};
    cJSON *o = request(a);
    json_put_str(o, "state", a->state);
    for (size_t i = 0; i < sizeof further / sizeof *further; i++)
        put_copy(o, further[i], json_get(a->record, further[i]));
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

static void put_member(UT_string *out, const cJSON *o, const char *key)
{
    plain_put(out, json_str(o, key));
}

void approval_line(const struct approval *a, UT_string *out)
{
    plain_put(out, a->order_id);
    utstring_printf(out, "  ");
    plain_put_cell(out, json_str(a->record, "customer"), 24);
    utstring_printf(out, "  ");
    put_money(out, a->record, "total_paise");
    const char *comma = "  ";
    const cJSON *one;
    cJSON_ArrayForEach(one, json_arr(a->record, "lines"))
    {
        utstring_printf(out, "%s", comma);
        put_member(out, one, "quantity");
        utstring_printf(out, " ");
        put_member(out, one, "unit");
        utstring_printf(out, " ");
        put_member(out, one, "product");
        comma = ", ";
    }
    if (!approval_waiting(a)) {
        utstring_printf(out, "  [");
        plain_put(out, a->state);
        utstring_printf(out, "]");
    }
    utstring_printf(out, "\n");
}

static void put_order_line(UT_string *out, const cJSON *line)
{
    utstring_printf(out, "  ");
    plain_put_cell(out, json_str(line, "quantity"), 8);
    plain_put_cell(out, json_str(line, "unit"), 4);
    plain_put_cell(out, json_str(line, "product"), 28);
    utstring_printf(out, " lot ");
    plain_put_cell(out, json_str(line, "batch"), 12);
    utstring_printf(out, " ");
    put_money(out, line, "amount_paise");
    utstring_printf(out, "\n");
}

static void put_answer(UT_string *out, const cJSON *one)
{
    const char *reason = json_str(one, "reason");
    utstring_printf(out, "Decision  ");
    put_member(out, one, "at");
    utstring_printf(out, ": ");
    put_member(out, one, "verb");
    utstring_printf(out, " -> ");
    put_member(out, one, "outcome");
    if (reason != NULL && reason[0] != '\0') {
        utstring_printf(out, ", ");
        plain_put(out, reason);
    }
    utstring_printf(out, " (");
    put_member(out, one, "by");
    utstring_printf(out, ")\n");
}

/* "Name      value", and nothing when there is no value. */
static void put_row(UT_string *out, const char *name, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    utstring_printf(out, "%-10s", name);
    plain_put(out, value);
    utstring_printf(out, "\n");
}

void approval_page(const struct approval *a, UT_string *out)
{
    static const char *const sums[][2] = {{"Taxable", "taxable_paise"}, {"Tax", "tax_paise"}, {"Total", "total_paise"}};
    utstring_printf(out, "Order     ");
    plain_put(out, a->order_id);
    utstring_printf(out, " (version %lld)\n", (long long)a->version);
    put_row(out, "State", a->state);
    put_row(out, "Customer", json_str(a->record, "customer"));
    const cJSON *one;
    cJSON_ArrayForEach(one, json_arr(a->record, "lines")) put_order_line(out, one);
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++) {
        utstring_printf(out, "%-10s", sums[i][0]);
        put_money(out, a->record, sums[i][1]);
        utstring_printf(out, "\n");
    }
    put_row(out, "Asked", a->asked_at);
    put_row(out, "Expires", a->expires_at);
    put_row(out, "Invoice", json_str(a->record, "invoice_number"));
    put_row(out, "Ended by", json_str(a->record, "closure_reason"));
    cJSON_ArrayForEach(one, json_obj(a->record, "answers")) put_answer(out, one);
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
