#include "common/config/internal.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

/* A connection string may carry a password: between ":" and "@" of a URL's first part, or after "password=". */
void settings_put_without_password(const char *text, FILE *out)
{
    const char *user = strstr(text, "://");
    const char *at = user != NULL ? strchr(user, '@') : NULL;
    const char *colon = at != NULL ? memchr(user + 3, ':', (size_t)(at - user - 3)) : NULL;
    if (colon != NULL) {
        fprintf(out, "%.*s", (int)(colon - text), text);
        text = at;
    }
    for (const char *p; (p = strcasestr(text, "password=")) != NULL;) {
        p += strlen("password=");
        fprintf(out, "%.*s", (int)(p - text), text);
        text = p;
        bool quoted = *text == '\'';
        text += quoted;
        while (*text != '\0' && (quoted ? *text != '\'' : *text != '&' && *text != ' '))
            text += *text == '\\' && text[1] != '\0' ? 2 : 1;
        text += quoted && *text == '\'';
    }
    fprintf(out, "%s", text);
}

/* Variables that look like settings and are none: most often a spelling mistake. */
static void put_strays(FILE *out)
{
    for (char **e = environ; e != NULL && *e != NULL; e++) {
        bool section = false, known = false;
        size_t n = strcspn(*e, "=");
        for (const struct setting_row *row = setting_rows; row->section != NULL; row++) {
            char name[SETTING_ENV_NAME];
            setting_env_name(row, name);
            size_t prefix = strlen("MUNIM_") + strlen(row->section) + 1;
            section = section || strncmp(*e, name, prefix) == 0;
            known = known || (strlen(name) == n && strncmp(*e, name, n) == 0);
        }
        if (section && !known)
            fprintf(out, "# %.*s in the environment is no setting\n", (int)n, *e);
    }
}

void settings_print(const struct settings *s, FILE *out)
{
    const char *section = "";
    put_strays(out);
    for (int i = 0; setting_rows[i].section != NULL; i++) {
        const struct setting_row *row = &setting_rows[i];
        if (strcmp(section, row->section) != 0)
            fprintf(out, "%s[%s]\n", i > 0 ? "\n" : "", row->section);
        section = row->section;
        fprintf(out, "# %s\n# from %s\n%s=", row->help, s->values[i].origin, row->key);
        settings_put_without_password(s->values[i].text, out);
        fprintf(out, "\n");
    }
}

static void put_cell(const char *text, FILE *out)
{
    for (; *text != '\0'; text++)
        fprintf(out, *text == '|' ? "\\%c" : "%c", *text);
}

void settings_markdown(FILE *out)
{
    fprintf(out, "| setting | default | environment | meaning |\n| --- | --- | --- | --- |\n");
    for (const struct setting_row *row = setting_rows; row->section != NULL; row++) {
        char env[SETTING_ENV_NAME];
        setting_env_name(row, env);
        fprintf(out, "| `[%s] %s` | %s%s%s | `%s`", row->section, row->key, *row->fallback != '\0' ? "`" : "",
                row->fallback, *row->fallback != '\0' ? "`" : "", env);
        if (row->env != NULL)
            fprintf(out, ", `%s`", row->env);
        fprintf(out, " | ");
        put_cell(row->help, out);
        fprintf(out, " |\n");
    }
}
