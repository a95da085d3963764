/* An invoice's figures, computed once from frozen lines. Integer paise; rounding per line, half up, the two halves of
 * CGST and SGST always equal; the grand total to the rupee with a round-off line (rule and source: docs/schema.md). */
#ifndef MUNIM_BOOKS_INVOICE_H
#define MUNIM_BOOKS_INVOICE_H

#include "common/base/fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { INVOICE_LINES = 64 };

struct invoice_line {
    int line_no;
    char description[160];
    char hsn[9];
    int64_t quantity_um;
    int64_t price_paise; /* per metre */
    int gst_bp;          /* whole rate in hundredths of a per cent: 500 is 5 % */
    int64_t taxable_paise, cgst_paise, sgst_paise, igst_paise, total_paise;
};

struct invoice {
    char place_of_supply[3];
    bool inter_state;
    struct invoice_line lines[INVOICE_LINES];
    size_t n_lines;
    int64_t taxable_paise, cgst_paise, sgst_paise, igst_paise, round_off_paise, total_paise;
};

/* price per metre x length, half up to paise, exact for any length up to 10^12 um and price up to 10^9 paise. */
int64_t amount_of(int64_t price_paise, int64_t length_um);

/* Fills every figure of inv from lines' quantity, price and rate. -1 and a REJECT fault when a figure is negative or
 * would not fit. */
int invoice_compute(struct invoice *inv, const char *seller_state, const char *buyer_state, struct fault *f);

/* "INV/26-27/000001" (rule 46(b): at most 16 characters); -1 when it would be longer. */
int invoice_number(const char *series, const char *fy_short, int64_t no, char out[17], struct fault *f);
/* "26-27" for a date in the financial year beginning 1 April 2026. */
void financial_year(int year, int month, char out[6]);

/* "₹12,34,567.89": Indian grouping, minus before the sign. */
void rupees(int64_t paise, char out[40]);

#endif
