#include "workers/approvals/decide.h"

#include "common/base/clock.h"
#include "common/base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct outcome_row {
    const char *outcome;
    int status;
    const char *words; /* for a person; %s is the invoice's number, or the reason */
};

static const struct outcome_row rows[] = {
    {"completed", APPROVE_DONE, "Approved. Invoice %s; the customer is being told."},
    {"rejected", APPROVE_DONE, "Rejected. The customer is being told."},
    {"already_decided", APPROVE_ALREADY, "Already decided before; nothing changed. Invoice %s."},
    {"expired", APPROVE_EXPIRED, "The request had expired; the order is cancelled and the customer is being told."},
    {"shortage", APPROVE_SHORTAGE, "Not approved: %s Nothing changed; the order still waits."},
    {"changed", APPROVE_CHANGED, "The order has changed since it was shown; look at it again: munim approve show."},
    {"unknown_order", APPROVE_ERROR, "There is no such order; munim approve list shows those that wait."},
    {"no_answer", APPROVE_ERROR,
     "The decision is written, but no worker has answered yet. It will be carried out; look with munim approve show."},
};

static const struct outcome_row *row_of(const char *outcome)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].outcome, outcome) == 0)
            return &rows[i];
    }
    return NULL;
}

static int tell(const char *order_id, bool approve, const struct answer *a, bool json)
{
    const struct outcome_row *row = row_of(a->outcome);
    /* As asked means the verb, too: a rejection of a completed order is no success. */
    int status = row != NULL ? row->status : APPROVE_ERROR;
    if (json) {
        cJSON *o = cJSON_CreateObject();
        json_put_str(o, "order_id", order_id);
        json_put_str(o, "decision", approve ? "approve" : "reject");
        json_put_str(o, "outcome", a->outcome);
        cJSON_AddItemToObject(o, "invoice_number",
                              a->invoice_number != NULL ? cJSON_CreateString(a->invoice_number) : cJSON_CreateNull());
        cJSON_AddItemToObject(o, "reason",
                              a->reason != NULL && a->reason[0] != '\0' ? cJSON_CreateString(a->reason)
                                                                        : cJSON_CreateNull());
        char *text = json_text(o);
        printf("%s\n", text);
        free(text);
        cJSON_Delete(o);
    } else {
        const char *fact = strcmp(a->outcome, "shortage") == 0 ? a->reason : a->invoice_number;
        const char *words = row != NULL ? row->words : "%s";
        const char *gap = strstr(words, "%s");
        if (gap == NULL)
            printf("%s\n", words);
        else
            printf("%.*s%s%s\n", (int)(gap - words), words, fact != NULL ? fact : "-", gap + 2);
    }
    (void)fflush(stdout);
    return status;
}

static bool wait_answer(struct board *b, const char *order_id, const char *decision_id, int timeout_ms,
                        struct answer *out)
{
    int64_t until = clock_mono_us() + (int64_t)timeout_ms * 1000;
    for (;;) {
        const struct approval *a = board_find(b, order_id);
        if (a != NULL && approval_answer(a, decision_id, out))
            return true;
        int64_t left = (until - clock_mono_us()) / 1000;
        if (left <= 0)
            return false;
        (void)board_next(b, left < 500 ? (int)left : 500);
    }
}

int decide(struct board *b, const char *order, bool approve, const struct decide_options *o)
{
    struct answer answer = {.outcome = "unknown_order"};
    const struct approval *a = board_find(b, order);
    if (a == NULL)
        return tell(order, approve, &answer, o->json);
    char order_id[UUID_TEXT], decision_id[UUID_TEXT];
    memcpy(order_id, a->order_id, sizeof order_id);
    struct fault f;
    if (board_decide(b, a, approve, o->reason, o->version >= 0 ? o->version : a->version, o->by, decision_id, &f) !=
        0) {
        (void)fprintf(stderr, "munim approve: %s\n", f.text);
        return APPROVE_ERROR;
    }
    if (!wait_answer(b, order_id, decision_id, o->timeout_ms, &answer))
        answer = (struct answer){.outcome = "no_answer"};
    return tell(order_id, approve, &answer, o->json);
}
