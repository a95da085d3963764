#include "workers/pool/tree.h"

#include <stdlib.h>
#include <string.h>
#include <utstring.h>

const struct pool_row pool_rows[] = {
    {.name = "munim-ingress", .count = {"ingress", "processes"}, .restart = RESTART_ALWAYS, .stage = 0},
    {.name = "munim-worker", .count = {"worker", "processes"}, .restart = RESTART_ALWAYS, .stage = 1},
    {.name = "munim-sender", .restart = RESTART_ALWAYS, .stage = 2},
    {.name = "munim-lag", .restart = RESTART_ALWAYS, .stage = 3},
    {.name = "munim-sim",
     .args = {"--listen", "{api}", "--webhook-url", "http://{ingress.listen}/webhooks/whatsapp", "--app-secret-file",
              "{whatsapp.app_secret_file}", "--witness", "{run}/witness.jsonl"},
     .when = {"pool", "simulator"},
     .restart = RESTART_ON_FAILURE,
     .stage = 3},
    {.name = NULL},
};

int tree_count(const struct pool_row *row, const struct settings *s)
{
    if (row->when[0] != NULL && !settings_bool(s, row->when[0], row->when[1]))
        return 0;
    return row->count[0] != NULL ? (int)settings_int(s, row->count[0], row->count[1]) : 1;
}

/* "https://host:port/path" -> "host:port". Length 0 when the text is no such URL. */
static size_t authority(const char *url, const char **begin)
{
    const char *p = strstr(url, "://");
    *begin = p != NULL ? p + 3 : url;
    return p != NULL ? strcspn(*begin, "/?#") : 0;
}

static int fill(UT_string *out, const char *name, size_t n, const struct settings *s, const char *run, struct fault *f)
{
    char key[80];
    const char *dot = memchr(name, '.', n), *begin;
    if (n >= sizeof(key))
        return fault_set(f, VERDICT_STOP, "the process tree has a placeholder longer than %zu bytes", sizeof(key) - 1);
    memcpy(key, name, n);
    key[n] = '\0';
    if (strcmp(key, "run") == 0) {
        utstring_bincpy(out, run, strlen(run));
    } else if (strcmp(key, "api") == 0) {
        size_t size = authority(settings_text(s, "whatsapp", "api_url"), &begin);
        if (size == 0)
            return fault_set(f, VERDICT_STOP, "[whatsapp] api_url is no URL such as http://127.0.0.1:9000/v23.0");
        utstring_bincpy(out, begin, size);
    } else if (dot != NULL) {
        key[dot - name] = '\0';
        const char *text = settings_text(s, key, key + (dot - name) + 1);
        if (text[0] == '\0')
            return fault_set(f, VERDICT_STOP, "[%s] %s is not set, and the process tree needs it", key,
                             key + (dot - name) + 1);
        utstring_bincpy(out, text, strlen(text));
    } else {
        return fault_set(f, VERDICT_STOP, "the process tree has an unknown placeholder {%s}", key);
    }
    return 0;
}

char *tree_argument(const char *pattern, const struct settings *s, const char *run, struct fault *f)
{
    UT_string out;
    utstring_init(&out);
    while (*pattern != '\0') {
        size_t plain = strcspn(pattern, "{");
        utstring_bincpy(&out, pattern, plain);
        pattern += plain;
        if (*pattern == '{') {
            size_t n = strcspn(++pattern, "}");
            if (fill(&out, pattern, n, s, run, f) != 0) {
                utstring_done(&out);
                return NULL;
            }
            pattern += n + (pattern[n] == '}');
        }
    }
    char *text = strdup(utstring_body(&out));
    if (text == NULL)
        abort();
    utstring_done(&out);
    return text;
}

void tree_name(const struct pool_row *row, int count, int n, char out[64])
{
    if (count == 1)
        snprintf(out, 64, "%s", row->name);
    else
        snprintf(out, 64, "%s-%d", row->name, n + 1);
}

const char *restart_name(enum restart restart)
{
    static const char *const names[] = {[RESTART_ALWAYS] = "always", [RESTART_ON_FAILURE] = "on failure"};
    return names[restart];
}

void tree_print(const struct pool_row *rows, const struct settings *s, FILE *out)
{
    fprintf(out, "munim-pool\n");
    for (int stage = 0; stage < TREE_STAGES; stage++) {
        for (const struct pool_row *row = rows; row->name != NULL; row++) {
            int count = tree_count(row, s);
            if (row->stage != stage || count == 0)
                continue;
            fprintf(out, "  %-14s x %-3d restart %-11s drain stage %d", row->name, count, restart_name(row->restart),
                    row->stage);
            if (row->count[0] != NULL)
                fprintf(out, "   [%s] %s", row->count[0], row->count[1]);
            if (row->when[0] != NULL)
                fprintf(out, "   [%s] %s", row->when[0], row->when[1]);
            fputc('\n', out);
        }
    }
}
