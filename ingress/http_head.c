/* Rules and their sources: RFC 9112 (2.2 line ends and the blank before the request line, 3 request line, 3.2 Host,
 * 5.1 names, 5.2 folding, 6.1 to 6.3 framing), RFC 9110 (5.6.2 tokens, 10.1.1 Expect, 15.5.18, 15.6.6). Where a
 * recipient may either repair or refuse, this one refuses: two readers that repair differently are how a request is
 * smuggled past the proxy in front. */
#include "ingress/http_head.h"

#include <string.h>
#include <strings.h>

static enum http_head_end refuse(struct http_head *h, int status, const char *reason)
{
    h->status = status;
    h->reason = reason;
    return HTTP_HEAD_REFUSED;
}

static bool is_token(const char *p, size_t n)
{
    static const char mark[256] = {
        ['!'] = 1, ['#'] = 1, ['$'] = 1, ['%'] = 1, ['&'] = 1, ['\''] = 1, ['*'] = 1, ['+'] = 1, ['-'] = 1, ['.'] = 1,
        ['^'] = 1, ['_'] = 1, ['`'] = 1, ['|'] = 1, ['~'] = 1, ['0'] = 1,  ['1'] = 1, ['2'] = 1, ['3'] = 1, ['4'] = 1,
        ['5'] = 1, ['6'] = 1, ['7'] = 1, ['8'] = 1, ['9'] = 1, ['A'] = 1,  ['B'] = 1, ['C'] = 1, ['D'] = 1, ['E'] = 1,
        ['F'] = 1, ['G'] = 1, ['H'] = 1, ['I'] = 1, ['J'] = 1, ['K'] = 1,  ['L'] = 1, ['M'] = 1, ['N'] = 1, ['O'] = 1,
        ['P'] = 1, ['Q'] = 1, ['R'] = 1, ['S'] = 1, ['T'] = 1, ['U'] = 1,  ['V'] = 1, ['W'] = 1, ['X'] = 1, ['Y'] = 1,
        ['Z'] = 1, ['a'] = 1, ['b'] = 1, ['c'] = 1, ['d'] = 1, ['e'] = 1,  ['f'] = 1, ['g'] = 1, ['h'] = 1, ['i'] = 1,
        ['j'] = 1, ['k'] = 1, ['l'] = 1, ['m'] = 1, ['n'] = 1, ['o'] = 1,  ['p'] = 1, ['q'] = 1, ['r'] = 1, ['s'] = 1,
        ['t'] = 1, ['u'] = 1, ['v'] = 1, ['w'] = 1, ['x'] = 1, ['y'] = 1,  ['z'] = 1,
    };
    for (size_t i = 0; i < n; i++)
        if (!mark[(unsigned char)p[i]])
            return false;
    return n > 0;
}

static bool is_visible(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] <= ' ' || p[i] > '~')
            return false;
    return n > 0;
}

static bool same(struct http_text t, const char *word)
{
    return t.n == strlen(word) && memcmp(t.p, word, t.n) == 0;
}

static bool same_anycase(struct http_text t, const char *word)
{
    return t.n == strlen(word) && strncasecmp(t.p, word, t.n) == 0;
}

static enum http_head_end check_version(struct http_head *h, struct http_text v)
{
    bool digits = v.n == 8 && memcmp(v.p, "HTTP/", 5) == 0 && v.p[5] >= '0' && v.p[5] <= '9' && v.p[6] == '.' &&
                  v.p[7] >= '0' && v.p[7] <= '9';
    if (!digits)
        return refuse(h, 400, "request_line");
    if (v.p[5] != '1' || v.p[7] > '1')
        return refuse(h, 505, "version");
    h->http11 = v.p[7] == '1';
    return HTTP_HEAD_WHOLE;
}

static enum http_head_end check_method(struct http_head *h, struct http_text m)
{
    static const char *const known[] = {"HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT"};
    h->post = same(m, "POST");
    if (h->post || same(m, "GET"))
        return HTTP_HEAD_WHOLE;
    if (!is_token(m.p, m.n))
        return refuse(h, 400, "request_line");
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (same(m, known[i]))
            return refuse(h, 405, "method");
    return refuse(h, 501, "method");
}

static enum http_head_end read_request_line(struct http_head *h, const char *p, size_t n)
{
    const char *first = memchr(p, ' ', n);
    const char *last = memrchr(p, ' ', n);
    if (first == NULL || first == last)
        return refuse(h, 400, "request_line");
    h->target = (struct http_text){.p = first + 1, .n = (size_t)(last - first - 1)};
    enum http_head_end end = check_version(h, (struct http_text){.p = last + 1, .n = (size_t)(p + n - last - 1)});
    if (end == HTTP_HEAD_WHOLE)
        end = check_method(h, (struct http_text){.p = p, .n = (size_t)(first - p)});
    if (end != HTTP_HEAD_WHOLE)
        return end;
    if (!is_visible(h->target.p, h->target.n) || h->target.p[0] != '/')
        return refuse(h, 400, "request_line");
    return HTTP_HEAD_WHOLE;
}

static enum http_head_end read_length(struct http_head *h, struct http_text v)
{
    if (h->has_length || v.n == 0 || v.n > 18)
        return refuse(h, 400, "content_length");
    for (size_t i = 0; i < v.n; i++) {
        if (v.p[i] < '0' || v.p[i] > '9')
            return refuse(h, 400, "content_length");
        h->length = h->length * 10 + (uint64_t)(v.p[i] - '0');
    }
    h->has_length = true;
    return HTTP_HEAD_WHOLE;
}

static enum http_head_end read_coding(struct http_head *h, struct http_text v)
{
    if (h->chunked)
        return refuse(h, 400, "transfer_encoding");
    if (!same_anycase(v, "chunked"))
        return refuse(h, 501, "transfer_encoding");
    h->chunked = true;
    return HTTP_HEAD_WHOLE;
}

static enum http_head_end read_field(struct http_head *h, const char *p, size_t n)
{
    if (p[0] == ' ' || p[0] == '\t')
        return refuse(h, 400, "folded");
    if (++h->fields > HTTP_HEADERS_MAX)
        return refuse(h, 431, "head_too_large");
    const char *colon = memchr(p, ':', n);
    if (colon == NULL || !is_token(p, (size_t)(colon - p)))
        return refuse(h, 400, "field_name");
    struct http_text name = {.p = p, .n = (size_t)(colon - p)};
    const char *v = colon + 1;
    const char *end = p + n;
    while (v < end && (*v == ' ' || *v == '\t'))
        v++;
    while (end > v && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    struct http_text value = {.p = v, .n = (size_t)(end - v)};
    if (same_anycase(name, "Host")) {
        h->hosts++;
    } else if (same_anycase(name, "Content-Length")) {
        return read_length(h, value);
    } else if (same_anycase(name, "Transfer-Encoding")) {
        return read_coding(h, value);
    } else if (same_anycase(name, "X-Hub-Signature-256")) {
        h->signature = value;
        h->signatures++;
    } else if (same_anycase(name, "Expect")) {
        if (!same_anycase(value, "100-continue"))
            return refuse(h, 417, "expect");
        h->expects_continue = true;
    }
    return HTTP_HEAD_WHOLE;
}

/* What only a complete head can tell. */
static enum http_head_end check_whole(struct http_head *h)
{
    if (h->hosts > 1 || (h->hosts == 0 && h->http11))
        return refuse(h, 400, "host");
    if (h->chunked && (h->has_length || !h->http11))
        return refuse(h, 400, "transfer_encoding");
    if (!h->post && (h->chunked || h->length > 0))
        return refuse(h, 400, "get_with_body");
    if (h->post && !h->chunked && !h->has_length)
        return refuse(h, 411, "no_length");
    if (h->signatures > 1)
        return refuse(h, 400, "signature_twice");
    return HTTP_HEAD_WHOLE;
}

enum http_head_end http_head_read(const char *in, size_t n, size_t limit, struct http_head *h)
{
    *h = (struct http_head){.len = 0};
    const char *p = in;
    const char *end = in + n;
    bool first = true;
    if (n >= 2 && in[0] == '\r' && in[1] == '\n') /* one blank line before the request is forgiven: RFC 9112, 2.2 */
        p += 2;
    for (;;) {
        const char *lf = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;
        if ((size_t)((lf != NULL ? lf + 1 : end) - in) > limit)
            return refuse(h, 431, "head_too_large");
        if (lf == NULL)
            return HTTP_HEAD_MORE;
        if (lf == p || lf[-1] != '\r')
            return refuse(h, 400, "bare_lf");
        size_t len = (size_t)(lf - 1 - p);
        if (len > 0 && memchr(p, '\r', len) != NULL)
            return refuse(h, 400, "bare_cr");
        if (len == 0 && !first) {
            h->len = (size_t)(lf + 1 - in);
            return check_whole(h);
        }
        enum http_head_end e = first ? read_request_line(h, p, len) : read_field(h, p, len);
        if (e != HTTP_HEAD_WHOLE)
            return e;
        first = false;
        p = lf + 1;
    }
}
