/* The strict pass over a request's head: what it refuses that llhttp lets through, and what it must not refuse. */
#include "ingress/http_head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LIMIT = 16384 };

#define HOST "Host: a\r\n"
#define LEN  "Content-Length: 5\r\n"
#define POST "POST /p HTTP/1.1\r\n"

static enum http_head_end read_all(const char *text, struct http_head *h)
{
    return http_head_read(text, strlen(text), LIMIT, h);
}

static void reads_what_the_ingress_needs(void **state)
{
    (void)state;
    static const char text[] = "POST /webhooks/whatsapp?a=b HTTP/1.1\r\nhOsT: example.org\r\n"
                               "X-Hub-Signature-256:\t sha256=ab \t\r\nCONTENT-LENGTH: 0042\r\n"
                               "Expect: 100-Continue\r\n\r\nbody";
    struct http_head h;
    assert_int_equal(read_all(text, &h), HTTP_HEAD_WHOLE);
    assert_int_equal(h.len, sizeof text - 1 - 4);
    assert_true(h.post && h.http11 && h.has_length && !h.chunked && h.expects_continue);
    assert_int_equal(h.length, 42);
    assert_int_equal(h.target.n, strlen("/webhooks/whatsapp?a=b"));
    assert_memory_equal(h.target.p, "/webhooks/whatsapp?a=b", h.target.n);
    assert_int_equal(h.signatures, 1);
    assert_int_equal(h.signature.n, strlen("sha256=ab"));
    assert_memory_equal(h.signature.p, "sha256=ab", h.signature.n);
}

static void takes_what_is_right(void **state)
{
    (void)state;
    static const char *const good[] = {
        "GET /p HTTP/1.1\r\n" HOST "\r\n",
        "GET /p HTTP/1.0\r\n\r\n",
        "GET /p HTTP/1.0\r\n" HOST "\r\n",
        "GET /p HTTP/1.1\r\nHost:\r\nContent-Length: 0\r\n\r\n",
        POST HOST LEN "\r\n",
        POST HOST "Transfer-Encoding: CHUNKED\r\n\r\n",
        "\r\n" POST HOST LEN "\r\n",
        POST HOST LEN "Content_Length: 9\r\n\r\n",
        POST HOST LEN "X-Empty:\r\nX-~!#$%&'*+.^_`|1: x\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct http_head h;
        if (read_all(good[i], &h) != HTTP_HEAD_WHOLE)
            fail_msg("refused as %d %s: %s", h.status, h.reason, good[i]);
        assert_int_equal(h.len, strlen(good[i]));
    }
}

static void refuses_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int status;
    } bad[] = {
        {POST HOST LEN LEN "\r\n", 400},
        {POST HOST "Content-Length: 5, 5\r\n\r\n", 400},
        {POST HOST "Content-Length: +5\r\n\r\n", 400},
        {POST HOST "Content-Length: -5\r\n\r\n", 400},
        {POST HOST "Content-Length: 5 0\r\n\r\n", 400},
        {POST HOST "Content-Length: 0x5\r\n\r\n", 400},
        {POST HOST "Content-Length:\r\n\r\n", 400},
        {POST HOST "Content-Length: 18446744073709551621\r\n\r\n", 400},
        {POST HOST LEN "Transfer-Encoding: chunked\r\n\r\n", 400},
        {POST HOST "Transfer-Encoding: chunked\r\n" LEN "\r\n", 400},
        {POST HOST "Transfer-Encoding: gzip, chunked\r\n\r\n", 501},
        {POST HOST "Transfer-Encoding: chunked, gzip\r\n\r\n", 501},
        {POST HOST "Transfer-Encoding: identity\r\n\r\n", 501},
        {POST HOST "Transfer-Encoding: xchunked\r\n\r\n", 501},
        {POST HOST "Transfer-Encoding:\r\n\r\n", 501},
        {POST HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"POST /p HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", 400},
        {POST HOST "\r\n", 411},
        {"POST /p HTTP/1.1\n" HOST LEN "\r\n", 400},
        {POST "Host: a\n" LEN "\r\n", 400},
        {POST HOST LEN "\n", 400},
        {POST HOST "X: a\rContent-Length: 0\r\n" LEN "\r\n", 400},
        {POST "Host: a\r\r\n" LEN "\r\n", 400},
        {POST "Host : a\r\n" LEN "\r\n", 400},
        {POST HOST "Transfer-Encoding\t: chunked\r\n\r\n", 400},
        {POST " Host: a\r\n" LEN "\r\n", 400},
        {POST "\tHost: a\r\n" LEN "\r\n", 400},
        {POST HOST "X: a\r\n b\r\n" LEN "\r\n", 400},
        {POST HOST "Content-Length:\r\n 5\r\n\r\n", 400},
        {POST HOST "Xyz\r\n" LEN "\r\n", 400},
        {POST HOST ": a\r\n" LEN "\r\n", 400},
        {POST HOST "X(: a\r\n" LEN "\r\n", 400},
        {POST LEN "\r\n", 400},
        {POST HOST HOST LEN "\r\n", 400},
        {"GET /p HTTP/1.0\r\n" HOST HOST "\r\n", 400},
        {"POST /p HTTP/1.2\r\n" HOST LEN "\r\n", 505},
        {"POST /p HTTP/2.0\r\n" HOST LEN "\r\n", 505},
        {"POST /p HTTP/0.9\r\n" HOST LEN "\r\n", 505},
        {"PRI * HTTP/2.0\r\n\r\n", 505},
        {"POST /p http/1.1\r\n" HOST LEN "\r\n", 400},
        {"POST /p HTTP/1.10\r\n" HOST LEN "\r\n", 400},
        {"POST /p\r\n" HOST LEN "\r\n", 400},
        {"POST  /p HTTP/1.1\r\n" HOST LEN "\r\n", 400},
        {"POST /p  HTTP/1.1\r\n" HOST LEN "\r\n", 400},
        {"POST\t/p HTTP/1.1\r\n" HOST LEN "\r\n", 400},
        {"POST /p\tq HTTP/1.1\r\n" HOST LEN "\r\n", 400},
        {"POST /\x80 HTTP/1.1\r\n" HOST LEN "\r\n", 400},
        {"POST http://a/p HTTP/1.1\r\n" HOST LEN "\r\n", 400},
        {" POST /p HTTP/1.1\r\n" HOST LEN "\r\n", 400},
        {"post /p HTTP/1.1\r\n" HOST LEN "\r\n", 501},
        {"PUT /p HTTP/1.1\r\n" HOST LEN "\r\n", 405},
        {"HEAD /p HTTP/1.1\r\n" HOST "\r\n", 405},
        {"BREW /p HTTP/1.1\r\n" HOST "\r\n", 501},
        {"GET /p HTTP/1.1\r\n" HOST LEN "\r\n", 400},
        {"GET /p HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", 400},
        {POST HOST LEN "X-Hub-Signature-256: a\r\nX-Hub-Signature-256: a\r\n\r\n", 400},
        {POST HOST LEN "Expect: the unexpected\r\n\r\n", 417},
        {"\r\n\r\n" POST HOST LEN "\r\n", 400},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct http_head h;
        enum http_head_end end = read_all(bad[i].text, &h);
        if (end != HTTP_HEAD_REFUSED || h.status != bad[i].status)
            fail_msg("end %d, status %d, wanted %d: %s", end, h.status, bad[i].status, bad[i].text);
        assert_non_null(h.reason);
    }
}

/* However a good head is cut, it is MORE until its last byte. */
static void waits_for_the_last_byte(void **state)
{
    (void)state;
    static const char text[] = "\r\n" POST HOST "Expect: 100-continue\r\n" LEN "\r\n";
    struct http_head h;
    for (size_t n = 0; n < sizeof text - 1; n++) {
        char *exact = malloc(n + 1); /* of its own, so that reading on is seen */
        assert_non_null(exact);
        memcpy(exact, text, n);
        assert_int_equal(http_head_read(exact, n, LIMIT, &h), HTTP_HEAD_MORE);
        free(exact);
    }
    assert_int_equal(read_all(text, &h), HTTP_HEAD_WHOLE);
}

static void bounds_size_and_number(void **state)
{
    (void)state;
    struct http_head h;
    static char text[LIMIT + 4096];
    size_t n = (size_t)snprintf(text, sizeof text, "%s", POST HOST LEN);
    for (int i = 0; i < HTTP_HEADERS_MAX - 2; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "X%d: y\r\n", i);
    (void)snprintf(text + n, sizeof text - n, "\r\n");
    assert_int_equal(read_all(text, &h), HTTP_HEAD_WHOLE);
    (void)snprintf(text + n, sizeof text - n, "Y: y\r\n\r\n");
    assert_int_equal(read_all(text, &h), HTTP_HEAD_REFUSED);
    assert_int_equal(h.status, 431);

    n = (size_t)snprintf(text, sizeof text, "%s", POST HOST "X: ");
    memset(text + n, 'a', sizeof text - n);
    assert_int_equal(http_head_read(text, LIMIT, LIMIT, &h), HTTP_HEAD_MORE);
    assert_int_equal(http_head_read(text, LIMIT + 1, LIMIT, &h), HTTP_HEAD_REFUSED);
    assert_int_equal(h.status, 431);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_the_ingress_needs), cmocka_unit_test(takes_what_is_right),
        cmocka_unit_test(refuses_what_is_wrong),        cmocka_unit_test(waits_for_the_last_byte),
        cmocka_unit_test(bounds_size_and_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
