#include "ingress/ingress_metrics.h"

#include "common/metrics/metrics.h"

enum { KINDS_MOST = 40 };

static const char *const outcome_names[OUTCOME_COUNT] = {[OUTCOME_ACCEPTED] = "accepted",
                                                         [OUTCOME_HANDSHAKE] = "handshake",
                                                         [OUTCOME_REFUSED] = "refused",
                                                         [OUTCOME_UNAVAILABLE] = "unavailable"};
static const char *const topic_names[TOPIC_COUNT] = {
    [TOPIC_INBOUND] = "inbound", [TOPIC_RECEIPT] = "receipt", [TOPIC_DLQ] = "dlq"};

static struct metric webhooks = {.name = "munim_ingress_webhooks_total",
                                 .help = "Webhooks answered, by channel and outcome.",
                                 .type = METRIC_COUNTER,
                                 .labels = {"channel", "outcome"}};
static struct metric records = {.name = "munim_ingress_records_total",
                                .help = "Records that Kafka acknowledged, by topic.",
                                .type = METRIC_COUNTER,
                                .labels = {"topic"}};
static struct metric items = {.name = "munim_ingress_items_total",
                              .help = "Items read out of webhooks, by kind; dlq: kept with a reason, no event.",
                              .type = METRIC_COUNTER,
                              .labels = {"kind"}};
static struct metric refused = {.name = "munim_ingress_refused_total",
                                .help = "Requests and connections refused, by reason.",
                                .type = METRIC_COUNTER,
                                .labels = {"reason"}};
/* An acknowledgement takes a millisecond; the shared bounds begin at five. */
static const double bounds[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 0};
static struct metric seconds = {.name = "munim_ingress_request_seconds",
                                .help = "From a whole webhook to its answer.",
                                .type = METRIC_HISTOGRAM,
                                .bounds = bounds};
static struct metric connections_open = {
    .name = "munim_ingress_connections", .help = "Connections open now.", .type = METRIC_GAUGE};
static struct metric webhooks_waiting = {.name = "munim_ingress_waiting",
                                         .help = "Webhooks that wait for Kafka's acknowledgement now.",
                                         .type = METRIC_GAUGE};

/* Counted since the last scrape. */
static struct {
    uint64_t webhooks[OUTCOME_COUNT];
    uint64_t records[TOPIC_COUNT];
    struct {
        const char *kind; /* a literal: compared by address, two of one name add up at the scrape */
        uint64_t n;
    } items[KINDS_MOST];
} fresh;

void ingress_metrics_register(void)
{
    struct metric *const all[] = {&webhooks, &records,          &items,           &refused,
                                  &seconds,  &connections_open, &webhooks_waiting};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        metric_register(all[i]);
    for (int i = 0; i < OUTCOME_COUNT; i++)
        metric_add(&webhooks, "whatsapp", outcome_names[i], 0);
    for (int i = 0; i < TOPIC_COUNT; i++)
        if (topic_names[i] != NULL)
            metric_add(&records, topic_names[i], NULL, 0);
}

void ingress_count_webhook(enum outcome outcome, int64_t took_us)
{
    fresh.webhooks[outcome]++;
    metric_observe(&seconds, NULL, NULL, (double)took_us / 1e6);
}

void ingress_count_record(const struct record *r)
{
    for (size_t i = 0; i < KINDS_MOST; i++) {
        if (fresh.items[i].kind == NULL)
            fresh.items[i].kind = r->kind;
        if (fresh.items[i].kind == r->kind) {
            fresh.items[i].n++;
            return;
        }
    }
    metric_add(&items, r->kind, NULL, 1);
}

void ingress_count_acknowledged(enum topic topic)
{
    fresh.records[topic]++;
}

void ingress_count_refused(const char *reason)
{
    metric_add(&refused, reason, NULL, 1);
}

void ingress_metrics_publish(size_t connections, size_t waiting)
{
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        metric_add(&webhooks, "whatsapp", outcome_names[i], (double)fresh.webhooks[i]);
        fresh.webhooks[i] = 0;
    }
    for (int i = 0; i < TOPIC_COUNT; i++) {
        if (topic_names[i] != NULL)
            metric_add(&records, topic_names[i], NULL, (double)fresh.records[i]);
        fresh.records[i] = 0;
    }
    for (size_t i = 0; i < KINDS_MOST && fresh.items[i].kind != NULL; i++) {
        metric_add(&items, fresh.items[i].kind, NULL, (double)fresh.items[i].n);
        fresh.items[i].n = 0;
    }
    metric_set(&connections_open, NULL, NULL, (double)connections);
    metric_set(&webhooks_waiting, NULL, NULL, (double)waiting);
}
