#include "common/metrics/process.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

struct stat_line {
    unsigned long long utime, stime, start, vsize;
    long threads, rss;
};

static int read_file(const char *path, char *out, size_t room)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return -1;
    size_t n = fread(out, 1, room - 1, file);
    fclose(file);
    out[n] = '\0';
    return n > 0 ? 0 : -1;
}

/* proc(5); fields are counted after the command, which may itself hold blanks and brackets. */
static int read_stat(struct stat_line *s)
{
    char text[1024];
    if (read_file("/proc/self/stat", text, sizeof text) != 0)
        return -1;
    const char *p = strrchr(text, ')');
    if (p == NULL)
        return -1;
    int n =
        sscanf(p + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %*d %ld %*d %llu %llu %ld",
               &s->utime, &s->stime, &s->threads, &s->start, &s->vsize, &s->rss);
    return n == 6 ? 0 : -1;
}

static unsigned long long boot_time(void)
{
    unsigned long long seconds = 0;
    char line[256];
    FILE *file = fopen("/proc/stat", "re");
    if (file == NULL)
        return 0;
    while (fgets(line, sizeof line, file) != NULL && sscanf(line, "btime %llu", &seconds) != 1)
        continue;
    fclose(file);
    return seconds;
}

/* -1 when the folder cannot be read. */
static long open_files(void)
{
    DIR *dir = opendir("/proc/self/fd");
    if (dir == NULL)
        return -1;
    long n = -1; /* the folder's own descriptor does not count */
    for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir))
        n += e->d_name[0] != '.';
    closedir(dir);
    return n;
}

static void head(UT_string *out, const char *name, const char *type, const char *help)
{
    utstring_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void put_hundredths(UT_string *out, const char *name, unsigned long long ticks, unsigned long long hz)
{
    utstring_printf(out, "%s %llu.%02llu\n", name, ticks / hz, ticks % hz * 100 / hz);
}

void metrics_process(UT_string *out)
{
    struct stat_line s;
    struct rlimit files;
    unsigned long long hz = (unsigned long long)sysconf(_SC_CLK_TCK);
    long fds = open_files();
    if (read_stat(&s) == 0 && hz > 0) {
        unsigned long long boot = boot_time();
        head(out, "process_cpu_seconds_total", "counter", "Total user and system CPU time spent in seconds.");
        put_hundredths(out, "process_cpu_seconds_total", s.utime + s.stime, hz);
        head(out, "process_resident_memory_bytes", "gauge", "Resident memory size in bytes.");
        utstring_printf(out, "process_resident_memory_bytes %lld\n", (long long)s.rss * sysconf(_SC_PAGESIZE));
        head(out, "process_virtual_memory_bytes", "gauge", "Virtual memory size in bytes.");
        utstring_printf(out, "process_virtual_memory_bytes %llu\n", s.vsize);
        head(out, "process_threads", "gauge", "Number of operating system threads in the process.");
        utstring_printf(out, "process_threads %ld\n", s.threads);
        if (boot > 0) {
            head(out, "process_start_time_seconds", "gauge", "Start time of the process since unix epoch in seconds.");
            put_hundredths(out, "process_start_time_seconds", boot * hz + s.start, hz);
        }
    }
    if (fds >= 0) {
        head(out, "process_open_fds", "gauge", "Number of open file descriptors.");
        utstring_printf(out, "process_open_fds %ld\n", fds);
    }
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY) {
        head(out, "process_max_fds", "gauge", "Maximum number of open file descriptors.");
        utstring_printf(out, "process_max_fds %llu\n", (unsigned long long)files.rlim_cur);
    }
}
