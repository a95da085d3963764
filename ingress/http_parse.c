/* What llhttp tells of one request: the framing of its body. Names and values were read by http_head already. */
#include "ingress/http_conn.h"

#include <stdlib.h>
#include <string.h>

static int refuse(struct http_conn *c, int status, const char *reason)
{
    c->refusal = status;
    c->reason = reason;
    return -1;
}

static int on_headers_complete(llhttp_t *p)
{
    struct http_conn *c = p->data;
    if (c->head.has_length != ((p->flags & F_CONTENT_LENGTH) != 0) ||
        c->head.chunked != ((p->flags & F_CHUNKED) != 0) || (c->head.has_length && c->head.length != p->content_length))
        return refuse(c, 400, "framing"); /* two readings of one head: trust neither */
    p->upgrade = 0;                       /* nothing is upgraded here: what follows is HTTP again */
    return 0;
}

/* The size of the next chunk is known: refuse it now, not after it has come. */
static int on_chunk_header(llhttp_t *p)
{
    struct http_conn *c = p->data;
    return p->content_length > c->server->limits.body - c->body.n ? refuse(c, 413, "body_too_large") : 0;
}

static int keep_body(struct http_conn *c, const char *at, size_t n)
{
    struct http_server *s = c->server;
    if (c->body.n + n > s->limits.body)
        return refuse(c, 413, "body_too_large");
    if (c->body.n + n > c->kept_cap) {
        size_t cap = c->kept_cap > 0 ? c->kept_cap : 4096;
        while (cap < c->body.n + n)
            cap *= 2;
        if (s->bodies + cap - c->kept_cap > s->limits.bodies)
            return refuse(c, 503, "bodies");
        char *more = realloc(c->kept, cap);
        if (more == NULL)
            return refuse(c, 503, "bodies");
        s->bodies += cap - c->kept_cap;
        c->kept = more;
        c->kept_cap = cap;
    }
    memcpy(c->kept + c->body.n, at, n);
    c->body.p = c->kept;
    c->body.n += n;
    return 0;
}

static int on_body(llhttp_t *p, const char *at, size_t n)
{
    struct http_conn *c = p->data;
    if (c->head.has_length && n == c->head.length) { /* all of it at once: used where it lies */
        c->body = (struct http_text){.p = at, .n = n};
        return 0;
    }
    return keep_body(c, at, n);
}

static int on_message_complete(llhttp_t *p)
{
    struct http_conn *c = p->data;
    if (!llhttp_should_keep_alive(p))
        c->last = true;
    return HPE_PAUSED;
}

void http_parse_callbacks(llhttp_settings_t *callbacks)
{
    llhttp_settings_init(callbacks);
    callbacks->on_headers_complete = on_headers_complete;
    callbacks->on_chunk_header = on_chunk_header;
    callbacks->on_body = on_body;
    callbacks->on_message_complete = on_message_complete;
}

void http_parse_reset(struct http_conn *c)
{
    c->server->bodies -= c->kept_cap;
    free(c->kept);
    free(c->target);
    c->kept = c->target = NULL;
    c->kept_cap = c->fed = 0;
    c->body = (struct http_text){.n = 0};
    c->in_body = false;
    c->refusal = 0;
    c->reason = NULL;
}
