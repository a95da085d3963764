/* One POST between its verification and its last delivery report. It outlives its answer when that came first (503 at
 * the deadline), and its connection when the client left. */
#ifndef MUNIM_INGRESS_JOB_H
#define MUNIM_INGRESS_JOB_H

#include "ingress/http_server.h"
#include "ingress/records.h"

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct job {
    void *owner;            /* the gateway */
    struct http_conn *conn; /* an answer is owed; NULL when it has been given */
    int64_t began_us;
    bool held;   /* on the list of those that wait for the next burst */
    size_t left; /* records handed over and not reported */
    size_t bytes;
    struct job *prev, *next;           /* among the unanswered, oldest first */
    struct job *held_prev, *held_next; /* among the held, oldest first */
    size_t n;
    const char *text; /* behind the list, in the same block */
    struct job_record {
        struct record record;        /* its offsets are into text */
        rd_kafka_headers_t *headers; /* NULL once they are the producer's */
    } list[];
};

/* Copies the records: their buffer is used again for the next webhook. The envelopes are made here, so that a burst is
 * nothing but sends: while it lasts, librdkafka's thread already takes what is there, and slow sends make small
 * requests. */
struct job *job_new(const struct records *rs, const char *source);
void job_free(struct job *j);

#endif
