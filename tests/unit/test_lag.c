/* What waits, as values: offsets joined into rows, records and ages counted, the table, the JSON lines and the page. */
#include "common/metrics/metrics.h"
#include "workers/lag/gauges.h"
#include "workers/lag/positions.h"
#include "workers/lag/table.h"
#include "workers/lag/view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WORKER, SENDER };
static const int64_t now = 1700000100000;

static struct lag_row row(int64_t start, int64_t end, int64_t committed, int64_t oldest_ms)
{
    return (struct lag_row){.topic = "t", .start = start, .end = end, .committed = committed, .oldest_ms = oldest_ms};
}

static rd_kafka_topic_partition_list_t *list_of(const char *topic, int n, const int64_t *offsets)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(n);
    for (int i = 0; i < n; i++)
        rd_kafka_topic_partition_list_add(list, topic, i)->offset = offsets[i];
    return list;
}

static void records_are_counted_from_the_position(void **state)
{
    (void)state;
    static const struct {
        int64_t start, end, committed, position, records, expired;
    } cases[] = {
        {0, 0, -1, 0, 0, 0},  /* an empty log, nothing committed */
        {0, 9, -1, 0, 9, 0},  /* no commit: all of the log */
        {4, 9, -1, 4, 5, 0},  /* no commit, and the log's beginning has expired: what is left */
        {0, 9, 0, 0, 9, 0},   /* offset 0 is a commit */
        {0, 9, 7, 7, 2, 0},   /* the usual case */
        {0, 9, 9, 9, 0, 0},   /* caught up */
        {5, 9, 3, 5, 4, 2},   /* two records expired unread */
        {9, 9, 3, 9, 0, 6},   /* all of them did */
        {0, 9, 50, 50, 0, 0}, /* committed to a log that is gone */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lag_row r = row(cases[i].start, cases[i].end, cases[i].committed, -1);
        assert_int_equal(lag_position(&r), cases[i].position);
        assert_int_equal(lag_records(&r), cases[i].records);
        assert_int_equal(lag_expired(&r), cases[i].expired);
    }
}

static void age_is_that_of_the_oldest_record(void **state)
{
    (void)state;
    struct lag_row waits = row(0, 9, 7, now - 65400);
    assert_int_equal(lag_age_ms(&waits, now), 65400);
    assert_int_equal(lag_age_ms(&waits, now + 60000), 125400); /* it goes on with an idle producer */
    struct lag_row caught_up = row(0, 9, 9, now - 65400);
    assert_int_equal(lag_age_ms(&caught_up, now), 0);
    struct lag_row unread = row(0, 9, 7, -1);
    assert_int_equal(lag_age_ms(&unread, now), -1);
    struct lag_row clock_ahead = row(0, 9, 7, now + 5000);
    assert_int_equal(lag_age_ms(&clock_ahead, now), 0);
}

static void offsets_are_joined(void **state)
{
    (void)state;
    struct lag_view v = {0};
    lag_view_add(&v, WORKER, "in", 3);
    lag_view_add(&v, SENDER, "out", 2);
    lag_view_add(&v, SENDER, "none", 0);
    assert_int_equal(v.n, 5);
    rd_kafka_topic_partition_list_t *ends = list_of("in", 3, (const int64_t[]){10, 20, 30});
    rd_kafka_topic_partition_list_t *starts = list_of("in", 3, (const int64_t[]){1, 2, 3});
    rd_kafka_topic_partition_list_t *done = list_of("in", 3, (const int64_t[]){4, RD_KAFKA_OFFSET_INVALID, 6});
    rd_kafka_topic_partition_list_t *strange = list_of("elsewhere", 1, (const int64_t[]){7});
    ends->elems[2].err = RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
    lag_take_ends(&v, ends);
    lag_take_ends(&v, strange);
    lag_take_starts(&v, starts);
    lag_take_committed(&v, SENDER, done); /* of another group: nothing */
    assert_int_equal(v.rows[0].committed, -1);
    lag_take_committed(&v, WORKER, done);
    assert_int_equal(v.rows[0].committed, 4);
    assert_int_equal(v.rows[1].committed, -1);
    assert_int_equal(v.rows[2].committed, 6);
    assert_true(lag_known(&v.rows[0]) && lag_known(&v.rows[1]));
    assert_false(lag_known(&v.rows[2]));
    assert_false(lag_known(lag_find(&v, "out", 1)));
    assert_int_equal(lag_records(&v.rows[0]), 6);
    assert_int_equal(lag_records(&v.rows[1]), 18);
    assert_null(lag_find(&v, "out", 2));
    assert_null(lag_find(&v, "elsewhere", 0));
    rd_kafka_topic_partition_list_destroy(ends);
    rd_kafka_topic_partition_list_destroy(starts);
    rd_kafka_topic_partition_list_destroy(done);
    rd_kafka_topic_partition_list_destroy(strange);
    lag_view_done(&v);
    assert_null(v.rows);
}

/* Only where the position is still the same: another record has another age. */
static void a_known_time_is_kept(void **state)
{
    (void)state;
    struct lag_view last = {0}, v = {0};
    lag_view_add(&last, WORKER, "in", 3);
    lag_view_add(&v, WORKER, "in", 4);
    for (int i = 0; i < 3; i++) {
        last.rows[i] = v.rows[i] = row(0, 9, 5, -1);
        last.rows[i].partition = v.rows[i].partition = i;
        last.rows[i].oldest_ms = 1000 + i;
        (void)snprintf(last.rows[i].topic, sizeof last.rows[i].topic, "another");
    }
    v.rows[0].end = 50;
    v.rows[1].committed = 6;
    last.rows[2].end = -1;
    lag_take_known(&v, &last);
    assert_int_equal(v.rows[0].oldest_ms, -1); /* its topic is another */
    for (int i = 0; i < 3; i++)
        (void)snprintf(last.rows[i].topic, sizeof last.rows[i].topic, "t");
    lag_take_known(&v, &last);
    assert_int_equal(v.rows[0].oldest_ms, 1000);
    assert_int_equal(v.rows[1].oldest_ms, -1);
    assert_int_equal(v.rows[2].oldest_ms, -1);
    assert_int_equal(v.rows[3].oldest_ms, -1);
    lag_view_done(&last);
    lag_view_done(&v);
}

static struct lag_view sample(void)
{
    struct lag_view v = {.groups = {{.name = "m-worker", .state = RD_KAFKA_CONSUMER_GROUP_STATE_EMPTY},
                                    {.name = "m-sender", .state = RD_KAFKA_CONSUMER_GROUP_STATE_STABLE, .members = 2}}};
    lag_view_add(&v, WORKER, "m.inbound.v1", 2);
    lag_view_add(&v, SENDER, "m.outbound.v1", 2);
    v.rows[0].start = 0, v.rows[0].end = 12345, v.rows[0].committed = 12000, v.rows[0].oldest_ms = now - 61250;
    v.rows[1].start = 3, v.rows[1].end = 5;
    v.rows[2].start = 0, v.rows[2].end = 7, v.rows[2].committed = 7;
    return v;
}

static void the_table_is_aligned(void **state)
{
    (void)state;
    struct lag_view v = sample();
    UT_string out;
    utstring_init(&out);
    lag_table(&v, now, &out);
    assert_string_equal(utstring_body(&out),
                        "GROUP     STATE   MEMBERS  TOPIC          PARTITION  COMMITTED    END  LAG  SECONDS\n"
                        "m-worker  Empty         0  m.inbound.v1           0      12000  12345  345     61.2\n"
                        "m-worker  Empty         0  m.inbound.v1           1          -      5    2        -\n"
                        "m-sender  Stable        2  m.outbound.v1          0          7      7    0      0.0\n"
                        "m-sender  Stable        2  m.outbound.v1          1          -      -    -        -\n");
    utstring_done(&out);
    lag_view_done(&v);
}

static void json_has_a_line_a_row(void **state)
{
    (void)state;
    struct lag_view v = sample();
    UT_string out;
    utstring_init(&out);
    lag_json_lines(&v, now, &out);
    assert_string_equal(
        utstring_body(&out),
        "{\"group\":\"m-worker\",\"state\":\"Empty\",\"members\":0,\"topic\":\"m.inbound.v1\",\"partition\":0,"
        "\"committed\":12000,\"start\":0,\"end\":12345,\"lag\":345,\"expired\":0,\"lag_seconds\":61.25}\n"
        "{\"group\":\"m-worker\",\"state\":\"Empty\",\"members\":0,\"topic\":\"m.inbound.v1\",\"partition\":1,"
        "\"committed\":null,\"start\":3,\"end\":5,\"lag\":2,\"expired\":0,\"lag_seconds\":null}\n"
        "{\"group\":\"m-sender\",\"state\":\"Stable\",\"members\":2,\"topic\":\"m.outbound.v1\",\"partition\":0,"
        "\"committed\":7,\"start\":0,\"end\":7,\"lag\":0,\"expired\":0,\"lag_seconds\":0}\n"
        "{\"group\":\"m-sender\",\"state\":\"Stable\",\"members\":2,\"topic\":\"m.outbound.v1\",\"partition\":1,"
        "\"committed\":null,\"start\":null,\"end\":null,\"lag\":null,\"expired\":null,\"lag_seconds\":null}\n");
    utstring_done(&out);
    lag_view_done(&v);
}

static char *page(void)
{
    UT_string out;
    utstring_init(&out);
    metrics_page(&out);
    return utstring_body(&out);
}

static void has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("wanted:\n%s\nin:\n%s", part, text);
}

static void the_page_has_what_is_known_and_no_more(void **state)
{
    (void)state;
    struct lag_view v = sample();
    struct position at[] = {{"m.inbound.v1", 0, 12300}, {"m.inbound.v1", 1, -1}, {"m.gone.v1", 0, 4}};
    struct positions p = {.all = at, .n = 3};
    gauges_register();
    gauges_fill(&v, &p, now);
    char *text = page();
    has(text, "\nkafka_consumergroup_lag{consumergroup=\"m-worker\",topic=\"m.inbound.v1\",partition=\"0\"} 345\n");
    has(text, "\nkafka_consumergroup_lag_sum{consumergroup=\"m-worker\",topic=\"m.inbound.v1\"} 347\n");
    has(text, "\nkafka_consumergroup_current_offset{consumergroup=\"m-worker\",topic=\"m.inbound.v1\",partition=\"1\"} "
              "-1\n");
    has(text, "\nkafka_consumergroup_members{consumergroup=\"m-sender\"} 2\n");
    has(text, "\nkafka_topic_partition_oldest_offset{topic=\"m.inbound.v1\",partition=\"1\"} 3\n");
    has(text, "\nmunim_consumergroup_state{consumergroup=\"m-worker\",state=\"Empty\"} 1\n");
    has(text, "\nmunim_consumergroup_state{consumergroup=\"m-worker\",state=\"Stable\"} 0\n");
    has(text, "lag_seconds{consumergroup=\"m-worker\",topic=\"m.inbound.v1\",partition=\"0\"} 61.25\n");
    has(text, "\nmunim_part_lag{topic=\"m.inbound.v1\",partition=\"0\"} 45\n");
    has(text, "\nmunim_part_lag{topic=\"m.inbound.v1\",partition=\"1\"} 2\n");
    assert_null(strstr(text, "lag_seconds{consumergroup=\"m-worker\",topic=\"m.inbound.v1\",partition=\"1\"}"));
    assert_null(strstr(text, "topic=\"m.outbound.v1\",partition=\"1\""));
    assert_null(strstr(text, "m.gone.v1"));
    free(text);
    gauges_fill(&v, &p, now + 1000); /* sums do not add up from scrape to scrape */
    text = page();
    has(text, "\nkafka_consumergroup_lag_sum{consumergroup=\"m-worker\",topic=\"m.inbound.v1\"} 347\n");
    has(text, "lag_seconds{consumergroup=\"m-worker\",topic=\"m.inbound.v1\",partition=\"0\"} 62.25\n");
    free(text);
    gauges_fill(NULL, &p, now); /* an old picture is not shown */
    text = page();
    assert_null(strstr(text, "kafka_consumergroup_lag{"));
    assert_null(strstr(text, "munim_part_lag{"));
    free(text);
    lag_view_done(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_counted_from_the_position),
        cmocka_unit_test(age_is_that_of_the_oldest_record),
        cmocka_unit_test(offsets_are_joined),
        cmocka_unit_test(a_known_time_is_kept),
        cmocka_unit_test(the_table_is_aligned),
        cmocka_unit_test(json_has_a_line_a_row),
        cmocka_unit_test(the_page_has_what_is_known_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
