/* Names and addresses that a message tells: what the model is shown instead, and what it is shown as it stands. */
#include "tests/unit/reading_fixture.h"

#include <stdlib.h>
#include <unistd.h>

#include "workers/reading/model/masked.h"

static struct mask_labels *labels;
static struct personal_lists *lists;

static int setup(void **state)
{
    struct fault f = {.text = ""};
    labels = mask_labels_new("schema/masks/labels.list", &f);
    lists = personal_lists_new("schema/masks/personal.list", &f);
    if (labels == NULL || lists == NULL)
        fail_msg("%s", f.text);
    return reading_setup(state);
}

static int teardown(void **state)
{
    mask_labels_free(&labels);
    personal_lists_free(&lists);
    return reading_teardown(state);
}

/* The text as the model sees it; back again it is the message, and blanked it keeps its length. */
static void seen(void **state, const struct reading_context *ctx, const char *person, const char *text,
                 const char *want)
{
    const struct reading_fixture *x = *state;
    struct masked *m = masked_new(labels, person);
    char back[1024];
    masked_personal(m, lists, x->words, ctx);
    char *got = masked_message(m, text, strlen(text)), *blank = masked_blank(m, text, strlen(text));
    assert_string_equal(got, want);
    assert_true(masked_restore(m, got, back, sizeof back));
    assert_string_equal(back, text);
    assert_int_equal(strlen(blank), strlen(text));
    free(got);
    free(blank);
    masked_free(&m);
}

static void names(void **state)
{
    static const char *const cases[][2] = {
        {"my name is Ramesh Kumar, 20m blue cotton", "my name is <name_1>, 20m blue cotton"},
        {"mera naam gulab hai 10 meter cotton bhejo", "mera naam <name_1> hai 10 meter cotton bhejo"},
        {"main suresh bol raha hoon, 20 meter neela cotton", "main <name_1> bol raha hoon, 20 meter neela cotton"},
        {"this is Ramesh from Pune, send 20 m red cotton", "this is <name_1> from Pune, send 20 m red cotton"},
        {"suresh bhai ka 10 meter lal cotton", "<name_1> ka 10 meter lal cotton"},
        {"bill Sharma Traders ke naam se, 20m blue cotton", "bill <name_1> ke naam se, 20m blue cotton"},
        {"bill in the name of Gupta Textiles, 5 m red silk", "bill in the name of <name_1>, 5 m red silk"},
        {"मेरा नाम रमेश है, 20 मीटर नीला कॉटन", "मेरा नाम <name_1> है, 20 मीटर नीला कॉटन"},
        {"रमेश जी को 20 मीटर भेज दो", "<name_1> को 20 मीटर भेज दो"},
        {"ring 9812345678 Rakesh", "ring <phone_1> <name_1>"},
        {"20 m cotton, contact Suresh 9876543210", "20 m cotton, contact <name_1> <phone_1>"},
        {"20 m blue cotton\n- Ramesh", "20 m blue cotton\n- <name_1>"},
        {"jai shri krishna, 20 m blue cotton", "jai shri krishna, 20 m blue cotton"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        seen(state, NULL, NULL, cases[i][0], cases[i][1]);
}

static void addresses(void **state)
{
    static const char *const cases[][2] = {
        {"deliver to Flat 302, Shanti Apartment, MG Road, Mumbai 400058. 20m blue cotton",
         "deliver to <address_1>, Mumbai <address_2>. 20m blue cotton"},
        {"flat no 12 sai residency ke paas 20 meter lal cotton", "<address_1> ke paas 20 meter lal cotton"},
        {"10 m red cotton to 14 lal chowk, surat", "10 m red cotton to <address_1>, surat"},
        {"mera pata hai makan no 8 gali no 3 ram nagar delhi 110053 aur 20 meter neela cotton",
         "mera pata hai <address_1> delhi <address_2> aur 20 meter neela cotton"},
        {"पता: मकान नंबर 12, गांधी नगर, 20 मीटर लाल कॉटन", "पता: <address_1>, 20 मीटर लाल कॉटन"},
        {"20 मीटर कॉटन हनुमान मंदिर के पास भेज दो", "20 मीटर कॉटन <address_1> के पास भेज दो"},
        {"Ramesh Kumar, Flat 3, Green Park, call 9812345678", "<name_1>, <address_1>, call <phone_1>"},
        {"Deliver to:\nFlat 3, Shanti Soc\nMG Road\nPune 411001\n20 m blue cotton",
         "Deliver to:\n<address_1>\nPune <address_2>\n20 m blue cotton"},
        {"20 m cotton: B-204, Sunrise Heights, Pune - 400703", "20 m cotton: <address_1>, Pune - <address_2>"},
        {"my shop is at 22 Gandhi Market. need 100 m lining", "my shop is at <address_1>. need 100 m lining"},
        {"pincode 400053 me delivery hogi", "pincode <address_1> me delivery hogi"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        seen(state, NULL, NULL, cases[i][0], cases[i][1]);
}

/* Goods, quantities, outlets, cities and what the contract's fields of a site or a lead need. */
static void what_the_reading_needs_stays(void **state)
{
    static const struct {
        const char *domain, *text;
    } cases[] = {{"", "20m blue cotton"},
                 {"", "main kal se bol raha hu 20 meter bhejo"},
                 {"", "this is urgent, 20m blue cotton"},
                 {"", "haan ji 20 meter kar do"},
                 {"", "main 20 meter neela cotton lunga"},
                 {"", "by road bhejo 20 m blue cotton"},
                 {"", "naam likh lo"},
                 {"packaging", "20 boxes deliver to Juhu"},
                 {"construction", "Site Green Heights 3rd floor slab done, block B wing 2 brickwork 50%"},
                 {"construction", "gandhi nagar site par plaster 60% hua, 4 mason 6 labour"},
                 {"services", "need interior for 3bhk flat in Baner Road Pune, budget 8 lakh"}};
    static const char *const outlets[] = {"Juhu"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct reading_context ctx = {
            .state = "", .pending_slot = "", .domain = cases[i].domain, .outlets = outlets, .n_outlets = 1};
        seen(state, &ctx, NULL, cases[i].text, cases[i].text);
    }
}

static void each_word_of_the_customers_name(void **state)
{
    seen(state, NULL, "Ramesh Chandra Joshi", "joshi wala order, Ramesh ko 20 m cotton",
         "<name_1> wala order, <name_2> ko 20 m cotton");
    seen(state, NULL, "Blue Cotton", "20 m blue silk", "20 m blue silk");
}

static void a_list_with_a_fault(void **state)
{
    (void)state;
    static const struct {
        const char *list, *why;
    } cases[] = {{"name-before = naam\nplaces = x\n", ":2: unknown kind \"places\""},
                 {"plain = a, b\nplain = b\n", ":2: \"b\" is of this kind since line 1"},
                 {"plain\n", ":1: a line is"},
                 {"plain = a .. b\n", ":1: the phrase is empty, or its gap"},
                 {"name-around = main hu\n", ":1: the phrase is empty, or its gap"},
                 {"plain = a,,b\n", ":1: the phrase is empty"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[] = "/tmp/munim-personal-XXXXXX";
        struct fault f = {.text = ""};
        int fd = mkstemp(path);
        assert_true(fd >= 0 && write(fd, cases[i].list, strlen(cases[i].list)) == (ssize_t)strlen(cases[i].list));
        (void)close(fd);
        assert_null(personal_lists_new(path, &f));
        assert_int_equal(f.verdict, VERDICT_STOP);
        if (strstr(f.text, cases[i].why) == NULL)
            fail_msg("%s, not %s", f.text, cases[i].why);
        (void)unlink(path);
    }
    struct fault f = {.text = ""};
    assert_null(personal_lists_new("/nonexistent/personal.list", &f));
    assert_int_equal(f.verdict, VERDICT_STOP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(addresses),
        cmocka_unit_test(what_the_reading_needs_stays),
        cmocka_unit_test(each_word_of_the_customers_name),
        cmocka_unit_test(a_list_with_a_fault),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
