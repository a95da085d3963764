#include "workers/books/invoice.h"

#include <stdio.h>
#include <string.h>

static const int64_t UM_PER_M = 1000000;
static const int64_t MOST_PRICE_PAISE = 1000000000;  /* per metre */
static const int64_t MOST_LENGTH_UM = 1000000000000; /* of one line */
static const int MOST_RATE_BP = 10000;

/* a x b / by, half up, for figures of 0 and more; the product of two 64-bit figures fits 128 bits. */
static int64_t share(int64_t a, int64_t b, int64_t by)
{
    unsigned __int128 product = (unsigned __int128)a * (unsigned __int128)b;
    unsigned __int128 rounded = (product + (unsigned __int128)by / 2) / (unsigned __int128)by;
    return rounded > INT64_MAX ? INT64_MAX : (int64_t)rounded;
}

int64_t amount_of(int64_t price_paise, int64_t length_um)
{
    if (price_paise < 0 || length_um < 0)
        return -1;
    return share(price_paise, length_um, UM_PER_M);
}

static int line_check(const struct invoice_line *l, struct fault *f)
{
    if (l->quantity_um < 0 || l->price_paise < 0 || l->gst_bp < 0)
        return fault_set(f, VERDICT_REJECT, "invoice line %d has a negative figure", l->line_no);
    if (l->quantity_um > MOST_LENGTH_UM || l->price_paise > MOST_PRICE_PAISE || l->gst_bp > MOST_RATE_BP)
        return fault_set(f, VERDICT_REJECT, "invoice line %d is larger than a bill can hold", l->line_no);
    return 0;
}

static void line_compute(struct invoice_line *l, bool inter_state)
{
    l->taxable_paise = amount_of(l->price_paise, l->quantity_um);
    l->cgst_paise = l->sgst_paise = l->igst_paise = 0;
    if (inter_state)
        l->igst_paise = share(l->taxable_paise, l->gst_bp, 10000);
    else
        l->cgst_paise = l->sgst_paise = share(l->taxable_paise, l->gst_bp, 20000);
    l->total_paise = l->taxable_paise + l->cgst_paise + l->sgst_paise + l->igst_paise;
}

int invoice_compute(struct invoice *inv, const char *seller_state, const char *buyer_state, struct fault *f)
{
    if (inv->n_lines == 0 || inv->n_lines > INVOICE_LINES)
        return fault_set(f, VERDICT_REJECT, "an invoice has 1 to %d lines, not %zu", INVOICE_LINES, inv->n_lines);
    const char *supply = buyer_state != NULL && buyer_state[0] != '\0' ? buyer_state : seller_state;
    if (strlen(supply) != 2 || strlen(seller_state) != 2)
        return fault_set(f, VERDICT_REJECT, "a State code has two digits: set the shop's State");
    (void)snprintf(inv->place_of_supply, sizeof inv->place_of_supply, "%s", supply);
    inv->inter_state = strcmp(supply, seller_state) != 0;
    inv->taxable_paise = inv->cgst_paise = inv->sgst_paise = inv->igst_paise = 0;
    for (size_t i = 0; i < inv->n_lines; i++) {
        struct invoice_line *l = &inv->lines[i];
        if (line_check(l, f) != 0)
            return -1;
        line_compute(l, inv->inter_state);
        inv->taxable_paise += l->taxable_paise;
        inv->cgst_paise += l->cgst_paise;
        inv->sgst_paise += l->sgst_paise;
        inv->igst_paise += l->igst_paise;
    }
    int64_t exact = inv->taxable_paise + inv->cgst_paise + inv->sgst_paise + inv->igst_paise;
    inv->total_paise = (exact + 50) / 100 * 100;
    inv->round_off_paise = inv->total_paise - exact;
    return 0;
}

int invoice_number(const char *series, const char *fy_short, int64_t no, char out[17], struct fault *f)
{
    if (no <= 0)
        return fault_set(f, VERDICT_REJECT, "invoice numbers begin at 1");
    int n = snprintf(out, 17, "%s/%s/%06lld", series, fy_short, (long long)no);
    if (n < 0 || n > 16)
        return fault_set(f, VERDICT_REJECT, "an invoice number has at most 16 characters: shorten the series \"%.16s\"",
                         series);
    return 0;
}

void financial_year(int year, int month, char out[6])
{
    int first = month >= 4 ? year : year - 1;
    out[0] = (char)('0' + first / 10 % 10);
    out[1] = (char)('0' + first % 10);
    out[2] = '-';
    out[3] = (char)('0' + (first + 1) / 10 % 10);
    out[4] = (char)('0' + (first + 1) % 10);
    out[5] = '\0';
}

void rupees(int64_t paise, char out[40])
{
    uint64_t amount = paise < 0 ? 0 - (uint64_t)paise : (uint64_t)paise;
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%llu", (unsigned long long)(amount / 100));
    int at = snprintf(out, 40, "%s₹", paise < 0 ? "-" : "");
    for (int i = 0; i < n; i++) {
        int left = n - i; /* digits from here on: a comma stands before the last three and before each two above */
        if (i > 0 && left >= 3 && left % 2 == 1)
            out[at++] = ',';
        out[at++] = digits[i];
    }
    (void)snprintf(out + at, (size_t)(40 - at), ".%02llu", (unsigned long long)(amount % 100));
}
