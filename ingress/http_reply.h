/* The bytes of an answer. Pure but for the Date field, which follows the clock once a second. */
#ifndef MUNIM_INGRESS_HTTP_REPLY_H
#define MUNIM_INGRESS_HTTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>

enum { HTTP_REPLY_MAX = 1024, HTTP_REPLY_BODY_MAX = 640 };

/* Writes a whole answer with a text/plain body of n bytes (at most HTTP_REPLY_BODY_MAX, longer is cut) into out and
 * returns its length. 405 gets Allow, 503 Retry-After; close adds "Connection: close". */
size_t http_reply(int status, const char *body, size_t n, bool close, char out[HTTP_REPLY_MAX]);

#endif
