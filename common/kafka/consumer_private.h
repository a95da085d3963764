/* What consumer.c (the loop, records, leaving) and consumer_assign.c (who owns which partition) share. */
#ifndef MUNIM_KAFKA_CONSUMER_PRIVATE_H
#define MUNIM_KAFKA_CONSUMER_PRIVATE_H

#include "common/kafka/consumer.h"

#include <event2/event.h>
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>

enum { FAULTS_KEPT = 8 };

/* Where the assignment stands. librdkafka asks, the owner answers when it can; polling goes on in every state. */
enum assign_state {
    ASSIGN_NONE,    /* nothing is ours */
    ASSIGN_OFFERED, /* `parts` were given, the owner has not called consumer_start yet */
    ASSIGN_READING, /* started; the only state in which records go to the owner */
    ASSIGN_REVOKED  /* taken back, the owner has not called consumer_release yet */
};

struct consumer {
    rd_kafka_t *rk;
    rd_kafka_queue_t *queue;
    struct consumer_hooks hooks;
    int wake_fd;
    struct event *wake, *tick;

    enum assign_state state;
    bool assigned;                           /* librdkafka holds an assignment of ours, of whatever state */
    rd_kafka_topic_partition_list_t *parts;  /* OFFERED, READING: what the group gave */
    rd_kafka_topic_partition_list_t *next;   /* given before the owner has released the last; offered after that */
    rd_kafka_topic_partition_list_t *paused; /* by the owner */
    bool tell_assign, tell_revoke, lost;     /* noted in a callback of librdkafka, told outside of it */
    bool yielded;                            /* the poll returned early for that, there may be more */

    struct fault faults[FAULTS_KEPT]; /* noted likewise */
    size_t n_faults;
    bool down;    /* all brokers; cleared by whatever comes from one */
    bool leaving; /* consumer_free: give everything back at once */
    bool closed;
    unsigned depth; /* the owner's hooks on the stack */
    char cluster[64];
};

/* rd_kafka_conf_set_rebalance_cb's callback; its opaque is the consumer. */
void consumer_on_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t err, rd_kafka_topic_partition_list_t *parts, void *arg);
/* Calls on_assign or on_revoke if one is due. */
void consumer_tell_assignment(struct consumer *c);
/* Gives back whatever the client holds, the owner unasked. */
void consumer_unassign(struct consumer *c);
void consumer_note_fault(struct consumer *c, const struct fault *f);

#endif
