/* The HTTP server on a socket pair: the same bytes at once and in pieces give the same requests and the same refusals,
 * each is answered once, and nothing is left over. Input: a byte for how the owner answers, a byte for the pieces, then
 * what the client sends. */
#include "tests/fuzz/answers.h"
#include "tests/fuzz/fuzz.h"

#include "ingress/http_conn.h"
#include "ingress/http_server.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utstring.h>

enum { HEAD = 512, BODY = 256, INPUT_MOST = 8192, ROUNDS = 4096 };

static struct fixture {
    struct event_base *base;
    struct http_server *server;
    UT_string *told; /* requests and refusals, in order */
    bool later;      /* the owner answers outside of on_request */
    struct http_conn *owed;
    unsigned requests, refusals;
} x;

static void put(struct http_text t)
{
    utstring_bincpy(x.told, t.p != NULL ? t.p : "", t.n);
    utstring_bincpy(x.told, "\n", 1);
}

static void on_request(void *arg, struct http_conn *c, const struct http_request *r)
{
    (void)arg;
    ENSURE(x.owed == NULL);
    ENSURE(r->body.n <= BODY);
    x.requests++;
    utstring_printf(x.told, "%s ", r->post ? "POST" : "GET");
    put(r->target);
    put(r->signature);
    put(r->body);
    if (x.later)
        x.owed = c;
    else
        http_answer(c, 200, "ok", 2);
}

static void on_refused(void *arg, const char *reason)
{
    (void)arg;
    x.refusals++;
    utstring_printf(x.told, "refused %s\n", reason);
}

static void setup(void)
{
    static const struct http_limits limits = {.head = HEAD,
                                              .body = BODY,
                                              .bodies = 1 << 20,
                                              .connections = 10,
                                              .request_ms = 100000,
                                              .idle_ms = 100000,
                                              .linger_ms = 100000};
    const struct http_hooks hooks = {.on_request = on_request, .on_refused = on_refused};
    x.base = event_base_new();
    x.server = http_server_new(x.base, socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0), &limits, &hooks);
    utstring_new(x.told);
    event_del(&x.server->accept_ev); /* nobody connects: the pairs are handed over */
}

/* Turns of the loop until the server has nothing to do. */
static void work(void)
{
    for (int i = 0; i < 3 || x.owed != NULL; i++) {
        ENSURE(i < ROUNDS);
        event_base_loop(x.base, EVLOOP_NONBLOCK);
        struct http_conn *c = x.owed;
        x.owed = NULL;
        if (c != NULL) {
            http_answer(c, 200, "ok", 2);
            i = 0;
        }
    }
}

static void converse(const uint8_t *data, size_t n, size_t piece, UT_string *out)
{
    int pair[2];
    unsigned answers = 0;
    ENSURE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
    utstring_clear(x.told);
    x.requests = x.refusals = 0;
    conn_open(x.server, pair[0]);
    bool open = true;
    for (size_t at = 0; at < n && open; at += piece) {
        size_t len = n - at < piece ? n - at : piece;
        if (send(pair[1], data + at, len, MSG_NOSIGNAL) != (ssize_t)len)
            break; /* it was refused earlier */
        work();
        open = receive(pair[1], &answers);
    }
    (void)shutdown(pair[1], SHUT_WR);
    for (int i = 0; i < ROUNDS && open && x.server->connections > 0; i++) {
        work();
        open = receive(pair[1], &answers);
    }
    close(pair[1]);
    work();
    work();
    ENSURE(answers == x.requests + x.refusals);
    ENSURE(x.server->connections == 0 && x.server->bodies == 0);
    for (int i = 0; i < PHASE_COUNT; i++)
        ENSURE(x.server->phase[i] == NULL);
    utstring_clear(out);
    utstring_concat(out, x.told);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (x.base == NULL)
        setup();
    if (n < 2 || n > INPUT_MOST)
        return 0;
    x.later = data[0] & 1;
    size_t piece = 1 + data[1] % 64;
    data += 2;
    n -= 2;
    UT_string *whole, *parts;
    utstring_new(whole);
    utstring_new(parts);
    converse(data, n, n > 0 ? n : 1, whole);
    converse(data, n, piece, parts);
    ENSURE(utstring_len(whole) == utstring_len(parts));
    ENSURE(memcmp(utstring_body(whole), utstring_body(parts), utstring_len(whole)) == 0);
    utstring_free(whole);
    utstring_free(parts);
    return 0;
}
