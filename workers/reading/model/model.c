#include "workers/reading/model/model.h"

#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/log/log.h"
#include "workers/reading/model/answer.h"
#include "workers/reading/model/ground.h"
#include "workers/reading/model/model_private.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double call_seconds[] = {0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 8, 12, 20, 30, 60, 0};

struct metric model_calls = {.name = "munim_model_calls_total",
                             .help = "Texts for the model reader, by what came of asking it.",
                             .type = METRIC_COUNTER,
                             .labels = {"outcome"}};
struct metric model_requests = {.name = "munim_model_requests_total",
                                .help = "HTTP requests to the model, tries included, by status; none: no answer came.",
                                .type = METRIC_COUNTER,
                                .labels = {"status"}};
struct metric model_seconds = {.name = "munim_model_call_seconds",
                               .help = "Time of a call to the model, with its tries and waits.",
                               .type = METRIC_HISTOGRAM,
                               .bounds = call_seconds};
struct metric model_in_flight = {
    .name = "munim_model_in_flight", .help = "Calls to the model that are out now.", .type = METRIC_GAUGE};
struct metric model_breaker = {.name = "munim_model_breaker",
                               .help = "1 for the state that the model's breaker is in (closed, half_open, open).",
                               .type = METRIC_GAUGE,
                               .labels = {"state"}};

int64_t model_now_ms(void)
{
    return clock_mono_us() / 1000;
}

/* ---- life ---- */

static int load_files(struct model *m, const char *lexicon_dir, struct fault *f)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/../prompts", lexicon_dir);
    m->prompt = prompt_new(path, f);
    if (m->prompt == NULL)
        return -1;
    (void)snprintf(path, sizeof path, "%s/../masks/labels.list", lexicon_dir);
    m->labels = mask_labels_new(path, f);
    if (m->labels == NULL)
        return -1;
    (void)snprintf(path, sizeof path, "%s/../masks/personal.list", lexicon_dir);
    m->personal = personal_lists_new(path, f);
    return m->personal != NULL ? 0 : -1;
}

/* The key is asked for only where one is set: a server of one's own needs none. */
static int load_key(struct model *m, const struct settings *s, struct fault *f)
{
    static const char begin[] = "Authorization: Bearer ";
    if (settings_text(s, "reader", "model_key_file")[0] == '\0')
        return 0;
    char *key = settings_secret(s, "reader", "model_key_file", f);
    if (key == NULL)
        return -1;
    size_t n = sizeof begin + strlen(key);
    m->authorization = malloc(n);
    if (m->authorization == NULL)
        abort();
    (void)snprintf(m->authorization, n, "%s%s", begin, key);
    OPENSSL_cleanse(key, strlen(key));
    free(key);
    return 0;
}

static int load_endpoint(struct model *m, const struct settings *s, struct fault *f)
{
    const char *url = settings_text(s, "reader", "model_url"), *name = settings_text(s, "reader", "model");
    size_t n = strlen(url);
    if (*url == '\0' || *name == '\0')
        return fault_set(f, VERDICT_STOP, "[reader] %s is not set, and the model reader needs it",
                         *url == '\0' ? "model_url" : "model");
    if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
        return fault_set(f, VERDICT_STOP, "[reader] model_url is no http:// or https:// address");
    while (n > 0 && url[n - 1] == '/')
        n--;
    if (n >= sizeof m->url - sizeof "/chat/completions")
        return fault_set(f, VERDICT_STOP, "[reader] model_url is too long");
    (void)snprintf(m->url, sizeof m->url, "%.*s/chat/completions", (int)n, url);
    (void)snprintf(m->name, sizeof m->name, "%s", name);
    (void)snprintf(m->temperature, sizeof m->temperature, "%s", settings_text(s, "reader", "model_temperature"));
    char *end = m->temperature;
    double t = strtod(m->temperature, &end);
    if (*end != '\0' || t < 0 || t > 2)
        return fault_set(f, VERDICT_STOP, "[reader] model_temperature is no number from 0 to 2, nor empty");
    return 0;
}

struct model *model_new(struct event_base *base, const struct settings *s, const char *lexicon_dir, struct fault *f)
{
    struct metric *all[] = {&model_calls, &model_requests, &model_seconds, &model_in_flight, &model_breaker};
    struct model *m = calloc(1, sizeof *m);
    if (m == NULL)
        abort();
    m->base = base;
    m->timeout_ms = settings_int(s, "reader", "model_timeout");
    m->deadline_ms = settings_int(s, "reader", "model_deadline");
    m->retry_base_ms = settings_int(s, "reader", "model_retry_base");
    m->tries = (unsigned)settings_int(s, "reader", "model_tries");
    m->most = (size_t)settings_int(s, "reader", "model_calls");
    m->breaker = (struct breaker){.threshold = (unsigned)settings_int(s, "reader", "breaker_failures"),
                                  .rest_ms = settings_int(s, "reader", "breaker_rest")};
    if (load_endpoint(m, s, f) != 0 || load_files(m, lexicon_dir, f) != 0 || load_key(m, s, f) != 0) {
        model_free(&m);
        return NULL;
    }
    m->http = http_out_new(base, (long)m->most);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        metric_register(all[i]);
    return m;
}

void model_free(struct model **mp)
{
    struct model *m = *mp;
    if (m == NULL)
        return;
    if (m->http != NULL)
        http_out_free(&m->http);
    calls_free(m);
    prompt_free(&m->prompt);
    mask_labels_free(&m->labels);
    personal_lists_free(&m->personal);
    if (m->authorization != NULL)
        OPENSSL_cleanse(m->authorization, strlen(m->authorization));
    free(m->authorization);
    free(m);
    *mp = NULL;
}

const char *model_name(const struct model *m)
{
    return m->name;
}

const char *model_prompt_hash(const struct model *m)
{
    return prompt_hash(m->prompt);
}

void model_metrics(struct model *m)
{
    enum breaker_state now = breaker_state(&m->breaker, model_now_ms());
    metric_set(&model_in_flight, NULL, NULL, (double)m->out);
    for (enum breaker_state s = BREAKER_CLOSED; s <= BREAKER_OPEN; s++)
        metric_set(&model_breaker, breaker_state_name(s), NULL, s == now ? 1 : 0);
}

/* ---- one message ---- */

/* The facts are large and live for one call. */
static const struct text_facts *facts_without_masked(struct masked *masked, const struct model_input *in)
{
    static struct text_facts facts;
    char *blank = masked_blank(masked, in->text, in->n);
    facts_of(in->words, blank, in->n, in->ctx, &facts);
    free(blank);
    return &facts;
}

static struct masked *masks_for(const struct model *m, const struct model_input *in)
{
    struct masked *masked = masked_new(m->labels, in->person);
    masked_personal(masked, m->personal, in->words, in->ctx);
    return masked;
}

static struct model_call *unasked(enum model_outcome *why, enum model_outcome is)
{
    *why = is;
    metric_add(&model_calls, model_outcome_name(is), NULL, 1);
    return NULL;
}

struct model_call *model_ask(struct model *m, const struct model_input *in, model_told_fn *on_told, void *arg,
                             enum model_outcome *why)
{
    unsigned ticket;
    struct masked *masked = masks_for(m, in);
    const struct text_facts *facts = facts_without_masked(masked, in);
    if (!facts->readable || facts->commands || facts->text.n == 0) {
        masked_free(&masked);
        return unasked(why, MODEL_UNASKED);
    }
    if (m->out >= m->most || !breaker_may(&m->breaker, model_now_ms(), &ticket)) {
        masked_free(&masked);
        return unasked(why, m->out >= m->most ? MODEL_BUSY : MODEL_RESTING);
    }
    struct model_call *c = call_new(m, on_told, arg);
    c->body = prompt_request(m->prompt, m->name, m->temperature, in, masked);
    masked_free(&masked);
    *why = MODEL_ANSWERED;
    call_try(c, ticket);
    return c;
}

enum model_outcome model_reading(const struct model *m, const struct model_input *in, const char *content,
                                 struct reading *out, struct fault *f)
{
    if (answer_parse(content, out, f) != 0)
        return MODEL_MALFORMED;
    struct masked *masked = masks_for(m, in);
    prompt_tokens(in, masked);
    const struct text_facts *facts = facts_without_masked(masked, in);
    int rc = facts->readable && !facts->commands
                 ? ground_reading(in->words, in->ctx, facts, masked, out, f)
                 : fault_set(f, VERDICT_REJECT, "the message is one that no model is asked about");
    masked_free(&masked);
    if (rc != 0)
        reading_clear(out);
    return rc == 0 ? MODEL_ANSWERED : MODEL_INVALID;
}
