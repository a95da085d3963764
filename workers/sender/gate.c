#include "workers/sender/gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

static void leave(struct gate *g, struct gate_conv *c)
{
    DL_DELETE(g->lists[c->place], c);
    g->counts[c->place]--;
}

static void enter(struct gate *g, struct gate_conv *c, enum gate_place place)
{
    c->place = place;
    DL_APPEND(g->lists[place], c);
    g->counts[place]++;
}

static void move(struct gate *g, struct gate_conv *c, enum gate_place place)
{
    leave(g, c);
    enter(g, c, place);
}

static struct gate_conv *find(const struct gate *g, const char *id)
{
    struct gate_conv *c;
    HASH_FIND_STR(g->by_id, id, c);
    return c;
}

static struct gate_conv *add(struct gate *g, const char *id)
{
    struct gate_conv *c = calloc(1, sizeof *c);
    if (c == NULL)
        abort();
    (void)snprintf(c->id, sizeof c->id, "%s", id);
    HASH_ADD_STR(g->by_id, id, c);
    enter(g, c, GATE_BLOCKED);
    return c;
}

static void drop(struct gate *g, struct gate_conv *c)
{
    leave(g, c);
    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): HASH_DEL leaves no link to what was freed */
    HASH_DEL(g->by_id, c);
    free(c);
}

static enum gate_place place_of(const struct gate_fact *fact, int64_t now_us)
{
    if (fact->state != HEAD_PENDING)
        return GATE_BLOCKED;
    return fact->due_us <= now_us ? GATE_READY : GATE_WAITING;
}

void gate_apply(struct gate *g, const struct gate_fact *fact, int64_t now_us)
{
    struct gate_conv *c = find(g, fact->conversation_id);
    if (c != NULL && c->place == GATE_BUSY)
        return;
    if (!fact->open) {
        if (c != NULL)
            drop(g, c);
        return;
    }
    if (c == NULL)
        c = add(g, fact->conversation_id);
    (void)snprintf(c->key, sizeof c->key, "%s", fact->key);
    (void)snprintf(c->account, sizeof c->account, "%s", fact->account);
    c->partition = fact->partition;
    c->attempt = fact->attempt;
    c->due_us = fact->due_us;
    c->hole = fact->state == HEAD_NONE;
    enum gate_place place = place_of(fact, now_us);
    if (place != c->place || place == GATE_BLOCKED)
        move(g, c, place);
}

struct gate_conv *gate_next(struct gate *g)
{
    struct gate_conv *c = g->lists[GATE_READY];
    if (c != NULL)
        move(g, c, GATE_BUSY);
    return c;
}

void gate_wait(struct gate *g, struct gate_conv *c, int64_t due_us)
{
    c->due_us = due_us;
    move(g, c, GATE_WAITING);
}

void gate_block(struct gate *g, const char *conversation_id)
{
    struct gate_conv *c = find(g, conversation_id);
    if (c != NULL)
        move(g, c, GATE_BLOCKED);
}

void gate_tick(struct gate *g, int64_t now_us)
{
    struct gate_conv *c, *next;
    DL_FOREACH_SAFE(g->lists[GATE_WAITING], c, next)
    {
        if (c->due_us <= now_us)
            move(g, c, GATE_READY);
    }
}

size_t gate_blocked(struct gate *g, char (*ids)[UUID_TEXT], size_t max)
{
    size_t n = 0;
    size_t all = g->counts[GATE_BLOCKED];
    for (; n < max && n < all; n++) {
        struct gate_conv *c = g->lists[GATE_BLOCKED];
        memcpy(ids[n], c->id, UUID_TEXT);
        move(g, c, GATE_BLOCKED);
    }
    return n;
}

size_t gate_holes(const struct gate *g)
{
    size_t n = 0;
    const struct gate_conv *c;
    DL_FOREACH(g->lists[GATE_BLOCKED], c)
    {
        n += c->hole ? 1 : 0;
    }
    return n;
}

void gate_clear(struct gate *g)
{
    struct gate_conv *c, *next;
    HASH_ITER(hh, g->by_id, c, next)
    {
        drop(g, c);
    }
}
