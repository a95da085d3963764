/* The head of an HTTP request: a head that came in part is either not finished or refused as the whole is; what is
 * taken lies inside the bytes that were read. */
#include "tests/fuzz/fuzz.h"

#include "ingress/http_head.h"

enum { LIMIT = 1024 };

static void inside(const char *in, size_t n, struct http_text t)
{
    ENSURE(t.n == 0 || (t.p >= in && t.p + t.n <= in + n));
}

static bool same(const struct http_head *a, const struct http_head *b)
{
    return a->len == b->len && a->post == b->post && a->chunked == b->chunked && a->length == b->length &&
           a->target.n == b->target.n && a->signature.n == b->signature.n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const char *in = (const char *)data;
    struct http_head whole, part;
    enum http_head_end end = http_head_read(in, n, LIMIT, &whole);
    if (end == HTTP_HEAD_WHOLE) {
        ENSURE(whole.len <= n && whole.len <= LIMIT && whole.len > 0);
        inside(in, whole.len, whole.target);
        inside(in, whole.len, whole.signature);
        ENSURE(whole.target.n > 0 && whole.target.p[0] == '/');
        ENSURE(!(whole.chunked && whole.has_length));
        ENSURE(whole.hosts <= 1 && whole.signatures <= 1);
        ENSURE(memcmp(in + whole.len - 2, "\r\n", 2) == 0);
    }
    if (end == HTTP_HEAD_REFUSED)
        ENSURE(whole.status >= 400 && whole.status < 600 && whole.reason != NULL);
    if (end == HTTP_HEAD_MORE)
        ENSURE(n <= LIMIT);
    bool ended = false; /* once a piece is enough, more bytes change nothing */
    for (size_t k = 0; k < n && k < LIMIT + 2; k++) {
        enum http_head_end e = http_head_read(in, k, LIMIT, &part);
        ENSURE(!ended || e != HTTP_HEAD_MORE);
        ENSURE(e == HTTP_HEAD_MORE || e == end);
        ENSURE(e != HTTP_HEAD_WHOLE || same(&whole, &part));
        ENSURE(e != HTTP_HEAD_REFUSED || whole.status == part.status);
        ended = e != HTTP_HEAD_MORE;
    }
    return 0;
}
