/* Settings: order of sources, types, refusals by file and line, secrets, and the printed form read back. */
#include "common/config/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/munim-settings-XXXXXX";
static char path[64];

static int make_dir(void **state)
{
    (void)state;
    if (mkdtemp(dir) == NULL)
        return -1;
    (void)snprintf(path, sizeof path, "%s/a.ini", dir);
    return 0;
}

static int drop_dir(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(dir);
}

static int clean_env(void **state)
{
    (void)state;
    static const char *const names[] = {"MUNIM_CONFIG",          "KAFKA_BOOTSTRAP",    "DATABASE_URL",
                                        "MUNIM_KAFKA_BOOTSTRAP", "MUNIM_WORKER_BATCH", "MUNIM_KAFKA_PREFIX"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
    return 0;
}

static void put_file(const char *text, size_t n)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, n, file), n);
    fclose(file);
}

/* Settings from a file's text and up to three flags; the arguments that were kept are in kept. */
static struct settings *make(const char *text, const char *flag, const char *flag2, struct fault *f)
{
    char a[128], b[128], config[80];
    char *argv[5] = {(char *)"prog", config, a, b, NULL};
    int argc = flag2 != NULL ? 4 : flag != NULL ? 3 : 2;
    argv[argc] = NULL;
    (void)snprintf(config, sizeof config, "--config=%s", path);
    (void)snprintf(a, sizeof a, "%s", flag != NULL ? flag : "");
    (void)snprintf(b, sizeof b, "%s", flag2 != NULL ? flag2 : "");
    put_file(text, strlen(text));
    return settings_new(&argc, argv, f);
}

static void refused(const char *text, const char *flag, const char *words)
{
    struct fault f = {.text = ""};
    struct settings *s = make(text, flag, NULL, &f);
    if (s != NULL || strstr(f.text, words) == NULL)
        fail_msg("\"%s\" wanted in \"%s\"", words, f.text);
    assert_int_equal(f.verdict, VERDICT_STOP);
}

static void defaults(void **state)
{
    (void)state;
    struct fault f;
    char *argv[] = {(char *)"prog", NULL};
    int argc = 1;
    struct settings *s = settings_new(&argc, argv, &f);
    assert_non_null(s);
    assert_string_equal(settings_text(s, "kafka", "prefix"), "munim");
    assert_string_equal(settings_text(s, "kafka", "bootstrap"), "127.0.0.1:9092");
    assert_int_equal(settings_int(s, "ingress", "body_limit"), 3 * 1024 * 1024);
    assert_int_equal(settings_int(s, "worker", "republish"), 5000);
    assert_int_equal(settings_int(s, "sender", "uncertain_window"), 120000);
    assert_int_equal(settings_int(s, "kafka", "partitions"), 12);
    settings_free(&s);
    assert_null(s);
}

static void flag_over_env_over_file(void **state)
{
    (void)state;
    struct fault f;
    static const char text[] = "[kafka]\nprefix = file ; no comment\n\n[worker]\nbatch=7\n";
    struct settings *s = make(text, NULL, NULL, &f);
    assert_non_null(s);
    assert_string_equal(settings_text(s, "kafka", "prefix"), "file ; no comment");
    assert_int_equal(settings_int(s, "worker", "batch"), 7);
    settings_free(&s);
    setenv("MUNIM_WORKER_BATCH", "8", 1);
    setenv("MUNIM_KAFKA_PREFIX", "", 1);
    s = make(text, NULL, NULL, &f);
    assert_int_equal(settings_int(s, "worker", "batch"), 8);
    assert_string_equal(settings_text(s, "kafka", "prefix"), "file ; no comment");
    settings_free(&s);
    s = make(text, "--worker.batch=9", NULL, &f);
    assert_int_equal(settings_int(s, "worker", "batch"), 9);
    settings_free(&s);
    s = make(text, "--worker.batch", "10", &f);
    assert_int_equal(settings_int(s, "worker", "batch"), 10);
    settings_free(&s);
}

static void aliases(void **state)
{
    (void)state;
    struct fault f;
    setenv("KAFKA_BOOTSTRAP", "k1:9092,k2:9092", 1);
    setenv("DATABASE_URL", "postgresql:///shop", 1);
    struct settings *s = make("[kafka]\nbootstrap=file:1\n", NULL, NULL, &f);
    assert_string_equal(settings_text(s, "kafka", "bootstrap"), "k1:9092,k2:9092");
    assert_string_equal(settings_text(s, "postgres", "url"), "postgresql:///shop");
    settings_free(&s);
    setenv("MUNIM_KAFKA_BOOTSTRAP", "k3:9092", 1);
    s = make("", NULL, NULL, &f);
    assert_string_equal(settings_text(s, "kafka", "bootstrap"), "k3:9092");
    settings_free(&s);
}

static void other_arguments_stay(void **state)
{
    (void)state;
    struct fault f;
    char *argv[] = {(char *)"munim",  (char *)"approve", (char *)"--kafka.prefix=a", (char *)"--reason=no. 5",
                    (char *)"--json", (char *)"--",      (char *)"--kafka.prefix=b", NULL};
    int argc = 7;
    struct settings *s = settings_new(&argc, argv, &f);
    assert_non_null(s);
    assert_int_equal(argc, 6);
    assert_string_equal(argv[1], "approve");
    assert_string_equal(argv[2], "--reason=no. 5");
    assert_string_equal(argv[3], "--json");
    assert_string_equal(argv[4], "--");
    assert_string_equal(argv[5], "--kafka.prefix=b");
    assert_null(argv[6]);
    assert_string_equal(settings_text(s, "kafka", "prefix"), "a");
    settings_free(&s);
}

static void units(void **state)
{
    (void)state;
    static const struct {
        const char *flag;
        int64_t want;
    } rows[] = {
        {"--worker.republish=250ms", 250},           {"--worker.republish=20s", 20000},
        {"--worker.republish=5m", 300000},           {"--worker.republish=7", 7000},
        {"--sender.uncertain_window=24h", 86400000},
    };
    struct fault f;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct settings *s = make("", rows[i].flag, NULL, &f);
        if (s == NULL)
            fail_msg("%s", f.text);
        assert_int_equal(settings_int(s, i < 4 ? "worker" : "sender", i < 4 ? "republish" : "uncertain_window"),
                         rows[i].want);
        settings_free(&s);
    }
    static const char *const sizes[] = {"65536", "65536B", "64KiB"};
    for (size_t i = 0; i < 3; i++) {
        struct settings *s = make("", "--ingress.head_limit", sizes[i], &f);
        assert_int_equal(settings_int(s, "ingress", "head_limit"), 65536);
        settings_free(&s);
    }
}

static void refuses_by_name(void **state)
{
    (void)state;
    refused("[kafka]\nprefix=a\nbootstap=b\n", NULL, "a.ini:3: section [kafka] has no setting \"bootstap\"");
    refused("\n\n[kafak]\nprefix=a\n", NULL, "a.ini:4: there is no section [kafak]");
    refused("prefix=a\n", NULL, "a.ini:1: there is no section []");
    refused("[kafka]\nprefix=a\n\nprefix=b\n", NULL, "a.ini:4: kafka.prefix is set twice, first at");
    refused("[kafka]\nprefix=a\n  continued\n", NULL, "a.ini:3: neither");
    refused("[kafka\nprefix=a\n", NULL, "a.ini:1: neither");
    refused("[worker]\nbatch=many\n", NULL, "a.ini:2: worker.batch = \"many\": a whole number is wanted");
    refused("[worker]\nbatch=\n", NULL, "a whole number is wanted");
    refused("[worker]\nbatch=0\n", NULL, "must be from 1 to 512");
    refused("[worker]\nbatch=99999999999999999999\n", NULL, "a whole number is wanted");
    refused("[worker]\nrepublish=1.5s\n", NULL, "a duration");
    refused("[worker]\nrepublish=5 s\n", NULL, "a duration");
    refused("[worker]\nrepublish=9223372036854775807h\n", NULL, "a duration");
    refused("[ingress]\nbody_limit=3MB\n", NULL, "a size");
    refused("[log]\nformat=yaml\n", NULL, "json|logfmt|auto is wanted");
    refused("[log]\nformat=json|logfmt\n", NULL, "is wanted");
    refused("", "--kafka.bootstap=x", "flag: section [kafka] has no setting \"bootstap\"");
    refused("", "--worker.batch", "a value is wanted");
    refused("", "--kafka.prefix=a\nb", "control character");
    setenv("MUNIM_WORKER_BATCH", "x", 1);
    refused("", NULL, "environment MUNIM_WORKER_BATCH: worker.batch");
}

static void refuses_long_lines_and_missing_files(void **state)
{
    (void)state;
    struct fault f;
    char text[9000];
    memset(text, 'x', sizeof text);
    memcpy(text, "[kafka]\nprefix=", 15);
    text[sizeof text - 1] = '\0';
    refused(text, NULL, "a.ini:2: the line is too long");
    char *argv[] = {(char *)"prog", (char *)"--config", (char *)"/nonexistent/x.ini", NULL};
    int argc = 3;
    assert_null(settings_new(&argc, argv, &f));
    assert_non_null(strstr(f.text, "/nonexistent/x.ini"));
    argc = 2;
    argv[2] = NULL;
    assert_null(settings_new(&argc, argv, &f));
}

static void secrets(void **state)
{
    (void)state;
    static const char *const words[] = {"", "\n", NULL};
    struct fault f;
    char flag[96], big[4098];
    (void)snprintf(flag, sizeof flag, "--whatsapp.app_secret_file=%s", path);
    struct settings *s = make("", flag, NULL, &f);
    assert_non_null(s);
    put_file("hush\n\n", 6);
    char *secret = settings_secret(s, "whatsapp", "app_secret_file", &f);
    assert_string_equal(secret, "hush\n");
    free(secret);
    assert_int_equal(settings_check(s, &f), 0);
    for (size_t i = 0; words[i] != NULL; i++) {
        put_file(words[i], strlen(words[i]));
        assert_null(settings_secret(s, "whatsapp", "app_secret_file", &f));
        assert_non_null(strstr(f.text, "whatsapp.app_secret_file"));
        assert_non_null(strstr(f.text, "empty"));
    }
    memset(big, 'x', sizeof big);
    put_file(big, 4096);
    secret = settings_secret(s, "whatsapp", "app_secret_file", &f);
    assert_int_equal(strlen(secret), 4096);
    free(secret);
    put_file(big, 4097);
    assert_null(settings_secret(s, "whatsapp", "app_secret_file", &f));
    assert_non_null(strstr(f.text, "4 KiB"));
    put_file("a\0b", 3);
    assert_null(settings_secret(s, "whatsapp", "app_secret_file", &f));
    unlink(path);
    assert_null(settings_secret(s, "whatsapp", "app_secret_file", &f));
    assert_non_null(strstr(f.text, "No such file"));
    assert_int_equal(settings_check(s, &f), -1);
    assert_null(settings_secret(s, "whatsapp", "verify_token_file", &f));
    assert_non_null(strstr(f.text, "not set"));
    settings_free(&s);
}

static char *printed(const struct settings *s)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    settings_print(s, out);
    fclose(out);
    return text;
}

static void printed_form_reads_back(void **state)
{
    (void)state;
    struct fault f;
    setenv("DATABASE_URL", "host=/run/pg dbname=a;b ; c", 1);
    setenv("MUNIM_KAFKA_BOOTSTAP", "x", 1);
    struct settings *s = make("[worker]\nbatch=7\n", "--worker.republish=1m", NULL, &f);
    char *first = printed(s);
    settings_free(&s);
    unsetenv("DATABASE_URL");
    assert_non_null(strstr(first, "# MUNIM_KAFKA_BOOTSTAP in the environment is no setting\n"));
    unsetenv("MUNIM_KAFKA_BOOTSTAP");
    assert_non_null(strstr(first, "a.ini:2\nbatch=7\n"));
    assert_non_null(strstr(first, "# from environment DATABASE_URL\n"));
    assert_non_null(strstr(first, "# from flag\nrepublish=1m\n"));
    assert_non_null(strstr(first, "# turns at work at once\n# from default\nin_flight=256\n"));
    s = make(first, NULL, NULL, &f);
    if (s == NULL)
        fail_msg("%s", f.text);
    assert_string_equal(settings_text(s, "postgres", "url"), "host=/run/pg dbname=a;b ; c");
    assert_int_equal(settings_int(s, "worker", "batch"), 7);
    assert_int_equal(settings_int(s, "worker", "republish"), 60000);
    settings_free(&s);
    free(first);
}

static void prints_no_password(void **state)
{
    (void)state;
    static const char *const urls[] = {
        "postgresql://munim:canary@db/shop?sslmode=require",
        "host=db password=canary dbname=shop",
        "host=db password='canary \\' x' dbname=shop",
        "postgresql://db/shop?user=munim&password=canary&sslmode=require",
    };
    struct fault f;
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        setenv("DATABASE_URL", urls[i], 1);
        struct settings *s = make("", NULL, NULL, &f);
        char *text = printed(s);
        assert_null(strstr(text, "canary"));
        assert_non_null(strstr(text, "db"));
        assert_non_null(strstr(text, "shop"));
        free(text);
        settings_free(&s);
    }
}

static void documentation_is_this_table(void **state)
{
    (void)state;
    static char page[65536];
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    settings_markdown(out);
    fclose(out);
    FILE *file = fopen("docs/configuration.md", "r");
    if (file == NULL)
        fail_msg("run from the project's root: docs/configuration.md is not there");
    page[fread(page, 1, sizeof page - 1, file)] = '\0';
    fclose(file);
    if (strstr(page, text) == NULL)
        fail_msg("docs/configuration.md must hold this table:\n%s", text);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(defaults, clean_env),
        cmocka_unit_test_setup(flag_over_env_over_file, clean_env),
        cmocka_unit_test_setup(aliases, clean_env),
        cmocka_unit_test_setup(other_arguments_stay, clean_env),
        cmocka_unit_test_setup(units, clean_env),
        cmocka_unit_test_setup(refuses_by_name, clean_env),
        cmocka_unit_test_setup(refuses_long_lines_and_missing_files, clean_env),
        cmocka_unit_test_setup(secrets, clean_env),
        cmocka_unit_test_setup(printed_form_reads_back, clean_env),
        cmocka_unit_test_setup(prints_no_password, clean_env),
        cmocka_unit_test_setup(documentation_is_this_table, clean_env),
    };
    return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
