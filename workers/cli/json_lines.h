/* Commands of the form "one JSON object a line in, one a line out": order kept, every line gets exactly one answer. */
#ifndef MUNIM_CLI_JSON_LINES_H
#define MUNIM_CLI_JSON_LINES_H

#include "common/base/fault.h"

#include <cjson/cJSON.h>
#include <stdio.h>

enum { JSON_LINES_OK = 0, JSON_LINES_BROKEN = 1, JSON_LINES_BAD_DATA = 65 };

/* The answer to one line that is an object, without its id: members of *out (an empty object). -1 and a fault whose
 * words become the line's "error". */
typedef int json_line_fn(void *arg, const cJSON *line, cJSON *out, struct fault *f);

/* Answers every line of in. Exit status: 0 when every line was a JSON object, 65 when one was none, 1 when a stream
 * broke. */
int json_lines(FILE *in, FILE *out, json_line_fn *answer, void *arg);

#endif
