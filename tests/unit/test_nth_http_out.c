/* Each libcurl call of two requests fails once, each in a process of its own. They fail when memory is out or the
 * handle is broken; a request that misses an option, or that nobody drives any more, must never be: either both are
 * answered exactly once, or the process ends by abort, and the sender's next claim finds what was under way. */
#include "tests/unit/http_fixture.h"

#include "tests/unit/nth.h"

#include <curl/curl.h>
#include <sys/wait.h>

#undef curl_easy_setopt
#undef curl_multi_setopt

enum { REQUESTS = 2, RUNS_MOST = 400, EXIT_MISSED = 7 };

CURLcode __real_curl_easy_setopt(CURL *e, CURLoption option, ...);
CURLcode __wrap_curl_easy_setopt(CURL *e, CURLoption option, ...);
CURLcode __wrap_curl_easy_setopt(CURL *e, CURLoption option, ...)
{
    va_list ap;
    va_start(ap, option);
    void *value = va_arg(ap, void *); /* of the size of a long and of a curl_off_t */
    va_end(ap);
    return nth_strikes("curl_easy_setopt") ? CURLE_OUT_OF_MEMORY : __real_curl_easy_setopt(e, option, value);
}

CURLMcode __real_curl_multi_setopt(CURLM *m, CURLMoption option, ...);
CURLMcode __wrap_curl_multi_setopt(CURLM *m, CURLMoption option, ...);
CURLMcode __wrap_curl_multi_setopt(CURLM *m, CURLMoption option, ...)
{
    va_list ap;
    va_start(ap, option);
    void *value = va_arg(ap, void *);
    va_end(ap);
    return nth_strikes("curl_multi_setopt") ? CURLM_OUT_OF_MEMORY : __real_curl_multi_setopt(m, option, value);
}

CURLMcode __real_curl_multi_add_handle(CURLM *m, CURL *e);
CURLMcode __wrap_curl_multi_add_handle(CURLM *m, CURL *e);
CURLMcode __wrap_curl_multi_add_handle(CURLM *m, CURL *e)
{
    return nth_strikes("curl_multi_add_handle") ? CURLM_OUT_OF_MEMORY : __real_curl_multi_add_handle(m, e);
}

CURLMcode __real_curl_multi_socket_action(CURLM *m, curl_socket_t fd, int flags, int *running);
CURLMcode __wrap_curl_multi_socket_action(CURLM *m, curl_socket_t fd, int flags, int *running);
CURLMcode __wrap_curl_multi_socket_action(CURLM *m, curl_socket_t fd, int flags, int *running)
{
    return nth_strikes("curl_multi_socket_action") ? CURLM_INTERNAL_ERROR
                                                   : __real_curl_multi_socket_action(m, fd, flags, running);
}

CURLMcode __real_curl_multi_assign(CURLM *m, curl_socket_t fd, void *what);
CURLMcode __wrap_curl_multi_assign(CURLM *m, curl_socket_t fd, void *what);
CURLMcode __wrap_curl_multi_assign(CURLM *m, curl_socket_t fd, void *what)
{
    return nth_strikes("curl_multi_assign") ? CURLM_OUT_OF_MEMORY : __real_curl_multi_assign(m, fd, what);
}

struct curl_slist *__real_curl_slist_append(struct curl_slist *list, const char *line);
struct curl_slist *__wrap_curl_slist_append(struct curl_slist *list, const char *line);
struct curl_slist *__wrap_curl_slist_append(struct curl_slist *list, const char *line)
{
    return nth_strikes("curl_slist_append") ? NULL : __real_curl_slist_append(list, line);
}

static int answered[REQUESTS];

static void on_answer(void *arg, const struct http_answer *a)
{
    answered[(size_t)(uintptr_t)arg]++;
    w.answers += a->end == HTTP_ANSWERED && a->status == 200;
}

static void tick(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
}

/* In a child; the exit status tells. */
static int two_requests(int at)
{
    static const char *const headers[] = {"Content-Type: application/json", "Authorization: Bearer x", NULL};
    nth_begin(at);
    (void)open_world(NULL);
    for (size_t i = 0; i < REQUESTS; i++) {
        struct http_request r = {
            .url = w.url, .headers = headers, .body = "{\"a\":1}", .len = 7, .timeout_ms = LONGEST_MS};
        http_out_send(w.http, &r, on_answer, (void *)(uintptr_t)i);
    }
    int64_t end = clock_mono_us() + LONGEST_MS * INT64_C(1000);
    struct event *ev = event_new(w.base, -1, EV_PERSIST, tick, NULL);
    event_add(ev, &(struct timeval){.tv_usec = 10000});
    while (http_out_in_flight(w.http) > 0 && clock_mono_us() < end)
        event_base_loop(w.base, EVLOOP_ONCE);
    event_free(ev);
    bool once = answered[0] == 1 && answered[1] == 1 && w.answers == REQUESTS && w.requests == REQUESTS &&
                strcmp(w.body, "{\"a\":1}") == 0 && strstr(w.head, "Authorization: Bearer x\r\n") != NULL;
    (void)close_world(NULL);
    return !once ? 1 : nth_missed() ? EXIT_MISSED : 0;
}

static void answered_once_or_ended(void **state)
{
    (void)state;
    int run = 1, aborts = 0, status = 0;
    for (bool missed = false; !missed; run++) {
        assert_true(run < RUNS_MOST);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            (void)signal(SIGABRT, SIG_DFL); /* cmocka's handler would report it as this test's failure */
            exit(two_requests(run));
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        bool aborted = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
        missed = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_MISSED;
        if (!missed && !aborted && status != 0)
            fail_msg("call %d: the child ended with %d, signal %d", run, WEXITSTATUS(status), WTERMSIG(status));
        aborts += aborted;
    }
    print_message("%d calls failed, one at a time; %d ended the process\n", run - 2, aborts);
    assert_true(aborts > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(answered_once_or_ended)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
