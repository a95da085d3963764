#include "workers/approvals/cmd_approve.h"

#include "common/config/settings.h"
#include "common/log/log.h"
#include "workers/approvals/board.h"
#include "workers/approvals/decide.h"
#include "workers/approvals/watch.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: munim approve COMMAND\n"
    "\n"
    "  list [--json] [--all]          orders that wait for you, oldest first\n"
    "  show ORDER [--json]            one order\n"
    "  approve ORDER [--json]         approve it: stock is deducted, the invoice made, the customer told\n"
    "  reject ORDER --reason TEXT [--json]\n"
    "  watch                          shows requests as they come; on a terminal they can be decided there\n"
    "  log [--json]                   the decisions made and what came of them\n"
    "\n"
    "ORDER is the order's id, or four or more characters of its beginning or end that fit only one.\n"
    "  --version N     decide only if the order is still at version N (the default is the version on the topic)\n"
    "  --timeout SEC   how long to wait for the outcome (30)\n"
    "  --by NAME       who decides; stands in the log (the login name)\n"
    "  --kafka.bootstrap=HOST:PORT, --kafka.prefix=NAME and other settings as munim config shows\n"
    "\n"
    "Exit status: 0 decided as asked, 1 error or no answer, 2 usage, 3 already decided, 4 expired, 5 shortage,\n"
    "6 changed since shown.\n";

struct call {
    const char *verb, *order;
    bool all;
    struct decide_options options;
};

static int read_call(int argc, char **argv, struct call *c)
{
    static const struct option known[] = {
        {"json", no_argument, NULL, 'j'},          {"all", no_argument, NULL, 'a'},
        {"reason", required_argument, NULL, 'r'},  {"version", required_argument, NULL, 'v'},
        {"timeout", required_argument, NULL, 't'}, {"by", required_argument, NULL, 'b'},
        {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0}};
    const char *login = getenv("USER");
    *c = (struct call){.options = {.timeout_ms = 30000,
                                   .version = -1,
                                   .reason = "",
                                   .by = login != NULL && login[0] != '\0' ? login : "owner"}};
    int o;
    optind = 0;
    while ((o = getopt_long(argc, argv, "", known, NULL)) != -1) {
        char *end = NULL;
        if (o == 'j')
            c->options.json = true;
        else if (o == 'a')
            c->all = true;
        else if (o == 'r')
            c->options.reason = optarg;
        else if (o == 'b')
            c->options.by = optarg;
        else if (o == 'v' && (c->options.version = strtoll(optarg, &end, 10), *end == '\0' && end != optarg))
            continue;
        else if (o == 't' && (c->options.timeout_ms = (int)strtol(optarg, &end, 10) * 1000, *end == '\0'))
            continue;
        else if (o == 'h') {
            (void)fputs(usage, stdout);
            exit(0);
        } else
            return -1;
    }
    if (optind < argc)
        c->verb = argv[optind++];
    if (optind < argc)
        c->order = argv[optind++];
    return c->verb != NULL && optind == argc && c->options.timeout_ms > 0 ? 0 : -1;
}

static void print_one(const struct approval *a, bool json, bool whole)
{
    if (json) {
        char *text = approval_json(a);
        printf("%s\n", text);
        free(text);
        return;
    }
    UT_string out;
    utstring_init(&out);
    if (whole)
        approval_page(a, &out);
    else
        approval_line(a, &out);
    (void)fputs(utstring_body(&out), stdout);
    utstring_done(&out);
}

struct listing {
    const struct call *call;
    size_t n;
};

static void list_one(void *arg, const struct approval *a)
{
    struct listing *l = arg;
    if (!approval_waiting(a) && !l->call->all)
        return;
    print_one(a, l->call->options.json, false);
    l->n++;
}

static void log_one(void *arg, const struct approval *a)
{
    const struct call *c = arg;
    const cJSON *one;
    cJSON_ArrayForEach(one, cJSON_GetObjectItemCaseSensitive(a->record, "answers"))
    {
        struct answer w;
        if (!approval_answer(a, one->string, &w))
            continue;
        if (c->options.json) {
            cJSON *copy = cJSON_Duplicate(one, true);
            cJSON_AddStringToObject(copy, "order_id", a->order_id);
            cJSON_AddStringToObject(copy, "decision_id", one->string);
            char *text = cJSON_PrintUnformatted(copy);
            printf("%s\n", text);
            cJSON_free(text);
            cJSON_Delete(copy);
        } else {
            printf("%s  %s  %-7s  %-15s  %s  %s\n", w.at != NULL ? w.at : "-", a->order_id,
                   w.verb != NULL ? w.verb : "-", w.outcome, w.by != NULL ? w.by : "-",
                   w.invoice_number != NULL ? w.invoice_number
                   : w.reason != NULL       ? w.reason
                                            : "");
        }
    }
}

static int run(struct board *b, const struct call *c)
{
    if (strcmp(c->verb, "list") == 0) {
        struct listing l = {.call = c};
        board_each(b, list_one, &l);
        if (l.n == 0 && !c->options.json)
            printf("No order waits for you.\n");
        return APPROVE_DONE;
    }
    if (strcmp(c->verb, "log") == 0) {
        board_each(b, log_one, (void *)(uintptr_t)c);
        return APPROVE_DONE;
    }
    if (strcmp(c->verb, "watch") == 0)
        return watch(b, &c->options);
    if (strcmp(c->verb, "show") == 0) {
        const struct approval *a = board_find(b, c->order);
        if (a == NULL) {
            (void)fprintf(stderr,
                          "munim approve: no order, or more than one, fits; munim approve list --all shows them\n");
            return APPROVE_ERROR;
        }
        print_one(a, c->options.json, true);
        return APPROVE_DONE;
    }
    return decide(b, c->order, strcmp(c->verb, "approve") == 0, &c->options);
}

/* Checked before anything is opened. */
static bool sound(const struct call *c)
{
    static const char *const alone[] = {"list", "log", "watch"}, *const named[] = {"show", "approve", "reject"};
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(c->verb, alone[i]) == 0)
            return c->order == NULL;
        if (strcmp(c->verb, named[i]) == 0)
            return c->order != NULL && (i < 2 || c->options.reason[0] != '\0');
    }
    return false;
}

int cmd_approve(int argc, char **argv)
{
    struct fault f = {0};
    struct call c;
    struct settings *s = settings_new(&argc, argv, &f);
    if (s == NULL) {
        (void)fprintf(stderr, "munim approve: %s\n", f.text);
        return APPROVE_USAGE;
    }
    if (read_call(argc, argv, &c) != 0 || !sound(&c)) {
        (void)fputs(usage, stderr);
        settings_free(&s);
        return APPROVE_USAGE;
    }
    log_setup("munim-approve", LOG_LOGFMT, LOG_ERROR);
    struct board *b = board_new(s, &f);
    int status = APPROVE_ERROR;
    if (b == NULL)
        (void)fprintf(stderr, "munim approve: %s\n", f.text);
    else
        status = run(b, &c);
    board_free(&b);
    settings_free(&s);
    return status;
}
