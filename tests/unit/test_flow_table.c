/* The table itself: every row is walked by a conversation, the diagram is the table, the page shows the diagram. */
#include "order_fixture.h"

#include "workers/flows/sentences.h"

static struct step {
    char state[32], input[32], next[32];
} seen[512];
static size_t n_seen;

static void remember(const struct plan *p)
{
    for (size_t i = 0; i < p->n_transitions; i++) {
        const struct plan_transition *t = &p->transitions[i];
        if (!t->ok || n_seen == sizeof seen / sizeof seen[0])
            continue;
        struct step *s = &seen[n_seen];
        (void)snprintf(s->state, sizeof s->state, "%s", order_state_name(t->from));
        (void)snprintf(s->input, sizeof s->input, "%s", t->input);
        (void)snprintf(s->next, sizeof s->next, "%s", order_state_name(t->to));
        size_t i_old = 0;
        while (memcmp(&seen[i_old], s, sizeof *s) != 0)
            i_old++;
        n_seen += i_old == n_seen ? 1 : 0;
        memset(&seen[n_seen], 0, sizeof *s);
    }
}

static const enum order_state open_states[] = {ORDER_NONE, ORDER_COLLECTING, ORDER_NEGOTIATION, ORDER_FINAL,
                                               ORDER_WAITING};

static void try_reading(enum order_state state, const struct reading *r, bool expired)
{
    struct chat *c = chat_in(state);
    c->s.order.expired = expired;
    say_reading(c, r);
    chat_free(&c);
}

static void try_decisions(enum order_state state)
{
    for (int kind = 0; kind < 10; kind++) {
        struct chat *c = chat_in(state);
        bool approve = kind % 2 == 0;
        c->s.order.expired = kind / 2 == 1;
        c->s.order.holds_lapsed = kind / 2 == 3 || kind / 2 == 4;
        c->batches[0].rolls_free = kind / 2 == 4 ? 1 : 2;
        decide(c, approve, c->s.order.version - (kind / 2 == 2 ? 1 : 0));
        chat_free(&c);
    }
}

static void every_row_is_walked(void **state)
{
    (void)state;
    const struct reading_item full = item_of(ACTION_SET, 1, "", "", 20 * M);
    const struct reading_item messages[][2] = {
        {full},
        {item_of(ACTION_SET, 1, "", "", 50 * M)},
        {item_of(ACTION_REMOVE, 1, "", "", -1)},
        {item_of(ACTION_REMOVE, 0, "silk", "", -1)},
        {item_of(ACTION_ADD, 0, "velvet", "", 3 * M)},
        {item_of(ACTION_ADD, 0, "cotton", "blue", 3 * M)},
        {full, item_of(ACTION_ADD, 0, "velvet", "", 3 * M)},
        {full, item_of(ACTION_ADD, 0, "polyester", "", 5 * M)},
        {full, item_of(ACTION_ADD, 0, "silk", "", -1)},
    };
    turn_seen = remember;
    for (size_t s = 0; s < sizeof open_states / sizeof open_states[0]; s++) {
        for (int intent = 0; intent < INTENT_COUNT; intent++) {
            struct reading r = reading_of((enum intent)intent, 0, NULL);
            try_reading(open_states[s], &r, false);
            r = reading_of((enum intent)intent, 1, (struct reading_item[]){item_of(ACTION_ASK, 0, "cotton", "", -1)});
            try_reading(open_states[s], &r, open_states[s] == ORDER_WAITING);
        }
        for (size_t m = 0; m < sizeof messages / sizeof messages[0]; m++) {
            struct reading r = reading_of(INTENT_MULTI, messages[m][1].material[0] != '\0' ? 2 : 1, messages[m]);
            try_reading(open_states[s], &r, false);
        }
        struct chat *c = chat_in(open_states[s]);
        turn(c, &(struct turn_input){.kind = TURN_NO_TEXT});
        chat_free(&c);
    }
    for (enum order_state s = ORDER_NONE; s < ORDER_STATE_COUNT; s++)
        try_decisions(s);
    turn_seen = NULL;
}

static void assert_row_seen(void *arg, const char *state, const char *input, const char *next, const char *sentence)
{
    (void)sentence;
    (*(size_t *)arg)++;
    for (size_t i = 0; i < n_seen; i++)
        if (strcmp(seen[i].state, state) == 0 && strcmp(seen[i].input, input) == 0 && strcmp(seen[i].next, next) == 0)
            return;
    fail_msg("no conversation walked the row %s + %s -> %s", state, input, next);
}

static void no_row_is_dead(void **state)
{
    (void)state;
    size_t rows = 0;
    order_flow_each(assert_row_seen, &rows);
    assert_int_equal(rows, n_seen); /* and nothing was walked that is not in the table */
}

struct rows {
    struct {
        const char *state, *input;
    } row[512];
    size_t n;
};

static void collect(void *arg, const char *state, const char *input, const char *next, const char *sentence)
{
    struct rows *rows = arg;
    (void)next;
    (void)sentence;
    for (size_t i = 0; i < rows->n; i++)
        assert_false(strcmp(rows->row[i].state, state) == 0 && strcmp(rows->row[i].input, input) == 0);
    rows->row[rows->n].state = state;
    rows->row[rows->n++].input = input;
}

static void a_pair_has_one_row(void **state)
{
    (void)state;
    static struct rows rows;
    order_flow_each(collect, &rows);
    assert_true(rows.n > 50);
}

static void assert_end_stays(void *arg, const char *state, const char *input, const char *next, const char *sentence)
{
    (void)arg;
    (void)input;
    (void)sentence;
    if (strcmp(state, "ORDER_COMPLETED") == 0 || strcmp(state, "ORDER_REJECTED") == 0 ||
        strcmp(state, "ORDER_CANCELLED") == 0)
        assert_string_equal(next, state);
    if (strcmp(next, "ORDER_COMPLETED") == 0 && strcmp(state, next) != 0)
        assert_string_equal(state, "WAITING_OWNER_CONFIRMATION");
}

static void ends_are_final_and_only_the_owner_completes(void **state)
{
    (void)state;
    order_flow_each(assert_end_stays, NULL);
}

static char *mermaid(void)
{
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    assert_non_null(f);
    order_flow_mermaid(f);
    assert_int_equal(fclose(f), 0);
    return text;
}

static void assert_drawn(void *arg, const char *state, const char *input, const char *next, const char *sentence)
{
    (void)sentence;
    char edge[128];
    (void)snprintf(edge, sizeof edge, "    %s --> %s : ", state[0] != '\0' ? state : "NO_ORDER",
                   next[0] != '\0' ? next : "NO_ORDER");
    const char *at = strstr(arg, edge);
    assert_non_null(at);
    const char *end = strchr(at, '\n');
    for (at += strlen(edge); at < end;) {
        const char *stop = strstr(at, "<br/>");
        size_t n = stop != NULL && stop < end ? (size_t)(stop - at) : (size_t)(end - at);
        if (n == strlen(input) && memcmp(at, input, n) == 0)
            return;
        at += n + strlen("<br/>");
    }
    fail_msg("%s is not on the edge%s", input, edge);
}

static void diagram_shows_every_row(void **state)
{
    (void)state;
    char *text = mermaid();
    order_flow_each(assert_drawn, text);
    size_t drawn = 0;
    for (const char *at = text; (at = strstr(at, " : ")) != NULL; at++)
        drawn++;
    for (const char *at = text; (at = strstr(at, "<br/>")) != NULL; at++)
        drawn++;
    static struct rows all;
    order_flow_each(collect, &all);
    assert_int_equal(drawn, all.n);
    free(text);
}

static char *page(const char *path)
{
    FILE *f = fopen(path, "r");
    if (f == NULL)
        fail_msg("%s cannot be read: run from the project's directory", path);
    char *text = calloc(1, 1 << 20);
    assert_non_null(text);
    assert_true(fread(text, 1, (1 << 20) - 1, f) > 0);
    (void)fclose(f);
    return text;
}

static void page_shows_the_diagram(void **state)
{
    (void)state;
    char *text = mermaid(), *doc = page("docs/flow.md");
    if (strstr(doc, text) == NULL)
        fail_msg("docs/flow.md is behind the table: put the output of `munim flow --mermaid order` into it");
    for (enum order_state s = ORDER_COLLECTING; s < ORDER_STATE_COUNT; s++) {
        char head[64];
        (void)snprintf(head, sizeof head, "| `%s` |", order_state_name(s));
        assert_non_null(strstr(doc, head));
    }
    free(doc);
    free(text);
}

/* The database refuses a state that the table does not have, and knows every one that it has. */
static void schema_allows_the_same_states(void **state)
{
    (void)state;
    char *sql = page("schema/deploy/orders.sql");
    char *check = strstr(sql, "CHECK (state IN (");
    assert_non_null(check);
    *strchr(check, ';') = '\0';
    *strstr(check, "))") = '\0';
    size_t names = 0;
    for (const char *at = check; (at = strchr(at, '\'')) != NULL; at++)
        names++;
    assert_int_equal(names, 2 * (ORDER_STATE_COUNT - 1));
    for (enum order_state s = ORDER_COLLECTING; s < ORDER_STATE_COUNT; s++) {
        char quoted[64];
        (void)snprintf(quoted, sizeof quoted, "'%s'", order_state_name(s));
        assert_non_null(strstr(check, quoted));
    }
    free(sql);
}

static void names_read_back(void **state)
{
    (void)state;
    for (enum order_state s = ORDER_NONE; s < ORDER_STATE_COUNT; s++)
        assert_int_equal(order_state_of(order_state_name(s)), s);
    assert_int_equal(order_state_of("ELSEWHERE"), ORDER_STATE_COUNT);
    for (enum line_status s = LINE_NEGOTIATING; s <= LINE_REPLACED; s++)
        assert_int_equal(line_status_of(line_status_name(s)), s);
    for (enum stock_status s = STOCK_FULL; s <= STOCK_OUT; s++)
        assert_int_equal(stock_status_of(stock_status_name(s)), s);
    assert_null(stock_status_name(STOCK_UNCHECKED));
    assert_int_equal(stock_status_of(NULL), STOCK_UNCHECKED);
    assert_string_equal(decision_outcome_name(DECISION_ALREADY), "already_decided");
    assert_string_equal(message_class_name(CLASS_BILL), "bill");
}

static bool count_mark(void *arg, const char *mark, UT_string *out)
{
    (void)out;
    unsigned sum = 0;
    for (const char *at = mark; *at != '\0'; at++)
        sum = sum * 31 + (unsigned char)*at;
    *(unsigned *)arg += sum;
    return true;
}

static unsigned marks_of(enum sentence id, const char *language)
{
    unsigned sum = 0;
    UT_string out;
    utstring_init(&out);
    sentence_render(&out, id, language, count_mark, &sum);
    assert_null(strchr(utstring_body(&out), '{'));
    utstring_done(&out);
    return sum;
}

static void languages_say_the_same(void **state)
{
    (void)state;
    for (enum sentence id = SAY_NOTHING + 1; id < SENTENCE_COUNT; id++) {
        if (sentence_name(id)[0] == '\0' || sentence_text(id, "en")[0] == '\0' || sentence_text(id, "hi")[0] == '\0')
            fail_msg("sentence %d lacks a name or a text", (int)id);
        assert_int_equal(marks_of(id, "en"), marks_of(id, "hi"));
        assert_int_equal(marks_of(id, "en"), marks_of(id, "hi-Latn"));
        assert_string_equal(sentence_text(id, ""), sentence_text(id, "hi-Latn"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_walked),
        cmocka_unit_test(no_row_is_dead),
        cmocka_unit_test(a_pair_has_one_row),
        cmocka_unit_test(ends_are_final_and_only_the_owner_completes),
        cmocka_unit_test(diagram_shows_every_row),
        cmocka_unit_test(page_shows_the_diagram),
        cmocka_unit_test(schema_allows_the_same_states),
        cmocka_unit_test(names_read_back),
        cmocka_unit_test(languages_say_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
