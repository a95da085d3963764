/* The metrics page: text format 0.0.4 to the byte, escaping, histograms, and promtool's opinion of it. */
#include "common/metrics/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct metric total = {.name = "munim_test_events_total", .help = "Events.", .type = METRIC_COUNTER};
static struct metric lag = {.name = "munim_test_lag_records",
                            .help = "Back\\slash and\nline.",
                            .type = METRIC_GAUGE,
                            .labels = {"topic", "state"}};
static struct metric shares = {.name = "munim_test_part_records",
                               .help = "Three labels.",
                               .type = METRIC_GAUGE,
                               .labels = {"group", "topic", "partition"}};
static struct metric silent = {
    .name = "munim_test_silent_total", .help = "Nothing yet.", .type = METRIC_COUNTER, .labels = {"reason"}};
static struct metric took = {.name = "munim_test_took_seconds", .help = "Time.", .type = METRIC_HISTOGRAM};

static char *page(void)
{
    UT_string out;
    utstring_init(&out);
    metrics_page(&out);
    return utstring_body(&out);
}

static int forget(void **state)
{
    (void)state;
    metric_clear(&total);
    metric_clear(&lag);
    metric_clear(&shares);
    metric_clear(&silent);
    metric_clear(&took);
    return 0;
}

static void has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("wanted:\n%s\nin:\n%s", part, text);
}

static void counters_and_gauges(void **state)
{
    (void)state;
    metric_register(&total);
    metric_register(&total);
    metric_register(&silent);
    metric_add(&total, NULL, NULL, 2);
    metric_add(&total, NULL, NULL, 1);
    metric_set(&lag, "in\"b\\\n", "up", 0.1);
    metric_set(&lag, "in", "down", 1e15);
    metric_set(&lag, "in", "down", 12345678901);
    assert_true(metric_value(&total, NULL, NULL) == 3);
    assert_true(metric_value(&lag, "none", "none") == 0);
    char *text = page();
    has(text, "# HELP munim_test_events_total Events.\n# TYPE munim_test_events_total counter\n"
              "munim_test_events_total 3\n");
    has(text, "# HELP munim_test_lag_records Back\\\\slash and\\nline.\n# TYPE munim_test_lag_records gauge\n"
              "munim_test_lag_records{topic=\"in\\\"b\\\\\\n\",state=\"up\"} 0.1\n"
              "munim_test_lag_records{topic=\"in\",state=\"down\"} 12345678901\n");
    has(text, "# TYPE munim_test_silent_total counter\n#");
    assert_null(strstr(strstr(text, "munim_test_events_total 3") + 1, "munim_test_events_total"));
    free(text);
    metric_clear(&lag);
    text = page();
    assert_null(strstr(text, "munim_test_lag_records{"));
    free(text);
}

/* Three labels; a series is found again by all of them, and only by all of them. */
static void three_labels(void **state)
{
    (void)state;
    metric_set_values(&shares, (const char *const[]){"g", "t", "0"}, 5);
    metric_set_values(&shares, (const char *const[]){"g", "t", "1"}, 6);
    metric_set_values(&shares, (const char *const[]){"g", "t", "0"}, 7);
    metric_set_values(&shares, (const char *const[]){"g", "", "a\"b"}, 8);
    char *text = page();
    has(text, "# TYPE munim_test_part_records gauge\n"
              "munim_test_part_records{group=\"g\",topic=\"t\",partition=\"0\"} 7\n"
              "munim_test_part_records{group=\"g\",topic=\"t\",partition=\"1\"} 6\n"
              "munim_test_part_records{group=\"g\",topic=\"\",partition=\"a\\\"b\"} 8\n");
    free(text);
    metric_clear(&shares);
    text = page();
    assert_null(strstr(text, "munim_test_part_records{"));
    free(text);
}

static void special_numbers(void **state)
{
    (void)state;
    metric_set(&lag, "a", "a", __builtin_inf());
    metric_set(&lag, "b", "b", -__builtin_inf());
    metric_set(&lag, "c", "c", __builtin_nan(""));
    metric_set(&lag, "d", "d", 1.0 / 3);
    char *text = page();
    has(text, "state=\"a\"} +Inf\n");
    has(text, "state=\"b\"} -Inf\n");
    has(text, "state=\"c\"} NaN\n");
    double back = strtod(strstr(text, "state=\"d\"} ") + strlen("state=\"d\"} "), NULL);
    assert_true(back == 1.0 / 3);
    free(text);
}

static void histograms(void **state)
{
    (void)state;
    metric_observe(&took, NULL, NULL, 0.005);
    metric_observe(&took, NULL, NULL, 0.3);
    metric_observe(&took, NULL, NULL, 11);
    char *text = page();
    has(text, "# TYPE munim_test_took_seconds histogram\n"
              "munim_test_took_seconds_bucket{le=\"0.005\"} 1\n"
              "munim_test_took_seconds_bucket{le=\"0.01\"} 1\n");
    has(text, "munim_test_took_seconds_bucket{le=\"0.25\"} 1\n"
              "munim_test_took_seconds_bucket{le=\"0.5\"} 2\n");
    has(text, "munim_test_took_seconds_bucket{le=\"10\"} 2\n"
              "munim_test_took_seconds_bucket{le=\"+Inf\"} 3\n"
              "munim_test_took_seconds_sum 11.305\n"
              "munim_test_took_seconds_count 3\n");
    free(text);
    int steps = 0;
    while (metric_seconds[steps] > 0)
        steps++;
    assert_int_equal(steps, 14);
}

static void process_metrics(void **state)
{
    (void)state;
    static const char *const names[] = {"process_cpu_seconds_total",
                                        "process_resident_memory_bytes",
                                        "process_virtual_memory_bytes",
                                        "process_threads",
                                        "process_start_time_seconds",
                                        "process_open_fds",
                                        "process_max_fds"};
    char *text = page();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char type[80], line[80];
        (void)snprintf(type, sizeof type, "# TYPE %s ", names[i]);
        (void)snprintf(line, sizeof line, "\n%s ", names[i]);
        has(text, type);
        has(text, line);
    }
    double memory = strtod(strstr(text, "\nprocess_resident_memory_bytes ") + 31, NULL);
    double threads = strtod(strstr(text, "\nprocess_threads ") + 17, NULL);
    assert_true(memory > 100000);
    assert_true(threads >= 1 && threads < 64);
    free(text);
}

static void promtool_agrees(void **state)
{
    (void)state;
    if (access("/usr/bin/promtool", X_OK) != 0)
        skip();
    metric_add(&silent, "late", NULL, 1);
    metric_observe(&took, NULL, NULL, 1);
    char *text = page();
    /* NOLINTNEXTLINE(cert-env33-c): a command without any input of others */
    FILE *tool = popen("/usr/bin/promtool check metrics", "w");
    assert_non_null(tool);
    assert_int_equal(fwrite(text, 1, strlen(text), tool), strlen(text));
    assert_int_equal(pclose(tool), 0);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(counters_and_gauges, forget), cmocka_unit_test_teardown(special_numbers, forget),
        cmocka_unit_test_teardown(histograms, forget),          cmocka_unit_test_teardown(process_metrics, forget),
        cmocka_unit_test_teardown(promtool_agrees, forget),     cmocka_unit_test_teardown(three_labels, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
