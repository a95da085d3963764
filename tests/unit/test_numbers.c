/* Numbers in words: English, Devanagari and Latin Hindi. The spellings here are written apart from the word lists. */
#include "tests/unit/reading_fixture.h"

static const char *const hindi[100] = {
    "शून्य",   "एक",      "दो",     "तीन",    "चार",     "पाँच",    "छह",      "सात",    "आठ",      "नौ",
    "दस",    "ग्यारह",   "बारह",   "तेरह",    "चौदह",    "पंद्रह",   "सोलह",    "सत्रह",   "अठारह",   "उन्नीस",
    "बीस",   "इक्कीस",   "बाईस",   "तेईस",    "चौबीस",   "पच्चीस",  "छब्बीस",   "सत्ताईस", "अट्ठाईस",  "उनतीस",
    "तीस",   "इकतीस",   "बत्तीस",  "तैंतीस",   "चौंतीस",   "पैंतीस",   "छत्तीस",   "सैंतीस",   "अड़तीस",   "उनतालीस",
    "चालीस", "इकतालीस", "बयालीस", "तैंतालीस", "चौवालीस", "पैंतालीस", "छियालीस", "सैंतालीस", "अड़तालीस", "उनचास",
    "पचास",  "इक्यावन",  "बावन",   "तिरपन",  "चौवन",    "पचपन",   "छप्पन",    "सत्तावन", "अट्ठावन",  "उनसठ",
    "साठ",   "इकसठ",    "बासठ",   "तिरसठ",  "चौंसठ",    "पैंसठ",    "छियासठ",  "सड़सठ",   "अड़सठ",    "उनहत्तर",
    "सत्तर",  "इकहत्तर",  "बहत्तर",  "तिहत्तर", "चौहत्तर",  "पचहत्तर", "छिहत्तर",  "सतहत्तर", "अठहत्तर",  "उनासी",
    "अस्सी",  "इक्यासी",  "बयासी",  "तिरासी", "चौरासी",  "पचासी",  "छियासी",  "सत्तासी", "अट्ठासी",  "नवासी",
    "नब्बे",   "इक्यानवे",  "बानवे",   "तिरानवे", "चौरानवे",  "पचानवे",  "छियानवे",  "सत्तानवे", "अट्ठानवे",  "निन्यानवे",
};

static const char *const latin[100] = {
    "shunya",    "ek",       "do",         "teen",       "chaar",      "paanch",     "chhah",      "saat",
    "aath",      "nau",      "das",        "gyarah",     "barah",      "terah",      "chaudah",    "pandrah",
    "solah",     "satrah",   "atharah",    "unnees",     "bees",       "ikkees",     "baees",      "teis",
    "chaubees",  "pachees",  "chhabbees",  "sattaees",   "atthaees",   "untees",     "tees",       "iktees",
    "battees",   "taintees", "chauntees",  "paintees",   "chhattees",  "saintees",   "adtees",     "untalees",
    "chalees",   "iktalees", "bayalees",   "taintalees", "chauvalees", "paintalees", "chhiyalees", "saintalees",
    "adtalees",  "unchaas",  "pachaas",    "ikyavan",    "baavan",     "tirpan",     "chauvan",    "pachpan",
    "chhappan",  "sattavan", "atthavan",   "unsath",     "saath",      "iksath",     "basath",     "tirsath",
    "chaunsath", "painsath", "chhiyasath", "sadsath",    "adsath",     "unhattar",   "sattar",     "ikhattar",
    "bahattar",  "tihattar", "chauhattar", "pachhattar", "chhihattar", "satahattar", "athahattar", "unasi",
    "assi",      "ikyasi",   "bayasi",     "tirasi",     "chaurasi",   "pachasi",    "chhiyasi",   "sattasi",
    "atthasi",   "navasi",   "nabbe",      "ikyanve",    "banve",      "tiranve",    "chauranve",  "pachanve",
    "chhiyanve", "sattanve", "atthanve",   "ninyanve",
};

/* The way English spells a number below ten thousand. */
static void english(int n, char *out, size_t room)
{
    static const char *const ones[] = {"zero",     "one",     "two",     "three",     "four",     "five",    "six",
                                       "seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",  "thirteen",
                                       "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
    static const char *const tens[] = {"",      "",      "twenty",  "thirty", "forty",
                                       "fifty", "sixty", "seventy", "eighty", "ninety"};
    size_t used = 0;
    out[0] = '\0';
    if (n >= 1000)
        used += (size_t)snprintf(out + used, room - used, "%s thousand ", ones[n / 1000]);
    if (n % 1000 >= 100)
        used +=
            (size_t)snprintf(out + used, room - used, "%s hundred %s", ones[n % 1000 / 100], n % 100 > 0 ? "and " : "");
    int rest = n % 100;
    if (rest >= 20)
        (void)snprintf(out + used, room - used, "%s%s%s", tens[rest / 10], rest % 10 > 0 ? "-" : "",
                       rest % 10 > 0 ? ones[rest % 10] : "");
    else if (rest > 0 || n == 0)
        (void)snprintf(out + used, room - used, "%s", ones[rest]);
}

static void hindi_spelling(int n, const char *const small[100], const char *thousand, const char *hundred, char *out,
                           size_t room)
{
    size_t used = 0;
    out[0] = '\0';
    if (n >= 1000)
        used += (size_t)snprintf(out + used, room - used, "%s %s ", small[n / 1000], thousand);
    if (n % 1000 >= 100)
        used += (size_t)snprintf(out + used, room - used, "%s %s ", small[n % 1000 / 100], hundred);
    if (n % 100 > 0 || n == 0)
        (void)snprintf(out + used, room - used, "%s", small[n % 100]);
}

static void expect(void **state, const char *number, const char *unit, int64_t want_u)
{
    char text[256];
    (void)snprintf(text, sizeof text, "%s %s red silk", number, unit);
    int64_t got_u = quantity_of(state, text);
    if (got_u != want_u)
        fail_msg("\"%s\" reads as %ld millionths", text, (long)got_u);
}

static void test_every_cardinal(void **state)
{
    char text[200];
    for (int n = 0; n < 10000; n++) {
        english(n, text, sizeof text);
        expect(state, text, "meters", (int64_t)n * 1000000);
        hindi_spelling(n, hindi, "हज़ार", "सौ", text, sizeof text);
        expect(state, text, "मीटर", (int64_t)n * 1000000);
        hindi_spelling(n, latin, "hazaar", "sau", text, sizeof text);
        expect(state, text, "meter", (int64_t)n * 1000000);
    }
    expect(state, "sau", "meter", 100000000);
    expect(state, "सौ", "मीटर", 100000000);
    expect(state, "one hundred", "meters", 100000000);
}

static void test_round(void **state)
{
    char text[100];
    for (int n = 1; n < 100; n++) {
        (void)snprintf(text, sizeof text, "%s lakh", latin[n]);
        expect(state, text, "meter", (int64_t)n * 100000 * 1000000);
        (void)snprintf(text, sizeof text, "%s करोड़", hindi[n]);
        expect(state, text, "मीटर", (int64_t)n * 10000000 * 1000000);
        (void)snprintf(text, sizeof text, "%s sau", latin[n]);
        expect(state, text, "meter", (int64_t)n * 100 * 1000000);
        (void)snprintf(text, sizeof text, "%d hazaar", n);
        expect(state, text, "meter", (int64_t)n * 1000 * 1000000);
    }
}

static void test_fractions(void **state)
{
    static const struct {
        const char *text;
        int64_t u;
    } rows[] = {
        {"sava", 1250000},
        {"dedh", 1500000},
        {"dhai", 2500000},
        {"aadha", 500000},
        {"paav", 250000},
        {"pauna", 750000},
        {"sava do", 2250000},
        {"paune do", 1750000},
        {"sadhe teen", 3500000},
        {"sadhe 3", 3500000},
        {"sava sau", 125000000},
        {"dedh sau", 150000000},
        {"dhai sau", 250000000},
        {"paune sau", 75000000},
        {"paune do sau", 175000000},
        {"sava do sau", 225000000},
        {"sadhe teen sau", 350000000},
        {"sava hazaar", 1250000000},
        {"dedh hazaar", 1500000000},
        {"dhai hazaar", 2500000000},
        {"paune teen hazaar", 2750000000},
        {"sadhe teen hazaar", 3500000000},
        {"dedh lakh", 150000000000},
        {"dhai lakh", 250000000000},
        {"paune paanch lakh", 475000000000},
        {"sadhe paanch lakh", 550000000000},
        {"aadha lakh", 50000000000},
        {"dhai crore", 25000000000000},
        {"सवा", 1250000},
        {"डेढ़", 1500000},
        {"ढाई", 2500000},
        {"ढाई सौ", 250000000},
        {"साढ़े तीन हज़ार", 3500000000},
        {"पौने दो", 1750000},
        {"आधा", 500000},
        {"पाव", 250000},
        {"half", 500000},
        {"half a", 500000},
        {"two and a half", 2500000},
        {"one and half", 1500000},
        {"2 and a half", 2500000},
        {"2½", 2500000},
        {"½", 500000},
        {"2 1/2", 2500000},
        {"3/4", 750000},
        {"7.5", 7500000},
        {"0.25", 250000},
        {"७.५", 7500000},
        {"२०", 20000000},
        {"1,250", 1250000000},
        {"1,25,000", 125000000000},
        {"2 lakh", 200000000000},
        {"1.5 lakh", 150000000000},
        {"5k", 5000000000},
        {"2 hazaar 500", 2500000000},
        {"pandrah sau", 1500000000},
        {"pandrah sau pachaas", 1550000000},
        {"ek lakh bees hazaar", 120000000000},
        {"a hundred", 100000000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect(state, rows[i].text, "meter", rows[i].u);
}

static void test_ranges(void **state)
{
    static const struct {
        const char *text;
        int64_t min_u, max_u;
    } rows[] = {
        {"do-teen", 2000000, 3000000},          {"do teen", 2000000, 3000000},    {"das-barah", 10000000, 12000000},
        {"10-12", 10000000, 12000000},          {"10 - 12", 10000000, 12000000},  {"10 se 12", 10000000, 12000000},
        {"10 to 12", 10000000, 12000000},       {"10 ya 12", 10000000, 12000000}, {"do-teen sau", 200000000, 300000000},
        {"sau-dedh sau", 100000000, 150000000}, {"दो-तीन", 2000000, 3000000},     {"das-ek", -1, -1},
    };
    char text[100];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        (void)snprintf(text, sizeof text, "%s meter red silk", rows[i].text);
        const struct reading *r = reading_of(state, text);
        assert_int_equal(r->n_items, 1);
        assert_int_equal(r->items[0].quantity_u, -1);
        assert_int_equal(r->items[0].quantity_min_u, rows[i].min_u);
        assert_int_equal(r->items[0].quantity_max_u, rows[i].max_u);
        assert_int_equal(r->n_clarify, 1);
        assert_string_equal(r->clarify[0], "quantity");
    }
}

/* Words that are numbers and something else too; no slip of a number word is ever mended into another number. */
static void test_homographs(void **state)
{
    static const struct {
        const char *text;
        int64_t u;
    } rows[] = {
        {"do meter red silk", 2000000},
        {"red silk do", -1},
        {"red silk de do", -1},
        {"red silk do meter do", 2000000},
        {"saath meter red silk", 60000000},
        {"saat meter red silk", 7000000},
        {"das meter red silk", 10000000},
        {"das ji red silk bhejo", -1},
        {"ek red silk", -1},
        {"red silk ek meter", 1000000},
        {"satrah meter red silk", 17000000},
        {"sattar meter red silk", 70000000},
        {"pachos meter red silk", -1},
        {"twnty meter red silk", -1},
        {"baees meter red silk", 22000000},
        {"so red silk", -1},
        {"do so meter red silk", 200000000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t u = quantity_of(state, rows[i].text);
        if (u != rows[i].u)
            fail_msg("\"%s\" reads as %ld millionths", rows[i].text, (long)u);
    }
}

/* Beyond what fits, a number is not cut but left unread. */
static void test_large(void **state)
{
    expect(state, "9000000000000", "meter", -1);
    expect(state, "99999999999999999999", "meter", -1);
    expect(state, "lakh lakh lakh", "meter", -1);
    expect(state, "10 crore", "meter", INT64_C(100000000000000));
    expect(state, "0.0000001", "meter", -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_cardinal), cmocka_unit_test(test_round),      cmocka_unit_test(test_fractions),
        cmocka_unit_test(test_ranges),         cmocka_unit_test(test_homographs), cmocka_unit_test(test_large),
    };
    return cmocka_run_group_tests(tests, reading_setup, reading_teardown);
}
