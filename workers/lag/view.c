#include "workers/lag/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void lag_view_add(struct lag_view *v, int group, const char *topic, int partitions)
{
    if (partitions <= 0)
        return;
    struct lag_row *rows = realloc(v->rows, (v->n + (size_t)partitions) * sizeof *rows);
    if (rows == NULL)
        abort();
    v->rows = rows;
    for (int32_t p = 0; p < partitions; p++) {
        struct lag_row *r = &v->rows[v->n++];
        *r = (struct lag_row){.group = group,
                              .partition = p,
                              .start = -1,
                              .end = -1,
                              .committed = -1,
                              .oldest_ms = -1,
                              .retention_ms = -1};
        (void)snprintf(r->topic, sizeof r->topic, "%s", topic);
    }
}

void lag_view_done(struct lag_view *v)
{
    free(v->rows);
    *v = (struct lag_view){0};
}

struct lag_row *lag_find(const struct lag_view *v, const char *topic, int32_t partition)
{
    for (size_t i = 0; i < v->n; i++)
        if (v->rows[i].partition == partition && strcmp(v->rows[i].topic, topic) == 0)
            return &v->rows[i];
    return NULL;
}

/* The row of an element that holds an offset: librdkafka gives negative ones for "none" and "unknown". */
static struct lag_row *row_of(const struct lag_view *v, const rd_kafka_topic_partition_t *e)
{
    bool told = e->err == RD_KAFKA_RESP_ERR_NO_ERROR && e->offset >= 0;
    return told ? lag_find(v, e->topic, e->partition) : NULL;
}

void lag_take_committed(struct lag_view *v, int group, const rd_kafka_topic_partition_list_t *list)
{
    for (int i = 0; i < list->cnt; i++) {
        struct lag_row *r = row_of(v, &list->elems[i]);
        if (r != NULL && r->group == group)
            r->committed = list->elems[i].offset;
    }
}

void lag_take_starts(struct lag_view *v, const rd_kafka_topic_partition_list_t *list)
{
    for (int i = 0; i < list->cnt; i++) {
        struct lag_row *r = row_of(v, &list->elems[i]);
        if (r != NULL)
            r->start = list->elems[i].offset;
    }
}

void lag_take_ends(struct lag_view *v, const rd_kafka_topic_partition_list_t *list)
{
    for (int i = 0; i < list->cnt; i++) {
        struct lag_row *r = row_of(v, &list->elems[i]);
        if (r != NULL)
            r->end = list->elems[i].offset;
    }
}

void lag_take_known(struct lag_view *v, const struct lag_view *last)
{
    for (size_t i = 0; i < v->n; i++) {
        struct lag_row *r = &v->rows[i];
        const struct lag_row *was = lag_find(last, r->topic, r->partition);
        if (was != NULL && lag_known(was) && lag_known(r) && lag_position(was) == lag_position(r))
            r->oldest_ms = was->oldest_ms;
    }
}

bool lag_known(const struct lag_row *r)
{
    return r->start >= 0 && r->end >= 0;
}

int64_t lag_position(const struct lag_row *r)
{
    return r->committed > r->start ? r->committed : r->start;
}

/* A commit beyond the end is of an older log under the same name; what it says about this one is nothing. */
int64_t lag_records(const struct lag_row *r)
{
    int64_t n = r->end - lag_position(r);
    return n > 0 ? n : 0;
}

int64_t lag_expired(const struct lag_row *r)
{
    return r->committed >= 0 && r->committed < r->start ? r->start - r->committed : 0;
}

int64_t lag_age_ms(const struct lag_row *r, int64_t now_ms)
{
    if (lag_records(r) == 0)
        return 0;
    if (r->oldest_ms < 0)
        return -1;
    return now_ms > r->oldest_ms ? now_ms - r->oldest_ms : 0;
}
