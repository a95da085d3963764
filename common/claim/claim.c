#include "common/claim/claim_private.h"

#include "common/base/random.h"
#include "common/claim/claim_decide.h"
#include "common/log/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUERY_MS = 1000, FENCED_WAIT_MS = 5000 };

static void begin(struct claim *cl);
static void look(struct claim *cl);

static void later(struct claim *cl, int64_t ms)
{
    struct timeval tv = {.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000) * 1000};
    evtimer_add(cl->timer, &tv);
}

static void later_backoff(struct claim *cl)
{
    later(cl, 50 + backoff_next(&cl->backoff, random_u32()));
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct claim *cl = arg;
    if (cl->n == 0 || cl->asked)
        return;
    if (cl->answered)
        look(cl);
    else
        claim_again(cl);
}

struct claim *claim_new(struct event_base *base, struct pg *pg, const char *owner, const struct claim_hooks *hooks)
{
    struct claim *cl = calloc(1, sizeof *cl);
    if (cl == NULL)
        abort();
    cl->pg = pg;
    cl->hooks = *hooks;
    cl->backoff = (struct backoff){.base_ms = 100, .cap_ms = 5000};
    (void)snprintf(cl->owner, sizeof cl->owner, "%s", owner);
    cl->timer = evtimer_new(base, on_timer, cl);
    if (cl->timer == NULL)
        abort();
    return cl;
}

void claim_free(struct claim **cl)
{
    if (*cl == NULL)
        return;
    event_free((*cl)->timer);
    free((*cl)->parts);
    free(*cl);
    *cl = NULL;
}

void claim_use(struct claim *cl, struct consumer *c)
{
    cl->consumer = c;
}

struct claim_row *claim_find(const struct claim *cl, const char *topic, int32_t partition)
{
    for (size_t i = 0; i < cl->n; i++)
        if (cl->parts[i].partition == partition && strcmp(cl->parts[i].topic, topic) == 0)
            return &cl->parts[i];
    return NULL;
}

/* Ends the round or the holding that is; answers still under way are for nobody. */
static void lose(struct claim *cl)
{
    cl->generation++;
    cl->asked = cl->answered = false;
    evtimer_del(cl->timer);
    for (size_t i = 0; i < cl->n; i++)
        cl->parts[i].held = false;
    if (cl->told) {
        cl->told = false;
        cl->hooks.on_lost(cl->hooks.arg);
    }
}

void claim_forget(struct claim *cl)
{
    lose(cl);
    free(cl->parts);
    cl->parts = NULL;
    cl->n = 0;
}

void claim_assign(struct claim *cl, const rd_kafka_topic_partition_list_t *parts)
{
    claim_forget(cl);
    backoff_reset(&cl->backoff);
    if (parts->cnt <= 0) {
        consumer_start(cl->consumer, parts);
        return;
    }
    cl->parts = calloc((size_t)parts->cnt, sizeof *cl->parts);
    if (cl->parts == NULL)
        abort();
    cl->n = (size_t)parts->cnt;
    for (size_t i = 0; i < cl->n; i++) {
        (void)snprintf(cl->parts[i].topic, sizeof cl->parts[i].topic, "%s", parts->elems[i].topic);
        cl->parts[i].partition = parts->elems[i].partition;
    }
    begin(cl);
}

void claim_again(struct claim *cl)
{
    if (cl->n == 0)
        return;
    lose(cl);
    begin(cl);
}

void claim_fenced(struct claim *cl, const char *topic, int32_t partition)
{
    struct claim_row *p = claim_find(cl, topic, partition);
    if (p == NULL || !p->held)
        return;
    p->held = false;
    log_event(LOG_WARN, "fenced: a later owner has this partition", F_STR("topic", topic),
              F_INT("partition", partition), F_INT("epoch", p->epoch));
    later(cl, FENCED_WAIT_MS + random_u32() % 1000);
}

static void on_claim_end(void *arg, enum pg_end end, const struct fault *f)
{
    struct claim_round *rd = arg;
    struct claim *cl = rd->cl;
    bool wanted = rd->generation == cl->generation;
    free(rd);
    if (!wanted)
        return;
    cl->asked = false;
    if (end == PG_DONE) {
        cl->answered = true;
        look(cl);
        return;
    }
    if (end == PG_FAILED) {
        log_fault(LOG_WARN, "claim failed", f);
        if (strcmp(f->code, "55P03") == 0)
            claim_store_terminate(cl);
        else if (pg_verdict(f->code) != VERDICT_RETRY) {
            cl->hooks.on_stop(cl->hooks.arg, f);
            return;
        }
    }
    later_backoff(cl);
}

/* Without a connection pg's on_ready comes back here through claim_again. */
static void begin(struct claim *cl)
{
    if (!pg_ready(cl->pg))
        return;
    struct claim_round *rd = calloc(1, sizeof *rd);
    if (rd == NULL)
        abort();
    *rd = (struct claim_round){.cl = cl, .generation = cl->generation};
    cl->asked = true;
    claim_store_send(cl, rd, on_claim_end);
}

/* True when the partition's log may be begun anew (the next round does it); else the owner was told to stop. */
static bool truncated(struct claim *cl, struct claim_row *p, const char *why)
{
    bool restart = cl->hooks.may_restart != NULL && cl->hooks.may_restart(cl->hooks.arg, p->topic);
    log_event(LOG_ERROR,
              restart ? "log differs from what was read: going on from its start" : "log differs from what was read",
              F_STR("topic", p->topic), F_INT("partition", p->partition), F_STR("why", why),
              F_INT("next_offset", p->next_offset), F_INT("low", p->low), F_INT("high", p->high));
    if (restart) {
        p->reset = true;
        return true;
    }
    struct fault f;
    fault_set(
        &f, VERDICT_STOP,
        "%s partition %d: %s (position %lld, log %lld to %lld). Nothing was skipped. Find out what happened to the"
        " topic, then set munim.part by hand and start again",
        p->topic, (int)p->partition, why, (long long)p->next_offset, (long long)p->low, (long long)p->high);
    cl->hooks.on_stop(cl->hooks.arg, &f);
    return false;
}

/* Decides for one partition: 0 it can be read, 1 its log must be begun anew, -1 stopped. */
static int decide(struct claim *cl, struct claim_row *p)
{
    struct claim_decision d = claim_decide(&(struct claim_facts){.next_offset = p->next_offset,
                                                                 .last_offset = p->last_offset,
                                                                 .has_digest = p->digest[0] != '\0',
                                                                 .low = p->low,
                                                                 .high = p->high,
                                                                 .cluster = p->cluster,
                                                                 .cluster_now = consumer_cluster(cl->consumer)});
    p->reset = false;
    p->at = d.at;
    p->compare = d.start == CLAIM_COMPARE_AT;
    if (d.start != CLAIM_TRUNCATED)
        return 0;
    return truncated(cl, p, d.why) ? 1 : -1;
}

static void hold(struct claim *cl)
{
    rd_kafka_topic_partition_list_t *at = rd_kafka_topic_partition_list_new((int)cl->n);
    unsigned generation = cl->generation;
    backoff_reset(&cl->backoff);
    cl->answered = false;
    cl->told = true;
    log_event(LOG_INFO, "partitions claimed", F_INT("partitions", cl->n));
    for (size_t i = 0; i < cl->n; i++) {
        struct claim_row *p = &cl->parts[i];
        p->held = true;
        rd_kafka_topic_partition_list_add(at, p->topic, p->partition)->offset = p->at;
    }
    for (size_t i = 0; i < cl->n && generation == cl->generation; i++) {
        const struct claim_row *p = &cl->parts[i];
        struct claim_part told = {p->topic, p->partition, p->epoch,  p->next_offset,
                                  p->low,   p->high,      p->claims, p->attempts};
        cl->hooks.on_claimed(cl->hooks.arg, &told);
    }
    if (generation == cl->generation)
        consumer_start(cl->consumer, at);
    rd_kafka_topic_partition_list_destroy(at);
}

/* Postgres has answered: ask the broker where each log begins and ends, decide, begin to read. */
static void look(struct claim *cl)
{
    bool anew = false;
    for (size_t i = 0; i < cl->n; i++) {
        struct claim_row *p = &cl->parts[i];
        struct fault f;
        if (consumer_query(cl->consumer, p->topic, p->partition, QUERY_MS, &p->low, &p->high, &f) != 0) {
            log_fault(LOG_WARN, "claim waits for the broker", &f);
            later_backoff(cl);
            return;
        }
        int verdict = decide(cl, p);
        if (verdict < 0)
            return;
        anew = anew || verdict > 0;
    }
    if (anew)
        claim_again(cl);
    else
        hold(cl);
}

bool claim_check(struct claim *cl, const rd_kafka_message_t *m)
{
    struct claim_row *p = claim_find(cl, rd_kafka_topic_name(m->rkt), m->partition);
    if (p == NULL || !p->held)
        return false;
    if (!p->compare) {
        if (m->offset < p->at) /* fetched twice: it is in hand, or done */
            return false;
        p->at = m->offset + 1;
        return true;
    }
    char digest[DIGEST_HEX];
    claim_digest(m, digest);
    if (m->offset != p->last_offset || strcmp(digest, p->digest) != 0) {
        if (truncated(cl, p, "the last record taken is not the one that was taken"))
            claim_again(cl);
        else
            p->held = false;
        return false;
    }
    p->compare = false;
    p->at = m->offset + 1;
    return false;
}

int64_t claim_epoch(const struct claim *cl, const char *topic, int32_t partition)
{
    const struct claim_row *p = claim_find(cl, topic, partition);
    return p != NULL && p->held ? p->epoch : -1;
}

bool claim_settled(const struct claim *cl)
{
    for (size_t i = 0; i < cl->n; i++)
        if (!cl->parts[i].held)
            return false;
    return true;
}

void claim_digest(const rd_kafka_message_t *m, char out[DIGEST_HEX])
{
    unsigned char d[DIGEST_BYTES];
    unsigned char *both = malloc(m->key_len + m->len + 1);
    if (both == NULL)
        abort();
    if (m->key_len > 0)
        memcpy(both, m->key, m->key_len);
    if (m->len > 0)
        memcpy(both + m->key_len, m->payload, m->len);
    digest_sha256(both, m->key_len + m->len, d);
    free(both);
    digest_hex(d, DIGEST_BYTES, out);
}
