/* A configuration file: refused in words, or read; and what is printed of it is a file that reads the same. */
#include "tests/fuzz/fuzz.h"

#include "common/config/settings.h"

#include <sys/mman.h>
#include <unistd.h>

static struct settings *read_text(const void *text, size_t n, struct fault *f)
{
    char flag[64];
    int fd = memfd_create("munim.ini", MFD_CLOEXEC);
    ENSURE(fd >= 0);
    ENSURE(n == 0 || write(fd, text, n) == (ssize_t)n);
    (void)snprintf(flag, sizeof flag, "--config=/proc/self/fd/%d", fd);
    char *argv[] = {(char *)"fuzz", flag, NULL};
    int argc = 2;
    struct settings *s = settings_new(&argc, argv, f);
    ENSURE(s == NULL || argc == 1);
    close(fd);
    return s;
}

static bool has_password(const char *text)
{
    return strchr(text, '@') != NULL || strcasestr(text, "password") != NULL;
}

static void same(const struct settings *a, const struct settings *b)
{
    for (const struct setting_row *row = setting_rows; row->section != NULL; row++) {
        const char *text = settings_text(a, row->section, row->key);
        if (!has_password(text))
            ENSURE(strcmp(text, settings_text(b, row->section, row->key)) == 0);
        if (row->type == SETTING_INT || row->type == SETTING_SIZE || row->type == SETTING_DURATION)
            ENSURE(settings_int(a, row->section, row->key) >= row->least &&
                   settings_int(a, row->section, row->key) <= row->most);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static bool clean;
    struct fault f = {.text = ""};
    if (!clean)
        ENSURE(clearenv() == 0);
    clean = true;
    struct settings *s = read_text(data, n, &f);
    if (s == NULL) {
        ENSURE(f.verdict == VERDICT_STOP && f.text[0] != '\0');
        return 0;
    }
    char *printed = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&printed, &len);
    ENSURE(out != NULL);
    settings_print(s, out);
    ENSURE(fclose(out) == 0);
    struct settings *again = read_text(printed, len, &f);
    ENSURE(again != NULL);
    same(s, again);
    settings_free(&again);
    settings_free(&s);
    free(printed);
    return 0;
}
