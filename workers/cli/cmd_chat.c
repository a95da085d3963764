#include "workers/cli/cmd_chat.h"

#include "common/base/clock.h"
#include "common/base/json.h"
#include "common/base/line_input.h"
#include "common/base/phone.h"
#include "common/base/plain.h"
#include "common/config/settings.h"

#include <curl/curl.h>
#include <errno.h>
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
    "Type as a customer; each line is one message, the shop's answers appear below it. Lines that come from a file or "
    "a\n"
    "pipe are a conversation: each waits until the one before it was answered, or SECONDS have passed. After the last\n"
    "line it ends when the shop has been silent for SECONDS (3).\n"
    "  --from PHONE    the customer's number (919800000001)\n"
    "  --account ID    the shop's phone number id (106540352242922, the demo shop)\n"
    "  --name NAME     the customer's name at the channel (Asha)\n"
    "Exit status: 0 ended, 1 the instance does not answer, 2 usage, 3 the instance has no simulator.\n";

enum { LOOK_MS = 200, ASK_MS = 5000, WAIT_MOST = 24 * 60 * 60 };

struct chat {
    CURL *curl;
    char base[160]; /* http://host:port */
    const char *from, *account, *name;
    int64_t wait_us;
    long seen; /* sends of the simulator that were looked at */
    bool terminal;
    bool asked;       /* a message is not answered yet */
    int64_t since_us; /* the last word of either side */
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
    curl_easy_setopt(c->curl, CURLOPT_TIMEOUT_MS, (long)ASK_MS);
    curl_easy_setopt(c->curl, CURLOPT_NOPROXY, "*"); /* it is on this machine */
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

static void print_said(const char *who, const char *text)
{
    UT_string out;
    utstring_init(&out);
    plain_put_lines(&out, text);
    printf("%s: %s\n\n", who, utstring_body(&out));
    utstring_done(&out);
}

/* Prints what was sent to this customer since the last look; -1 when the simulator does not answer. */
static int show_answers(struct chat *c)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/control/sends?since=%ld", c->seen);
    cJSON *all = ask(c, path, NULL);
    if (all == NULL)
        return -1;
    const cJSON *one;
    cJSON_ArrayForEach(one, all)
    {
        const char *to = json_str(one, "to"), *text = json_str(one, "text");
        c->seen++;
        if (to == NULL || text == NULL || strcmp(to, c->from) != 0)
            continue;
        print_said("shop", text);
        c->asked = false;
        c->since_us = clock_mono_us();
    }
    (void)fflush(stdout);
    cJSON_Delete(all);
    return 0;
}

static int say(struct chat *c, const char *line)
{
    if (line[0] == '\0')
        return 0;
    if (!plain_utf8(line)) {
        (void)fprintf(stderr, "munim chat: that line is not UTF-8 and was not sent\n");
        return 0;
    }
    cJSON *o = cJSON_CreateObject();
    json_put_str(o, "from", c->from);
    json_put_str(o, "account_id", c->account);
    json_put_str(o, "name", c->name);
    json_put_str(o, "text", line);
    char *body = json_text(o);
    cJSON_Delete(o);
    cJSON *a = ask(c, "/control/say", body);
    bool taken = a != NULL;
    free(body);
    cJSON_Delete(a);
    if (taken && !c->terminal)
        print_said("you", line);
    c->asked = true;
    c->since_us = clock_mono_us();
    return taken ? 0 : -1;
}

/* What was sent before is not shown; -1 when the simulator does not answer. */
static int skip_old(struct chat *c)
{
    cJSON *counts = ask(c, "/control/counts", NULL);
    int64_t n = 0;
    bool known = json_i64(counts, "accepted", &n);
    c->seen = (long)n;
    cJSON_Delete(counts);
    return known ? 0 : -1;
}

static bool silent(const struct chat *c)
{
    return clock_mono_us() - c->since_us >= c->wait_us;
}

/* Until there is nothing more to say and the shop is silent. */
static int talk(struct chat *c, struct line_input *in)
{
    bool open = true;
    for (c->since_us = clock_mono_us();;) {
        bool turn = c->terminal || !c->asked || silent(c);
        const char *line = turn ? line_input_next(in) : NULL;
        if (line == NULL && turn && !open && silent(c))
            return 0;
        if (line == NULL) {
            struct pollfd typed = {.fd = turn && open ? STDIN_FILENO : -1, .events = POLLIN};
            if (poll(&typed, 1, LOOK_MS) == 1)
                open = line_input_read(in);
        } else if (say(c, line) != 0) {
            return -1;
        }
        if (show_answers(c) != 0)
            return -1;
    }
}

static bool read_wait(const char *text, struct chat *c)
{
    char *end;
    errno = 0;
    long seconds = strtol(text, &end, 10);
    bool good = text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && seconds > 0 && seconds <= WAIT_MOST;
    if (good)
        c->wait_us = (int64_t)seconds * 1000000;
    return good;
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
        else if (o == 'w' && read_wait(optarg, c))
            continue;
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
    if (c->curl == NULL)
        abort();
    struct line_input *in = line_input_new(STDIN_FILENO);
    c->terminal = isatty(STDIN_FILENO) == 1;
    int failed = skip_old(c);
    if (failed == 0 && c->terminal)
        printf("You are +%s. Try: 20m blue cotton\n\n", c->from);
    if (failed == 0)
        failed = talk(c, in);
    if (failed != 0)
        (void)fprintf(stderr, "munim chat: the simulator does not answer; is the instance up? See munim status.\n");
    line_input_free(&in);
    curl_easy_cleanup(c->curl);
    curl_global_cleanup();
    return failed != 0;
}

int cmd_chat(int argc, char **argv)
{
    struct fault f = {0};
    struct chat c = {.from = "919800000001", .account = "106540352242922", .name = "Asha", .wait_us = 3000000};
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
