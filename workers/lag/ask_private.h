/* What ask.c (the round), ask_steps.c (the questions) and ask_oldest.c (times of records) share. */
#ifndef MUNIM_LAG_ASK_PRIVATE_H
#define MUNIM_LAG_ASK_PRIVATE_H

#include "common/kafka/topics.h"
#include "workers/lag/ask.h"

enum { LAG_TOPICS = 4 };

/* Each but IDLE ends by an answer, an error or a time-out. */
enum ask_stage {
    STAGE_IDLE,
    STAGE_TOPICS, /* DescribeConfigs is under way; no call has blocked so far */
    STAGE_STEPS,  /* a blocking question is due in the next turn of the loop */
    STAGE_OLDEST  /* records are being fetched */
};

struct ask {
    const struct settings *settings;
    ask_done_fn *on_done;
    void *arg;
    struct topics topics;
    rd_kafka_t
        *clients[LAG_GROUPS]; /* each under its group's name, for the committed offsets; the first asks the rest */
    rd_kafka_topic_t *handles[LAG_TOPICS]; /* make the first know the topics, for one request of metadata */
    rd_kafka_queue_t *answers, *records;
    int wake_fd;
    struct event *wake, *step, *deadline;

    enum ask_stage stage;
    uintptr_t round; /* goes with each request, so that an answer that comes after its round is known */
    size_t at;       /* the blocking question that is due */
    int waiting;     /* records still to come */
    int partitions[LAG_TOPICS];
    int64_t retention_ms[LAG_TOPICS];
    int64_t layout_us;                        /* when partitions were told; 0: never */
    rd_kafka_topic_partition_list_t *reading; /* in OLDEST, when there is anything to fetch */
    struct lag_view view, next;
};

/* Which group reads which topics. */
struct lag_topic {
    enum topic topic;
    int group; /* GROUP_WORKER, GROUP_SENDER; index into the view too */
};
extern const struct lag_topic lag_topics[LAG_TOPICS];

void ask_request_topics(struct ask *a);
/* Takes the answer to it. -1 and a fault when it is an error. */
int ask_take_topics(struct ask *a, rd_kafka_event_t *e, struct fault *f);

/* The blocking questions, each ASK_BLOCK_MS at most; what they tell goes into a->next. `which` is a group, or for
 * ask_offsets whether the ends are wanted. */
int ask_layout(struct ask *a, int which, struct fault *f);
int ask_group(struct ask *a, int which, struct fault *f);
int ask_committed(struct ask *a, int which, struct fault *f);
int ask_offsets(struct ask *a, int which, struct fault *f);

/* Begins to fetch one record of each partition that needs it; a->waiting says of how many. */
int ask_begin_oldest(struct ask *a, struct fault *f);
/* Takes what has come; a->waiting says what has not. */
void ask_take_oldest(struct ask *a);
void ask_end_oldest(struct ask *a);

#endif
