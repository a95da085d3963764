#include "common/kafka/lines.h"

#include "common/base/clock.h"
#include "common/log/log.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <uthash.h>
#include <utlist.h>

enum {
    LINES = 3,
    SLOTS = 256,       /* keys share them; a slot is in one line at a time */
    SLOW_US = 2000,    /* about two syncs of a disk that is not slow */
    FEW = 32,          /* more records than this share requests: another connection would only split them */
    LATELY_US = 50000, /* for so long, and up to twice that, it counts how many there were */
    WARM_US = 1000000  /* to connect and to get a producer id, before the first record waits for it */
};

struct line {
    struct lines *lines;
    struct producer *producer;
    struct ticket *tickets; /* utlist, oldest first */
    size_t under_way;
    size_t most[2]; /* under way at once: in this span of LATELY_US and in the one before */
    int64_t span_us;
    int64_t usable_us; /* CLOCK_MONOTONIC */
};

/* One record between lines_send and its report. */
struct ticket {
    struct line *line;
    void *opaque;
    uint8_t slot;
    int64_t sent_us;
    struct ticket *prev, *next;
};

struct lines {
    struct event_base *base;
    const struct settings *settings;
    struct producer_options options;
    producer_report_fn *on_report;
    producer_drained_fn *on_drained;
    void *arg;
    struct line line[LINES];
    size_t open;
    struct slot {
        struct line *line;
        size_t under_way;
    } slots[SLOTS];
};

static void forget(struct lines *l, struct ticket *t)
{
    DL_DELETE(t->line->tickets, t);
    t->line->under_way--;
    l->slots[t->slot].under_way--;
    free(t);
}

/* The owner may free the lines in his callback: it comes last. */
static void on_line_report(void *arg, void *opaque, const struct fault *f)
{
    struct line *line = arg;
    struct ticket *t = opaque;
    struct lines *l = line->lines;
    void *owners = t->opaque;
    forget(l, t);
    l->on_report(l->arg, owners, f);
}

static void on_line_drained(void *arg)
{
    const struct line *line = arg;
    if (line->lines->on_drained != NULL)
        line->lines->on_drained(line->lines->arg);
}

static int open_line(struct lines *l, struct fault *f)
{
    struct line *line = &l->line[l->open];
    line->lines = l;
    line->producer = producer_new(l->base, l->settings, &l->options, on_line_report, on_line_drained, line, f);
    if (line->producer == NULL)
        return -1;
    line->usable_us = l->open == 0 ? 0 : clock_mono_us() + WARM_US;
    l->open++;
    return 0;
}

struct lines *lines_new(struct event_base *base, const struct settings *s, const struct producer_options *o,
                        producer_report_fn *on_report, producer_drained_fn *on_drained, void *arg, struct fault *f)
{
    struct lines *l = calloc(1, sizeof *l);
    if (l == NULL)
        abort();
    l->base = base;
    l->settings = s;
    l->options = *o;
    l->on_report = on_report;
    l->on_drained = on_drained;
    l->arg = arg;
    if (open_line(l, f) != 0)
        lines_free(&l);
    return l;
}

void lines_free(struct lines **ll)
{
    struct lines *l = *ll;
    *ll = NULL;
    if (l == NULL)
        return;
    for (size_t i = 0; i < LINES; i++) {
        producer_free(&l->line[i].producer);
        while (l->line[i].tickets != NULL)
            /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): forget() has moved the head to the next one */
            forget(l, l->line[i].tickets);
    }
    free(l);
}

static void add(struct line *line, int64_t now)
{
    if (now - line->span_us > LATELY_US) {
        line->most[1] = now - line->span_us > 2 * LATELY_US ? 0 : line->most[0];
        line->most[0] = 0;
        line->span_us = now;
    }
    line->under_way++;
    if (line->under_way > line->most[0])
        line->most[0] = line->under_way;
}

/* Slow by its own work, not by ours: the end of a large burst is not few records. */
static bool slow(const struct line *line, int64_t now)
{
    return line->under_way > 0 && line->most[0] <= FEW && line->most[1] <= FEW &&
           now - line->tickets->sent_us > SLOW_US;
}

/* The first that is not slow, so that a quiet day needs one connection; else the one with the least under way. */
static struct line *choose(struct lines *l, int64_t now)
{
    struct line *least = &l->line[0];
    for (size_t i = 0; i < l->open; i++) {
        struct line *line = &l->line[i];
        if (line->usable_us > now)
            return least; /* one is being opened */
        if (!slow(line, now))
            return line;
        if (line->under_way < least->under_way)
            least = line;
    }
    struct fault f;
    if (l->open < LINES && open_line(l, &f) != 0)
        log_fault(LOG_WARN, "no further connection to Kafka: records wait for each other", &f);
    return least;
}

int lines_send(struct lines *l, const char *topic, const void *key, size_t key_len, const void *payload, size_t len,
               rd_kafka_headers_t *headers, void *opaque, struct fault *f)
{
    unsigned hash = 0;
    if (key != NULL)
        HASH_VALUE(key, key_len, hash);
    struct ticket *t = calloc(1, sizeof *t);
    if (t == NULL)
        abort();
    t->opaque = opaque;
    t->slot = (uint8_t)(hash % SLOTS);
    t->sent_us = clock_mono_us();
    struct slot *slot = &l->slots[t->slot];
    if (slot->under_way == 0)
        slot->line = choose(l, t->sent_us);
    t->line = slot->line;
    if (producer_send(t->line->producer, topic, key, key_len, payload, len, headers, t, f) != 0) {
        free(t);
        return -1;
    }
    DL_APPEND(t->line->tickets, t);
    add(t->line, t->sent_us);
    slot->under_way++;
    return 0;
}

size_t lines_waiting(const struct lines *l)
{
    size_t n = 0;
    for (size_t i = 0; i < l->open; i++)
        n += l->line[i].under_way;
    return n;
}

size_t lines_open(const struct lines *l)
{
    return l->open;
}
