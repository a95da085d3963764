/* The model reader's own state; for model.c and call.c. */
#ifndef MUNIM_READING_MODEL_PRIVATE_H
#define MUNIM_READING_MODEL_PRIVATE_H

#include "common/base/backoff.h"
#include "common/http_out/http_out.h"
#include "common/metrics/metrics.h"
#include "workers/reading/model/breaker.h"
#include "workers/reading/model/model.h"

struct model {
    struct event_base *base;
    struct http_out *http;
    struct prompt *prompt;
    struct mask_labels *labels;
    struct personal_lists *personal;
    char url[1024], name[128], temperature[16];
    char *authorization; /* the header line; NULL for none */
    int64_t timeout_ms, deadline_ms, retry_base_ms;
    unsigned tries;
    size_t most, out; /* calls at once, and those that are out */
    struct breaker breaker;
    struct model_call *calls; /* utlist */
};

struct model_call {
    struct model *m;
    model_told_fn *on_told; /* NULL once cancelled */
    void *arg;
    char *body;
    int64_t began_us, ends_ms;
    unsigned tries, ticket;
    struct backoff backoff;
    struct event *again;       /* waits for the next try */
    enum model_outcome failed; /* of the last try */
    struct model_call *prev, *next;
};

extern struct metric model_calls, model_requests, model_seconds, model_in_flight, model_breaker;

int64_t model_now_ms(void);

/* call.c */
struct model_call *call_new(struct model *m, model_told_fn *on_told, void *arg);
void call_try(struct model_call *c, unsigned ticket); /* ticket of breaker_may */
void calls_free(struct model *m);                     /* after the http client was freed */

#endif
