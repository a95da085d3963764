#include "common/service/service.h"

#include "common/log/log.h"
#include "common/metrics/metrics.h"
#include "common/service/address_file.h"
#include "common/service/admin.h"
#include "common/service/notify.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_CLEAN = 0, EXIT_USAGE = 64, EXIT_RETRY = 75, EXIT_CONFIG = 78, SIGNALS = 3 };

/* One service a process: hooks deep inside a daemon end it without carrying a handle along. */
static struct running {
    const struct service *svc;
    struct event_base *base;
    struct settings *settings;
    void *state;
    struct admin *admin;
    struct event *signals[SIGNALS];
    struct event *watchdog, *deadline;
    bool draining, quitting;
    int status;
} run;

static struct metric build_info = {
    .name = "munim_build_info",
    .help = "Always 1; the version and the program are labels.",
    .type = METRIC_GAUGE,
    .labels = {"program", "version"},
};

static int status_of(const struct fault *f)
{
    return f->verdict == VERDICT_RETRY ? EXIT_RETRY : EXIT_CONFIG;
}

void service_quit(const struct fault *f)
{
    if (f != NULL) {
        log_fault(LOG_ERROR, "the process ends", f);
        if (run.status == EXIT_CLEAN)
            run.status = status_of(f);
    }
    run.quitting = true;
    if (run.base != NULL)
        event_base_loopbreak(run.base);
}

void service_address(const char *key, const char *value)
{
    address_file_add(key, value);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
    const struct fault f = {.verdict = VERDICT_RETRY,
                            .text = "what was in hand has not ended within [service] drain_timeout; it is done again "
                                    "by whoever comes next"};
    service_quit(&f);
}

static void begin_drain(void)
{
    int64_t ms = settings_int(run.settings, "service", "drain_timeout");
    const struct timeval limit = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    run.draining = true;
    notify_send("STOPPING=1");
    log_line(LOG_INFO, "draining: nothing new is taken");
    event_add(run.deadline, &limit);
    if (run.svc->drain != NULL)
        run.svc->drain(run.state);
    else
        service_quit(NULL);
}

/* A closed terminal (HUP) drains as TERM does; there is nothing to reload. */
static void on_signal(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    (void)arg;
    if (!run.draining) {
        begin_drain();
        return;
    }
    if (fd == SIGHUP)
        return;
    const struct fault f = {.verdict = VERDICT_RETRY, .text = "told twice to end; what was in hand is left as it is"};
    service_quit(&f);
}

static void on_watchdog(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
    notify_send("WATCHDOG=1");
}

static void on_libevent(int severity, const char *msg)
{
    log_event(severity >= EVENT_LOG_ERR ? LOG_ERROR : LOG_WARN, "libevent", F_STR("reason", msg));
}

static bool ready(void *arg, struct fault *f)
{
    (void)arg;
    if (run.draining) {
        fault_set(f, VERDICT_RETRY, "draining");
        return false;
    }
    return run.svc->ready == NULL || run.svc->ready(run.state, f);
}

static void fill_metrics(void *arg)
{
    (void)arg;
    if (run.svc->metrics != NULL)
        run.svc->metrics(run.state);
}

static struct event *need(struct event *e)
{
    if (e == NULL)
        abort();
    return e;
}

static void open_loop(void)
{
    static const int signals[SIGNALS] = {SIGTERM, SIGINT, SIGHUP};
    struct event_config *config = event_config_new();
    if (config == NULL || event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK) != 0 ||
        (run.base = event_base_new_with_config(config)) == NULL)
        abort();
    event_config_free(config);
    signal(SIGPIPE, SIG_IGN);
    event_set_log_callback(on_libevent);
    for (int i = 0; i < SIGNALS; i++) {
        run.signals[i] = need(evsignal_new(run.base, signals[i], on_signal, NULL));
        event_add(run.signals[i], NULL);
    }
    run.deadline = need(evtimer_new(run.base, on_deadline, NULL));
    run.watchdog = need(event_new(run.base, -1, EV_PERSIST, on_watchdog, NULL));
    int64_t us = notify_watchdog_us() / 2;
    const struct timeval every = {.tv_sec = us / 1000000, .tv_usec = us % 1000000};
    if (us > 0)
        event_add(run.watchdog, &every);
}

static void close_loop(void)
{
    admin_free(&run.admin);
    for (int i = 0; i < SIGNALS; i++)
        event_free(run.signals[i]);
    event_free(run.deadline);
    event_free(run.watchdog);
    event_base_free(run.base);
    run.base = NULL;
    address_file_done();
    event_set_log_callback(NULL);
}

static int open_admin(struct fault *f)
{
    const struct admin_hooks hooks = {.ready = ready, .metrics = fill_metrics};
    if (run.svc->admin_section == NULL)
        return 0;
    metric_register(&build_info);
    metric_set(&build_info, run.svc->name, MUNIM_VERSION, 1);
    run.admin = admin_new(run.base, settings_text(run.settings, run.svc->admin_section, "admin_listen"), &hooks, f);
    return run.admin != NULL ? 0 : -1;
}

/* The admin port answers only once the loop turns, that is after start has returned; the addresses are published then,
 * so that who waits for the file finds all of them. */
static void serve(void)
{
    struct fault f = {.verdict = VERDICT_STOP};
    open_loop();
    if (open_admin(&f) != 0 || run.svc->start(run.base, run.settings, &run.state, &f) != 0) {
        log_fault(LOG_ERROR, "cannot start", &f);
        run.status = status_of(&f);
    } else {
        if (run.admin != NULL)
            service_address("admin", admin_address(run.admin));
        address_file_publish();
        notify_send("READY=1");
        log_event(LOG_INFO, "started", F_STR("version", MUNIM_VERSION),
                  F_STR("admin", run.admin != NULL ? admin_address(run.admin) : ""));
        if (!run.quitting && event_base_dispatch(run.base) < 0)
            run.status = EXIT_RETRY;
    }
    if (run.svc->stop != NULL && run.state != NULL)
        run.svc->stop(&run.state);
    close_loop();
    log_event(LOG_INFO, "ended", F_INT("status", run.status));
}

static void print_help(const struct service *svc)
{
    printf("%s: %s\n\n"
           "usage: %s [--config FILE] [--SECTION.KEY=VALUE ...]\n\n"
           "  --config FILE           settings in INI form (also MUNIM_CONFIG)\n"
           "  --SECTION.KEY=VALUE     one setting; beats MUNIM_SECTION_KEY, which beats the file\n"
           "  --print-config          print every setting in force, what it means and where it came from\n"
           "  --check-config          read everything as a start would, then end with 0 or 78\n"
           "  --version, --help\n\n"
           "Ends with 0 when drained, 64 for a wrong call, 75 for what may pass by itself, 78 for a wrong\n"
           "configuration or schema. TERM, INT and HUP drain; a second TERM or INT ends at once.\n"
           "MUNIM_ADDRESS_FILE names a file that is told the addresses in use.\n%s",
           svc->name, svc->summary, svc->name, svc->usage != NULL ? svc->usage : "");
}

static void set_up_log(const struct service *svc)
{
    static const char *const levels[] = {"debug", "info", "warn", "error"};
    const char *format = settings_text(run.settings, "log", "format");
    const char *level = settings_text(run.settings, "log", "level");
    enum log_level least = LOG_DEBUG;
    while (least < LOG_ERROR && strcmp(levels[least], level) != 0)
        least++;
    bool auto_text = strcmp(format, "auto") == 0 && isatty(STDERR_FILENO);
    log_setup(svc->name, auto_text || strcmp(format, "logfmt") == 0 ? LOG_LOGFMT : LOG_JSON, least);
}

static bool has_flag(char *const *argv, const char *flag)
{
    for (char *const *a = argv + 1; *a != NULL && strcmp(*a, "--") != 0; a++)
        if (strcmp(*a, flag) == 0)
            return true;
    return false;
}

static int wrong_call(const struct service *svc, const char *argument)
{
    fprintf(stderr, "%s: \"%s\" is no flag of it; --help lists them\n", svc->name, argument);
    return EXIT_USAGE;
}

static int with_settings(const struct service *svc, int argc, char **argv)
{
    struct fault f;
    bool print = false, check = false;
    for (int i = 1; i < argc; i++) {
        bool is_print = strcmp(argv[i], "--print-config") == 0;
        bool is_check = strcmp(argv[i], "--check-config") == 0;
        if (!is_print && !is_check)
            return wrong_call(svc, argv[i]);
        print = print || is_print;
        check = check || is_check;
    }
    if (print)
        settings_print(run.settings, stdout);
    if (check && settings_check(run.settings, &f) != 0) {
        fprintf(stderr, "%s: %s\n", svc->name, f.text);
        return EXIT_CONFIG;
    }
    if (check && !print)
        printf("the configuration is good\n");
    if (!print && !check) {
        set_up_log(svc);
        serve();
        return run.status;
    }
    return EXIT_CLEAN;
}

int service_run(const struct service *svc, int argc, char **argv)
{
    struct fault f;
    if (has_flag(argv, "--help")) {
        print_help(svc);
        return EXIT_CLEAN;
    }
    if (has_flag(argv, "--version")) {
        printf("%s %s\n", svc->name, MUNIM_VERSION);
        return EXIT_CLEAN;
    }
    run = (struct running){.svc = svc};
    log_setup(svc->name, LOG_LOGFMT, LOG_INFO); /* for an abort while settings are read, which say how it shall be */
    run.settings = settings_new(&argc, argv, &f);
    if (run.settings == NULL) {
        fprintf(stderr, "%s: %s\n", svc->name, f.text);
        return EXIT_CONFIG;
    }
    int status = with_settings(svc, argc, argv);
    settings_free(&run.settings);
    return status;
}
