/* A channel's answer to a send: always one of the verdicts, and never "sent" without the id by which a later status is
 * matched. Input: how it ended, three bytes of status, then the body. */
#include "tests/fuzz/fuzz.h"

#include "workers/sender/whatsapp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const long statuses[] = {200, 201, 202, 204, 301, 400, 401, 403, 404, 408, 413, 429, 500, 502, 503, 504};
    struct http_answer a = {.retry_after_s = -1};
    struct send_outcome out;
    a.end = (enum http_end)fuzz_choice(&data, &n, 3);
    unsigned c = fuzz_choice(&data, &n, 20);
    a.status = c < 16 ? statuses[c] : (long)c * 50;
    char *body = malloc(n + 1);
    ENSURE(body != NULL);
    if (n > 0)
        memcpy(body, data, n);
    body[n] = '\0';
    a.body = body;
    a.len = n;
    a.error = "words";
    whatsapp_answer(&a, &out);
    ENSURE(out.verdict <= SEND_STOPPED && send_verdict_name(out.verdict) != NULL);
    ENSURE(out.words != NULL);
    ENSURE(memchr(out.code, 0, sizeof out.code) != NULL && memchr(out.provider_id, 0, sizeof out.provider_id) != NULL);
    bool sent = out.verdict == SEND_SENT;
    ENSURE(sent == (out.provider_id[0] != '\0') && sent == (out.code[0] == '\0'));
    ENSURE(!sent || (a.end == HTTP_ANSWERED && a.status >= 200 && a.status < 300));
    ENSURE(a.end != HTTP_UNCERTAIN || out.verdict == SEND_UNCERTAIN);
    ENSURE(a.end != HTTP_NOT_SENT || out.verdict == SEND_RETRY);
    free(body);
    return 0;
}
