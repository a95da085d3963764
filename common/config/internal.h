/* What the files of common/config share. */
#ifndef MUNIM_CONFIG_INTERNAL_H
#define MUNIM_CONFIG_INTERNAL_H

#include "common/config/settings.h"

enum { SETTING_ENV_NAME = 96, SECRET_MOST = 4096 };

struct setting_value {
    char *text;
    int64_t number; /* of INT, SIZE, BOOL; DURATION in milliseconds */
    char *origin;   /* "default", "munim.ini:12", "environment DATABASE_URL", "flag" */
};

struct settings {
    struct setting_value *values; /* in the order of setting_rows */
};

/* Reads text as the row's type. -1 and a STOP fault that says what is wanted; where names the place in its words. */
int setting_parse(const struct setting_row *row, const char *text, const char *where, int64_t *number, struct fault *f);

/* "MUNIM_KAFKA_BOOTSTRAP". */
void setting_env_name(const struct setting_row *row, char out[SETTING_ENV_NAME]);

#endif
