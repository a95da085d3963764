/* What ask.c (the round), ask_admin.c (groups, layout, offsets) and ask_oldest.c (times of records) share. */
#ifndef MUNIM_LAG_ASK_PRIVATE_H
#define MUNIM_LAG_ASK_PRIVATE_H

#include "common/kafka/topics.h"
#include "workers/lag/ask.h"

enum { LAG_TOPICS = 4 };

/* In the order of a round. Each but IDLE ends by an answer, an error or a time-out. */
enum ask_stage {
    STAGE_IDLE,
    STAGE_GROUPS,    /* DescribeConsumerGroups is under way */
    STAGE_LAYOUT,    /* how many partitions: due in the next turn of the loop, blocks */
    STAGE_COMMITTED, /* ListConsumerGroupOffsets is under way, one request a group */
    STAGE_ENDS,      /* due in the next turn, blocks */
    STAGE_STARTS,    /* due in the next turn, blocks */
    STAGE_OLDEST     /* records are being fetched */
};

struct ask {
    const struct settings *settings;
    ask_done_fn *on_done;
    void *arg;
    struct topics topics;
    rd_kafka_t *rk;
    rd_kafka_topic_t *handles[LAG_TOPICS]; /* make the client know the topics, for one request of metadata */
    rd_kafka_queue_t *answers, *records;
    int wake_fd;
    struct event *wake, *step, *deadline;

    enum ask_stage stage;
    uintptr_t round; /* goes with each request, so that an answer that comes after its round is known */
    int waiting;     /* answers still to come in this stage */
    int partitions[LAG_TOPICS];
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

void ask_request_groups(struct ask *a);
void ask_request_committed(struct ask *a);
/* Puts an answer to one of these into a->next. -1 and a fault when it is an error. */
int ask_take_answer(struct ask *a, rd_kafka_event_t *e, struct fault *f);

/* Blocking, ASK_BLOCK_MS at most. */
int ask_layout(struct ask *a, struct fault *f);
int ask_offsets(struct ask *a, bool ends, struct fault *f);

/* Begins to fetch one record of each partition that needs it; a->waiting says of how many. */
int ask_begin_oldest(struct ask *a, struct fault *f);
/* Takes what has come; a->waiting says what has not. */
void ask_take_oldest(struct ask *a);
void ask_end_oldest(struct ask *a);

#endif
