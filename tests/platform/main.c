/* munim-sim: the channel simulator; the demo's phone and the tests' witness. */
#include "tests/platform/sim.h"

#include "common/base/digest.h"
#include "common/base/json.h"
#include "common/log/log.h"
#include "common/service/address_file.h"
#include "common/service/listen.h"
#include "common/service/notify.h"

#include <curl/curl.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "munim-sim - a WhatsApp Cloud API for demo and tests\n"
    "usage: munim-sim --webhook-url URL --app-secret-file FILE [--listen HOST:PORT] [--witness FILE]\n"
    "\n"
    "  POST /<version>/<phone number id>/messages   the send API\n"
    "  POST /control/say      {\"from\":\"919812345678\",\"text\":\"20m blue "
    "cotton\"[,\"account_id\",\"name\",\"message_id\",\n"
    "                          \"repeat\":3,\"message\":{\"type\":\"image\",...}]}  a signed webhook, until it is "
    "acknowledged\n"
    "  POST /control/webhook  these bytes, signed\n"
    "  POST /control/status   {\"account_id\",\"id\",\"to\",\"status\"[,\"dedupe_key\"]}\n"
    "  POST /control/behave   "
    "{\"mode\":\"accept|refuse|late|hang|close\"[,\"to\",\"times\",\"http\",\"code\",\"retry_after\",\n"
    "                          \"delay_ms\",\"accepted\",\"statuses\":\"normal|none|twice|reverse\",\"status_ms\"]}\n"
    "  POST /control/reset    {}  forgets the behaviours\n"
    "  GET  /control/sends[?since=N]   every accepted send;  GET /control/counts\n"
    "\n"
    "Port 0 lets the kernel choose; MUNIM_ADDRESS_FILE names the file that gets \"sim=host:port\". Exit status: 0 "
    "stopped\n"
    "by a signal, 64 usage, 78 an address or a file that cannot be used.\n";

struct options {
    const char *listen, *webhook_url, *secret_file, *witness;
};

/* /v23.0/106540352242922/messages gives the number's id. */
static const char *account_of(const char *path, char out[96])
{
    const char *second = strchr(path + 1, '/'), *third = second != NULL ? strchr(second + 1, '/') : NULL;
    if (third == NULL || strcmp(third, "/messages") != 0 || third - second - 1 >= 96)
        return NULL;
    size_t n = (size_t)(third - second - 1);
    memcpy(out, second + 1, n);
    out[n] = '\0';
    return out;
}

static void on_request(struct evhttp_request *req, void *arg)
{
    struct sim *s = arg;
    char account[96];
    const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(req));
    bool post = evhttp_request_get_command(req) == EVHTTP_REQ_POST;
    if (path != NULL && strncmp(path, "/control/", 9) == 0)
        control(s, req, path + 9);
    else if (path != NULL && path[0] == '/' && post && account_of(path, account) != NULL)
        send_api(s, req, account);
    else
        evhttp_send_error(req, 404, NULL);
}

static void on_signal(evutil_socket_t sig, short what, void *arg)
{
    (void)sig;
    (void)what;
    event_base_loopbreak(((struct sim *)arg)->base);
}

static int read_options(int argc, char **argv, struct options *o)
{
    static const struct option known[] = {{"listen", required_argument, NULL, 'l'},
                                          {"webhook-url", required_argument, NULL, 'u'},
                                          {"app-secret-file", required_argument, NULL, 's'},
                                          {"witness", required_argument, NULL, 'w'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    *o = (struct options){.listen = "127.0.0.1:0"};
    int c;
    while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (c == 'h') {
            (void)fputs(help, stdout);
            exit(0);
        } else if (c == 'l')
            o->listen = optarg;
        else if (c == 'u')
            o->webhook_url = optarg;
        else if (c == 's')
            o->secret_file = optarg;
        else if (c == 'w')
            o->witness = optarg;
        else
            return -1;
    }
    return optind == argc && o->webhook_url != NULL && o->secret_file != NULL ? 0 : -1;
}

static int load_secret(struct sim *s, const char *path, struct fault *f)
{
    char secret[4096];
    FILE *in = fopen(path, "r");
    if (in == NULL || fgets(secret, sizeof secret, in) == NULL) {
        if (in != NULL)
            (void)fclose(in);
        return fault_set(f, VERDICT_STOP, "the app secret file cannot be read, or is empty");
    }
    (void)fclose(in);
    secret[strcspn(secret, "\n")] = '\0';
    s->hmac = hmac_new(secret, strlen(secret));
    return 0;
}

static int start(struct sim *s, const struct options *o, struct fault *f)
{
    if (load_secret(s, o->secret_file, f) != 0)
        return -1;
    if (o->witness != NULL && (s->witness = fopen(o->witness, "a")) == NULL)
        return fault_set(f, VERDICT_STOP, "the witness file cannot be written");
    evutil_socket_t fd = listen_tcp(o->listen, false, f);
    if (fd < 0)
        return -1;
    s->webhook_url = o->webhook_url;
    s->base = event_base_new();
    s->http = evhttp_new(s->base);
    s->out = http_out_new(s->base, 32);
    s->sends = cJSON_CreateArray();
    evhttp_set_max_body_size(s->http, 4 << 20);
    evhttp_set_gencb(s->http, on_request, s);
    evhttp_accept_socket(s->http, fd);
    const int signals[2] = {SIGTERM, SIGINT};
    for (int i = 0; i < 2; i++) {
        s->stop[i] = evsignal_new(s->base, signals[i], on_signal, s);
        event_add(s->stop[i], NULL);
    }
    char name[64];
    listen_name(fd, name);
    address_file_add("sim", name);
    address_file_publish();
    notify_send("READY=1");
    return 0;
}

static void stop(struct sim *s)
{
    notify_send("STOPPING=1");
    behaviours_free(&s->behaviours);
    cJSON_Delete(s->sends);
    if (s->witness != NULL)
        (void)fclose(s->witness);
    hmac_free(&s->hmac);
    address_file_done();
}

int main(int argc, char **argv)
{
    struct sim s = {0};
    struct options o;
    struct fault f;
    if (read_options(argc, argv, &o) != 0) {
        (void)fputs(help, stderr);
        return 64;
    }
    log_setup("munim-sim", LOG_JSON, LOG_INFO);
    signal(SIGPIPE, SIG_IGN);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    if (start(&s, &o, &f) != 0) {
        log_fault(LOG_ERROR, "cannot start", &f);
        return 78;
    }
    event_base_dispatch(s.base);
    stop(&s);
    return 0;
}
