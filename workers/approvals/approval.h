/* One order as the approval topic tells it: its whole present state. Pure: bytes in, value out, and back as text. */
#ifndef MUNIM_APPROVALS_APPROVAL_H
#define MUNIM_APPROVALS_APPROVAL_H

#include "common/base/fault.h"
#include "common/base/phone.h"
#include "common/base/random.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>
#include <utstring.h>

struct approval {
    char order_id[UUID_TEXT];
    char tenant_id[UUID_TEXT];
    char state[40];
    int64_t version;
    char channel[32], account_id[96], key[KEY_MAX]; /* where a decision goes */
    char asked_at[32], expires_at[32];
    cJSON *record; /* owned: the rest, for showing */
};

/* The owner's decision as the worker answered it. Points into the record. */
struct answer {
    const char *verb, *outcome, *reason, *invoice_number, *by, *at;
};

/* NULL and a REJECT fault when the record is none of ours. */
struct approval *approval_new(const void *value, size_t n, struct fault *f);
void approval_free(struct approval **a);

bool approval_waiting(const struct approval *a); /* the owner can still decide */
bool approval_answer(const struct approval *a, const char *decision_id, struct answer *out);

/* One JSON object in the documented shape of `munim approve list --json`; the caller frees. */
char *approval_json(const struct approval *a);
/* The same with what is told of an order that may no longer wait: state, tax, invoice, reason of its end, answers. */
char *approval_json_whole(const struct approval *a);
/* For a person: one line, and the whole order. Appended to out; what came from outside is made harmless for a terminal.
 */
void approval_line(const struct approval *a, UT_string *out);
void approval_page(const struct approval *a, UT_string *out);

/* The decision record's value; the caller frees. */
char *decision_json(const struct approval *a, const char *decision_id, bool approve, const char *reason,
                    int64_t version, const char *by);

#endif
