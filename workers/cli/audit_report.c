#include "workers/cli/audit.h"

#include "common/base/clock.h"
#include "common/base/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { TOLD_MOST = 100, TELL_EVERY_US = 2000000 };

void audit_begin(struct audit *a, size_t checks)
{
    a->in_hand = 0;
    a->checks += checks;
}

static void put_line(const struct audit *a, const char *check, const char *where, const char *what)
{
    if (!a->json) {
        printf("%-22s %s: %s\n", check, where, what);
        return;
    }
    cJSON *o = cJSON_CreateObject();
    json_put_str(o, "check", check);
    json_put_str(o, "where", where);
    json_put_str(o, "what", what);
    char *text = json_text(o);
    printf("%s\n", text);
    free(text);
    cJSON_Delete(o);
}

void audit_found(struct audit *a, const char *check, const char *where, const char *what)
{
    a->findings++;
    if (++a->in_hand <= TOLD_MOST)
        put_line(a, check, where, what);
}

void audit_end(struct audit *a)
{
    if (a->in_hand > TOLD_MOST) {
        char more[64];
        (void)snprintf(more, sizeof more, "%zu more of these", a->in_hand - TOLD_MOST);
        put_line(a, "...", "...", more);
    }
    (void)fflush(stdout);
}

void audit_progress(struct audit *a, const char *words)
{
    int64_t now = clock_mono_us();
    if (a->told_us == 0)
        a->told_us = now;
    if (now - a->told_us < TELL_EVERY_US)
        return;
    a->told_us = now;
    (void)fprintf(stderr, "munim audit: %s, %" PRIu64 " records, %zu findings so far\n", words, a->records,
                  a->findings);
}

void audit_sum(const struct audit *a)
{
    if (!a->json) {
        printf("%s: %zu checks, %" PRIu64 " records, %zu findings\n", a->findings == 0 ? "clean" : "NOT CLEAN",
               a->checks, a->records, a->findings);
        return;
    }
    cJSON *o = cJSON_CreateObject();
    json_put_i64(o, "checks", (int64_t)a->checks);
    json_put_i64(o, "records", (int64_t)a->records);
    json_put_i64(o, "findings", (int64_t)a->findings);
    char *text = json_text(o);
    printf("%s\n", text);
    free(text);
    cJSON_Delete(o);
}
