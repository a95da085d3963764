#include "common/config/internal.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct unit {
    const char *name;
    int64_t factor;
};

static const struct unit duration_units[] = {{"ms", 1},      {"s", 1000}, {"m", 60000},
                                             {"h", 3600000}, {"", 1000},  {NULL, 0}};
static const struct unit size_units[] = {{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30},
                                         {"B", 1},         {"", 1},          {NULL, 0}};
static const struct unit no_units[] = {{"", 1}, {NULL, 0}};

static bool whole(const char *text, const struct unit *units, int64_t *out)
{
    char *end = NULL;
    if (!isdigit((unsigned char)text[text[0] == '-']))
        return false;
    errno = 0;
    long long n = strtoll(text, &end, 10);
    if (errno != 0)
        return false;
    for (; units->name != NULL; units++)
        if (strcmp(end, units->name) == 0)
            return !__builtin_mul_overflow((int64_t)n, units->factor, out);
    return false;
}

static bool truth(const char *text, int64_t *out)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on", "0", "1"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(text, words[i]) == 0) {
            *out = (int64_t)(i % 2);
            return true;
        }
    }
    return false;
}

static bool chosen(const char *choices, const char *text)
{
    size_t n = strlen(text);
    for (const char *c = choices; c != NULL; c = strchr(c, '|')) {
        c += *c == '|';
        if (strcspn(c, "|") == n && n > 0 && memcmp(c, text, n) == 0)
            return true;
    }
    return false;
}

static int wanted(const struct setting_row *row, const char *text, const char *where, const char *what, struct fault *f)
{
    return fault_set(f, VERDICT_STOP, "%s: %s.%s = \"%.40s\": %s is wanted", where, row->section, row->key, text, what);
}

static int numeric(const struct setting_row *row, const char *text, const char *where, int64_t *number, struct fault *f)
{
    static const char *const form[] = {
        [SETTING_INT] = "a whole number",
        [SETTING_DURATION] = "a duration such as 250ms, 20s, 5m or 24h",
        [SETTING_SIZE] = "a size such as 512, 64KiB or 3MiB",
    };
    const struct unit *units = row->type == SETTING_DURATION ? duration_units
                               : row->type == SETTING_SIZE   ? size_units
                                                             : no_units;
    if (!whole(text, units, number))
        return wanted(row, text, where, form[row->type], f);
    if (*number < row->least || *number > row->most)
        return fault_set(f, VERDICT_STOP, "%s: %s.%s = \"%.40s\": must be from %lld to %lld%s", where, row->section,
                         row->key, text, (long long)row->least, (long long)row->most,
                         row->type == SETTING_DURATION ? " ms"
                         : row->type == SETTING_SIZE   ? " bytes"
                                                       : "");
    return 0;
}

int setting_parse(const struct setting_row *row, const char *text, const char *where, int64_t *number, struct fault *f)
{
    *number = 0;
    for (const char *c = text; *c != '\0'; c++)
        if (iscntrl((unsigned char)*c))
            return fault_set(f, VERDICT_STOP, "%s: %s.%s holds a control character", where, row->section, row->key);
    switch (row->type) {
    case SETTING_TEXT:
        if (row->choices != NULL && !chosen(row->choices, text))
            return wanted(row, text, where, row->choices, f);
        return 0;
    case SETTING_FILE:
        return 0;
    case SETTING_BOOL:
        return truth(text, number) ? 0 : wanted(row, text, where, "true or false", f);
    case SETTING_INT:
    case SETTING_DURATION:
    case SETTING_SIZE:
        return numeric(row, text, where, number, f);
    }
    return 0;
}

void setting_env_name(const struct setting_row *row, char out[SETTING_ENV_NAME])
{
    (void)snprintf(out, SETTING_ENV_NAME, "MUNIM_%s_%s", row->section, row->key);
    for (char *c = out; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
}
