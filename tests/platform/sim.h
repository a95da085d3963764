/* munim-sim: a WhatsApp Cloud API for demo and tests. It takes sends, witnesses every accepted one, sends statuses, and
 * posts signed webhooks as the customers' phone. State shared by its files. */
#ifndef MUNIM_SIM_SIM_H
#define MUNIM_SIM_SIM_H

#include "common/http_out/http_out.h"
#include "tests/platform/behave.h"

#include <event2/event.h>
#include <event2/http.h>
#include <stdio.h>

struct hmac;

struct sim {
    struct event_base *base;
    struct evhttp *http;
    struct http_out *out;
    struct hmac *hmac;
    const char *webhook_url;
    FILE *witness; /* one JSON line per accepted send; NULL when not asked for */
    cJSON *sends;  /* the same, as an array */
    struct behaviour *behaviours;
    long requests, refused;                /* at the send API */
    long webhooks, attempts, acknowledged; /* to ingress */
    struct event *stop[2];
};

/* send_api.c: POST /<version>/<phone_number_id>/messages. */
void send_api(struct sim *s, struct evhttp_request *req, const char *account_id);

/* control.c: /control/... as `munim-sim --help` lists. */
void control(struct sim *s, struct evhttp_request *req, const char *what);

/* webhook.c: signs and posts; repeated with backoff until ingress answers 200, as the channel does. */
void webhook_post(struct sim *s, const char *body, size_t n);
/* A message of that kind from a customer; message_id has room for 80. fields: further members of the message. */
void webhook_message(struct sim *s, const cJSON *say, char message_id[80]);
void webhook_status(struct sim *s, const char *account_id, const char *provider_id, const char *to, const char *status,
                    const char *opaque, long after_ms);

/* Answers with a JSON value and frees it. */
void answer_json(struct evhttp_request *req, int code, cJSON *o);
/* The request's body as text, NUL-ended, to be freed. */
char *body_of(struct evhttp_request *req, size_t *n);

#endif
