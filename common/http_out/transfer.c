#include "common/http_out/transfer.h"

#include "common/base/clock.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { ANSWER_MAX = 256 * 1024, UPLOAD_BUFFER = 16 * 1024 };

static const char user_agent[] = "munim/" MUNIM_VERSION;

static void *must(void *p)
{
    if (p == NULL)
        abort();
    return p;
}

/* An option that was not taken would make another request than was asked for: without its deadline, its key or its
 * body. It is not taken when memory is out. */
#define SET(easy, option, value)                                                                                       \
    do {                                                                                                               \
        if (curl_easy_setopt(easy, option, value) != CURLE_OK)                                                         \
            abort();                                                                                                   \
    } while (0)

static size_t on_body(char *out, size_t size, size_t n, void *arg)
{
    struct transfer *t = arg;
    size_t room = size * n, left = t->len - t->at;
    size_t take = left < room ? left : room;
    t->body_asked = true;
    if (take > 0)
        memcpy(out, t->body + t->at, take);
    t->at += take;
    return take;
}

static size_t on_answer_bytes(char *data, size_t size, size_t n, void *arg)
{
    struct transfer *t = arg;
    size_t len = size * n;
    if (utstring_len(&t->answer) + len > ANSWER_MAX) {
        t->too_big = true;
        return 0;
    }
    utstring_bincpy(&t->answer, data, len);
    return len;
}

/* Called when the connection stands, before each request's first byte. */
static int before_sending(void *arg, char *ip, char *local_ip, int port, int local_port)
{
    (void)ip;
    (void)local_ip;
    (void)port;
    (void)local_port;
    struct transfer *t = arg;
    if (t->send_by_boot_us == 0 || clock_boot_us() <= t->send_by_boot_us)
        return CURL_PREREQFUNC_OK;
    t->too_late = true;
    return CURL_PREREQFUNC_ABORT;
}

static bool given(const char *const *headers, const char *name)
{
    size_t n = strlen(name);
    for (; headers != NULL && *headers != NULL; headers++)
        if (strncasecmp(*headers, name, n) == 0 && (*headers)[n] == ':')
            return true;
    return false;
}

static void add_header(struct transfer *t, const char *line)
{
    t->headers = must(curl_slist_append(t->headers, line));
}

/* An empty value keeps libcurl from adding a header of its own: it would wait for "100 Continue", and call a body
 * without a type a form. */
static void set_headers(struct transfer *t, const char *const *headers)
{
    for (const char *const *h = headers; h != NULL && *h != NULL; h++)
        add_header(t, *h);
    add_header(t, "Expect:");
    if (!given(headers, "Content-Type"))
        add_header(t, "Content-Type:");
    SET(t->easy, CURLOPT_HTTPHEADER, t->headers);
    if (!given(headers, "User-Agent"))
        SET(t->easy, CURLOPT_USERAGENT, user_agent);
}

/* No seek function on purpose: when a reused connection turns out dead, libcurl cannot rewind the body and gives up
 * with CURLE_SEND_FAIL_REWIND, where it would otherwise send the whole request again by itself. Without a body there is
 * nothing to rewind, so such a POST never reuses a connection. */
static void set_post(struct transfer *t)
{
    SET(t->easy, CURLOPT_POST, 1L);
    SET(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->len);
    SET(t->easy, CURLOPT_READFUNCTION, on_body);
    SET(t->easy, CURLOPT_READDATA, t);
    SET(t->easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BUFFER);
    if (t->len == 0)
        SET(t->easy, CURLOPT_FRESH_CONNECT, 1L);
}

static void set_options(struct transfer *t, const struct http_request *r)
{
    CURL *e = t->easy;
    SET(e, CURLOPT_PRIVATE, t);
    SET(e, CURLOPT_URL, r->url);
    SET(e, CURLOPT_PROTOCOLS_STR, "http,https");
    SET(e, CURLOPT_PROXY, ""); /* fixed hosts: no proxy out of the environment */
    SET(e, CURLOPT_FOLLOWLOCATION, 0L);
    SET(e, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    SET(e, CURLOPT_SSL_VERIFYPEER, 1L);
    SET(e, CURLOPT_SSL_VERIFYHOST, 2L);
    SET(e, CURLOPT_NOSIGNAL, 1L);
    SET(e, CURLOPT_TCP_NODELAY, 1L);
    SET(e, CURLOPT_TCP_KEEPALIVE, 1L);
    SET(e, CURLOPT_TIMEOUT_MS, r->timeout_ms > 0 ? r->timeout_ms : 1L);
    SET(e, CURLOPT_ERRORBUFFER, t->error);
    SET(e, CURLOPT_WRITEFUNCTION, on_answer_bytes);
    SET(e, CURLOPT_WRITEDATA, t);
    SET(e, CURLOPT_PREREQFUNCTION, before_sending);
    SET(e, CURLOPT_PREREQDATA, t);
}

struct transfer *transfer_new(const struct http_request *r, http_answer_fn *on_answer, void *arg)
{
    struct transfer *t = must(calloc(1, sizeof *t));
    t->easy = must(curl_easy_init());
    t->on_answer = on_answer;
    t->arg = arg;
    t->send_by_boot_us = r->send_by_boot_us;
    utstring_init(&t->answer);
    if (r->len > 0 && !r->get) {
        t->body = must(malloc(r->len));
        memcpy(t->body, r->body, r->len);
        t->len = r->len;
    }
    set_options(t, r);
    set_headers(t, r->headers);
    if (r->get)
        SET(t->easy, CURLOPT_HTTPGET, 1L);
    else
        set_post(t);
    return t;
}

void transfer_free(struct transfer *t)
{
    curl_easy_cleanup(t->easy);
    curl_slist_free_all(t->headers);
    utstring_done(&t->answer);
    free(t->body);
    free(t);
}

/* Errors that come before a request begins. A timeout is one when it struck while resolving, connecting, shaking hands
 * or waiting for a free connection. */
static bool is_early(const struct transfer *t, CURLcode code)
{
    switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_OPERATION_TIMEDOUT:
        return true;
    case CURLE_ABORTED_BY_CALLBACK:
        return t->too_late;
    default:
        return false;
    }
}

/* The proof: an early error, no byte of the head counted as written, none of the body fetched, and libcurl never came
 * to the point where a request starts (which before_sending stands in front of). */
static bool proven_unsent(const struct transfer *t, CURLcode code)
{
    long request_bytes = -1;
    curl_off_t started_us = -1;
    if (!is_early(t, code) || t->body_asked)
        return false;
    if (curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &request_bytes) != CURLE_OK || request_bytes != 0)
        return false;
    if (t->too_late)
        return true;
    return curl_easy_getinfo(t->easy, CURLINFO_PRETRANSFER_TIME_T, &started_us) == CURLE_OK && started_us == 0;
}

static const char *words(const struct transfer *t, CURLcode code)
{
    if (t->too_late)
        return "the deadline passed before the request could be sent";
    if (t->too_big)
        return "the answer is larger than 256 KiB";
    return t->error[0] != '\0' ? t->error : curl_easy_strerror(code);
}

static long retry_after(const struct transfer *t)
{
    struct curl_header *h = NULL;
    curl_off_t seconds = 0;
    if (curl_easy_header(t->easy, "Retry-After", 0, CURLH_HEADER, -1, &h) != CURLHE_OK)
        return -1;
    if (curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &seconds) != CURLE_OK)
        return -1;
    return (long)seconds;
}

void transfer_answer(struct transfer *t, CURLcode code, struct http_answer *out)
{
    *out = (struct http_answer){.retry_after_s = -1};
    if (code == CURLE_OK) {
        curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &out->status);
        out->end = HTTP_ANSWERED;
        out->body = utstring_body(&t->answer);
        out->len = utstring_len(&t->answer);
        out->retry_after_s = retry_after(t);
        return;
    }
    out->end = proven_unsent(t, code) ? HTTP_NOT_SENT : HTTP_UNCERTAIN;
    out->body = "";
    out->error = words(t, code);
    out->too_big = t->too_big;
}
