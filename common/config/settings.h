/* Settings: one table for the whole product, an INI file through inih, environment over file, flags over both.
 * Flag: --section.key=value. Environment: MUNIM_<SECTION>_<KEY>, and the aliases the table names
 * (KAFKA_BOOTSTRAP, DATABASE_URL); an empty variable counts as not set. An unknown key in the file or a flag, an
 * unreadable value or a missing secret file is refused by name. An unknown MUNIM_<SECTION>_... variable is not, because
 * Kubernetes makes such names of its own from services; --print-config points at it. */
#ifndef MUNIM_CONFIG_SETTINGS_H
#define MUNIM_CONFIG_SETTINGS_H

#include "common/base/fault.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum setting_type {
    SETTING_TEXT,
    SETTING_INT,      /* whole number within [least, most] */
    SETTING_DURATION, /* "250ms", "20s", "5m", "24h"; a bare number is seconds; kept in milliseconds */
    SETTING_SIZE,     /* "3MiB", "64KiB"; a bare number is bytes */
    SETTING_BOOL,
    SETTING_FILE /* a path whose content is a secret; the path may be shown, the content never */
};

struct setting_row {
    const char *section, *key;
    enum setting_type type;
    const char *fallback; /* "" for none */
    int64_t least, most;  /* for INT, DURATION (ms), SIZE */
    const char *env;      /* further environment name, or NULL */
    const char *help;     /* one line; the README's table is printed from it */
    const char *choices;  /* TEXT: "json|logfmt|auto"; NULL for any text */
};

/* The table, ended by a row without section; common/config/table.c. */
extern const struct setting_row setting_rows[];

struct settings;

/* Reads MUNIM_CONFIG or --config FILE if given, then the environment, then flags in argv (which are taken out of it:
 * *argc and argv keep the rest, argv[0] first). NULL and a STOP fault when anything is unknown or unreadable. */
struct settings *settings_new(int *argc, char **argv, struct fault *f);
void settings_free(struct settings **s);

/* Asking for a row that the table lacks is a bug and aborts. Text lives as long as s. */
const char *settings_text(const struct settings *s, const char *section, const char *key);
int64_t settings_int(const struct settings *s, const char *section, const char *key); /* INT, SIZE, DURATION in ms */
bool settings_bool(const struct settings *s, const char *section, const char *key);

/* Content of a SETTING_FILE without trailing newline, at most 4 KiB; the caller wipes and frees. NULL and a STOP
 * fault that names the setting when it is unset, unreadable or empty. */
char *settings_secret(const struct settings *s, const char *section, const char *key, struct fault *f);

/* --check-config: what can only be seen by looking: every secret file that is set can be read. */
int settings_check(const struct settings *s, struct fault *f);

/* --print-config: the INI file in force, each row with its help and where the value came from. A password inside a URL
 * is left out. */
void settings_print(const struct settings *s, FILE *out);

/* Writes a connection string, URL or keywords, without its password. */
void settings_put_without_password(const char *text, FILE *out);

/* The table of all settings for the documentation, in Markdown. */
void settings_markdown(FILE *out);

#endif
