#include "workers/approvals/cmd_approve.h"

#include "common/config/settings.h"
#include "common/log/log.h"
#include "workers/approvals/board.h"
#include "workers/approvals/decide.h"
#include "workers/approvals/listing.h"
#include "workers/approvals/watch.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: munim approve COMMAND\n"
    "\n"
    "  list [--json] [--all]          orders that wait for you, oldest first; --all: the others too\n"
    "  show ORDER [--json]            one order\n"
    "  approve ORDER [--json]         approve it: stock is deducted, the invoice made, the customer told\n"
    "  reject ORDER --reason TEXT [--json]\n"
    "  watch [--json]                 shows requests as they come; on a terminal they can be decided there\n"
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

enum { TIMEOUT_MOST = 24 * 60 * 60 };

struct call {
    const char *verb, *order;
    bool all, help;
    struct decide_options options;
};

struct command {
    const char *verb;
    bool named;   /* wants an order */
    bool decides; /* takes version, timeout and by */
};

static const struct command commands[] = {{"list", false, false}, {"log", false, false},   {"watch", false, true},
                                          {"show", true, false},  {"approve", true, true}, {"reject", true, true}};

static int complain(const char *words)
{
    (void)fprintf(stderr, "munim approve: %s; munim approve --help tells more\n", words);
    return -1;
}

/* A whole number, digits only, up to the most. */
static bool read_number(const char *text, int64_t most, int64_t *out)
{
    char *end;
    errno = 0;
    long long n = strtoll(text, &end, 10);
    *out = n;
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && n <= most;
}

static int read_option(struct call *c, int o, const char *text)
{
    int64_t n;
    switch (o) {
    case 'j':
        c->options.json = true;
        return 0;
    case 'a':
        c->all = true;
        return 0;
    case 'h':
        c->help = true;
        return 0;
    case 'r':
        c->options.reason = text;
        return decide_words_fit(text, DECIDE_REASON_MOST) ? 0 : complain("--reason wants a line of at most 511 bytes");
    case 'b':
        c->options.by = text;
        return decide_words_fit(text, DECIDE_BY_MOST) ? 0 : complain("--by wants a name of at most 127 bytes");
    case 'v':
        if (!read_number(text, INT64_MAX, &c->options.version))
            return complain("--version wants the number that munim approve show tells");
        return 0;
    case 't':
        if (!read_number(text, TIMEOUT_MOST, &n) || n == 0)
            return complain("--timeout wants seconds, 1 to 86400");
        c->options.timeout_ms = (int)n * 1000;
        return 0;
    default:
        return complain("that option is not known, or has no value");
    }
}

static int read_call(int argc, char **argv, struct call *c)
{
    static const struct option known[] = {
        {"json", no_argument, NULL, 'j'},          {"all", no_argument, NULL, 'a'},
        {"reason", required_argument, NULL, 'r'},  {"version", required_argument, NULL, 'v'},
        {"timeout", required_argument, NULL, 't'}, {"by", required_argument, NULL, 'b'},
        {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0}};
    const char *login = getenv("USER");
    bool named = login != NULL && decide_words_fit(login, DECIDE_BY_MOST);
    *c = (struct call){.options = {.timeout_ms = 30000, .version = -1, .reason = "", .by = named ? login : "owner"}};
    int o;
    optind = 0; /* the settings' own flags were taken out before */
    opterr = 0;
    while ((o = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (read_option(c, o, optarg) != 0)
            return -1;
    }
    if (optind < argc)
        c->verb = argv[optind++];
    if (optind < argc)
        c->order = argv[optind++];
    return c->help || optind == argc ? 0 : complain("too many arguments");
}

/* Checked before anything is opened. */
static int check_call(const struct call *c)
{
    const struct command *k = NULL;
    for (size_t i = 0; c->verb != NULL && i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(c->verb, commands[i].verb) == 0)
            k = &commands[i];
    }
    if (k == NULL) {
        (void)fputs(usage, stderr);
        return -1;
    }
    if (k->named != (c->order != NULL))
        return complain(k->named ? "which order?" : "that command takes no order");
    bool reject = strcmp(k->verb, "reject") == 0, reason = c->options.reason[0] != '\0';
    if (reject && !reason)
        return complain("a rejection needs --reason; the customer is told");
    if ((reason && !reject) || (c->options.version >= 0 && (!k->named || !k->decides)) ||
        (c->all && strcmp(k->verb, "list") != 0))
        return complain("an option that this command does not take");
    return 0;
}

static int run(struct board *b, const struct call *c)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): check_call() has let through only known verbs */
    if (strcmp(c->verb, "list") == 0) {
        print_list(b, c->all, c->options.json);
        return APPROVE_DONE;
    }
    if (strcmp(c->verb, "log") == 0) {
        print_log(b, c->options.json);
        return APPROVE_DONE;
    }
    if (strcmp(c->verb, "watch") == 0)
        return watch(b, &c->options);
    if (strcmp(c->verb, "show") != 0)
        return decide(b, c->order, strcmp(c->verb, "approve") == 0, &c->options);
    const struct approval *a = board_find(b, c->order);
    if (a == NULL) {
        (void)fprintf(stderr, "munim approve: %s; munim approve list --all shows them\n",
                      board_ambiguous(b, c->order) ? "more than one order fits that" : "there is no such order");
        return APPROVE_ERROR;
    }
    print_order(a, c->options.json);
    return APPROVE_DONE;
}

static int work(const struct settings *s, const struct call *c)
{
    struct fault f = {0};
    log_setup("munim-approve", LOG_LOGFMT, LOG_ERROR);
    struct board *b = board_new(s, &f);
    if (b == NULL) {
        (void)fprintf(stderr, "munim approve: %s\n", f.text);
        return APPROVE_ERROR;
    }
    int status = run(b, c);
    board_free(&b);
    if (fflush(stdout) == 0 && ferror(stdout) == 0)
        return status;
    (void)fprintf(stderr, "munim approve: the answer could not be written\n");
    return APPROVE_ERROR;
}

/* The call read and checked, then done. */
static int obey(const struct settings *s, int argc, char **argv)
{
    struct call c;
    if (read_call(argc, argv, &c) != 0)
        return APPROVE_USAGE;
    if (c.help)
        return fputs(usage, stdout) < 0 ? APPROVE_ERROR : APPROVE_DONE;
    return check_call(&c) == 0 ? work(s, &c) : APPROVE_USAGE;
}

int cmd_approve(int argc, char **argv)
{
    struct fault f = {0};
    int status = APPROVE_USAGE;
    struct settings *s = settings_new(&argc, argv, &f);
    if (s == NULL)
        (void)fprintf(stderr, "munim approve: %s\n", f.text);
    else
        status = obey(s, argc, argv);
    settings_free(&s);
    return status;
}
