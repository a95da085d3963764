/* HTTP requests on the loop through libcurl's multi interface: fixed hosts, no redirects, one total deadline.
 * libcurl repeats a POST by itself on a dead reused connection; the body is therefore given by a read function
 * without a seek function, and the error that follows (65) is told as HTTP_UNCERTAIN. */
#ifndef MUNIM_HTTP_OUT_HTTP_OUT_H
#define MUNIM_HTTP_OUT_HTTP_OUT_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_out;

enum http_end {
    HTTP_ANSWERED, /* status and body are valid, the body whole */
    HTTP_NOT_SENT, /* proven: not a byte of the request left (resolve, connect, TLS handshake) */
    HTTP_UNCERTAIN /* anything else */
};

struct http_answer {
    enum http_end end;
    long status;
    const char *body; /* NUL-ended, at most 256 KiB, valid inside the call */
    size_t len;
    long retry_after_s; /* -1 when not given */
    const char *error;  /* words, when not HTTP_ANSWERED */
    bool too_big;       /* the answer went beyond its bound: the next one will too */
};

struct http_request {
    const char *url;
    const char *const *headers; /* "Name: value", NULL-ended; copied */
    const char *body;           /* copied */
    size_t len;
    long timeout_ms; /* total, from now */
    bool get;
    /* CLOCK_BOOTTIME in microseconds (clock_boot_us); looked at when the connection stands, just before the request's
     * first byte: past it nothing is sent and the end is HTTP_NOT_SENT. 0: none. */
    int64_t send_by_boot_us;
};

typedef void http_answer_fn(void *arg, const struct http_answer *a);

struct http_out *http_out_new(struct event_base *base, long max_connections_per_host);
void http_out_free(struct http_out **h); /* requests in flight end without an answer call */

/* on_answer comes exactly once, never from inside this call. */
void http_out_send(struct http_out *h, const struct http_request *r, http_answer_fn *on_answer, void *arg);
size_t http_out_in_flight(const struct http_out *h);

#endif
