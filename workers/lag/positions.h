/* The true positions, which the workers and the sender keep in munim.part; a group's offsets in Kafka are only what
 * they tell of them once a second. Read without blocking; while Postgres is away there are none. */
#ifndef MUNIM_LAG_POSITIONS_H
#define MUNIM_LAG_POSITIONS_H

#include "common/pg/pg.h"
#include "workers/lag/view.h"

#include <event2/event.h>

struct position {
    char topic[LAG_NAME];
    int32_t partition;
    int64_t next_offset; /* -1: the log's start */
};

struct positions {
    struct pg *pg; /* NULL when [postgres] url is not set */
    struct position *all, *fresh;
    size_t n, n_fresh;
    bool away; /* told already */
};

void positions_open(struct positions *p, struct event_base *base, const char *url);
void positions_close(struct positions *p);

/* Asks for them anew, unless Postgres is away or has not answered the last time yet. */
void positions_refresh(struct positions *p);

/* Records between the position and the log's end. */
int64_t positions_lag(const struct position *p, int64_t start, int64_t end);

#endif
