/* Check digits of the numbers that people paste into chats. Pure; digits are ASCII, n of them. A right check digit does
 * not prove that the number exists. */
#ifndef MUNIM_MASKING_CHECK_DIGITS_H
#define MUNIM_MASKING_CHECK_DIGITS_H

#include <stdbool.h>
#include <stddef.h>

bool luhn_ok(const char *digits, size_t n);     /* ISO/IEC 7812-1, payment cards */
bool verhoeff_ok(const char *digits, size_t n); /* J. Verhoeff 1969; Aadhaar */

/* GSTIN's 15th character over the first fourteen: weights 1 and 2 in turn over base-36 values, the sum of quotient and
 * remainder by 36 of each product, 36 minus that modulo 36. Upper case. */
bool gstin_check_ok(const char gstin[15]);

#endif
