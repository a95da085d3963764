#include "workers/approvals/decide.h"

#include "common/base/clock.h"
#include "common/base/json.h"
#include "common/base/plain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_MS = 500 };

struct outcome_row {
    const char *outcome;
    const char *words; /* for a person; %s is the fact */
    enum { NO_FACT, INVOICE, REASON } fact;
    int status;
};

static const struct outcome_row rows[] = {
    {"completed", "Approved. Invoice %s; the customer is being told.", INVOICE, APPROVE_DONE},
    {"rejected", "Rejected. The customer is being told.", NO_FACT, APPROVE_DONE},
    {"already_decided", "Nothing changed: %s.", REASON, APPROVE_ALREADY},
    {"expired", "Too late: %s.", REASON, APPROVE_EXPIRED},
    {"shortage", "Not approved: %s. Nothing changed; the order still waits.", REASON, APPROVE_SHORTAGE},
    {"changed", "Nothing changed: %s. Look at it again: munim approve show.", REASON, APPROVE_CHANGED},
    {"unknown_order", "There is no such order: %s.", REASON, APPROVE_ERROR},
    {"no_answer", "No answer: %s.", REASON, APPROVE_ERROR},
};

static const char not_listed[] = "munim approve list shows those that wait";
static const char unanswered[] =
    "the decision is written, but no worker has answered yet; one will carry it out, munim approve show tells";

static const struct outcome_row *row_of(const char *outcome)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].outcome, outcome) == 0)
            return &rows[i];
    }
    return NULL;
}

static void put_or_null(cJSON *o, const char *key, const char *value)
{
    if (value != NULL && value[0] != '\0')
        json_put_str(o, key, value);
    else if (cJSON_AddNullToObject(o, key) == NULL)
        abort();
}

static void print_json(const char *order_id, bool approve, const struct answer *a)
{
    cJSON *o = cJSON_CreateObject();
    json_put_str(o, "order_id", order_id);
    json_put_str(o, "decision", approve ? "approve" : "reject");
    json_put_str(o, "outcome", a->outcome);
    put_or_null(o, "invoice_number", a->invoice_number);
    put_or_null(o, "reason", a->reason);
    char *text = json_text(o);
    printf("%s\n", text);
    free(text);
    cJSON_Delete(o);
}

/* An outcome that this version does not know is told by its name. */
static void print_words(const struct outcome_row *row, const struct answer *a)
{
    const char *fact = row == NULL ? a->outcome : row->fact == INVOICE ? a->invoice_number : a->reason;
    const char *words = row != NULL ? row->words : "%s", *gap = strstr(words, "%s");
    UT_string out;
    utstring_init(&out);
    if (gap == NULL) {
        utstring_printf(&out, "%s", words);
    } else {
        utstring_bincpy(&out, words, (size_t)(gap - words));
        plain_put(&out, fact != NULL && fact[0] != '\0' ? fact : "-");
        utstring_printf(&out, "%s", gap + 2);
    }
    printf("%s\n", utstring_body(&out));
    utstring_done(&out);
}

static int tell(const char *order_id, bool approve, const struct answer *a, bool json)
{
    const struct outcome_row *row = row_of(a->outcome);
    if (json)
        print_json(order_id, approve, a);
    else
        print_words(row, a);
    (void)fflush(stdout);
    return row != NULL ? row->status : APPROVE_ERROR;
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
        (void)board_next(b, left < LOOK_MS ? (int)left : LOOK_MS);
    }
}

bool decide_words_fit(const char *words, size_t most)
{
    return words[strspn(words, " ")] != '\0' && strlen(words) <= most && plain_is(words);
}

int decide(struct board *b, const char *order, bool approve, const struct decide_options *o)
{
    const struct approval *a = board_find(b, order);
    if (a == NULL && board_ambiguous(b, order)) {
        (void)fprintf(stderr, "munim approve: more than one order fits that; give more of its id\n");
        return APPROVE_ERROR;
    }
    if (a == NULL)
        return tell(order, approve, &(struct answer){.outcome = "unknown_order", .reason = not_listed}, o->json);
    char order_id[UUID_TEXT], decision_id[UUID_TEXT];
    memcpy(order_id, a->order_id, sizeof order_id);
    int64_t version = o->version >= 0 ? o->version : a->version;
    struct answer answer = {.outcome = "no_answer"};
    struct fault f;
    if (board_decide(b, a, approve, o->reason, version, o->by, decision_id, &f) != 0) {
        if (f.verdict != VERDICT_RETRY) {
            (void)fprintf(stderr, "munim approve: %s\n", f.text);
            return APPROVE_ERROR;
        }
        answer.reason = f.text;
    } else if (!wait_answer(b, order_id, decision_id, o->timeout_ms, &answer)) {
        answer = (struct answer){.outcome = "no_answer", .reason = unanswered};
    }
    return tell(order_id, approve, &answer, o->json);
}
