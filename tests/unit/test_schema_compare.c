/* The comparison of a live schema with the one a program was built for. */
#include "common/pg/schema_check.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

enum { ROOM = 512 };

struct notes {
    char text[ROOM];
};

static void note(void *arg, const char *words)
{
    struct notes *n = arg;
    size_t used = strlen(n->text);
    snprintf(n->text + used, sizeof n->text - used, "%s\n", words);
}

static const struct schema_row known[] = {
    {"column", "gate", "conversation_id", "uuid NOT NULL"},
    {"column", "orders", "state", "text NOT NULL"},
    {"column", "orders", "version", "bigint NOT NULL"},
    {"constraint", "orders", "orders_state_check", "CHECK (state = 'A')"},
    {"function", "", "require(bigint)", "void md5 1"},
    {"index", "orders", "orders_one_open", "CREATE UNIQUE INDEX"},
};
static const struct schema_rows want = {known, sizeof known / sizeof known[0]};

static size_t compare(const struct schema_row *rows, size_t n, enum schema_user who, struct notes *out)
{
    out->text[0] = '\0';
    return schema_compare(&want, &(struct schema_rows){rows, n}, who, note, out);
}

static void same_schema_passes(void **state)
{
    (void)state;
    struct notes out;
    assert_int_equal(compare(known, want.n, SCHEMA_WORKER, &out), 0);
    assert_string_equal(out.text, "");
}

static void each_missing_part_is_named(void **state)
{
    (void)state;
    static const char *const words[] = {
        "table munim.gate is missing\n",
        "column munim.orders.state is missing\n",
        "column munim.orders.version is missing\n",
        "constraint munim.orders.orders_state_check is missing\n",
        "function munim.require(bigint) is missing\n",
        "index munim.orders.orders_one_open is missing\n",
    };
    for (size_t gone = 0; gone < want.n; gone++) {
        struct schema_row rows[sizeof known / sizeof known[0]];
        size_t n = 0;
        for (size_t i = 0; i < want.n; i++) {
            if (i != gone) {
                rows[n++] = known[i];
            }
        }
        struct notes out;
        assert_int_equal(compare(rows, n, SCHEMA_WORKER, &out), 1);
        assert_string_equal(out.text, words[gone]);
    }
}

static void a_missing_table_is_told_once(void **state)
{
    (void)state;
    struct schema_row rows[] = {known[0], known[4]};
    struct notes out;
    assert_int_equal(compare(rows, 2, SCHEMA_WORKER, &out), 1);
    assert_string_equal(out.text, "table munim.orders is missing\n");
}

static void another_definition_differs(void **state)
{
    (void)state;
    struct schema_row rows[sizeof known / sizeof known[0]];
    memcpy(rows, known, sizeof known);
    rows[3].definition = "CHECK (state = 'A') NOT VALID";
    struct notes out;
    assert_int_equal(compare(rows, want.n, SCHEMA_WORKER, &out), 1);
    assert_string_equal(out.text, "constraint munim.orders.orders_state_check differs\n");
}

static size_t with_extra(const struct schema_row *extra, size_t at, struct notes *out)
{
    struct schema_row rows[sizeof known / sizeof known[0] + 1];
    for (size_t i = 0, k = 0; i < want.n + 1; i++) {
        rows[i] = i == at ? *extra : known[k++];
    }
    return compare(rows, want.n + 1, SCHEMA_WORKER, out);
}

static void additions_pass_unless_they_can_refuse_a_write(void **state)
{
    (void)state;
    struct notes out;
    assert_int_equal(with_extra(&(struct schema_row){"column", "orders", "note", "text"}, 2, &out), 0);
    assert_int_equal(with_extra(&(struct schema_row){"column", "orders", "note", "text NOT NULL DEFAULT ''"}, 2, &out),
                     0);
    assert_int_equal(with_extra(&(struct schema_row){"column", "later", "id", "uuid NOT NULL"}, 1, &out), 0);
    assert_int_equal(with_extra(&(struct schema_row){"index", "orders", "a", "CREATE INDEX a"}, 5, &out), 0);
    assert_int_equal(with_extra(&(struct schema_row){"function", "", "later()", "void md5 2"}, 4, &out), 0);

    assert_int_equal(with_extra(&(struct schema_row){"column", "orders", "note", "text NOT NULL"}, 2, &out), 1);
    assert_string_equal(out.text, "column munim.orders.note is unknown\n");
    assert_int_equal(with_extra(&(struct schema_row){"index", "orders", "a", "CREATE UNIQUE INDEX a"}, 5, &out), 1);
    assert_int_equal(with_extra(&(struct schema_row){"constraint", "orders", "a", "CHECK (false)"}, 3, &out), 1);
    assert_int_equal(with_extra(&(struct schema_row){"trigger", "orders", "a", "CREATE TRIGGER a"}, 6, &out), 1);
}

static void the_sender_looks_at_its_own_tables_only(void **state)
{
    (void)state;
    struct schema_row rows[] = {known[0], known[4]};
    struct notes out;
    assert_int_equal(compare(rows, 2, SCHEMA_SENDER, &out), 0);
    struct schema_row without_gate[] = {known[1], known[2], known[3], known[4], known[5]};
    assert_int_equal(compare(without_gate, 5, SCHEMA_SENDER, &out), 1);
    assert_string_equal(out.text, "table munim.gate is missing\n");
}

static void what_is_compiled_in_is_in_order_and_whole(void **state)
{
    (void)state;
    assert_true(schema_expected.n > 300);
    bool orders_version = false;
    for (size_t i = 0; i < schema_expected.n; i++) {
        const struct schema_row *r = &schema_expected.rows[i];
        if (i > 0) {
            const struct schema_row *b = r - 1;
            int c = strcmp(b->kind, r->kind);
            c = c != 0 ? c : strcmp(b->table, r->table);
            c = c != 0 ? c : strcmp(b->name, r->name);
            assert_true(c < 0);
        }
        orders_version |= strcmp(r->table, "orders") == 0 && strcmp(r->name, "version") == 0;
    }
    assert_true(orders_version);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_schema_passes),
        cmocka_unit_test(each_missing_part_is_named),
        cmocka_unit_test(a_missing_table_is_told_once),
        cmocka_unit_test(another_definition_differs),
        cmocka_unit_test(additions_pass_unless_they_can_refuse_a_write),
        cmocka_unit_test(the_sender_looks_at_its_own_tables_only),
        cmocka_unit_test(what_is_compiled_in_is_in_order_and_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
