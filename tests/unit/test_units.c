/* Lengths are exact micrometres, whatever unit they were told in. */
#include "tests/unit/reading_fixture.h"

static void test_lengths(void **state)
{
    static const struct {
        const char *text, *unit;
        int64_t quantity_u, length_um;
    } rows[] = {
        {"20 m red silk", "m", 20000000, 20000000},
        {"20m red silk", "m", 20000000, 20000000},
        {"20 mtr red silk", "m", 20000000, 20000000},
        {"20 metres red silk", "m", 20000000, 20000000},
        {"20 मीटर red silk", "m", 20000000, 20000000},
        {"7.5 m red silk", "m", 7500000, 7500000},
        {"1 gaz red silk", "yd", 1000000, 914400},
        {"36 yards red silk", "yd", 36000000, 32918400},
        {"10 गज red silk", "yd", 10000000, 9144000},
        {"10 ft red silk", "ft", 10000000, 3048000},
        {"10 foot red silk", "ft", 10000000, 3048000},
        {"50 cm red silk", "cm", 50000000, 500000},
        {"1 girah red silk", "girah", 1000000, 57150},
        {"16 girah red silk", "girah", 16000000, 914400},
        {"3 gaz 4 girah red silk", "yd", 3250000, 2971800},
        {"2 meter 50 cm red silk", "m", 2500000, 2500000},
        {"5 feet 6 inch red silk", "ft", 5500000, 1676400},
        {"5 feet 4 inch red silk", "in", 64000000, 1625600}, /* a third of a foot is no decimal */
        {"5 roll red silk", "roll", 5000000, -1},
        {"2 thaan red silk", "thaan", 2000000, -1},
        {"2 dozen red silk", "dozen", 2000000, -1},
        {"3 dozen rolls red silk", "roll", 36000000, -1},
        {"aadha darjan roll red silk", "roll", 6000000, -1},
        {"2 kodi piece red silk", "piece", 40000000, -1},
        {"2.5 kg red silk", "kg", 2500000, -1},
        {"5 roll of 40 meter red silk", "roll", 5000000, 200000000},
        {"40 meter ke 5 roll red silk", "roll", 5000000, 200000000},
        {"red silk 20", "", 20000000, -1},
        {"red silk", "", -1, -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct reading *r = reading_of(state, rows[i].text);
        if (r->n_items != 1 || r->items[0].quantity_u != rows[i].quantity_u ||
            r->items[0].length_um != rows[i].length_um || strcmp(r->items[0].unit, rows[i].unit) != 0)
            fail_msg("\"%s\": %zu lines, %ld millionths of \"%s\", %ld um", rows[i].text, r->n_items,
                     (long)r->items[0].quantity_u, r->items[0].unit, (long)r->items[0].length_um);
    }
}

/* What measures or prices the goods is not how much of them. */
static void test_no_quantities(void **state)
{
    static const char *const texts[] = {
        "red silk 44 inch",      "red silk 44 inch panna", "red silk panna 44",
        "red silk 120 gsm",      "red silk 40s",           "red silk 60x60",
        "red silk 2x2",          "red silk lot no 45",     "red silk rs 80",
        "red silk 80 rs",        "red silk ₹80",           "red silk @ 80",
        "red silk 80/-",         "red silk 80 rs meter",   "red silk 80 rs per meter",
        "red silk 80 per meter", "red silk 9876543210",    "red silk +91 98765 43210",
        "red silk 21/11/2026",   "red silk 21-11-2026",    "red silk 5 din me",
        "red silk 10 baje",      "red silk T07",           "red silk 20%",
        "red silk 110092 pin",   "red silk pin 110092",    "red silk do",
        "red silk de do",        "लाल सिल्क ८० रुपये",        "लाल सिल्क दो",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const struct reading *r = reading_of(state, texts[i]);
        for (size_t k = 0; k < r->n_items; k++)
            if (r->items[k].quantity_u != -1 || r->items[k].quantity_min_u != -1 || r->items[k].unit[0] != '\0')
                fail_msg("\"%s\": invented %ld of \"%s\"", texts[i], (long)r->items[k].quantity_u, r->items[k].unit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lengths), cmocka_unit_test(test_no_quantities)};
    return cmocka_run_group_tests(tests, reading_setup, reading_teardown);
}
