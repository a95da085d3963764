/* Money on paper: Indian grouping, two decimals, minus before the sign. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "workers/books/invoice.h"

static void assert_rupees(int64_t paise, const char *text)
{
    char out[40];
    rupees(paise, out);
    assert_string_equal(out, text);
}

static void grouping(void **state)
{
    (void)state;
    assert_rupees(0, "₹0.00");
    assert_rupees(5, "₹0.05");
    assert_rupees(99999, "₹999.99");
    assert_rupees(100000, "₹1,000.00");
    assert_rupees(9999900, "₹99,999.00");
    assert_rupees(10000000, "₹1,00,000.00");
    assert_rupees(123456789, "₹12,34,567.89");
    assert_rupees(12345678900, "₹12,34,56,789.00");
}

static void below_zero(void **state)
{
    (void)state;
    assert_rupees(-5, "-₹0.05");
    assert_rupees(-123456789, "-₹12,34,567.89");
}

static void ends_of_the_range(void **state)
{
    (void)state;
    assert_rupees(INT64_MAX, "₹92,23,37,20,36,85,47,758.07");
    assert_rupees(INT64_MIN, "-₹92,23,37,20,36,85,47,758.08");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grouping),
        cmocka_unit_test(below_zero),
        cmocka_unit_test(ends_of_the_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
