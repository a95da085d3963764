#include "workers/turn/partition.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

struct partition *partition_add(struct partitions *all, const struct claim_part *p)
{
    struct partition *new = calloc(1, sizeof *new);
    if (new == NULL)
        abort();
    (void)snprintf(new->topic, sizeof new->topic, "%s", p->topic);
    new->number = p->partition;
    new->epoch = p->epoch;
    new->careful = p->claims >= CAREFUL_CLAIMS || p->attempts > 0;
    track_init(&new->track, p->next_offset);
    LL_PREPEND(all->first, new);
    return new;
}

struct partition *partition_find(const struct partitions *all, const char *topic, int32_t number)
{
    struct partition *p;
    LL_FOREACH(all->first, p)
    {
        if (p->number == number && strcmp(p->topic, topic) == 0)
            return p;
    }
    return NULL;
}

void partition_remove(struct partitions *all, struct partition *p)
{
    LL_DELETE(all->first, p);
    track_done(&p->track);
    free(p);
}
