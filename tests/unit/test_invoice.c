/* An invoice's figures. Expected values were worked out by hand from the rule: per line half up, equal halves. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "workers/books/invoice.h"

#include <string.h>

#define M ((int64_t)1000000)

static struct invoice bill(size_t n, const struct invoice_line *lines)
{
    struct invoice inv = {.n_lines = n};
    memcpy(inv.lines, lines, n * sizeof *lines);
    return inv;
}

static struct invoice_line line(int64_t price_paise, int64_t um, int gst_bp)
{
    return (struct invoice_line){.line_no = 1, .price_paise = price_paise, .quantity_um = um, .gst_bp = gst_bp};
}

static void amounts_round_half_up(void **state)
{
    (void)state;
    assert_int_equal(amount_of(12000, 20 * M), 240000);
    assert_int_equal(amount_of(1, 500000), 1); /* half a paisa */
    assert_int_equal(amount_of(1, 499999), 0);
    assert_int_equal(amount_of(8033, 3 * 57150), 1377); /* three girah: 1377.26 */
    assert_int_equal(amount_of(1000000000, 1000000 * M), INT64_C(1000000000000000));
    assert_int_equal(amount_of(INT64_MAX, INT64_MAX), INT64_MAX); /* does not wrap */
    assert_int_equal(amount_of(-1, M), -1);
}

static void inside_the_state_tax_is_two_equal_halves(void **state)
{
    (void)state;
    struct invoice inv = bill(1, (struct invoice_line[]){line(12000, 20 * M, 500)});
    assert_int_equal(invoice_compute(&inv, "27", NULL, NULL), 0);
    assert_string_equal(inv.place_of_supply, "27");
    assert_false(inv.inter_state);
    assert_int_equal(inv.taxable_paise, 240000);
    assert_int_equal(inv.cgst_paise, 6000);
    assert_int_equal(inv.sgst_paise, 6000);
    assert_int_equal(inv.igst_paise, 0);
    assert_int_equal(inv.round_off_paise, 0);
    assert_int_equal(inv.total_paise, 252000);
}

static void one_rupee_at_five_per_cent(void **state)
{
    (void)state;
    struct invoice inv = bill(1, (struct invoice_line[]){line(100, M, 500)});
    assert_int_equal(invoice_compute(&inv, "27", "27", NULL), 0);
    assert_int_equal(inv.lines[0].cgst_paise, 3);
    assert_int_equal(inv.lines[0].sgst_paise, 3);
    assert_int_equal(inv.lines[0].total_paise, 106);
    assert_int_equal(inv.total_paise, 100);
    assert_int_equal(inv.round_off_paise, -6);
    assert_int_equal(invoice_compute(&inv, "27", "29", NULL), 0);
    assert_true(inv.inter_state);
    assert_string_equal(inv.place_of_supply, "29");
    assert_int_equal(inv.lines[0].igst_paise, 5);
    assert_int_equal(inv.lines[0].cgst_paise + inv.lines[0].sgst_paise, 0);
}

static void sums_are_sums_of_rounded_lines(void **state)
{
    (void)state;
    struct invoice inv = bill(2, (struct invoice_line[]){line(8033, 6 * M + 250000, 500), line(3001, 3 * M, 1800)});
    assert_int_equal(invoice_compute(&inv, "27", "27", NULL), 0);
    assert_int_equal(inv.lines[0].taxable_paise, 50206); /* 50206.25 */
    assert_int_equal(inv.lines[0].cgst_paise, 1255);     /* 1255.15 */
    assert_int_equal(inv.lines[1].taxable_paise, 9003);
    assert_int_equal(inv.lines[1].cgst_paise, 810); /* 810.27 */
    assert_int_equal(inv.taxable_paise, 59209);
    assert_int_equal(inv.cgst_paise, 2065);
    assert_int_equal(inv.taxable_paise + inv.cgst_paise + inv.sgst_paise + inv.round_off_paise, inv.total_paise);
    assert_int_equal(inv.total_paise, 63300); /* 633.39 */
    assert_int_equal(inv.round_off_paise, -39);
}

static void half_a_rupee_goes_up(void **state)
{
    (void)state;
    struct invoice inv = bill(1, (struct invoice_line[]){line(1050, M, 0)});
    assert_int_equal(invoice_compute(&inv, "27", "27", NULL), 0);
    assert_int_equal(inv.total_paise, 1100);
    assert_int_equal(inv.round_off_paise, 50);
}

static void refused(int64_t price, int64_t um, int bp)
{
    struct fault f = {0};
    struct invoice inv = bill(1, (struct invoice_line[]){line(price, um, bp)});
    assert_int_equal(invoice_compute(&inv, "27", "27", &f), -1);
    assert_int_equal(f.verdict, VERDICT_REJECT);
}

static void figures_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    refused(-1, M, 500);
    refused(100, -M, 500);
    refused(100, M, -1);
    refused(100, M, 10001);
    refused(1000000001, M, 500);
    refused(100, 1000000 * M + 1, 500);
    struct fault f = {0};
    struct invoice empty = {0};
    assert_int_equal(invoice_compute(&empty, "27", "27", &f), -1);
    struct invoice nowhere = bill(1, (struct invoice_line[]){line(100, M, 500)});
    assert_int_equal(invoice_compute(&nowhere, "", NULL, &f), -1);
}

static void largest_invoice_fits(void **state)
{
    (void)state;
    struct invoice_line lines[INVOICE_LINES];
    for (size_t i = 0; i < INVOICE_LINES; i++)
        lines[i] = line(1000000000, 1000000 * M, 10000);
    struct invoice inv = bill(INVOICE_LINES, lines);
    assert_int_equal(invoice_compute(&inv, "27", "29", NULL), 0);
    assert_int_equal(inv.total_paise, 64 * INT64_C(2000000000000000));
}

static void numbers(void **state)
{
    (void)state;
    char out[17];
    struct fault f = {0};
    assert_int_equal(invoice_number("INV", "26-27", 1, out, &f), 0);
    assert_string_equal(out, "INV/26-27/000001");
    assert_int_equal(invoice_number("A", "26-27", 12345678, out, &f), 0);
    assert_string_equal(out, "A/26-27/12345678");
    assert_int_equal(invoice_number("INV", "26-27", 1000000, out, &f), -1);
    assert_int_equal(invoice_number("LONG", "26-27", 1, out, &f), -1);
    assert_int_equal(invoice_number("INV", "26-27", 0, out, &f), -1);
}

static void financial_years(void **state)
{
    (void)state;
    char out[6];
    financial_year(2026, 4, out);
    assert_string_equal(out, "26-27");
    financial_year(2027, 3, out);
    assert_string_equal(out, "26-27");
    financial_year(2099, 12, out);
    assert_string_equal(out, "99-00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_round_half_up),
        cmocka_unit_test(inside_the_state_tax_is_two_equal_halves),
        cmocka_unit_test(one_rupee_at_five_per_cent),
        cmocka_unit_test(sums_are_sums_of_rounded_lines),
        cmocka_unit_test(half_a_rupee_goes_up),
        cmocka_unit_test(figures_that_do_not_fit_are_refused),
        cmocka_unit_test(largest_invoice_fits),
        cmocka_unit_test(numbers),
        cmocka_unit_test(financial_years),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
