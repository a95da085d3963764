#include "workers/pool/pool.h"

#include "common/base/clock.h"
#include "common/log/log.h"
#include "workers/pool/notify.h"
#include "workers/pool/rundir.h"
#include "workers/pool/spawn.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HURRY_MS = 2000, HURRY_STEP_US = 20000 };

const char *pool_state_name(enum pool_state state)
{
    static const char *const names[] = {[POOL_STARTING] = "starting",
                                        [POOL_RUNNING] = "running",
                                        [POOL_STOPPING] = "stopping",
                                        [POOL_STOPPED] = "stopped"};
    return names[state];
}

const char *process_state_name(enum process_state state)
{
    static const char *const names[] = {[PROCESS_STARTING] = "starting",
                                        [PROCESS_RUNNING] = "running",
                                        [PROCESS_STOPPING] = "stopping",
                                        [PROCESS_THROTTLED] = "throttled",
                                        [PROCESS_STOPPED] = "stopped"};
    return names[state];
}

static int64_t mono_ms(void)
{
    return clock_mono_us() / 1000;
}

/* The only place that changes a process's state. */
static void move(struct pool_process *c, enum process_state state)
{
    c->state = state;
    c->since_ms = clock_wall_ms();
    rundir_write(c->pool);
}

static void set_pool_state(struct pool *p, enum pool_state state)
{
    p->state = state;
    log_event(LOG_INFO, "pool", F_STR("state", pool_state_name(state)));
    rundir_write(p);
}

static void after(struct pool_process *c, int64_t ms)
{
    struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};
    event_add(c->timer, &tv);
}

static void start(struct pool_process *c)
{
    struct fault f = {0};
    char address[640];
    rundir_address_file(c->pool, c->name, address, sizeof(address));
    unlink(address);
    struct spawn what = {.program = c->service->argv[0],
                         .argv = c->service->argv,
                         .notify = notify_name(c->pool->notify),
                         .address_file = address};
    c->was_ready = false;
    c->status[0] = '\0';
    pid_t pid = spawn_child(&what, &f);
    if (pid < 0) {
        log_fault(LOG_ERROR, "start", &f);
        int64_t until = throttle_death(&c->service->throttle, &c->pool->limits, mono_ms(), false);
        move(c, PROCESS_THROTTLED);
        after(c, until - mono_ms());
        return;
    }
    c->pid = pid;
    log_event(LOG_INFO, "process started", F_STR("process", c->name), F_INT("child", pid));
    move(c, PROCESS_STARTING);
}

static void on_start_timer(evutil_socket_t fd, short what, void *arg)
{
    struct pool_process *c = arg;
    (void)fd;
    (void)what;
    if (c->pid != 0 || c->pool->state >= POOL_STOPPING)
        return;
    /* A fellow of the same service may have lengthened the wait meanwhile. */
    int64_t wait = c->service->throttle.until_ms - mono_ms();
    if (wait > 0) {
        after(c, wait);
        return;
    }
    c->restarts++;
    start(c);
}

static void on_notice(void *arg, pid_t sender, const struct notice *notice)
{
    struct pool *p = arg;
    bool all = true;
    struct pool_process *c = NULL;
    for (int i = 0; i < p->process_count; i++)
        if (p->processes[i].pid == sender && sender > 0)
            c = &p->processes[i];
    if (c == NULL)
        return;
    if (notice->status[0] != '\0')
        memcpy(c->status, notice->status, sizeof(c->status));
    if (notice->ready && c->state == PROCESS_STARTING) {
        c->was_ready = c->ever_ready = true;
        throttle_ready(&c->service->throttle);
        log_event(LOG_INFO, "process ready", F_STR("process", c->name), F_INT("child", c->pid));
        move(c, PROCESS_RUNNING);
    } else if (notice->stopping && c->state != PROCESS_STOPPING) {
        move(c, PROCESS_STOPPING);
    } else if (notice->status[0] != '\0') {
        rundir_write(p);
    }
    for (int i = 0; i < p->process_count; i++)
        all = all && p->processes[i].ever_ready;
    if (all && p->state == POOL_STARTING)
        set_pool_state(p, POOL_RUNNING);
}

static void signal_stage(struct pool *p, int sig)
{
    for (int i = 0; i < p->process_count; i++) {
        struct pool_process *c = &p->processes[i];
        if (c->pid == 0 || c->row->stage != p->stage)
            continue;
        if (sig == SIGKILL)
            log_event(LOG_WARN, "process did not end in time", F_STR("process", c->name), F_INT("child", c->pid));
        kill(c->pid, sig);
        if (c->state != PROCESS_STOPPING)
            move(c, PROCESS_STOPPING);
    }
}

static int left_in(const struct pool *p, int stage)
{
    int left = 0;
    for (int i = 0; i < p->process_count; i++)
        left += p->processes[i].pid != 0 && p->processes[i].row->stage == stage;
    return left;
}

/* Goes on to the first stage that still has processes; ends the drain when none has. */
static void next_stage(struct pool *p)
{
    struct timeval tv = {.tv_sec = p->drain_ms / 1000, .tv_usec = (p->drain_ms % 1000) * 1000};
    while (p->stage < TREE_STAGES && left_in(p, p->stage) == 0)
        p->stage++;
    event_del(p->drain_timer);
    if (p->stage == TREE_STAGES) {
        set_pool_state(p, POOL_STOPPED);
        p->ended();
        return;
    }
    signal_stage(p, SIGTERM);
    event_add(p->drain_timer, &tv);
}

static void on_drain_timer(evutil_socket_t fd, short what, void *arg)
{
    struct pool *p = arg;
    (void)fd;
    (void)what;
    signal_stage(p, SIGKILL);
}

static void note_end(struct pool_process *c, int status)
{
    bool clean = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (WIFSIGNALED(status))
        snprintf(c->last_end, sizeof(c->last_end), "signal %s", sigabbrev_np(WTERMSIG(status)));
    else
        snprintf(c->last_end, sizeof(c->last_end), "exit %d", WEXITSTATUS(status));
    log_event(clean ? LOG_INFO : LOG_WARN, "process ended", F_STR("process", c->name), F_INT("child", c->pid),
              F_STR("how", c->last_end));
}

static void reaped(struct pool_process *c, int status)
{
    struct pool *p = c->pool;
    note_end(c, status);
    c->pid = 0;
    bool accepted = c->row->restart == RESTART_ON_FAILURE && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (p->state >= POOL_STOPPING || accepted) {
        c->ever_ready = true;
        move(c, PROCESS_STOPPED);
        return;
    }
    int64_t wait = throttle_death(&c->service->throttle, &p->limits, mono_ms(), c->was_ready) - mono_ms();
    move(c, PROCESS_THROTTLED);
    after(c, wait > 0 ? wait : 0);
    if (wait > 0)
        log_event(LOG_WARN, "service held", F_STR("process", c->name), F_INT("milliseconds", wait));
}

static void on_child(evutil_socket_t fd, short what, void *arg)
{
    struct pool *p = arg;
    int status;
    pid_t pid;
    (void)fd;
    (void)what;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (int i = 0; i < p->process_count; i++)
            if (p->processes[i].pid == pid)
                reaped(&p->processes[i], status);
    if (p->state == POOL_STOPPING && left_in(p, p->stage) == 0)
        next_stage(p);
}

static void must(const void *p)
{
    if (p == NULL)
        abort();
}

static int build_argv(struct pool *p, struct pool_service *v, struct fault *f)
{
    int n = 0;
    char path[640];
    v->argv = calloc(TREE_ARGS + 2, sizeof(*v->argv));
    must(v->argv);
    snprintf(path, sizeof(path), "%s/%s", p->home, v->row->name);
    bool bare = strchr(v->row->name, '/') != NULL || p->home[0] == '\0' || access(path, X_OK) != 0;
    v->argv[n++] = strdup(bare ? v->row->name : path);
    for (int i = 0; i < TREE_ARGS && v->row->args[i] != NULL; i++) {
        v->argv[n] = tree_argument(v->row->args[i], p->settings, p->run, f);
        if (v->argv[n++] == NULL)
            return -1;
    }
    return 0;
}

static int build(struct pool *p, const struct pool_row *rows, struct fault *f)
{
    int services = 0, processes = 0;
    for (const struct pool_row *row = rows; row->name != NULL; row++, services++)
        processes += tree_count(row, p->settings);
    p->services = calloc((size_t)services + 1, sizeof(*p->services));
    p->processes = calloc((size_t)processes + 1, sizeof(*p->processes));
    must(p->services);
    must(p->processes);
    for (const struct pool_row *row = rows; row->name != NULL; row++) {
        int count = tree_count(row, p->settings);
        if (count == 0)
            continue;
        struct pool_service *v = &p->services[p->service_count++];
        v->row = row;
        throttle_init(&v->throttle, &p->limits);
        if (build_argv(p, v, f) != 0)
            return -1;
        for (int n = 0; n < count; n++) {
            struct pool_process *c = &p->processes[p->process_count++];
            *c = (struct pool_process){.row = row, .service = v, .pool = p, .state = PROCESS_STOPPED};
            c->since_ms = clock_wall_ms();
            tree_name(row, count, n, c->name);
            must(c->timer = evtimer_new(p->base, on_start_timer, c));
        }
    }
    return 0;
}

struct pool *pool_new(struct event_base *base, const struct settings *s, const struct pool_row *rows,
                      void (*ended)(void), struct fault *f)
{
    struct pool *p = calloc(1, sizeof(*p));
    must(p);
    *p = (struct pool){.base = base, .settings = s, .ended = ended, .lock_fd = -1};
    p->limits = (struct throttle_limits){.base_ms = settings_int(s, "pool", "backoff_base"),
                                         .cap_ms = settings_int(s, "pool", "backoff_cap"),
                                         .period_ms = settings_int(s, "pool", "period"),
                                         .intensity = (unsigned)settings_int(s, "pool", "intensity")};
    p->drain_ms = settings_int(s, "pool", "drain_timeout");
    spawn_own_dir(p->home, sizeof(p->home));
    if (rundir_open(p, f) != 0 || (p->notify = notify_new(base, on_notice, p, f)) == NULL || build(p, rows, f) != 0) {
        pool_free(&p);
        return NULL;
    }
    must(p->child_event = evsignal_new(base, SIGCHLD, on_child, p));
    must(p->drain_timer = evtimer_new(base, on_drain_timer, p));
    event_add(p->child_event, NULL);
    set_pool_state(p, POOL_STARTING);
    for (int i = 0; i < p->process_count; i++)
        start(&p->processes[i]);
    return p;
}

bool pool_ready(const struct pool *p, struct fault *f)
{
    for (int i = 0; i < p->process_count; i++) {
        const struct pool_process *c = &p->processes[i];
        if (c->state != PROCESS_RUNNING && !(c->state == PROCESS_STOPPED && c->ever_ready)) {
            fault_set(f, VERDICT_RETRY, "%s is %s", c->name, process_state_name(c->state));
            return false;
        }
    }
    return true;
}

void pool_drain(struct pool *p)
{
    if (p->state >= POOL_STOPPING)
        return;
    for (int i = 0; i < p->process_count; i++) {
        struct pool_process *c = &p->processes[i];
        event_del(c->timer);
        if (c->pid == 0)
            c->state = PROCESS_STOPPED;
    }
    p->stage = 0;
    set_pool_state(p, POOL_STOPPING);
    next_stage(p);
}

/* Signals every process that is left; returns how many those were. */
static int signal_all(struct pool *p, int sig)
{
    int left = 0;
    for (int i = 0; i < p->process_count; i++) {
        struct pool_process *c = &p->processes[i];
        if (c->pid != 0 && waitpid(c->pid, NULL, WNOHANG) != 0)
            c->pid = 0;
        if (c->pid == 0)
            continue;
        left++;
        if (sig != 0)
            kill(c->pid, sig);
    }
    return left;
}

static void end_the_rest(struct pool *p)
{
    if (signal_all(p, SIGTERM) == 0)
        return;
    int64_t end = mono_ms() + HURRY_MS;
    while (mono_ms() < end && signal_all(p, 0) > 0)
        usleep(HURRY_STEP_US);
    signal_all(p, SIGKILL);
    for (int i = 0; i < p->process_count; i++) {
        if (p->processes[i].pid != 0)
            waitpid(p->processes[i].pid, NULL, 0);
        p->processes[i].pid = 0;
        p->processes[i].state = PROCESS_STOPPED;
    }
}

void pool_free(struct pool **pp)
{
    struct pool *p = *pp;
    if (p == NULL)
        return;
    end_the_rest(p);
    if (p->lock_fd >= 0) {
        p->state = POOL_STOPPED;
        rundir_write(p);
    }
    for (int i = 0; i < p->process_count; i++)
        event_free(p->processes[i].timer);
    for (int i = 0; i < p->service_count; i++) {
        for (char **a = p->services[i].argv; a != NULL && *a != NULL; a++)
            free(*a);
        free(p->services[i].argv);
    }
    if (p->child_event != NULL)
        event_free(p->child_event);
    if (p->drain_timer != NULL)
        event_free(p->drain_timer);
    notify_free(&p->notify);
    rundir_close(p);
    free(p->services);
    free(p->processes);
    free(p);
    *pp = NULL;
}
