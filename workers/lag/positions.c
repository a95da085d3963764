#include "workers/lag/positions.h"

#include "common/log/log.h"

#include <stdio.h>
#include <stdlib.h>

static const char sql_positions[] = "SELECT p.topic, p.partition, p.next_offset FROM munim.part p";

static void forget(struct positions *p)
{
    free(p->all);
    p->all = NULL;
    p->n = 0;
}

static void drop_fresh(struct positions *p)
{
    free(p->fresh);
    p->fresh = NULL;
    p->n_fresh = 0;
}

static void on_rows(void *arg, const PGresult *r)
{
    struct positions *p = arg;
    int n = PQntuples(r);
    drop_fresh(p);
    if (n == 0)
        return;
    p->fresh = calloc((size_t)n, sizeof *p->fresh);
    if (p->fresh == NULL)
        abort();
    for (int i = 0; i < n; i++) {
        struct position *one = &p->fresh[p->n_fresh++];
        (void)snprintf(one->topic, sizeof one->topic, "%s", pg_text(r, i, 0));
        one->partition = (int32_t)pg_i64(r, i, 1);
        one->next_offset = pg_i64(r, i, 2);
    }
}

static void went_away(struct positions *p, const struct fault *f)
{
    forget(p);
    drop_fresh(p);
    if (!p->away)
        log_fault(LOG_WARN, "the positions in Postgres are not known", f);
    p->away = true;
}

static void on_end(void *arg, enum pg_end end, const struct fault *f)
{
    struct positions *p = arg;
    if (end != PG_DONE) {
        went_away(p, f);
        return;
    }
    forget(p);
    p->all = p->fresh;
    p->n = p->n_fresh;
    p->fresh = NULL;
    p->n_fresh = 0;
    p->away = false;
}

static void on_ready(void *arg)
{
    positions_refresh(arg);
}

static void on_lost(void *arg, const struct fault *f)
{
    went_away(arg, f);
}

void positions_open(struct positions *p, struct event_base *base, const char *url)
{
    *p = (struct positions){0};
    if (url[0] != '\0')
        p->pg = pg_new(base, url, "munim-lag", &(struct pg_hooks){.on_ready = on_ready, .on_lost = on_lost, .arg = p});
}

void positions_close(struct positions *p)
{
    pg_free(&p->pg);
    forget(p);
    drop_fresh(p);
}

void positions_refresh(struct positions *p)
{
    if (p->pg == NULL || !pg_ready(p->pg) || pg_in_hand(p->pg) > 0)
        return;
    struct pg_batch *b = pg_batch_new(p->pg);
    pg_add(b, sql_positions, 0, NULL, on_rows, p);
    pg_send(b, on_end, p);
}

int64_t positions_lag(const struct position *p, int64_t start, int64_t end)
{
    int64_t at = p->next_offset > start ? p->next_offset : start;
    return end > at ? end - at : 0;
}
