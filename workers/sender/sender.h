/* The sender's parts and what they share. One process, one loop; every part below works on struct sender.
 *
 *   lanes    partitions of outbound and receipt: records wait   take  one batch a topic takes them under their fences
 *   take_outbound  records become guard rows     take_receipts  statuses settle guard rows, fill munim.delivery
 *   refresh  what Postgres knows of conversations -> gate  start     PENDING -> SENDING, then the request
 *   settle   the answer -> SENT, FAILED, UNCERTAIN, PENDING; the gate moves on
 *   window   UNCERTAIN for too long -> UNKNOWN: sent again, dropped or held   ruling  a person's word on the held ones
 */
#ifndef MUNIM_SENDER_SENDER_H
#define MUNIM_SENDER_SENDER_H

#include "common/claim/claim.h"
#include "common/config/settings.h"
#include "common/http_out/http_out.h"
#include "common/kafka/consumer.h"
#include "common/kafka/topics.h"
#include "common/pg/pg.h"
#include "common/pg/pgarray.h"
#include "workers/sender/gate.h"
#include "workers/sender/whatsapp.h"

#include <event2/event.h>
#include <librdkafka/rdkafka.h>

enum { LANE_HIGH = 2048, SETTLE_MAX = 256, BLOCKED_MAX = 512 };
struct account_stop;
struct settle_queue;
struct flight;
struct take;

struct lane {
    char topic[128];
    bool receipts;
    int32_t partition;
    int64_t epoch, next_offset;
    int64_t low, high;            /* of the log, when it was claimed */
    rd_kafka_message_t **records; /* those being taken first */
    size_t n, room;
    bool paused, fenced;
    bool alone; /* its next batch has no other lane in it */
    struct lane *prev, *next;
};

struct sender {
    struct event_base *base;
    const struct settings *settings;
    struct topics topics;
    struct pg *pg;
    struct consumer *consumer;
    struct claim *claim;
    struct http_out *http;
    struct event *pump, *tick, *again;
    char boot_id[40];
    char *authorization; /* "Authorization: Bearer ..." */
    bool token_stale;    /* the channel refused it: read the file again */
    int64_t request_ms, deadline_ms, window_ms, tick_ms, retry_base_ms, retry_cap_ms;
    size_t limit; /* requests at once */
    int attempts;
    struct lane *lanes;
    unsigned generation;    /* counts losses of everything held */
    size_t takes;           /* batches under fences in hand */
    struct take *taking[2]; /* the present one of outbound and of receipt; NULL: none */
    struct gate gate;
    struct account_stop *stops;
    bool starting, windowing, refreshing;
    size_t flights;        /* SENDING asked for or committed, outcome not yet in the settle queue */
    struct flight *flying; /* requests under way */
    struct settle_queue *settling;
    bool revoking, draining;
    int64_t ticked_us, awake_us; /* the last tick; since when partitions are held and ticks come in time */
};

/* Wakes the pump: whatever can be taken, started or settled is, once the present callbacks are through. */
void sender_wake(struct sender *s);
/* The process cannot go on. */
void sender_stop(const struct fault *f);
/* A batch that failed for good: ends the process; true when it may be done again. */
bool sender_may_retry(const struct fault *f);

/* lanes.c */
void lanes_open(struct sender *s, const struct claim_part *p);
void lanes_clear(struct sender *s);
bool lanes_have(const struct sender *s, int32_t outbound_partition);
int64_t lanes_epoch(const struct sender *s, int32_t outbound_partition); /* -1: not ours */
void lanes_record(struct sender *s, rd_kafka_message_t *m);              /* keeps or destroys m */
void lane_drop(struct lane *l, size_t n); /* the first n records: they are taken, or no longer ours */
void lane_pace(struct sender *s, struct lane *l);
/* Whether every status that waits in the receipt partitions held here has been taken. */
bool lanes_receipts_read(const struct sender *s);

/* refresh.c */
void refresh_conversations(struct sender *s, const char *ids); /* a uuid[] literal */
void refresh_partition(struct sender *s, int32_t partition);
void refresh_blocked(struct sender *s);

/* start.c, window.c */
void start_pump(struct sender *s);
void window_tick(struct sender *s);

#endif
