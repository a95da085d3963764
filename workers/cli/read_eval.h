/* Readings held against what people expect of them: munim read --eval. */
#ifndef MUNIM_CLI_READ_EVAL_H
#define MUNIM_CLI_READ_EVAL_H

#include <stdbool.h>
#include <stdio.h>

#include "common/base/json.h"

struct read_eval;

struct read_eval *read_eval_new(void);
void read_eval_free(struct read_eval **e);

/* Counts one line of the file ("expect", "lang", "domain", "tags") with its answer, a reading as munim read prints it.
 * Returns whether the frame is exact: intent, items, fields and clarify, where null says the same as a member left out.
 * False too when the line has no "expect"; it is then counted nowhere. */
bool read_eval_add(struct read_eval *e, const cJSON *line, const cJSON *answer);

/* A table: all lines, then by language, domain and tag. */
void read_eval_print(const struct read_eval *e, FILE *out);

#endif
