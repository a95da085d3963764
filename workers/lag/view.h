/* What waits in the queues at one moment, as values: per group its state, per partition what was read and what not.
 * Pure: ask.c fills it from Kafka, gauges.c and table.c show it. */
#ifndef MUNIM_LAG_VIEW_H
#define MUNIM_LAG_VIEW_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LAG_GROUPS = 2, LAG_NAME = 128 };

struct lag_group {
    char name[LAG_NAME];
    rd_kafka_consumer_group_state_t state;
    int members;
};

/* Every number that was not told is -1. */
struct lag_row {
    int group; /* index into the view's groups */
    char topic[LAG_NAME];
    int32_t partition;
    int64_t start, end;   /* the oldest offset the log still has, and the next one it will give */
    int64_t committed;    /* the next offset the group wants; -1 also while it has committed none */
    int64_t oldest_ms;    /* when the record at lag_position was made, milliseconds since 1970 */
    int64_t retention_ms; /* how long the topic keeps a record; -1 also: for ever */
    bool awaited;         /* that record is being fetched */
};

struct lag_view {
    struct lag_group groups[LAG_GROUPS];
    struct lag_row *rows; /* of one group and topic together, partitions ascending */
    size_t n;
};

void lag_view_add(struct lag_view *v, int group, const char *topic, int partitions);
void lag_view_done(struct lag_view *v); /* frees the rows, leaves an empty view */

/* Each puts the offsets of a list into the rows they belong to; elements with an error stay unknown, topics that no row
 * has are passed over. */
void lag_take_committed(struct lag_view *v, int group, const rd_kafka_topic_partition_list_t *list);
void lag_take_starts(struct lag_view *v, const rd_kafka_topic_partition_list_t *list);
void lag_take_ends(struct lag_view *v, const rd_kafka_topic_partition_list_t *list);

/* A record's time does not change: what the last view knew is kept where the position is still the same. */
void lag_take_known(struct lag_view *v, const struct lag_view *last);

struct lag_row *lag_find(const struct lag_view *v, const char *topic, int32_t partition); /* NULL when there is none */

bool lag_known(const struct lag_row *r); /* start and end were told; the rest holds only then */
/* The oldest record that the group has not committed and the log still has. Without a commit: the log's start. */
int64_t lag_position(const struct lag_row *r);
int64_t lag_records(const struct lag_row *r);
/* Records that expired before the group had committed them. */
int64_t lag_expired(const struct lag_row *r);
/* Age of the oldest uncommitted record in milliseconds at wall time now_ms: 0 when caught up, -1 when unknown. */
int64_t lag_age_ms(const struct lag_row *r, int64_t now_ms);

#endif
