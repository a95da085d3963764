#include "workers/cli/cmd_chat.h"

#include "common/base/json.h"
#include "common/base/phone.h"
#include "common/config/settings.h"

#include <curl/curl.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <utstring.h>

static const char usage[] =
    "usage: munim chat [--from PHONE] [--account ID] [--name NAME] [--wait SECONDS]\n"
    "\n"
    "Type as a customer; each line is one message, the shop's answers appear below it. Ends at end of input: then it\n"
    "waits until the shop has been silent for SECONDS (3).\n"
    "  --from PHONE    the customer's number (919800000001)\n"
    "  --account ID    the shop's phone number id (106540352242922, the demo shop)\n"
    "Exit status: 0 ended, 1 the instance does not answer, 2 usage, 3 the instance has no simulator.\n";

enum { LOOK_MS = 200 };

struct chat {
    CURL *curl;
    char base[160]; /* http://host:port */
    const char *from, *account, *name;
    long wait_ms;
    long seen;
};

static size_t collect(char *data, size_t size, size_t n, void *arg)
{
    size_t bytes = size * n;
    utstring_bincpy((UT_string *)arg, data, bytes);
    return bytes;
}

/* The answer's JSON, or NULL. body NULL is a GET. */
static cJSON *ask(struct chat *c, const char *path, const char *body)
{
    char url[240];
    UT_string text;
    utstring_init(&text);
    (void)snprintf(url, sizeof url, "%s%s", c->base, path);
    curl_easy_reset(c->curl);
    curl_easy_setopt(c->curl, CURLOPT_URL, url);
    curl_easy_setopt(c->curl, CURLOPT_TIMEOUT_MS, 5000L);
    curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, &text);
    if (body != NULL)
        curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, body);
    long status = 0;
    cJSON *o = NULL;
    if (curl_easy_perform(c->curl) == CURLE_OK) {
        curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
        if (status / 100 == 2)
            o = cJSON_ParseWithLength(utstring_body(&text), utstring_len(&text));
    }
    utstring_done(&text);
    return o;
}

/* Prints what was sent to this customer since the last look; how many, or -1. */
static int show_answers(struct chat *c)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/control/sends?since=%ld", c->seen);
    cJSON *all = ask(c, path, NULL);
    if (all == NULL)
        return -1;
    int shown = 0;
    const cJSON *one;
    cJSON_ArrayForEach(one, all)
    {
        const char *to = json_str(one, "to"), *text = json_str(one, "text");
        c->seen++;
        if (to == NULL || text == NULL || strcmp(to, c->from) != 0)
            continue;
        printf("shop: %s\n\n", text);
        shown++;
    }
    (void)fflush(stdout);
    cJSON_Delete(all);
    return shown;
}

static int say(struct chat *c, const char *line)
{
    cJSON *o = cJSON_CreateObject();
    json_put_str(o, "from", c->from);
    json_put_str(o, "account_id", c->account);
    json_put_str(o, "name", c->name);
    json_put_str(o, "text", line);
    char *body = json_text(o);
    cJSON_Delete(o);
    cJSON *a = ask(c, "/control/say", body);
    free(body);
    cJSON_Delete(a);
    return a != NULL ? 0 : -1;
}

static void skip_old(struct chat *c)
{
    cJSON *counts = ask(c, "/control/counts", NULL);
    int64_t n = 0;
    (void)json_i64(counts, "accepted", &n);
    c->seen = (long)n;
    cJSON_Delete(counts);
}

static int talk(struct chat *c)
{
    bool open = true;
    long quiet_ms = 0;
    char line[4096];
    while (open || quiet_ms < c->wait_ms) {
        struct pollfd in = {.fd = open ? STDIN_FILENO : -1, .events = POLLIN};
        if (poll(&in, 1, LOOK_MS) == 1) {
            ssize_t n = read(STDIN_FILENO, line, sizeof line - 1);
            open = n > 0;
            line[n > 0 ? n : 0] = '\0';
            char *rest = line, *one;
            while ((one = strsep(&rest, "\n")) != NULL) {
                if (one[0] != '\0' && say(c, one) != 0)
                    return 1;
            }
            quiet_ms = 0;
        }
        int shown = show_answers(c);
        if (shown < 0)
            return 1;
        quiet_ms = shown > 0 ? 0 : quiet_ms + LOOK_MS;
    }
    return 0;
}

static int read_call(int argc, char **argv, struct chat *c)
{
    static const struct option known[] = {
        {"from", required_argument, NULL, 'f'}, {"account", required_argument, NULL, 'a'},
        {"name", required_argument, NULL, 'n'}, {"wait", required_argument, NULL, 'w'},
        {"help", no_argument, NULL, 'h'},       {NULL, 0, NULL, 0}};
    static char phone[PHONE_MAX];
    int o;
    optind = 0;
    while ((o = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (o == 'f' && phone_normalise(optarg, phone))
            c->from = phone;
        else if (o == 'a')
            c->account = optarg;
        else if (o == 'n')
            c->name = optarg;
        else if (o == 'w' && strtol(optarg, NULL, 10) > 0)
            c->wait_ms = strtol(optarg, NULL, 10) * 1000;
        else if (o == 'h') {
            (void)fputs(usage, stdout);
            exit(0);
        } else
            return -1;
    }
    return optind == argc ? 0 : -1;
}

static int find_simulator(const struct settings *s, struct chat *c)
{
    if (!settings_bool(s, "pool", "simulator"))
        return -1;
    const char *url = settings_text(s, "whatsapp", "api_url"), *host = strstr(url, "://");
    if (host == NULL)
        return -1;
    size_t n = (size_t)(host + 3 - url) + strcspn(host + 3, "/");
    (void)snprintf(c->base, sizeof c->base, "%.*s", (int)n, url);
    return 0;
}

static int run(struct chat *c)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    c->curl = curl_easy_init();
    skip_old(c);
    if (isatty(STDIN_FILENO))
        printf("You are +%s. Try: 20m blue cotton\n\n", c->from);
    int status = talk(c);
    if (status != 0)
        (void)fprintf(stderr, "munim chat: the simulator does not answer; is the instance up? See munim status.\n");
    curl_easy_cleanup(c->curl);
    curl_global_cleanup();
    return status;
}

int cmd_chat(int argc, char **argv)
{
    struct fault f = {0};
    struct chat c = {.from = "919800000001", .account = "106540352242922", .name = "Asha", .wait_ms = 3000};
    struct settings *s = settings_new(&argc, argv, &f);
    if (s == NULL || read_call(argc, argv, &c) != 0) {
        (void)fprintf(stderr, "%s%s%s", f.text, f.text[0] != '\0' ? "\n" : "", usage);
        settings_free(&s);
        return 2;
    }
    int status = 3;
    if (find_simulator(s, &c) == 0)
        status = run(&c);
    else
        (void)fprintf(stderr, "munim chat: this instance has no simulator; write to the shop from a phone.\n");
    settings_free(&s);
    return status;
}
