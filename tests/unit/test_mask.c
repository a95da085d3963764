/* What is masked, what stays, and the check digits that decide. Run from the project's root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "workers/masking/check_digits.h"
#include "workers/masking/mask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct example {
    const char *text;
    const char *want; /* "type:span|type:span", in order */
};

static const struct example examples[] = {
    {"call 98765 43210 or +91-98765-43210", "phone:98765 43210|phone:+91-98765-43210"},
    {"mera number ९८७६५४३२१० hai", "phone:९८७६५४३२१०"},
    {"09876543210 pe batana", "phone:09876543210"},
    {"upi 9876543210@ybl, mail asha.k@gmail.com.", "upi:9876543210@ybl|email:asha.k@gmail.com"},
    {"GSTIN 27AAPFU0939F1ZV", "gstin:27AAPFU0939F1ZV"},
    {"gst no 27AAPFU0939F1ZX", "gstin:27AAPFU0939F1ZX"}, /* wrong check character, labelled */
    {"27AAPFU0939F1ZX", ""},
    {"pan AAPFU0939F", "pan:AAPFU0939F"},
    {"234123412346", "aadhaar:234123412346"},
    {"aadhaar 2345 6789 0123", "aadhaar:2345 6789 0123"},
    {"2345 6789 0123", ""},
    {"card 4111 1111 1111 1111 cvv 123", "card:4111 1111 1111 1111|cvv:123"},
    {"4111111111111112", ""},
    {"otp 482913, 5678 is your otp", "otp:482913|otp:5678"},
    {"a/c 123456789012 IFSC HDFC0001234", "bank_account:123456789012|ifsc:HDFC0001234"},
    {"utr no 412345678901", "reference:412345678901"},
    /* what a trade writes stays */
    {"20 m blue cotton at 120/m, HSN 52081100, PIN 400049", ""},
    {"lot 9876543210 invoice no INV/26-27/000123 dated 12/11/2026", ""},
    {"paid 1,25,000 on 12-11-2026, 60 120 70 300 pcs, rate 45.50", ""},
    {"35054cc24d97033afc24f49ec4444dbab81f542c555f9d30359dc75794e06bbe", ""},
    {"", ""},
};

static struct mask_labels *labels;

static int load(void **state)
{
    (void)state;
    struct fault f = {0};
    labels = mask_labels_new("schema/masks/labels.list", &f);
    return labels != NULL ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    mask_labels_free(&labels);
    return 0;
}

static void masks_and_leaves(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        const char *text = examples[i].text;
        struct mask_span *spans;
        char got[512] = "";
        size_t n = mask_find(labels, text, strlen(text), &spans), at = 0;
        for (size_t k = 0; k < n; k++)
            at += (size_t)snprintf(got + at, sizeof got - at, "%s%s:%.*s", k > 0 ? "|" : "",
                                   mask_type_name(spans[k].type), (int)spans[k].len, text + spans[k].at);
        free(spans);
        if (strcmp(got, examples[i].want) != 0)
            fail_msg("\"%s\": got \"%s\", wanted \"%s\"", text, got, examples[i].want);
    }
}

static void any_bytes_are_bounded(void **state)
{
    (void)state;
    static char text[20000];
    srand(3);
    for (int round = 0; round < 40; round++) {
        for (size_t i = 0; i < sizeof text; i++) {
            if (round % 2 == 0)
                text[i] = (char)(rand() % 256);
            else
                text[i] = "0123456789 -+@.aA"[rand() % 17];
        }
        struct mask_span *spans;
        size_t n = mask_find(labels, text, sizeof text, &spans), end = 0;
        for (size_t k = 0; k < n; k++) {
            assert_true(spans[k].at >= end && spans[k].len > 0);
            end = spans[k].at + spans[k].len;
        }
        assert_true(end <= sizeof text);
        free(spans);
    }
}

static void check_digits(void **state)
{
    (void)state;
    assert_true(luhn_ok("79927398713", 11));
    assert_false(luhn_ok("79927398710", 11));
    assert_true(verhoeff_ok("2363", 4)); /* Verhoeff's own example */
    assert_false(verhoeff_ok("2364", 4));
    assert_true(gstin_check_ok("27AAPFU0939F1ZV"));
    assert_false(gstin_check_ok("27AAPFU0939F1ZW"));
    /* every single wrong digit and every swap of neighbours is seen */
    for (const char *d = "0123456789"; *d != '\0'; d++) {
        char one[] = "234123412346";
        if (one[5] != *d) {
            one[5] = *d;
            assert_false(verhoeff_ok(one, 12));
        }
    }
    assert_false(verhoeff_ok("234123412364", 12));
}

static void bad_lists_are_refused(void **state)
{
    (void)state;
    static const char *const bad[][2] = {{"fone = mobile\n", ":1: unknown type"},
                                         {"phone = a\ncard = a\n", ":2: \"a\" is a label already"},
                                         {"phone mobile\n", ":1: a line is"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char path[] = "/tmp/test_mask_XXXXXX";
        int fd = mkstemp(path);
        FILE *out = fdopen(fd, "w");
        (void)fputs(bad[i][0], out);
        (void)fclose(out);
        struct fault f = {0};
        assert_null(mask_labels_new(path, &f));
        assert_non_null(strstr(f.text, bad[i][1]));
        (void)remove(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masks_and_leaves),
        cmocka_unit_test(any_bytes_are_bounded),
        cmocka_unit_test(check_digits),
        cmocka_unit_test(bad_lists_are_refused),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
