/* A view as text for a person, or as one JSON object a line for a program. */
#ifndef MUNIM_LAG_TABLE_H
#define MUNIM_LAG_TABLE_H

#include "workers/lag/view.h"

#include <utstring.h>

/* Appends. now_ms: wall time against which ages are counted. What is not known is "-", and null in JSON. */
void lag_table(const struct lag_view *v, int64_t now_ms, UT_string *out);
void lag_json_lines(const struct lag_view *v, int64_t now_ms, UT_string *out);

#endif
