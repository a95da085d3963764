#include "workers/turn/track.h"

#include <stdlib.h>
#include <string.h>

static struct track_slot *slot_at(const struct track *t, size_t i)
{
    return &t->slots[(t->head + i) % t->room];
}

void track_init(struct track *t, int64_t next_offset)
{
    memset(t, 0, sizeof *t);
    t->next_offset = next_offset;
}

void track_done(struct track *t)
{
    free(t->slots);
    memset(t, 0, sizeof *t);
}

static void track_grow(struct track *t)
{
    size_t room = t->room > 0 ? t->room * 2 : 64;
    struct track_slot *slots = calloc(room, sizeof *slots);
    if (slots == NULL)
        abort();
    for (size_t i = 0; i < t->n; i++)
        slots[i] = *slot_at(t, i);
    free(t->slots);
    t->slots = slots;
    t->room = room;
    t->head = 0;
}

void track_add(struct track *t, int64_t offset, const char *digest)
{
    if (t->n == t->room)
        track_grow(t);
    struct track_slot *s = slot_at(t, t->n++);
    s->offset = offset;
    s->done = false;
    memcpy(s->digest, digest, sizeof s->digest);
}

static struct track_slot *track_find(const struct track *t, int64_t offset)
{
    size_t lo = 0, hi = t->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        struct track_slot *s = slot_at(t, mid);
        if (s->offset == offset)
            return s;
        if (s->offset < offset)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

void track_mark(struct track *t, int64_t offset, bool done)
{
    struct track_slot *s = track_find(t, offset);
    if (s != NULL)
        s->done = done;
}

bool track_position(const struct track *t, int64_t *next, int64_t *last, const char **digest)
{
    size_t i = 0;
    while (i < t->n && slot_at(t, i)->done)
        i++;
    if (i == 0)
        return false;
    const struct track_slot *s = slot_at(t, i - 1);
    *last = s->offset;
    *next = s->offset + 1;
    *digest = s->digest;
    return true;
}

void track_moved(struct track *t, int64_t next)
{
    while (t->n > 0 && slot_at(t, 0)->offset < next) {
        t->head = (t->head + 1) % t->room;
        t->n--;
    }
    t->next_offset = next;
}

size_t track_count(const struct track *t)
{
    return t->n;
}

int64_t track_span(const struct track *t)
{
    return t->n == 0 ? 0 : slot_at(t, t->n - 1)->offset - slot_at(t, 0)->offset + 1;
}
