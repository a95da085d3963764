/* munim-ingress: takes the channels' webhooks and answers 200 once Kafka has them. Touches no database and knows no
 * workflow. */
#include "common/base/json.h"
#include "common/kafka/topics.h"
#include "common/log/log.h"
#include "common/service/listen.h"
#include "common/service/service.h"
#include "ingress/broker_probe.h"
#include "ingress/gateway.h"
#include "ingress/http_server.h"
#include "ingress/ingress_metrics.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { IDLE_MS = 75000, LINGER_MS = 2000, BODIES_AT_ONCE = 32, OWN_DESCRIPTORS = 128 };

struct ingress {
    struct topics topics;
    struct gateway *gateway;
    struct broker_probe *probe;
    struct http_server *server;
};

static void on_request(void *arg, struct http_conn *c, const struct http_request *r)
{
    struct ingress *in = arg;
    gateway_request(in->gateway, c, r);
}

static void on_refused(void *arg, const char *reason)
{
    (void)arg;
    ingress_count_refused(reason);
}

static void on_drained(void *arg)
{
    (void)arg;
    service_quit(NULL);
}

/* A login's soft limit of 1,024 is not meant for servers: it is raised as far as may be. Beyond the hard limit the
 * server displaces idle connections sooner. */
static void allow_connections(size_t connections)
{
    struct rlimit files;
    rlim_t wanted = (rlim_t)connections + OWN_DESCRIPTORS;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= wanted)
        return;
    files.rlim_cur = files.rlim_max < wanted ? files.rlim_max : wanted;
    if (setrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur < wanted)
        log_event(LOG_WARN, "fewer descriptors than [ingress] connections need; raise LimitNOFILE (ulimit -Hn)",
                  F_INT("descriptors", files.rlim_cur), F_INT("wanted", wanted));
}

static int open_server(struct ingress *in, struct event_base *base, const struct settings *s, struct fault *f)
{
    char address[64];
    const struct http_hooks hooks = {
        .on_request = on_request, .on_refused = on_refused, .on_drained = on_drained, .arg = in};
    /* What is longer than any JSON text may be is told so before it is read. */
    size_t body = (size_t)settings_int(s, "ingress", "body_limit");
    body = body < json_limits_default.bytes ? body : json_limits_default.bytes;
    const struct http_limits limits = {
        .head = (size_t)settings_int(s, "ingress", "head_limit"),
        .body = body,
        .bodies = body * BODIES_AT_ONCE,
        .connections = (size_t)settings_int(s, "ingress", "connections"),
        .request_ms = settings_int(s, "ingress", "request_deadline"),
        .idle_ms = IDLE_MS,
        .linger_ms = LINGER_MS,
    };
    allow_connections(limits.connections);
    bool shared = settings_int(s, "ingress", "processes") > 1;
    evutil_socket_t fd = listen_tcp(settings_text(s, "ingress", "listen"), shared, f);
    if (fd < 0)
        return -1;
    listen_name(fd, address);
    service_address("ingress", address);
    in->server = http_server_new(base, fd, &limits, &hooks);
    return 0;
}

/* A topic that is missing or differs is told, loudly, and no reason to turn webhooks away: what cannot be stored is
 * answered 503, and /readyz knows. */
static void check_topics(const struct settings *s, const struct topics *topics)
{
    struct fault f;
    if (topics_check(s, topics, &f) != 0)
        log_fault(f.verdict == VERDICT_STOP ? LOG_ERROR : LOG_WARN, "the topics are not as they should be", &f);
}

static int start(struct event_base *base, const struct settings *s, void **state, struct fault *f)
{
    struct ingress *in = calloc(1, sizeof *in);
    if (in == NULL)
        abort();
    *state = in;
    ingress_metrics_register();
    if (topics_names(s, &in->topics, f) != 0)
        return -1;
    in->gateway = gateway_new(base, s, &in->topics, f);
    if (in->gateway == NULL)
        return -1;
    in->probe = broker_probe_new(base, s, f);
    if (in->probe == NULL || open_server(in, base, s, f) != 0)
        return -1;
    check_topics(s, &in->topics);
    return 0;
}

static bool ready(void *state, struct fault *f)
{
    const struct ingress *in = state;
    return broker_probe_ok(in->probe, f) && gateway_delivers(in->gateway, f);
}

static void metrics(void *state)
{
    const struct ingress *in = state;
    ingress_metrics_publish(http_server_connections(in->server), gateway_waiting(in->gateway));
}

static void drain(void *state)
{
    struct ingress *in = state;
    http_server_drain(in->server);
}

static void stop(void **state)
{
    struct ingress *in = *state;
    *state = NULL;
    http_server_free(&in->server);
    gateway_free(&in->gateway);
    broker_probe_free(&in->probe);
    free(in);
}

int main(int argc, char **argv)
{
    static const struct service ingress = {
        .name = "munim-ingress",
        .summary = "takes webhooks, writes events to Kafka, answers 200 when they are stored",
        .usage = "\nWebhooks: GET and POST /webhooks/whatsapp at [ingress] listen.\n",
        .admin_section = "ingress",
        .start = start,
        .ready = ready,
        .metrics = metrics,
        .drain = drain,
        .stop = stop,
    };
    return service_run(&ingress, argc, argv);
}
