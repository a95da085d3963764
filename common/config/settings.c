#include "common/config/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MOST = 4096 };

static void *need(void *p)
{
    if (p == NULL)
        abort();
    return p;
}

/* Index in the table, -1 when there is none. key NULL: any row of the section. */
static int row_of(const char *section, const char *key)
{
    for (int i = 0; setting_rows[i].section != NULL; i++)
        if (strcmp(setting_rows[i].section, section) == 0 && (key == NULL || strcmp(setting_rows[i].key, key) == 0))
            return i;
    return -1;
}

static int take(struct settings *s, int i, const char *text, const char *where, struct fault *f)
{
    struct setting_value *v = &s->values[i];
    int64_t number;
    if (setting_parse(&setting_rows[i], text, where, &number, f) != 0)
        return -1;
    free(v->text);
    free(v->origin);
    v->text = need(strdup(text));
    v->origin = need(strdup(where));
    v->number = number;
    return 0;
}

static int take_named(struct settings *s, const char *section, const char *key, const char *text, const char *where,
                      struct fault *f)
{
    if (row_of(section, NULL) < 0)
        return fault_set(f, VERDICT_STOP, "%s: there is no section [%.40s]; --print-config lists all settings", where,
                         section);
    int i = row_of(section, key);
    if (i < 0)
        return fault_set(f, VERDICT_STOP, "%s: section [%s] has no setting \"%.40s\"; --print-config lists all", where,
                         section, key);
    return take(s, i, text, where, f);
}

struct file_reader {
    FILE *file;
    const char *path;
    int line;
    bool too_long;
    struct settings *s;
    struct fault *f;
    bool failed; /* f is filled */
};

static char *next_line(char *out, int room, void *arg)
{
    struct file_reader *r = arg;
    if (r->failed || r->too_long || fgets(out, room, r->file) == NULL)
        return NULL;
    r->line++;
    size_t n = strlen(out);
    r->too_long = n + 1 == (size_t)room && out[n - 1] != '\n';
    return r->too_long ? NULL : out;
}

static int on_pair(void *arg, const char *section, const char *name, const char *value)
{
    struct file_reader *r = arg;
    char where[256], at[24];
    int i = row_of(section, name);
    (void)snprintf(at, sizeof at, ":%d", r->line);
    (void)snprintf(where, sizeof where, "%.*s%s", (int)(sizeof where - sizeof at - 1), r->path, at);
    /* Only this file has written values with its own name so far. */
    if (i >= 0 && strcmp(r->s->values[i].origin, "default") != 0)
        r->failed = fault_set(r->f, VERDICT_STOP, "%s: %s.%s is set twice, first at %s", where, section, name,
                              r->s->values[i].origin) != 0;
    else
        r->failed = take_named(r->s, section, name, value, where, r->f) != 0;
    return !r->failed;
}

static int read_file(struct settings *s, const char *path, struct fault *f)
{
    struct file_reader r = {.path = path, .s = s, .f = f, .file = fopen(path, "re")};
    if (r.file == NULL)
        return fault_set(f, VERDICT_STOP, "cannot read the configuration file %s: %s", path, strerror(errno));
    /* A value may hold " ;", and what stands on the next line is another setting or a mistake. */
    ini_allow_inline_comments = false;
    ini_allow_multiline = false;
    ini_stop_on_first_error = true;
    ini_max_line = LINE_MOST;
    int rc = ini_parse_stream(next_line, &r, on_pair, &r);
    int broken = ferror(r.file);
    fclose(r.file);
    if (r.failed)
        return -1;
    if (broken)
        return fault_set(f, VERDICT_STOP, "cannot read the configuration file %s", path);
    if (r.too_long)
        return fault_set(f, VERDICT_STOP, "%s:%d: the line is too long", path, r.line);
    if (rc != 0)
        return fault_set(f, VERDICT_STOP, "%s:%d: neither [section] nor key = value", path, r.line);
    return 0;
}

static int read_env(struct settings *s, struct fault *f)
{
    for (int i = 0; setting_rows[i].section != NULL; i++) {
        char name[SETTING_ENV_NAME], where[SETTING_ENV_NAME + 16];
        setting_env_name(&setting_rows[i], name);
        const char *from = name;
        const char *value = getenv(name);
        if ((value == NULL || *value == '\0') && setting_rows[i].env != NULL) {
            from = setting_rows[i].env;
            value = getenv(from);
        }
        if (value == NULL || *value == '\0')
            continue;
        (void)snprintf(where, sizeof where, "environment %s", from);
        if (take(s, i, value, where, f) != 0)
            return -1;
    }
    return 0;
}

/* One flag "--section.key=value", or its value in the next argument. *used says how many arguments it took, 0 when
 * the argument is no setting. */
static int read_flag(struct settings *s, char *const *argv, int *used, struct fault *f)
{
    char section[64];
    const char *name = argv[0] + 2;
    size_t len = strcspn(name, "=");
    const char *dot = memchr(name, '.', len);
    *used = 0;
    if (strncmp(argv[0], "--", 2) != 0 || dot == NULL || dot == name || (size_t)(dot - name) >= sizeof section)
        return 0;
    char key[64];
    (void)snprintf(section, sizeof section, "%.*s", (int)(dot - name), name);
    (void)snprintf(key, sizeof key, "%.*s", (int)(len - (size_t)(dot - name) - 1), dot + 1);
    const char *value = name[len] == '=' ? name + len + 1 : argv[1];
    if (value == NULL)
        return fault_set(f, VERDICT_STOP, "flag --%s.%s: a value is wanted", section, key);
    *used = name[len] == '=' ? 1 : 2;
    return take_named(s, section, key, value, "flag", f);
}

/* --config FILE or --config=FILE; NULL when argv[0] is neither. */
static const char *config_flag(char *const *argv, int *used)
{
    *used = 0;
    if (strncmp(argv[0], "--config=", 9) == 0) {
        *used = 1;
        return argv[0] + 9;
    }
    if (strcmp(argv[0], "--config") != 0)
        return NULL;
    *used = argv[1] != NULL ? 2 : 1;
    return argv[1] != NULL ? argv[1] : "";
}

/* Runs through argv up to "--". apply false: only finds the file's name. true: takes settings, keeps the rest. */
static int read_argv(struct settings *s, int *argc, char **argv, bool apply, const char **path, struct fault *f)
{
    int kept = 1;
    for (int i = 1; i < *argc;) {
        int used = 0;
        if (strcmp(argv[i], "--") == 0) {
            while (apply && i < *argc)
                argv[kept++] = argv[i++];
            break;
        }
        const char *config = config_flag(&argv[i], &used);
        if (config != NULL)
            *path = config;
        else if (apply && read_flag(s, &argv[i], &used, f) != 0)
            return -1;
        if (used == 0 && apply)
            argv[kept++] = argv[i];
        i += used > 0 ? used : 1;
    }
    if (apply) {
        argv[kept] = NULL;
        *argc = kept;
    }
    return 0;
}

static int read_all(struct settings *s, int *argc, char **argv, struct fault *f)
{
    const char *path = getenv("MUNIM_CONFIG");
    for (int i = 0; setting_rows[i].section != NULL; i++)
        if (take(s, i, setting_rows[i].fallback, "default", f) != 0)
            return -1;
    if (read_argv(s, argc, argv, false, &path, f) != 0)
        return -1;
    if (path != NULL && *path == '\0')
        return fault_set(f, VERDICT_STOP, "--config and MUNIM_CONFIG want the name of a file");
    if (path != NULL && read_file(s, path, f) != 0)
        return -1;
    if (read_env(s, f) != 0)
        return -1;
    return read_argv(s, argc, argv, true, &path, f);
}

struct settings *settings_new(int *argc, char **argv, struct fault *f)
{
    size_t n = 0;
    while (setting_rows[n].section != NULL)
        n++;
    struct settings *s = need(calloc(1, sizeof *s));
    s->values = need(calloc(n, sizeof *s->values));
    if (read_all(s, argc, argv, f) != 0)
        settings_free(&s);
    return s;
}

void settings_free(struct settings **s)
{
    if (*s == NULL)
        return;
    for (int i = 0; setting_rows[i].section != NULL; i++) {
        free((*s)->values[i].text);
        free((*s)->values[i].origin);
    }
    free((*s)->values);
    free(*s);
    *s = NULL;
}

static const struct setting_value *value_of(const struct settings *s, const char *section, const char *key)
{
    int i = row_of(section, key);
    if (i < 0) {
        fprintf(stderr, "the settings table has no %s.%s\n", section, key);
        abort();
    }
    return &s->values[i];
}

const char *settings_text(const struct settings *s, const char *section, const char *key)
{
    return value_of(s, section, key)->text;
}

int64_t settings_int(const struct settings *s, const char *section, const char *key)
{
    return value_of(s, section, key)->number;
}

bool settings_bool(const struct settings *s, const char *section, const char *key)
{
    return value_of(s, section, key)->number != 0;
}

/* Bytes read into out, -1 with errno. */
static ssize_t read_secret(const char *path, char *out, size_t room)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    size_t n = 0;
    ssize_t got = 1;
    while (n < room && got > 0) {
        got = read(fd, out + n, room - n);
        n += got > 0 ? (size_t)got : 0;
    }
    int why = errno;
    close(fd);
    errno = why;
    return got < 0 ? -1 : (ssize_t)n;
}

char *settings_secret(const struct settings *s, const char *section, const char *key, struct fault *f)
{
    const char *path = settings_text(s, section, key);
    if (*path == '\0') {
        fault_set(f, VERDICT_STOP, "%s.%s is not set: name a file that holds the secret", section, key);
        return NULL;
    }
    char *secret = need(malloc(SECRET_MOST + 2));
    ssize_t n = read_secret(path, secret, SECRET_MOST + 2);
    const char *why = n < 0 ? strerror(errno) : n > SECRET_MOST + 1 ? "longer than 4 KiB" : NULL;
    if (n > 0 && secret[n - 1] == '\n')
        n--;
    if (why == NULL && (n == 0 || n > SECRET_MOST || memchr(secret, '\0', (size_t)n) != NULL))
        why = n == 0 ? "empty" : n > SECRET_MOST ? "longer than 4 KiB" : "not a text";
    if (why != NULL) {
        OPENSSL_cleanse(secret, SECRET_MOST + 2);
        free(secret);
        fault_set(f, VERDICT_STOP, "%s.%s: cannot use the file %s: %s", section, key, path, why);
        return NULL;
    }
    secret[n] = '\0';
    return secret;
}

int settings_check(const struct settings *s, struct fault *f)
{
    for (const struct setting_row *row = setting_rows; row->section != NULL; row++) {
        if (row->type != SETTING_FILE || *settings_text(s, row->section, row->key) == '\0')
            continue;
        char *secret = settings_secret(s, row->section, row->key, f);
        if (secret == NULL)
            return -1;
        OPENSSL_cleanse(secret, strlen(secret));
        free(secret);
    }
    return 0;
}
