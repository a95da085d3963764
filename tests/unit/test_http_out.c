/* HTTP out: what is told when, and how many copies of a request the server saw. */
#include "tests/unit/http_fixture.h"

static void on_answer(void *arg, const struct http_answer *a)
{
    (void)arg;
    int i = w.answers++;
    w.log[i].end = a->end;
    w.log[i].status = a->status;
    w.log[i].retry_after_s = a->retry_after_s;
    w.log[i].len = a->len;
    (void)snprintf(w.log[i].body, sizeof w.log[i].body, "%s", a->body);
    (void)snprintf(w.log[i].error, sizeof w.log[i].error, "%s", a->error != NULL ? a->error : "");
}

static void tick(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
}

static void until(const int *counter, int wanted)
{
    int64_t end = clock_mono_us() + LONGEST_MS * INT64_C(1000);
    struct event *ev = event_new(w.base, -1, EV_PERSIST, tick, NULL);
    event_add(ev, &(struct timeval){.tv_usec = 10000});
    while (*counter < wanted && clock_mono_us() < end)
        event_base_loop(w.base, EVLOOP_ONCE);
    event_free(ev);
    assert_int_equal(*counter, wanted);
}

static struct http_request post_to(const char *url)
{
    static const char *const headers[] = {"Content-Type: application/json", "Authorization: Bearer x", NULL};
    return (struct http_request){.url = url, .headers = headers, .body = "{\"a\":1}", .len = 7, .timeout_ms = 5000};
}

static void post(const char *url, long timeout_ms)
{
    struct http_request r = post_to(url);
    r.timeout_ms = timeout_ms;
    int before = w.answers;
    http_out_send(w.http, &r, on_answer, NULL);
    assert_int_equal(w.answers, before);
}

static void an_answer_comes_whole(void **state)
{
    (void)state;
    post(w.url, 5000);
    assert_int_equal(http_out_in_flight(w.http), 1);
    until(&w.answers, 1);
    assert_int_equal(http_out_in_flight(w.http), 0);
    assert_int_equal(w.log[0].end, HTTP_ANSWERED);
    assert_int_equal(w.log[0].status, 200);
    assert_string_equal(w.log[0].body, "hello");
    assert_int_equal(w.log[0].retry_after_s, -1);
    assert_string_equal(w.body, "{\"a\":1}");
    assert_non_null(strstr(w.head, "POST /v1/send HTTP/1.1\r\n"));
    assert_non_null(strstr(w.head, "User-Agent: munim/0.1.0\r\n"));
    assert_non_null(strstr(w.head, "Content-Type: application/json\r\n"));
    assert_null(strcasestr(w.head, "\r\nExpect:"));
    assert_null(strcasestr(w.head, "\r\nTransfer-Encoding:"));
}

static void a_get_has_no_body(void **state)
{
    (void)state;
    struct http_request r = {.url = w.url, .timeout_ms = 5000, .get = true};
    http_out_send(w.http, &r, on_answer, NULL);
    until(&w.answers, 1);
    assert_int_equal(w.log[0].end, HTTP_ANSWERED);
    assert_non_null(strstr(w.head, "GET /v1/send HTTP/1.1\r\n"));
    assert_null(strstr(w.head, "Content-Type"));
}

static void connections_are_used_again(void **state)
{
    (void)state;
    for (int i = 1; i <= 5; i++) {
        post(w.url, 5000);
        until(&w.answers, i);
    }
    assert_int_equal(w.requests, 5);
    assert_int_equal(w.connections, 1);
}

static void a_refused_port_is_not_sent(void **state)
{
    (void)state;
    char url[64];
    int fd = socket(AF_INET, SOCK_STREAM, 0); /* bound and not listening: nobody else gets the port meanwhile */
    struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof sin), 0);
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d/", port_of(fd));
    post(url, 5000);
    until(&w.answers, 1);
    close(fd);
    assert_int_equal(w.log[0].end, HTTP_NOT_SENT);
    assert_true(strlen(w.log[0].error) > 0);
}

static void a_name_without_address_is_not_sent(void **state)
{
    (void)state;
    post("http://nowhere.invalid/", 10000);
    until(&w.answers, 1);
    assert_int_equal(w.log[0].end, HTTP_NOT_SENT);
}

/* The kernel completes the connection, so the handshake begins and stalls. */
static void a_stalled_handshake_is_not_sent(void **state)
{
    (void)state;
    char url[64];
    (void)snprintf(url, sizeof url, "https://127.0.0.1:%d/", port_of(evconnlistener_get_fd(w.listener)));
    post(url, 300);
    until(&w.answers, 1);
    assert_int_equal(w.log[0].end, HTTP_NOT_SENT);
    assert_int_equal(w.requests, 0);
}

static void no_answer_in_time_is_uncertain(void **state)
{
    (void)state;
    w.script[0] = ACT_SILENCE;
    post(w.url, 300);
    until(&w.answers, 1);
    assert_int_equal(w.requests, 1);
    assert_int_equal(w.log[0].end, HTTP_UNCERTAIN);
}

static void a_fresh_connection_closed_is_uncertain(void **state)
{
    (void)state;
    w.script[0] = ACT_CLOSE;
    post(w.url, 5000);
    until(&w.answers, 1);
    assert_int_equal(w.requests, 1);
    assert_int_equal(w.log[0].end, HTTP_UNCERTAIN);
}

static void run_ms(int64_t ms)
{
    int64_t end = clock_mono_us() + ms * 1000;
    struct event *ev = event_new(w.base, -1, EV_PERSIST, tick, NULL);
    event_add(ev, &(struct timeval){.tv_usec = 10000});
    while (clock_mono_us() < end)
        event_base_loop(w.base, EVLOOP_ONCE);
    event_free(ev);
}

/* The case in which libcurl would send a second copy by itself. */
static void a_reused_connection_closed_gets_one_copy(void **state)
{
    (void)state;
    w.script[1] = ACT_CLOSE;
    post(w.url, 5000);
    until(&w.answers, 1);
    post(w.url, 5000);
    until(&w.answers, 2);
    run_ms(300); /* a second copy would come now */
    assert_int_equal(w.log[0].end, HTTP_ANSWERED);
    assert_int_equal(w.log[1].end, HTTP_UNCERTAIN);
    assert_int_equal(w.requests, 2);
}

static void an_empty_post_is_not_repeated_either(void **state)
{
    (void)state;
    struct http_request r = post_to(w.url);
    r.len = 0;
    w.script[1] = ACT_CLOSE;
    post(w.url, 5000);
    until(&w.answers, 1);
    http_out_send(w.http, &r, on_answer, NULL);
    until(&w.answers, 2);
    run_ms(300);
    assert_int_equal(w.log[1].end, HTTP_UNCERTAIN);
    assert_int_equal(w.requests, 2);
}

static void an_answer_cut_short_is_uncertain(void **state)
{
    (void)state;
    w.script[0] = ACT_HALF;
    post(w.url, 300);
    until(&w.answers, 1);
    assert_int_equal(w.log[0].end, HTTP_UNCERTAIN);
}

static void an_answer_too_large_is_uncertain(void **state)
{
    (void)state;
    w.script[0] = ACT_BIG;
    post(w.url, 5000);
    until(&w.answers, 1);
    assert_int_equal(w.log[0].end, HTTP_UNCERTAIN);
    assert_non_null(strstr(w.log[0].error, "256 KiB"));
}

static void a_redirect_is_an_answer(void **state)
{
    (void)state;
    w.script[0] = ACT_REDIRECT;
    post(w.url, 5000);
    until(&w.answers, 1);
    assert_int_equal(w.log[0].end, HTTP_ANSWERED);
    assert_int_equal(w.log[0].status, 302);
    assert_int_equal(w.requests, 1);
}

static void retry_after_is_told(void **state)
{
    (void)state;
    w.script[0] = ACT_THROTTLE;
    post(w.url, 5000);
    until(&w.answers, 1);
    assert_int_equal(w.log[0].status, 429);
    assert_int_equal(w.log[0].retry_after_s, 7);
}

static void past_the_deadline_nothing_is_sent(void **state)
{
    (void)state;
    struct http_request r = post_to(w.url);
    post(w.url, 5000); /* once on a new connection, once on a reused one */
    until(&w.answers, 1);
    r.send_by_boot_us = clock_boot_us() - 1;
    http_out_send(w.http, &r, on_answer, NULL);
    until(&w.answers, 2);
    r.send_by_boot_us = clock_boot_us() + INT64_C(60000000);
    http_out_send(w.http, &r, on_answer, NULL);
    until(&w.answers, 3);
    assert_int_equal(w.log[1].end, HTTP_NOT_SENT);
    assert_int_equal(w.log[2].end, HTTP_ANSWERED);
    assert_int_equal(w.requests, 2);
}

static void send_again(void *arg, const struct http_answer *a)
{
    on_answer(arg, a);
    post(w.url, 5000);
}

static void free_it(void *arg, const struct http_answer *a)
{
    on_answer(arg, a);
    http_out_free(&w.http);
}

static void callbacks_may_send_and_free(void **state)
{
    (void)state;
    struct http_request r = post_to(w.url);
    http_out_send(w.http, &r, send_again, NULL);
    until(&w.answers, 2);
    w.script[3] = ACT_SILENCE;
    http_out_send(w.http, &r, free_it, NULL);
    http_out_send(w.http, &r, on_answer, NULL); /* ends without a call */
    until(&w.answers, 3);
    assert_null(w.http);
    run_ms(50);
    assert_int_equal(w.answers, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SERVER(an_answer_comes_whole),
        WITH_SERVER(a_get_has_no_body),
        WITH_SERVER(connections_are_used_again),
        WITH_SERVER(a_refused_port_is_not_sent),
        WITH_SERVER(a_name_without_address_is_not_sent),
        WITH_SERVER(a_stalled_handshake_is_not_sent),
        WITH_SERVER(no_answer_in_time_is_uncertain),
        WITH_SERVER(a_fresh_connection_closed_is_uncertain),
        WITH_SERVER(a_reused_connection_closed_gets_one_copy),
        WITH_SERVER(an_empty_post_is_not_repeated_either),
        WITH_SERVER(an_answer_cut_short_is_uncertain),
        WITH_SERVER(an_answer_too_large_is_uncertain),
        WITH_SERVER(a_redirect_is_an_answer),
        WITH_SERVER(retry_after_is_told),
        WITH_SERVER(past_the_deadline_nothing_is_sent),
        WITH_SERVER(callbacks_may_send_and_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
