/* The HTTP server on real sockets: what it lets through, in which order it answers, what it bounds. */
#include "common/base/clock.h"
#include "common/service/listen.h"
#include "ingress/http_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { BODY_LIMIT = 256 * 1024, GUARD_US = 20000000, WAITERS = 64 };

#define B    "{\"entry\":[]}"
#define N    "12"
#define POST "POST /webhooks/whatsapp HTTP/1.1\r\n"
#define HOST "Host: a\r\n"
#define LEN  "Content-Length: " N "\r\n"
#define TE   "Transfer-Encoding: chunked\r\n"
#define CH   "c\r\n" B "\r\n0\r\n\r\n"
#define OK   POST HOST LEN "\r\n" B

struct bench {
    struct event_base *base;
    struct http_server *server;
    struct sockaddr_in address;
    struct http_conn *owed[WAITERS]; /* in the order of coming */
    size_t n_owed, requests, refusals, drained, body_bytes;
    uint32_t body_sum;
    char reason[64];
};

static void on_request(void *arg, struct http_conn *c, const struct http_request *r)
{
    struct bench *b = arg;
    b->requests++;
    b->body_bytes += r->body.n;
    for (size_t i = 0; i < r->body.n; i++)
        b->body_sum = b->body_sum * 31 + (unsigned char)r->body.p[i];
    if (r->body.n == 5 && memcmp(r->body.p, "later", 5) == 0) {
        b->owed[b->n_owed++] = c;
        return;
    }
    char path[32] = "";
    if (!r->post)
        (void)snprintf(path, sizeof path, "%.*s", (int)r->target.n, r->target.p);
    http_answer(c, 200, path, strlen(path));
}

static void on_refused(void *arg, const char *reason)
{
    struct bench *b = arg;
    b->refusals++;
    (void)snprintf(b->reason, sizeof b->reason, "%s", reason);
}

static void on_drained(void *arg)
{
    ((struct bench *)arg)->drained++;
}

static void open_bench(struct bench *b, const struct http_limits *over)
{
    struct fault f;
    char name[64];
    struct http_limits limits = {.head = 16384,
                                 .body = BODY_LIMIT,
                                 .bodies = 4 * BODY_LIMIT,
                                 .connections = 32,
                                 .request_ms = 10000,
                                 .idle_ms = 10000,
                                 .linger_ms = 2000};
    const struct http_hooks hooks = {
        .on_request = on_request, .on_refused = on_refused, .on_drained = on_drained, .arg = b};
    *b = (struct bench){.base = event_base_new()};
    evutil_socket_t fd = listen_tcp("127.0.0.1:0", false, &f);
    assert_true(fd >= 0);
    listen_name(fd, name);
    b->address.sin_family = AF_INET;
    b->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    b->address.sin_port = htons((uint16_t)atoi(strchr(name, ':') + 1));
    b->server = http_server_new(b->base, fd, over != NULL ? over : &limits, &hooks);
}

static void close_bench(struct bench *b)
{
    http_server_free(&b->server);
    event_base_free(b->base);
}

static int dial(const struct bench *b)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&b->address, sizeof b->address), 0);
    return fd;
}

static void turn(struct bench *b)
{
    event_base_loop(b->base, EVLOOP_NONBLOCK);
}

/* Sends everything, turning the loop meanwhile. False when the server closed on us. */
static bool put(struct bench *b, int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN)
            return false;
        p += sent > 0 ? sent : 0;
        n -= sent > 0 ? (size_t)sent : 0;
        turn(b);
    }
    return true;
}

/* Reads until the server closes, or until `want` statuses have come (0: until it closes). */
static void get(struct bench *b, int fd, char *out, size_t room, int want)
{
    size_t have = 0;
    int64_t until = clock_mono_us() + GUARD_US;
    out[0] = '\0';
    for (;;) {
        turn(b);
        ssize_t n = recv(fd, out + have, room - 1 - have, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN))
            return;
        have += n > 0 ? (size_t)n : 0;
        out[have] = '\0';
        int seen = 0;
        for (const char *p = out; (p = strstr(p, "HTTP/1.1 ")) != NULL; p++)
            seen++;
        if (want > 0 && seen >= want && strstr(out, "\r\n\r\n") != NULL)
            return;
        if (clock_mono_us() > until)
            fail_msg("the server neither answered nor closed: %s", out);
    }
}

/* "200 200": every status in text. */
static void statuses(const char *text, char *out, size_t room)
{
    size_t n = 0;
    out[0] = '\0';
    for (const char *p = text; (p = strstr(p, "HTTP/1.1 ")) != NULL; p++)
        n += (size_t)snprintf(out + n, room - n, "%s%.3s", n > 0 ? " " : "", p + 9);
}

/* Sends, says that nothing more comes, and reads to the end: the server has then seen every byte. */
static void talk(struct bench *b, const char *data, size_t n, char *out, size_t room)
{
    char text[8192];
    int fd = dial(b);
    if (put(b, fd, data, n))
        (void)shutdown(fd, SHUT_WR);
    get(b, fd, text, sizeof text, 0);
    close(fd);
    statuses(text, out, room);
}

struct wire {
    const char *name, *data, *careful;
};

/* Every way of framing a request that some server somewhere lets through. careful lists what a strict one may say;
 * no case may give one status more than that: that would be a smuggled request. */
static const struct wire wires[] = {
    {"plain", OK, "200"},
    {"chunked", POST HOST TE "\r\n" CH, "200"},
    {"two pipelined", OK OK, "200 200"},
    {"lower-case names", POST "host: a\r\ncontent-length: " N "\r\n\r\n" B, "200"},
    {"blank line before", "\r\n" OK, "200"},
    {"length twice, same", POST HOST LEN LEN "\r\n" B, "400"},
    {"length twice, different", POST HOST LEN "Content-Length: 5\r\n\r\n" B, "400"},
    {"length N, N", POST HOST "Content-Length: 12, 12\r\n\r\n" B, "400"},
    {"length +N", POST HOST "Content-Length: +12\r\n\r\n" B, "400"},
    {"length -N", POST HOST "Content-Length: -12\r\n\r\n" B, "400"},
    {"length N 0", POST HOST "Content-Length: 12 0\r\n\r\n" B, "400"},
    {"length 0xN", POST HOST "Content-Length: 0xc\r\n\r\n" B, "400"},
    {"length empty", POST HOST "Content-Length:\r\n\r\n", "400"},
    {"length 2^64 + N", POST HOST "Content-Length: 18446744073709551628\r\n\r\n" B, "400"},
    {"length over the limit", POST HOST "Content-Length: 999999999\r\n\r\nx", "413"},
    {"length then chunked", POST HOST LEN TE "\r\n" CH, "400"},
    {"chunked then length", POST HOST TE LEN "\r\n" CH, "400"},
    {"gzip, chunked", POST HOST "Transfer-Encoding: gzip, chunked\r\n\r\n" CH, "501"},
    {"chunked, gzip", POST HOST "Transfer-Encoding: chunked, gzip\r\n\r\n" CH, "501"},
    {"identity and length", POST HOST "Transfer-Encoding: identity\r\n" LEN "\r\n" CH, "501"},
    {"xchunked", POST HOST "Transfer-Encoding: xchunked\r\n\r\n" CH, "501"},
    {"chunked twice", POST HOST TE TE "\r\n" CH, "400"},
    {"chunked on 1.0", "POST /p HTTP/1.0\r\n" HOST TE "\r\n" CH, "400"},
    {"chunk size 0xN", POST HOST TE "\r\n0x" CH, "400"},
    {"chunk size -1", POST HOST TE "\r\n-1\r\n", "400"},
    {"chunk size over 64 bits", POST HOST TE "\r\n10000000000000000" CH, "400"},
    {"chunk size of 1 GB", POST HOST TE "\r\n40000000\r\nx", "413"},
    {"chunk lines end in LF", POST HOST TE "\r\nc\n" B "\n0\n\n", "400"},
    {"chunk data without CRLF", POST HOST TE "\r\nc\r\n" B "XX0\r\n\r\n", "400"},
    {"chunk size, blank", POST HOST TE "\r\nc \r\n" B "\r\n0\r\n\r\n", "200|400"},
    {"length only in a trailer", POST HOST TE "\r\nc\r\n" B "\r\n0\r\nContent-Length: 5\r\n\r\n", "200|400"},
    {"no framing, body sent", POST HOST "\r\n" B, "411"},
    {"bare LF everywhere", "POST /p HTTP/1.1\nHost: a\nContent-Length: 12\n\n" B, "400"},
    {"bare LF after one header", POST HOST "Content-Length: " N "\n\r\n" B, "400"},
    {"bare CR in a value", POST HOST "X: a\rContent-Length: 0\r\n" LEN "\r\n" B, "400"},
    {"CR CR LF", POST HOST "Content-Length: " N "\r\r\n\r\r\n" B, "400"},
    {"blank before the colon", POST HOST "Content-Length : " N "\r\n\r\n" B, "400"},
    {"tab before the colon", POST HOST "Transfer-Encoding\t: chunked\r\n\r\n" CH, "400"},
    {"blank before the first name", POST " Host: a\r\n" LEN "\r\n" B, "400"},
    {"blank before a name", POST HOST " " LEN "\r\n" B, "400"},
    {"folded", POST HOST "X: a\r\n b\r\n" LEN "\r\n" B, "400"},
    {"length folded", POST HOST "Content-Length:\r\n " N "\r\n\r\n" B, "400"},
    {"no colon", POST HOST "Xyz\r\n" LEN "\r\n" B, "400"},
    {"empty name", POST HOST ": a\r\n" LEN "\r\n" B, "400"},
    {"underscore in a name", POST HOST "Content_Length: 5\r\n" LEN "\r\n" B, "200|400"},
    {"( in a name", POST HOST "X(: a\r\n" LEN "\r\n" B, "400"},
    {"no Host", POST LEN "\r\n" B, "400"},
    {"Host twice", POST HOST LEN HOST "\r\n" B, "400"},
    {"no Host, 1.0", "POST /p HTTP/1.0\r\n" LEN "\r\n" B, "200"},
    {"signature twice", POST HOST LEN "X-Hub-Signature-256: a\r\nX-Hub-Signature-256: b\r\n\r\n" B, "400"},
    {"HTTP/1.2", "POST /p HTTP/1.2\r\n" HOST LEN "\r\n" B, "505"},
    {"HTTP/2.0", "POST /p HTTP/2.0\r\n" HOST LEN "\r\n" B, "505"},
    {"HTTP/0.9", "POST /p HTTP/0.9\r\n" HOST LEN "\r\n" B, "505"},
    {"two blanks before the path", "POST  /p HTTP/1.1\r\n" HOST LEN "\r\n" B, "400"},
    {"two blanks before the version", "POST /p  HTTP/1.1\r\n" HOST LEN "\r\n" B, "400"},
    {"tab in the request line", "POST\t/p HTTP/1.1\r\n" HOST LEN "\r\n" B, "400"},
    {"lower-case method", "post /p HTTP/1.1\r\n" HOST LEN "\r\n" B, "501"},
    {"PUT", "PUT /p HTTP/1.1\r\n" HOST LEN "\r\n" B, "405"},
    {"GET with a body", "GET /p HTTP/1.1\r\n" HOST LEN "\r\n" B, "400"},
    {"PRI * HTTP/2.0", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"},
    {"Upgrade, pipelined after", POST HOST "Connection: Upgrade\r\nUpgrade: h2c\r\n" LEN "\r\n" B OK, "200 200"},
    {"Connection: close, then more", POST HOST "Connection: close\r\n" LEN "\r\n" B OK, "200"},
    {"Expect: 100-continue", POST HOST "Expect: 100-continue\r\n" LEN "\r\n" B, "200|100 200"},
};

static bool allowed(const char *got, const char *careful)
{
    size_t n = strlen(got);
    for (const char *p = careful; p != NULL; p = strchr(p, '|') != NULL ? strchr(p, '|') + 1 : NULL)
        if (strncmp(p, got, n) == 0 && (p[n] == '\0' || p[n] == '|'))
            return true;
    return false;
}

static void lets_only_careful_framing_through(void **state)
{
    (void)state;
    struct bench b;
    char got[128];
    open_bench(&b, NULL);
    for (size_t i = 0; i < sizeof wires / sizeof wires[0]; i++) {
        talk(&b, wires[i].data, strlen(wires[i].data), got, sizeof got);
        if (!allowed(got, wires[i].careful))
            fail_msg("%s: got \"%s\", careful is %s", wires[i].name, got, wires[i].careful);
    }
    static const char nul[] = POST HOST "X: a\0b\r\n" LEN "\r\n" B;
    talk(&b, nul, sizeof nul - 1, got, sizeof got);
    assert_string_equal(got, "400");
    assert_int_equal(http_server_connections(b.server), 0);
    close_bench(&b);
}

static void refuses_a_long_head(void **state)
{
    (void)state;
    struct bench b;
    char got[128];
    static char data[60000];
    open_bench(&b, NULL);
    int n = snprintf(data, sizeof data, "%s", POST HOST "X: ");
    memset(data + n, 'a', sizeof data - (size_t)n);
    talk(&b, data, sizeof data, got, sizeof got);
    assert_string_equal(got, "431");
    assert_string_equal(b.reason, "head_too_large");
    close_bench(&b);
}

static void reads_byte_by_byte(void **state)
{
    (void)state;
    static const char data[] = OK POST HOST TE "\r\n" CH;
    char got[128], text[4096];
    struct bench b;
    open_bench(&b, NULL);
    int fd = dial(&b);
    for (size_t i = 0; i < sizeof data - 1; i++)
        assert_true(put(&b, fd, data + i, 1));
    (void)shutdown(fd, SHUT_WR);
    get(&b, fd, text, sizeof text, 0);
    statuses(text, got, sizeof got);
    assert_string_equal(got, "200 200");
    assert_int_equal(b.body_bytes, 24);
    close(fd);
    close_bench(&b);
}

static void answers_many_pipelined_in_order(void **state)
{
    (void)state;
    enum { MANY = 200 };
    struct bench b;
    static char data[MANY * 64], text[MANY * 256];
    size_t n = 0;
    open_bench(&b, NULL);
    for (int i = 0; i < MANY; i++)
        n += (size_t)snprintf(data + n, sizeof data - n, "GET /%d HTTP/1.1\r\n" HOST "\r\n", i);
    int fd = dial(&b);
    assert_true(put(&b, fd, data, n));
    (void)shutdown(fd, SHUT_WR);
    get(&b, fd, text, sizeof text, 0);
    const char *p = text;
    for (int i = 0; i < MANY; i++) {
        char path[32];
        (void)snprintf(path, sizeof path, "\r\n\r\n/%dHTTP/1.1 ", i);
        if (i == MANY - 1)
            (void)snprintf(path, sizeof path, "\r\n\r\n/%d", i);
        p = strstr(p, path);
        assert_non_null(p);
    }
    assert_int_equal(b.requests, MANY);
    close(fd);
    close_bench(&b);
}

static void waits_with_the_next_until_the_first_is_answered(void **state)
{
    (void)state;
    static const char data[] = POST HOST "Content-Length: 5\r\n\r\nlater" OK;
    struct bench b;
    char text[4096], got[64];
    open_bench(&b, NULL);
    int fd = dial(&b);
    assert_true(put(&b, fd, data, sizeof data - 1));
    while (b.n_owed == 0)
        turn(&b);
    for (int i = 0; i < 100; i++)
        turn(&b);
    assert_int_equal(b.requests, 1);
    assert_int_equal(recv(fd, text, sizeof text, MSG_DONTWAIT), -1);
    http_answer(b.owed[0], 503, "x", 1);
    get(&b, fd, text, sizeof text, 2);
    statuses(text, got, sizeof got);
    assert_string_equal(got, "503 200");
    close(fd);
    close_bench(&b);
}

/* A client that leaves while its answer is owed: the answer goes nowhere and nothing is touched that has gone. */
static void survives_clients_that_leave(void **state)
{
    (void)state;
    static const char data[] = POST HOST "Content-Length: 5\r\n\r\nlater";
    struct bench b;
    open_bench(&b, NULL);
    for (int how = 0; how < 3; how++) {
        int fd = dial(&b);
        assert_true(put(&b, fd, data, sizeof data - 1));
        while (b.n_owed == 0)
            turn(&b);
        const struct linger reset = {.l_onoff = 1, .l_linger = 0};
        if (how == 1)
            (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        if (how == 2)
            (void)shutdown(fd, SHUT_WR); /* half gone: it still wants its answer */
        else
            close(fd);
        for (int i = 0; i < 50; i++)
            turn(&b);
        http_answer(b.owed[--b.n_owed], 200, NULL, 0);
        if (how == 2) {
            char text[512];
            get(&b, fd, text, sizeof text, 0);
            assert_non_null(strstr(text, "HTTP/1.1 200 OK"));
            close(fd);
        }
        int64_t until = clock_mono_us() + GUARD_US;
        while (http_server_connections(b.server) > 0 && clock_mono_us() < until)
            turn(&b);
        assert_int_equal(http_server_connections(b.server), 0);
    }
    close_bench(&b);
}

static void collects_large_bodies_and_bounds_them(void **state)
{
    (void)state;
    struct bench b;
    char got[64], head[128];
    static char data[BODY_LIMIT + 64 * 1024];
    open_bench(&b, NULL);
    int n = snprintf(head, sizeof head, POST HOST "Content-Length: %d\r\n\r\n", BODY_LIMIT);
    memcpy(data, head, (size_t)n);
    uint32_t sum = 0;
    for (int i = 0; i < BODY_LIMIT; i++) {
        data[n + i] = (char)('a' + i % 23);
        sum = sum * 31 + (unsigned char)data[n + i];
    }
    talk(&b, data, (size_t)n + BODY_LIMIT, got, sizeof got);
    assert_string_equal(got, "200");
    assert_int_equal(b.body_bytes, BODY_LIMIT);
    assert_int_equal(b.body_sum, sum);
    /* The same length in chunks, and one byte more. */
    for (int more = 0; more < 2; more++) {
        size_t at = (size_t)snprintf(data, sizeof data, "%s", POST HOST TE "\r\n");
        for (int left = BODY_LIMIT + more; left > 0;) {
            int size = left > 4096 ? 4096 : left;
            at += (size_t)snprintf(data + at, sizeof data - at, "%x\r\n", (unsigned)size);
            memset(data + at, 'b', (size_t)size);
            at += (size_t)size;
            at += (size_t)snprintf(data + at, sizeof data - at, "\r\n");
            left -= size;
        }
        at += (size_t)snprintf(data + at, sizeof data - at, "0\r\n\r\n");
        talk(&b, data, at, got, sizeof got);
        assert_string_equal(got, more ? "413" : "200");
    }
    assert_string_equal(b.reason, "body_too_large");
    close_bench(&b);
}

/* Deadlines hold for the whole phase: a byte now and then does not put them off. */
static void ends_slow_requests_and_idle_connections(void **state)
{
    (void)state;
    const struct http_limits hasty = {.head = 16384,
                                      .body = 1024,
                                      .bodies = 4096,
                                      .connections = 8,
                                      .request_ms = 200,
                                      .idle_ms = 200,
                                      .linger_ms = 200};
    struct bench b;
    char text[2048], got[64];
    open_bench(&b, &hasty);
    int idle = dial(&b);
    int slow = dial(&b);
    int body = dial(&b);
    assert_true(put(&b, body, POST HOST LEN "\r\nhalf", strlen(POST HOST LEN "\r\nhalf")));
    int64_t until = clock_mono_us() + GUARD_US;
    while (put(&b, slow, "P", 1) && b.refusals < 2 && clock_mono_us() < until) {
        const struct timeval bit = {.tv_usec = 20000};
        event_base_loopexit(b.base, &bit);
        event_base_dispatch(b.base);
    }
    get(&b, slow, text, sizeof text, 0);
    statuses(text, got, sizeof got);
    assert_string_equal(got, "408");
    get(&b, body, text, sizeof text, 0);
    statuses(text, got, sizeof got);
    assert_string_equal(got, "408");
    get(&b, idle, text, sizeof text, 0);
    assert_string_equal(text, "");
    assert_int_equal(b.refusals, 2);
    assert_string_equal(b.reason, "request_deadline");
    close(idle);
    close(slow);
    close(body);
    close_bench(&b);
}

static void turns_away_beyond_the_cap(void **state)
{
    (void)state;
    const struct http_limits tight = {.head = 16384,
                                      .body = 1024,
                                      .bodies = 4096,
                                      .connections = 2,
                                      .request_ms = 9000,
                                      .idle_ms = 9000,
                                      .linger_ms = 900};
    struct bench b;
    char text[2048];
    open_bench(&b, &tight);
    static const char later[] = POST HOST "Content-Length: 5\r\n\r\nlater";
    int one = dial(&b), two = dial(&b);
    assert_true(put(&b, two, later, sizeof later - 1));
    while (b.n_owed < 1)
        turn(&b);
    int three = dial(&b); /* takes the place of one, which says nothing */
    assert_true(put(&b, three, later, sizeof later - 1));
    while (b.n_owed < 2)
        turn(&b);
    get(&b, one, text, sizeof text, 0);
    assert_string_equal(text, "");
    assert_string_equal(b.reason, "displaced");
    int four = dial(&b); /* all are at work */
    get(&b, four, text, sizeof text, 0);
    assert_non_null(strstr(text, "HTTP/1.1 503 "));
    assert_non_null(strstr(text, "Retry-After: "));
    assert_string_equal(b.reason, "connections");
    for (size_t i = 0; i < b.n_owed; i++)
        http_answer(b.owed[i], 200, NULL, 0);
    get(&b, three, text, sizeof text, 1);
    assert_non_null(strstr(text, "HTTP/1.1 200 "));
    close(four);
    close(one);
    close(two);
    close(three);
    close_bench(&b);
}

static void drains_what_is_in_hand(void **state)
{
    (void)state;
    static const char data[] = POST HOST "Content-Length: 5\r\n\r\nlater";
    struct bench b;
    char text[2048];
    open_bench(&b, NULL);
    int idle = dial(&b), busy = dial(&b), backlog;
    assert_true(put(&b, busy, data, sizeof data - 1));
    while (b.n_owed == 0)
        turn(&b);
    backlog = dial(&b); /* not accepted yet: the loop does not turn */
    assert_int_equal(send(backlog, OK, strlen(OK), 0), (ssize_t)strlen(OK));
    http_server_drain(b.server);
    get(&b, idle, text, sizeof text, 0);
    assert_string_equal(text, "");
    get(&b, backlog, text, sizeof text, 0);
    assert_non_null(strstr(text, "HTTP/1.1 200 OK"));
    assert_non_null(strstr(text, "Connection: close"));
    close(backlog);
    assert_int_equal(b.drained, 0);
    http_answer(b.owed[0], 200, NULL, 0);
    get(&b, busy, text, sizeof text, 0);
    assert_non_null(strstr(text, "Connection: close"));
    close(busy);
    int64_t until = clock_mono_us() + GUARD_US;
    while (b.drained == 0 && clock_mono_us() < until)
        turn(&b);
    assert_true(b.drained > 0);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&b.address, sizeof b.address), -1);
    close(fd);
    close(idle);
    close_bench(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lets_only_careful_framing_through),
        cmocka_unit_test(refuses_a_long_head),
        cmocka_unit_test(reads_byte_by_byte),
        cmocka_unit_test(answers_many_pipelined_in_order),
        cmocka_unit_test(waits_with_the_next_until_the_first_is_answered),
        cmocka_unit_test(survives_clients_that_leave),
        cmocka_unit_test(collects_large_bodies_and_bounds_them),
        cmocka_unit_test(ends_slow_requests_and_idle_connections),
        cmocka_unit_test(turns_away_beyond_the_cap),
        cmocka_unit_test(drains_what_is_in_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
