/* The head of an HTTP/1.x request, read strictly. llhttp parses the same bytes afterwards; this pass refuses what
 * llhttp lets through (folded lines, a blank before a name, an empty name, no Host or two, codings other than
 * "chunked", versions, methods, double spaces, endless heads) and finds the few fields that the ingress uses. Pure. */
#ifndef MUNIM_INGRESS_HTTP_HEAD_H
#define MUNIM_INGRESS_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HTTP_HEADERS_MAX = 64 };

struct http_text {
    const char *p; /* into the bytes that were read; not ended by a NUL */
    size_t n;
};

struct http_head {
    size_t len; /* bytes up to and with the blank line */
    bool post;  /* else GET */
    bool http11;
    bool has_length;
    bool chunked;
    bool expects_continue;
    uint64_t length; /* of the body, where has_length */
    struct http_text target;
    struct http_text signature; /* X-Hub-Signature-256, where signatures is 1 */
    unsigned signatures;        /* how many such fields there were */
    unsigned hosts;
    unsigned fields;
    int status;         /* when refused: what to answer, 4xx or 5xx */
    const char *reason; /* when refused: a fixed word for the metric, "bare_lf" */
};

enum http_head_end { HTTP_HEAD_MORE, HTTP_HEAD_WHOLE, HTTP_HEAD_REFUSED };

/* Reads the head that begins at in. MORE when the n bytes hold no complete head and none of them is wrong so far;
 * a head that has not ended within limit bytes is refused with 431. Nothing is copied: h points into in. */
enum http_head_end http_head_read(const char *in, size_t n, size_t limit, struct http_head *h);

#endif
