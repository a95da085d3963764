/* An order's state on the approval topic, as the owner sees it: what is shown moves no cursor, what is printed as JSON
 * is JSON, and a decision made from it is one that the worker can read or refuses in words. */
#include "tests/fuzz/fuzz.h"

#include "common/base/json.h"
#include "common/base/plain.h"
#include "common/kafka/envelope.h"
#include "workers/approvals/approval.h"
#include "workers/turn/event.h"

/* Lines of plain text. */
static void harmless(const char *text)
{
    char *copy = strdup(text);
    for (char *line = copy, *rest = NULL; (line = strtok_r(line, "\n", &rest)) != NULL; line = NULL)
        ENSURE(plain_is(line));
    free(copy);
}

static void is_json(char *text)
{
    struct fault f = {.text = ""};
    cJSON *v = json_parse(text, strlen(text), &json_limits_default, &f);
    ENSURE(v != NULL);
    cJSON_Delete(v);
    free(text);
}

static void decide(const struct approval *a)
{
    struct event e;
    struct fault f = {.text = ""};
    char *text = decision_json(a, "d-1", false, "no \"cloth\"\n", a->version, "owner");
    if (event_read(CE_DECISION_ORDER, text, strlen(text), "d", &e, &f) == 0) {
        ENSURE(strcmp(e.decision.order_id, a->order_id) == 0 && e.decision.version == a->version);
        ENSURE(strcmp(e.key, a->key) == 0 && !e.decision.approve);
        event_clear(&e);
    } else {
        ENSURE(f.verdict == VERDICT_REJECT && f.text[0] != '\0');
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct fault f = {.text = ""};
    struct approval *a = approval_new(data, n, &f);
    if (a == NULL) {
        ENSURE(f.verdict == VERDICT_REJECT && f.text[0] != '\0');
        return 0;
    }
    UT_string *out;
    utstring_new(out);
    approval_line(a, out);
    const char *line = utstring_body(out);
    ENSURE(strchr(line, '\n') == line + strlen(line) - 1);
    harmless(line);
    utstring_clear(out);
    approval_page(a, out);
    harmless(utstring_body(out));
    utstring_free(out);
    is_json(approval_json(a));
    is_json(approval_json_whole(a));
    struct answer answer;
    if (approval_answer(a, "d-1", &answer))
        ENSURE(answer.outcome != NULL);
    ENSURE(!approval_waiting(a) || a->state[0] == 'W');
    decide(a);
    approval_free(&a);
    return 0;
}
