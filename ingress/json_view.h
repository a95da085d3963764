/* A JSON text seen without copying it: checked by common/base/json_scan.h, then indexed by one flat array of nodes
 * that is used again for the next text. The ingress passes most of what it reads on as it stands, so values are
 * slices of the text: nothing is decoded, numbers keep all their digits, and a webhook costs no allocation. (A cJSON
 * tree of an ordinary webhook was the largest item of the ingress' own CPU: docs/ingress.md.) */
#ifndef MUNIM_INGRESS_JSON_VIEW_H
#define MUNIM_INGRESS_JSON_VIEW_H

#include "common/base/fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <utstring.h>

enum json_kind { JSON_OBJECT, JSON_ARRAY, JSON_STRING, JSON_OTHER };

struct json_node {
    const char *p;    /* the value in the text; of a string with its quotes */
    const char *name; /* of a member: without quotes, escapes as they stand; else NULL */
    uint32_t n;
    uint32_t name_n;
    uint32_t skip; /* nodes of this value, itself included: node + skip is the next sibling */
    uint32_t kids; /* members or elements; the first is node + 1 */
    enum json_kind kind;
};

struct json_view {
    struct json_node *nodes; /* nodes[0] is the whole value */
    size_t n, cap;
};

void json_view_free(struct json_view *v);

/* 0, or -1 and a REJECT fault when the text is not JSON, not UTF-8, too deep (32), too large, or has a name twice in
 * one object. The nodes point into text and live until the next call. */
int json_view_read(struct json_view *v, const char *text, size_t n, struct fault *f);

/* The member; NULL when o is NULL, no object, or has none of that name. name is a plain ASCII word. */
const struct json_node *json_view_get(const struct json_node *o, const char *name);
/* Likewise, of that kind only. */
const struct json_node *json_view_get_kind(const struct json_node *o, const char *name, enum json_kind kind);

/* for (i = 0, e = json_view_first(a); i < a->kids; i++, e = json_view_next(e)) */
const struct json_node *json_view_first(const struct json_node *o);
const struct json_node *json_view_next(const struct json_node *e);

/* True when v is a string that says word. */
bool json_view_says(const struct json_node *v, const char *word);

/* A string or a whole number as plain ASCII text, for ids. False, and out = "", when v is NULL, something else, empty,
 * longer than room - 1, or holds anything beyond printable ASCII. */
bool json_view_ascii(const struct json_node *v, char *out, size_t room);

/* Appends slices of checked JSON. What a strict reader further down would refuse becomes U+FFFD: half a surrogate pair
 * (a name that was cut in the middle of an emoji), and a NUL, which a customer may well send: his message must not make
 * the whole webhook unreadable. */
void json_view_paste(UT_string *out, const char *p, size_t n);

#endif
