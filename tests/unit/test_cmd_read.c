/* munim read between two streams: JSON lines in, one answer each out, in order, and its exit status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/base/json.h"
#include "workers/cli/cmd_read.h"

enum { ARGS = 10 };

struct run {
    int status;
    char *out;
    size_t n;
};

static struct run run(const char *input, size_t n, ...)
{
    char *argv[ARGS] = {(char *)"read"};
    int argc = 1;
    va_list ap;
    struct run r = {0};
    va_start(ap, n);
    for (char *a = va_arg(ap, char *); a != NULL && argc < ARGS - 1; a = va_arg(ap, char *))
        argv[argc++] = a;
    va_end(ap);
    FILE *in = n > 0 ? fmemopen((void *)(uintptr_t)input, n, "r") : fopen("/dev/null", "re");
    FILE *out = open_memstream(&r.out, &r.n);
    assert_non_null(in);
    assert_non_null(out);
    r.status = cmd_read_between(argc, argv, in, out);
    (void)fclose(in);
    (void)fclose(out);
    return r;
}

#define RUN(input, ...) run(input, strlen(input), __VA_ARGS__)

static void test_exact_numbers(void **state)
{
    (void)state;
    struct run r = RUN("{\"id\":\"a\",\"text\":\"20 m blue cotton, 7.5 m red silk, 3 gaz white linen\"}\n", NULL);
    assert_int_equal(r.status, 0);
    assert_string_equal(r.out, "{\"id\":\"a\",\"intent\":\"place_order\",\"items\":["
                               "{\"action\":\"add\",\"product\":null,\"material\":\"cotton\",\"color\":\"blue\","
                               "\"quantity\":20,\"unit\":\"m\",\"meters\":20},"
                               "{\"action\":\"add\",\"product\":null,\"material\":\"silk\",\"color\":\"red\","
                               "\"quantity\":7.5,\"unit\":\"m\",\"meters\":7.5},"
                               "{\"action\":\"add\",\"product\":null,\"material\":\"linen\",\"color\":\"white\","
                               "\"quantity\":3,\"unit\":\"yd\",\"meters\":2.7432}],"
                               "\"fields\":{},\"clarify\":[],\"language\":\"en\",\"reader\":\"words\"}\n");
    free(r.out);
}

/* Every line gets one answer with its own id; a line that is no object is told, and the others go on. */
static void test_bad_lines(void **state)
{
    (void)state;
    struct run r = RUN(
        "{\"id\":1,\"text\":\"ok\"}\nnot json\n[1]\n{\"id\":{\"x\":2}}\n{\"id\":\"z\",\"text\":\"hello\",\"new\":1}",
        NULL);
    assert_int_equal(r.status, 65);
    char *save = NULL;
    static const char *const starts[] = {
        "{\"id\":1,\"intent\":\"confirm_order\"",
        "{\"id\":null,\"error\":", "{\"id\":null,\"error\":", "{\"id\":{\"x\":2},\"error\":\"the line has no text\"",
        "{\"id\":\"z\",\"intent\":\"greeting\""};
    size_t n = 0;
    for (char *line = strtok_r(r.out, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save), n++) {
        assert_true(n < 5);
        assert_memory_equal(line, starts[n], strlen(starts[n]));
    }
    assert_int_equal(n, 5);
    free(r.out);
}

static void write_file(char path[32], const char *text)
{
    (void)strcpy(path, "/tmp/read-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(close(fd), 0);
}

/* State and context of the line win over the options. */
static void test_context(void **state)
{
    (void)state;
    char path[32];
    write_file(
        path,
        "{\"cart\":[{\"n\":1,\"material\":\"cotton\",\"color\":\"blue\",\"quantity\":\"7.5\",\"unit\":\"m\"}]}\n");
    struct run r =
        RUN("{\"id\":1,\"text\":\"+15\"}\n{\"id\":2,\"text\":\"20\",\"context\":{\"pending\":{\"slot\":\"quantity\","
            "\"item\":{\"material\":\"silk\",\"color\":\"red\",\"unit\":\"m\"}}}}\n",
            "--context", path, "--state", "COLLECTING_ITEMS", NULL);
    assert_int_equal(r.status, 0);
    assert_non_null(strstr(
        r.out, "\"color\":\"blue\",\"quantity\":22.5,\"unit\":\"m\",\"meters\":22.5,\"line\":1,\"relative\":\"+15\""));
    assert_non_null(strstr(
        r.out, "\"intent\":\"provide_value\",\"items\":[{\"action\":\"set\",\"product\":null,\"material\":\"silk\","
               "\"color\":\"red\",\"quantity\":20"));
    free(r.out);
    assert_int_equal(unlink(path), 0);
}

/* A catalogue with one bad line is refused whole, by that line's number. */
static void test_catalogue(void **state)
{
    (void)state;
    char path[32];
    write_file(path, "{\"id\":\"1\",\"name\":\"Zari Tissue\",\"aliases\":[\"zari\"],\"unit\":\"m\",\"shelf\":4}\n");
    struct run r = RUN("{\"id\":1,\"text\":\"10 m red zari\"}\n", "--catalogue", path, NULL);
    assert_int_equal(r.status, 0);
    assert_non_null(strstr(r.out, "\"product\":\"Zari Tissue\",\"material\":null,\"color\":\"red\",\"quantity\":10"));
    free(r.out);
    assert_int_equal(unlink(path), 0);
    static const char *const bad[] = {"{\"id\":\"1\",\"name\":\"a\"}\n{oops\n",
                                      "{\"id\":\"1\",\"name\":\"a\"}\n{\"name\":\"b\"}\n", "[]\n",
                                      "{\"kind\":\"song\",\"name\":\"c\"}\n", "{\"id\":\"1\"}\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        write_file(path, bad[i]);
        r = RUN("{\"id\":1,\"text\":\"ok\"}\n", "--catalogue", path, NULL);
        assert_int_equal(r.status, 65);
        assert_int_equal(r.n, 0);
        free(r.out);
        assert_int_equal(unlink(path), 0);
    }
}

static void test_usage(void **state)
{
    (void)state;
    struct run r = run("", 0, "--reader", "model", NULL);
    assert_int_equal(r.status, 2);
    free(r.out);
    r = run("", 0, "--nonsense", NULL);
    assert_int_equal(r.status, 2);
    free(r.out);
    r = run("", 0, "--catalogue", "/nonexistent", NULL);
    assert_int_equal(r.status, 1);
    free(r.out);
    r = run("", 0, NULL);
    assert_int_equal(r.status, 0);
    assert_int_equal(r.n, 0);
    free(r.out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_exact_numbers), cmocka_unit_test(test_bad_lines),
                                       cmocka_unit_test(test_context), cmocka_unit_test(test_catalogue),
                                       cmocka_unit_test(test_usage)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
