#include "ingress/http_reply.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *phrase(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 408:
        return "Request Timeout";
    case 411:
        return "Length Required";
    case 413:
        return "Content Too Large";
    case 417:
        return "Expectation Failed";
    case 431:
        return "Request Header Fields Too Large";
    case 501:
        return "Not Implemented";
    case 503:
        return "Service Unavailable";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return "Error";
    }
}

/* "Date: Sat, 21 Nov 2026 11:02:46 GMT\r\n", made anew when the second has changed. */
static const char *date_line(void)
{
    static char line[48];
    static time_t of = -1;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (now.tv_sec != of) {
        struct tm tm;
        gmtime_r(&now.tv_sec, &tm);
        (void)strftime(line, sizeof line, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &tm);
        of = now.tv_sec;
    }
    return line;
}

/* The answer of nearly every webhook, without printf. */
static size_t plain_200(char out[HTTP_REPLY_MAX])
{
    static const char before[] = "HTTP/1.1 200 OK\r\n";
    static const char after[] = "Content-Length: 0\r\n\r\n";
    const char *date = date_line();
    size_t n = strlen(date);
    memcpy(out, before, sizeof before - 1);
    /* NOLINTNEXTLINE(bugprone-not-null-terminated-result): more follows, the length is told */
    memcpy(out + sizeof before - 1, date, n);
    memcpy(out + sizeof before - 1 + n, after, sizeof after - 1);
    return sizeof before - 1 + n + sizeof after - 1;
}

size_t http_reply(int status, const char *body, size_t n, bool close, char out[HTTP_REPLY_MAX])
{
    if (status == 200 && n == 0 && !close)
        return plain_200(out);
    if (n > HTTP_REPLY_BODY_MAX)
        n = HTTP_REPLY_BODY_MAX;
    int len =
        snprintf(out, HTTP_REPLY_MAX, "HTTP/1.1 %d %s\r\n%s%s%s%s%sContent-Length: %zu\r\n\r\n", status, phrase(status),
                 date_line(), status == 405 ? "Allow: GET, POST\r\n" : "", status == 503 ? "Retry-After: 5\r\n" : "",
                 n > 0 ? "Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n" : "",
                 close ? "Connection: close\r\n" : "", n);
    size_t at = len > 0 ? (size_t)len : 0;
    if (n > 0)
        memcpy(out + at, body, n);
    return at + n;
}
