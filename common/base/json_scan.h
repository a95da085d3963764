/* The pass over a JSON text before anything is allocated for it; for json.c. */
#ifndef MUNIM_BASE_JSON_SCAN_H
#define MUNIM_BASE_JSON_SCAN_H

#include "common/base/json.h"

/* Exactly one value by the grammar of RFC 8259, within the limits, valid UTF-8, without a NUL in any spelling that the
 * limits do not let pass.
 * -1 and a REJECT fault that says what is wrong and at which byte. */
int json_scan(const char *text, size_t n, const struct json_limits *limits, struct fault *f);

#endif
