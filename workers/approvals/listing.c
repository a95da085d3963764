#include "workers/approvals/listing.h"

#include "common/base/json.h"
#include "common/base/plain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utarray.h>

struct listing {
    bool all, json;
    size_t n;
};

static void print_and_done(UT_string *out)
{
    (void)fputs(utstring_body(out), stdout);
    utstring_done(out);
}

static void print_json(char *text)
{
    printf("%s\n", text);
    free(text);
}

static void list_one(void *arg, const struct approval *a)
{
    struct listing *l = arg;
    if (!approval_waiting(a) && !l->all)
        return;
    l->n++;
    if (l->json) {
        print_json(l->all ? approval_json_whole(a) : approval_json(a));
        return;
    }
    UT_string out;
    utstring_init(&out);
    approval_line(a, &out);
    print_and_done(&out);
}

void print_list(struct board *b, bool all, bool json)
{
    struct listing l = {.all = all, .json = json};
    board_each(b, list_one, &l);
    if (l.n == 0 && !json)
        printf(all ? "There are no orders.\n" : "No order waits for you.\n");
}

void print_order(const struct approval *a, bool json)
{
    if (json) {
        print_json(approval_json_whole(a));
        return;
    }
    UT_string out;
    utstring_init(&out);
    approval_page(a, &out);
    print_and_done(&out);
}

/* Points into the board, which is not read on while a log is printed. */
struct entry {
    const char *order_id;
    const cJSON *record; /* its name is the decision's id */
    struct answer answer;
};

static const UT_icd entry_icd = {sizeof(struct entry), NULL, NULL, NULL};

static void take_answers(void *arg, const struct approval *a)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, json_obj(a->record, "answers"))
    {
        struct entry e = {.order_id = a->order_id, .record = one};
        if (approval_answer(a, one->string, &e.answer))
            utarray_push_back((UT_array *)arg, &e);
    }
}

static int by_time(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    int d = strcmp(a->answer.at != NULL ? a->answer.at : "", b->answer.at != NULL ? b->answer.at : "");
    return d != 0 ? d : strcmp(a->record->string, b->record->string);
}

static char *entry_json(const struct entry *e)
{
    cJSON *o = cJSON_Duplicate(e->record, true);
    if (o == NULL)
        abort();
    json_put_str(o, "order_id", e->order_id);
    json_put_str(o, "decision_id", e->record->string);
    char *text = json_text(o);
    cJSON_Delete(o);
    return text;
}

static void print_entry(const struct entry *e)
{
    const char *reason = e->answer.reason != NULL ? e->answer.reason : "";
    UT_string out;
    utstring_init(&out);
    plain_put(&out, e->answer.at);
    utstring_printf(&out, "  ");
    plain_put(&out, e->order_id);
    utstring_printf(&out, "  ");
    plain_put_cell(&out, e->answer.verb, 7);
    utstring_printf(&out, "  ");
    plain_put_cell(&out, e->answer.outcome, 15);
    utstring_printf(&out, "  ");
    plain_put(&out, e->answer.by);
    utstring_printf(&out, "  ");
    plain_put(&out, reason[0] != '\0' ? reason : e->answer.invoice_number);
    utstring_printf(&out, "\n");
    print_and_done(&out);
}

void print_log(struct board *b, bool json)
{
    UT_array entries;
    utarray_init(&entries, &entry_icd);
    board_each(b, take_answers, &entries);
    utarray_sort(&entries, by_time);
    const struct entry *e = (const struct entry *)entries.d;
    for (size_t i = 0; i < utarray_len(&entries); i++) {
        if (json)
            print_json(entry_json(&e[i]));
        else
            print_entry(&e[i]);
    }
    if (utarray_len(&entries) == 0 && !json)
        printf("No decision has been made.\n");
    utarray_done(&entries);
}
