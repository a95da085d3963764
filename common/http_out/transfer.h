/* One request of http_out: the curl handle, what goes out, what came back, and what can be proven about its end. */
#ifndef MUNIM_HTTP_OUT_TRANSFER_H
#define MUNIM_HTTP_OUT_TRANSFER_H

#include "common/http_out/http_out.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <utstring.h>

struct transfer {
    CURL *easy;
    struct curl_slist *headers;
    char *body; /* what is left to send begins at `at` */
    size_t len, at;
    bool body_asked; /* libcurl has fetched body bytes: the head is on its way at least */
    bool too_late;   /* send_by_boot_us had passed */
    bool too_big;    /* the answer */
    int64_t send_by_boot_us;
    UT_string answer;
    char error[CURL_ERROR_SIZE];
    http_answer_fn *on_answer;
    void *arg;
    struct transfer *prev, *next;
};

/* Copies what it needs of r. Its easy handle carries it as CURLINFO_PRIVATE. */
struct transfer *transfer_new(const struct http_request *r, http_answer_fn *on_answer, void *arg);
void transfer_free(struct transfer *t); /* after its handle was taken out of the multi handle */

/* What the end means. The answer's pointers belong to t. */
void transfer_answer(struct transfer *t, CURLcode code, struct http_answer *out);

#endif
