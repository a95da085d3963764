/* Masks: what of a text must not leave the machine. Finds numbers and addresses of persons, leaves quantities, rates,
 * dates, HSN, PIN codes, lots and invoice numbers. Check digits decide where there is no label; a label decides where
 * the check digit is wrong. Pure; the labels are data (schema/masks/labels.list). */
#ifndef MUNIM_MASKING_MASK_H
#define MUNIM_MASKING_MASK_H

#include "common/base/fault.h"

#include <stddef.h>

enum mask_type {
    MASK_PHONE,
    MASK_EMAIL,
    MASK_UPI,
    MASK_GSTIN,
    MASK_PAN,
    MASK_AADHAAR,
    MASK_REFERENCE,
    MASK_CARD,
    MASK_CVV,
    MASK_BANK_ACCOUNT,
    MASK_IFSC,
    MASK_OTP,
    MASK_TYPES
};
const char *mask_type_name(enum mask_type t); /* "bank_account" */

struct mask_span {
    size_t at, len; /* bytes of the text */
    enum mask_type type;
};

struct mask_labels;
/* NULL and a STOP fault with file and line when the list cannot be read, names an unknown type or says a label twice.
 */
struct mask_labels *mask_labels_new(const char *path, struct fault *f);
void mask_labels_free(struct mask_labels **l);

/* The spans of text[0, n), in order of place, none overlapping. *out is an array of the returned length, to be freed
 * (NULL for none). Time is bounded by the length. Invalid UTF-8 bytes are plain characters. */
size_t mask_find(const struct mask_labels *l, const char *text, size_t n, struct mask_span **out);

#endif
