/* JSON read over cJSON, with the checks that cJSON leaves to its caller: size, depth, UTF-8, duplicate keys,
 * bytes after the value. cJSON keeps numbers as doubles, so money and lengths beyond 2^53 are refused and ids
 * are strings. Look-ups are case-sensitive. */
#ifndef MUNIM_BASE_JSON_H
#define MUNIM_BASE_JSON_H

#include "common/base/fault.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_limits {
    size_t bytes;   /* the text's length at most */
    unsigned depth; /* nesting at most; checked before anything is allocated */
    size_t values;  /* objects, arrays and scalars at most */
    bool nul;       /* \u0000 passes: only for who decodes no string */
};

extern const struct json_limits json_limits_default; /* 3 MiB, depth 32, 500,000 values */

/* Parses exactly n bytes. NULL and a REJECT fault when the text breaks a limit, is not JSON, not UTF-8, holds a
 * key twice in one object or a NUL. The caller frees with cJSON_Delete. */
cJSON *json_parse(const char *text, size_t n, const struct json_limits *limits, struct fault *f);

/* Members. NULL when o is no object, has no such member, or the member has another type. */
const cJSON *json_get(const cJSON *o, const char *key);
const cJSON *json_obj(const cJSON *o, const char *key);
const cJSON *json_arr(const cJSON *o, const char *key);
const char *json_str(const cJSON *o, const char *key);
bool json_true(const cJSON *o, const char *key);

/* An integer below 2^53 in size, from a JSON number or a decimal string. False when absent or not such. */
bool json_i64(const cJSON *o, const char *key, int64_t *out);

/* Prints without white space; the caller frees. Aborts when memory is out. */
char *json_text(const cJSON *o);

/* Adds only when the value is not NULL / always; abort when memory is out. */
void json_put_str(cJSON *o, const char *key, const char *value);
void json_put_i64(cJSON *o, const char *key, int64_t value);

#endif
