/* Log lines as text, and one through the real writer into a pipe. */
#include "common/base/fault.h"
#include "common/base/json.h"
#include "common/log/log.h"
#include "common/log/render.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define AT INT64_C(0x017F22E279B0) /* 2022-02-22T19:22:22.000Z */

static void check(enum log_format format, const char *msg, const struct log_field *fields, size_t n, const char *want)
{
    UT_string out;
    utstring_init(&out);
    log_render(&out, format,
               &(struct log_event){.wall_ms = AT,
                                   .level = LOG_WARN,
                                   .msg = msg,
                                   .service = "munim-test",
                                   .pid = 42,
                                   .fields = fields,
                                   .n_fields = n});
    assert_string_equal(utstring_body(&out), want);
    if (format == LOG_JSON) {
        cJSON *o = json_parse(utstring_body(&out), utstring_len(&out), &json_limits_default, NULL);
        assert_non_null(o);
        cJSON_Delete(o);
    }
    utstring_done(&out);
}

#define JSON_HEAD "{\"time\":\"2022-02-22T19:22:22.000Z\",\"level\":\"warn\",\"msg\":"
#define JSON_TAIL ",\"service\":\"munim-test\",\"pid\":42"
#define TEXT_HEAD "time=2022-02-22T19:22:22.000Z level=warn msg="
#define TEXT_TAIL " service=munim-test pid=42"

static void golden_lines(void **state)
{
    (void)state;
    const struct log_field fields[] = {F_STR("topic", "munim.inbound.v1"), F_INT("partition", -3), F_STR("empty", ""),
                                       F_STR("none", (const char *)NULL)};
    check(LOG_JSON, "partition claimed", NULL, 0, JSON_HEAD "\"partition claimed\"" JSON_TAIL "}\n");
    check(LOG_JSON, "claimed", fields, 4,
          JSON_HEAD "\"claimed\"" JSON_TAIL
                    ",\"topic\":\"munim.inbound.v1\",\"partition\":-3,\"empty\":\"\",\"none\":\"\"}\n");
    check(LOG_LOGFMT, "partition claimed", NULL, 0, TEXT_HEAD "\"partition claimed\"" TEXT_TAIL "\n");
    check(LOG_LOGFMT, "claimed", fields, 4,
          TEXT_HEAD "claimed" TEXT_TAIL " topic=munim.inbound.v1 partition=-3 empty=\"\" none=\"\"\n");
}

static void one_event_is_one_line(void **state)
{
    (void)state;
    const struct log_field fields[] = {F_STR("x", "a\nb\x1b[31m\"q\"\\ =\x7f")};
    check(LOG_JSON, "m", fields, 1,
          JSON_HEAD "\"m\"" JSON_TAIL ",\"x\":\"a\\u000ab\\u001b[31m\\\"q\\\"\\\\ =\\u007f\"}\n");
    check(LOG_LOGFMT, "m", fields, 1, TEXT_HEAD "m" TEXT_TAIL " x=\"a\\u000ab\\u001b[31m\\\"q\\\"\\\\ =\\u007f\"\n");
    const struct log_field more[] = {F_STR("x", "\xc2\x85\xe2\x80\xa8|\xff|\xe0\xa4|\xe0\xa4\xb9"), F_STR("y", "a=b"),
                                     F_STR("z", "{")};
    check(LOG_JSON, "m", more, 3,
          JSON_HEAD "\"m\"" JSON_TAIL ",\"x\":\"\\u0085\\u2028|\xef\xbf\xbd|\xef\xbf\xbd\xef\xbf\xbd|\xe0\xa4\xb9\""
                    ",\"y\":\"a=b\",\"z\":\"{\"}\n");
    check(LOG_LOGFMT, "m", more, 3,
          TEXT_HEAD "m" TEXT_TAIL " x=\"\\u0085\\u2028|\xef\xbf\xbd|\xef\xbf\xbd\xef\xbf\xbd|\xe0\xa4\xb9\""
                    " y=\"a=b\" z={\n");
}

static void writes_to_stderr_from_a_level_on(void **state)
{
    (void)state;
    int ends[2];
    char text[1024];
    int before = dup(STDERR_FILENO);
    assert_int_equal(pipe(ends), 0);
    fflush(stderr);
    dup2(ends[1], STDERR_FILENO);
    log_setup("munim-test", LOG_JSON, LOG_INFO);
    log_line(LOG_DEBUG, "not written");
    log_event(LOG_INFO, "first", F_INT("n", 1));
    struct fault f;
    fault_code(&f, VERDICT_RETRY, "57P01", "gone for now");
    log_fault(LOG_ERROR, "second", &f);
    dup2(before, STDERR_FILENO);
    close(before);
    close(ends[1]);
    ssize_t n = read(ends[0], text, sizeof text - 1);
    close(ends[0]);
    assert_true(n > 0);
    text[n] = '\0';
    char *second = strchr(text, '\n') + 1;
    cJSON *a = json_parse(text, (size_t)(second - text), &json_limits_default, NULL);
    cJSON *b = json_parse(second, strlen(second), &json_limits_default, NULL);
    int64_t pid = 0;
    assert_string_equal(json_str(a, "msg"), "first");
    assert_string_equal(json_str(a, "level"), "info");
    assert_string_equal(json_str(a, "service"), "munim-test");
    assert_true(json_i64(a, "pid", &pid));
    assert_int_equal(pid, getpid());
    assert_string_equal(json_str(b, "msg"), "second");
    assert_string_equal(json_str(b, "level"), "error");
    assert_string_equal(json_str(b, "verdict"), "retry");
    assert_string_equal(json_str(b, "code"), "57P01");
    assert_string_equal(json_str(b, "reason"), "gone for now");
    cJSON_Delete(a);
    cJSON_Delete(b);
}

static void an_abort_has_a_last_line(void **state)
{
    (void)state;
    for (int format = LOG_JSON; format <= LOG_LOGFMT; format++) {
        int ends[2], status = 0;
        char text[1024];
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        if (child == 0) {
            dup2(ends[1], STDERR_FILENO);
            log_setup("munim-test", (enum log_format)format, LOG_INFO);
            abort();
        }
        close(ends[1]);
        ssize_t n = read(ends[0], text, sizeof text - 1);
        close(ends[0]);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
        assert_true(n > 0);
        text[n] = '\0';
        assert_non_null(strstr(text, "munim-test"));
        assert_non_null(strstr(text, "memory is out"));
        if (format == LOG_LOGFMT)
            continue;
        cJSON *line = json_parse(text, (size_t)n, &json_limits_default, NULL);
        int64_t pid = 0;
        assert_string_equal(json_str(line, "msg"), "aborted");
        assert_true(json_i64(line, "pid", &pid));
        assert_int_equal(pid, child);
        cJSON_Delete(line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_lines),
        cmocka_unit_test(one_event_is_one_line),
        cmocka_unit_test(writes_to_stderr_from_a_level_on),
        cmocka_unit_test(an_abort_has_a_last_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
