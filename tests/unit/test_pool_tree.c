#include "workers/pool/notify.h"
#include "workers/pool/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct settings *settings_with(const char *flag, const char *other)
{
    struct fault f;
    int count = 3;
    char *argv[] = {strdup("test"), strdup(flag), strdup(other), NULL}, *kept[] = {argv[0], argv[1], argv[2], NULL};
    struct settings *s = settings_new(&count, kept, &f);
    for (int i = 0; i < 3; i++)
        free(argv[i]);
    assert_non_null(s);
    return s;
}

static const struct pool_row *row_named(const char *name)
{
    const struct pool_row *row = pool_rows;
    while (row->name != NULL && strcmp(row->name, name) != 0)
        row++;
    assert_non_null(row->name);
    return row;
}

static void assert_argument(const char *pattern, const struct settings *s, const char *wanted)
{
    struct fault f = {0};
    char *text = tree_argument(pattern, s, "/run/x", &f);
    assert_non_null(text);
    assert_string_equal(text, wanted);
    free(text);
}

static void placeholders_are_filled(void **state)
{
    struct settings *s = settings_with("--whatsapp.api_url=http://127.0.0.1:9000/v23.0", "--ingress.listen=[::1]:80");
    (void)state;
    assert_argument("--listen", s, "--listen");
    assert_argument("{api}", s, "127.0.0.1:9000");
    assert_argument("http://{ingress.listen}/webhooks/whatsapp", s, "http://[::1]:80/webhooks/whatsapp");
    assert_argument("{run}/witness.jsonl", s, "/run/x/witness.jsonl");
    settings_free(&s);
}

static void what_cannot_be_filled_stops(void **state)
{
    static const char *const patterns[] = {"{api}", "{whatsapp.app_secret_file}", "{nothing}"};
    struct settings *s = settings_with("--whatsapp.api_url=nowhere", "--worker.processes=1");
    (void)state;
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        struct fault f = {0};
        assert_null(tree_argument(patterns[i], s, "/run/x", &f));
        assert_int_equal(f.verdict, VERDICT_STOP);
        assert_int_not_equal(f.text[0], '\0');
    }
    settings_free(&s);
}

static void counts_come_from_settings(void **state)
{
    struct settings *s = settings_with("--worker.processes=3", "--pool.simulator=true");
    struct settings *plain = settings_with("--worker.processes=1", "--pool.simulator=false");
    (void)state;
    assert_int_equal(tree_count(row_named("munim-worker"), s), 3);
    assert_int_equal(tree_count(row_named("munim-sim"), s), 1);
    assert_int_equal(tree_count(row_named("munim-sim"), plain), 0);
    assert_int_equal(tree_count(row_named("munim-sender"), plain), 1);
    settings_free(&s);
    settings_free(&plain);
}

static void every_row_has_a_stage_and_ingress_ends_first(void **state)
{
    (void)state;
    for (const struct pool_row *row = pool_rows; row->name != NULL; row++) {
        assert_in_range(row->stage, 0, TREE_STAGES - 1);
        assert_true(row->stage > 0 || strcmp(row->name, "munim-ingress") == 0);
    }
}

static void names_are_numbered_only_among_several(void **state)
{
    char name[64];
    (void)state;
    tree_name(row_named("munim-worker"), 1, 0, name);
    assert_string_equal(name, "munim-worker");
    tree_name(row_named("munim-worker"), 2, 1, name);
    assert_string_equal(name, "munim-worker-2");
}

static void notices_are_read_line_by_line(void **state)
{
    static const char text[] = "STATUS=3 partitions\nREADY=1\nWATCHDOG=1\n";
    struct notice n;
    (void)state;
    notice_parse(text, sizeof(text) - 1, &n);
    assert_true(n.ready);
    assert_false(n.stopping);
    assert_string_equal(n.status, "3 partitions");
    notice_parse("STOPPING=1", 10, &n);
    assert_true(n.stopping && !n.ready);
    assert_string_equal(n.status, "");
}

static void other_notices_mean_nothing(void **state)
{
    static const char *const texts[] = {"", "\n\n", "READY=10", "XREADY=1", "READY", "STATUS", "ready=1"};
    struct notice n;
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        notice_parse(texts[i], strlen(texts[i]), &n);
        assert_false(n.ready || n.stopping);
        assert_string_equal(n.status, "");
    }
}

static void a_long_status_is_cut(void **state)
{
    char text[512];
    struct notice n;
    (void)state;
    memset(text, 'x', sizeof(text));
    /* NOLINTNEXTLINE(bugprone-not-null-terminated-result): more follows, the length is told */
    memcpy(text, "STATUS=", 7);
    notice_parse(text, sizeof(text), &n);
    assert_int_equal(strlen(n.status), sizeof(n.status) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(placeholders_are_filled),
        cmocka_unit_test(what_cannot_be_filled_stops),
        cmocka_unit_test(counts_come_from_settings),
        cmocka_unit_test(every_row_has_a_stage_and_ingress_ends_first),
        cmocka_unit_test(names_are_numbered_only_among_several),
        cmocka_unit_test(notices_are_read_line_by_line),
        cmocka_unit_test(other_notices_mean_nothing),
        cmocka_unit_test(a_long_status_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
