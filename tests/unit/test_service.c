/* The skeleton of a daemon as a real process: admin port, address file, signals, systemd's datagrams, exit status. */
#include "common/metrics/metrics.h"
#include "common/service/listen.h"
#include "common/service/service.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATIENCE_MS = 20000 };

static struct metric gauge = {.name = "munim_test_filled_count", .help = "Scrapes.", .type = METRIC_GAUGE};

/* What the daemon under test does when told to drain. */
static enum { DRAIN_AT_ONCE, DRAIN_NEVER, FAIL_RETRY, FAIL_STOP, FAULT_IN_LOOP } behaviour;
static int opened;

static int start(struct event_base *base, const struct settings *s, void **state, struct fault *f)
{
    (void)base;
    (void)s;
    if (behaviour == FAIL_RETRY)
        return fault_set(f, VERDICT_RETRY, "the broker is away");
    if (behaviour == FAIL_STOP)
        return fault_set(f, VERDICT_STOP, "the schema is another");
    *state = &opened;
    service_address("extra", "1.2.3.4:5");
    if (behaviour == FAULT_IN_LOOP)
        service_quit(&(struct fault){.verdict = VERDICT_STOP, .text = "an offset is gone"});
    return 0;
}

static bool ready(void *state, struct fault *f)
{
    (void)state;
    if (behaviour == DRAIN_AT_ONCE)
        return true;
    fault_set(f, VERDICT_RETRY, "no partition yet");
    return false;
}

static void fill(void *state)
{
    (void)state;
    metric_add(&gauge, NULL, NULL, 1);
}

static void drain(void *state)
{
    (void)state;
    if (behaviour == DRAIN_AT_ONCE)
        service_quit(NULL);
}

static void stop(void **state)
{
    *state = NULL;
}

static const struct service svc = {
    .name = "munim-test",
    .summary = "a daemon for tests",
    .usage = "Nothing else.\n",
    .admin_section = "worker",
    .start = start,
    .ready = ready,
    .metrics = fill,
    .drain = drain,
    .stop = stop,
};

struct process {
    pid_t pid;
    int notify; /* the socket where systemd would listen */
    int out;    /* its stdout and stderr */
    char dir[32], address_file[64];
    uint16_t port;
};

static int open_notify(struct process *p)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    (void)snprintf(a.sun_path, sizeof a.sun_path, "%s/notify", p->dir);
    p->notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    setenv("NOTIFY_SOCKET", a.sun_path, 1);
    return bind(p->notify, (struct sockaddr *)&a, sizeof a);
}

static void spawn(struct process *p, int how, const char *flag)
{
    int ends[2];
    strcpy(p->dir, "/tmp/munim-service-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    (void)snprintf(p->address_file, sizeof p->address_file, "%s/address", p->dir);
    setenv("MUNIM_ADDRESS_FILE", p->address_file, 1);
    setenv("WATCHDOG_USEC", "100000", 1);
    unsetenv("WATCHDOG_PID");
    assert_int_equal(open_notify(p), 0);
    assert_int_equal(pipe(ends), 0);
    p->pid = fork();
    if (p->pid == 0) {
        char name[] = "munim-test", arg[64];
        char *argv[] = {name, flag != NULL ? arg : NULL, NULL};
        (void)snprintf(arg, sizeof arg, "%s", flag != NULL ? flag : "");
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        behaviour = how;
        int status = service_run(&svc, flag != NULL ? 2 : 1, argv);
        fflush(stdout);
        _exit(status);
    }
    close(ends[1]);
    p->out = ends[0];
}

/* The next datagram, or fails. */
static void next_notice(const struct process *p, char out[64])
{
    struct pollfd fd = {.fd = p->notify, .events = POLLIN};
    assert_int_equal(poll(&fd, 1, PATIENCE_MS), 1);
    ssize_t n = recv(p->notify, out, 63, 0);
    assert_true(n > 0);
    out[n] = '\0';
}

static void await_notice(const struct process *p, const char *want)
{
    char got[64];
    do
        next_notice(p, got);
    while (strcmp(got, want) != 0);
}

static void await_start(struct process *p)
{
    char got[64], text[128] = "";
    next_notice(p, got);
    assert_string_equal(got, "READY=1");
    FILE *file = fopen(p->address_file, "r");
    assert_non_null(file);
    size_t n = fread(text, 1, sizeof text - 1, file);
    text[n] = '\0';
    fclose(file);
    unsigned port = 0;
    assert_int_equal(sscanf(text, "extra=1.2.3.4:5\nadmin=127.0.0.1:%u\n", &port), 1);
    p->port = (uint16_t)port;
}

/* Everything the process wrote, after its end; its status must be as wanted. */
static void await_end(struct process *p, int want, char *out, size_t room)
{
    int status = 0;
    size_t n = 0;
    ssize_t got;
    while (n < room - 1 && (got = read(p->out, out + n, room - 1 - n)) > 0)
        n += (size_t)got;
    out[n] = '\0';
    assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != want)
        fail_msg("status %x, wanted exit %d:\n%s", (unsigned)status, want, out);
    close(p->out);
    close(p->notify);
    unlink(p->address_file);
    (void)snprintf(p->address_file, sizeof p->address_file, "%s/notify", p->dir);
    unlink(p->address_file);
    assert_int_equal(rmdir(p->dir), 0); /* no temporary file is left */
}

static void ask(const struct process *p, const char *request, char *out, size_t room)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(p->port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    size_t n = 0;
    ssize_t got;
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(write(fd, request, strlen(request)), (ssize_t)strlen(request));
    while (n < room - 1 && (got = read(fd, out + n, room - 1 - n)) > 0)
        n += (size_t)got;
    out[n] = '\0';
    close(fd);
}

static void get(const struct process *p, const char *path, char *out, size_t room)
{
    char request[128];
    (void)snprintf(request, sizeof request, "GET %s HTTP/1.0\r\nHost: x\r\n\r\n", path);
    ask(p, request, out, room);
}

static void has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("wanted \"%s\" in:\n%s", part, text);
}

static void serves_and_drains(void **state)
{
    (void)state;
    struct process p;
    char text[16384];
    spawn(&p, DRAIN_AT_ONCE, "--log.format=json");
    await_start(&p);
    get(&p, "/livez", text, sizeof text);
    has(text, " 200 ");
    get(&p, "/readyz", text, sizeof text);
    has(text, " 200 ");
    has(text, "\r\n\r\nready\n");
    get(&p, "/metrics", text, sizeof text);
    has(text, "Content-Type: text/plain; version=0.0.4");
    has(text, "\nmunim_test_filled_count 1\n");
    has(text, "munim_build_info{program=\"munim-test\",version=\"");
    has(text, "\nprocess_open_fds ");
    get(&p, "/", text, sizeof text);
    has(text, " 404 ");
    ask(&p, "POST /metrics HTTP/1.0\r\nContent-Length: 1\r\n\r\nx", text, sizeof text);
    assert_null(strstr(text, " 200 "));
    await_notice(&p, "WATCHDOG=1");
    kill(p.pid, SIGTERM);
    await_notice(&p, "STOPPING=1");
    await_end(&p, 0, text, sizeof text);
    has(text, "\"msg\":\"started\"");
    has(text, "\"msg\":\"ended\"");
}

static void second_term_ends_at_once(void **state)
{
    (void)state;
    struct process p;
    char text[4096];
    spawn(&p, DRAIN_NEVER, NULL);
    await_start(&p);
    get(&p, "/readyz", text, sizeof text);
    has(text, " 503 ");
    has(text, "no partition yet\n");
    kill(p.pid, SIGTERM);
    await_notice(&p, "STOPPING=1");
    get(&p, "/readyz", text, sizeof text);
    has(text, "draining\n");
    get(&p, "/livez", text, sizeof text);
    has(text, " 200 ");
    kill(p.pid, SIGHUP);
    get(&p, "/livez", text, sizeof text);
    has(text, " 200 ");
    kill(p.pid, SIGTERM);
    await_end(&p, 75, text, sizeof text);
    has(text, "told twice");
}

static void drain_has_an_end(void **state)
{
    (void)state;
    struct process p;
    char text[4096];
    spawn(&p, DRAIN_NEVER, "--service.drain_timeout=100ms");
    await_start(&p);
    kill(p.pid, SIGINT);
    await_end(&p, 75, text, sizeof text);
    has(text, "drain_timeout");
}

static void exit_status_tells_why(void **state)
{
    (void)state;
    static const struct {
        int how;
        const char *flag;
        int status;
        const char *words;
    } rows[] = {
        {FAIL_RETRY, NULL, 75, "the broker is away"},
        {FAIL_STOP, NULL, 78, "the schema is another"},
        {FAULT_IN_LOOP, NULL, 78, "an offset is gone"},
        {DRAIN_AT_ONCE, "--nonsense", 64, "--nonsense"},
        {DRAIN_AT_ONCE, "--worker.batch=x", 78, "a whole number is wanted"},
        {DRAIN_AT_ONCE, "--worker.admin_listen=nowhere", 78, "host:port"},
        {DRAIN_AT_ONCE, "--config=/nonexistent", 78, "/nonexistent"},
        {DRAIN_AT_ONCE, "--version", 0, "munim-test " MUNIM_VERSION "\n"},
        {DRAIN_AT_ONCE, "--help", 0, "a daemon for tests"},
        {DRAIN_AT_ONCE, "--print-config", 0, "\n[worker]\n"},
        {DRAIN_AT_ONCE, "--check-config", 0, "the configuration is good\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct process p;
        char text[32768];
        spawn(&p, rows[i].how, rows[i].flag);
        await_end(&p, rows[i].status, text, sizeof text);
        has(text, rows[i].words);
    }
}

static void listens(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "", "8080", "localhost", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:123456", "::1:80", "[::1]", "127.0.0.1:99999"};
    struct fault f;
    char name[64], taken[64];
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        f.verdict = VERDICT_NONE;
        assert_int_equal(listen_tcp(wrong[i], false, &f), -1);
        assert_int_equal(f.verdict, VERDICT_STOP);
    }
    evutil_socket_t fd = listen_tcp("127.0.0.1:0", false, &f);
    assert_true(fd >= 0);
    listen_name(fd, name);
    assert_memory_equal(name, "127.0.0.1:", 10);
    assert_string_not_equal(name, "127.0.0.1:0");
    assert_int_equal(listen_tcp(name, false, &f), -1);
    has(f.text, name);
    close(fd);
    fd = listen_tcp("127.0.0.1:0", true, &f);
    listen_name(fd, taken);
    evutil_socket_t second = listen_tcp(taken, true, &f);
    assert_true(second >= 0);
    close(second);
    close(fd);
    fd = listen_tcp(":0", false, &f);
    assert_true(fd >= 0);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listens),
        cmocka_unit_test(serves_and_drains),
        cmocka_unit_test(second_term_ends_at_once),
        cmocka_unit_test(drain_has_an_end),
        cmocka_unit_test(exit_status_tells_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
