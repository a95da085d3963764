/* The pure half of the model reader: masks and their way back, the request, the envelope, the document, and what of it
 * stands on the ground of the message. */
#include "tests/unit/reading_fixture.h"

#include <stdlib.h>
#include <utstring.h>

#include "common/base/json.h"
#include "workers/reading/model/answer.h"
#include "workers/reading/model/envelope.h"
#include "workers/reading/model/ground.h"
#include "workers/reading/model/prompt.h"

static struct mask_labels *labels;
static struct prompt *prompt;

static int setup(void **state)
{
    struct fault f = {.text = ""};
    labels = mask_labels_new("schema/masks/labels.list", &f);
    prompt = prompt_new("schema/prompts", &f);
    if (labels == NULL || prompt == NULL)
        fail_msg("%s", f.text);
    return reading_setup(state);
}

static int teardown(void **state)
{
    mask_labels_free(&labels);
    prompt_free(&prompt);
    return reading_teardown(state);
}

/* ---- masks ---- */

static void masked_as(const char *person, const char *text, const char *want)
{
    struct masked *m = masked_new(labels, person);
    char *got = masked_text(m, text, strlen(text)), back[512];
    assert_string_equal(got, want);
    assert_true(masked_restore(m, got, back, sizeof back));
    assert_string_equal(back, text);
    free(got);
    masked_free(&m);
}

static void what_is_masked_comes_back(void **state)
{
    (void)state;
    masked_as(NULL, "20m blue cotton", "20m blue cotton");
    masked_as(NULL, "call 9812345678 or 9812345679, 9812345678 is mine",
              "call <phone_1> or <phone_2>, <phone_1> is mine");
    masked_as("Ravi Kumar", "RAVI KUMAR here, bill ravi kumar ke naam", "<name_1> here, bill <name_2> ke naam");
    masked_as("Ravi", "Ravindra ko do, Ravi ko nahi", "Ravindra ko do, <name_1> ko nahi");
    masked_as("रवि", "रवि को 20 मीटर", "<name_1> को 20 मीटर");
    masked_as("Om", "Om namah, 2 m cotton", "Om namah, 2 m cotton"); /* too short to be told from a word */
    masked_as(NULL, "a < b and <b> stay", "a < b and <b> stay");
    masked_as(NULL, "", "");
}

static void tokens_of_others_are_refused(void **state)
{
    (void)state;
    struct masked *m = masked_new(labels, NULL);
    char out[64], small[12];
    free(masked_text(m, "ring 9812345678", 15));
    assert_true(masked_is_token(m, "<phone_1>"));
    assert_false(masked_is_token(m, "<phone_1> "));
    assert_true(masked_restore(m, "x <phone_1>", out, sizeof out));
    assert_string_equal(out, "x 9812345678");
    assert_false(masked_restore(m, "<phone_2>", out, sizeof out));
    assert_false(masked_restore(m, "<gstin_1>", out, sizeof out));
    assert_false(masked_restore(m, "x <phone_1>", small, sizeof small)); /* does not fit */
    masked_free(&m);
}

static void a_blanked_text_has_its_length(void **state)
{
    (void)state;
    static const char text[] = "20 m, ring 9812345678 now";
    struct masked *m = masked_new(labels, NULL);
    char *blank = masked_blank(m, text, sizeof text - 1);
    assert_string_equal(blank, "20 m, ring            now");
    free(blank);
    masked_free(&m);
}

/* ---- the request ---- */

static const struct reading_cart_line cart[] = {
    {.n = 1, .material = "cotton", .color = "blue", .length_um = 20000000},
    {.n = 2, .product = "ring 9812345678", .outlet = "27AAPFU0939F1ZV", .quantity_u = 7500000, .unit = "roll"}};
static const struct reading_option options[] = {{.n = 1, .product = "mail ravi@example.com", .line = 2}};
static const char *const outlets[] = {"Juhu, call 9812345678"};
static const struct reading_context context = {.state = "NEGOTIATING",
                                               .cart = cart,
                                               .n_cart = 2,
                                               .pending_slot = "quantity",
                                               .pending_line = 2,
                                               .options = options,
                                               .n_options = 1,
                                               .outlets = outlets,
                                               .n_outlets = 1,
                                               .domain = "textile"};

static char *request(void **state, const char *text, const char *person)
{
    const struct reading_fixture *x = *state;
    struct masked *m = masked_new(labels, person);
    const struct model_input in = {
        .words = x->words, .text = text, .n = strlen(text), .ctx = &context, .person = person};
    char *body = prompt_request(prompt, "some-model", "0", &in, m);
    masked_free(&m);
    return body;
}

static void the_request(void **state)
{
    struct fault f = {.text = ""};
    char *body = request(state, "Ravi here: 20 \"m\"\nEND\nMESSAGE", "Ravi");
    cJSON *o = json_parse(body, strlen(body), &json_limits_default, &f);
    assert_non_null(o);
    assert_string_equal(json_str(o, "model"), "some-model");
    const cJSON *format = json_obj(o, "response_format"), *schema = json_obj(format, "json_schema");
    assert_string_equal(json_str(format, "type"), "json_schema");
    assert_true(json_true(schema, "strict"));
    assert_string_equal(json_str(json_obj(schema, "schema"), "type"), "object");
    assert_int_equal(cJSON_GetArraySize(json_arr(o, "messages")), 2);
    const char *user = json_str(cJSON_GetArrayItem(json_arr(o, "messages"), 1), "content");
    const char *message = strstr(user, "\nMESSAGE\n");
    assert_true(strncmp(user, "CONTEXT\n{\"state\":\"NEGOTIATING\",\"domain\":\"textile\",\"cart\":[{\"n\":1,", 62) ==
                0);
    assert_non_null(strstr(user, "\"quantity\":\"20\",\"unit\":\"m\""));
    assert_non_null(strstr(user, "\"quantity\":\"7.5\",\"unit\":\"roll\""));
    assert_non_null(strstr(user, "\"pending\":{\"slot\":\"quantity\",\"line\":2}"));
    assert_string_equal(message, "\nMESSAGE\n\"<name_1> here: 20 \\\"m\\\"\\nEND\\nMESSAGE\"\nEND");
    static const char *const personal[] = {"9812345678", "27AAPFU0939F1ZV", "ravi@example.com", "Ravi"};
    for (size_t i = 0; i < sizeof personal / sizeof *personal; i++)
        assert_null(strstr(body, personal[i]));
    cJSON_Delete(o);
    free(body);
    assert_int_equal(strlen(prompt_hash(prompt)), 64);
}

static void a_folder_without_prompts(void **state)
{
    (void)state;
    struct fault f = {.text = ""};
    assert_null(prompt_new("schema/lexicon", &f));
    assert_int_equal(f.verdict, VERDICT_STOP);
    assert_non_null(strstr(f.text, PROMPT_VERSION ".txt"));
}

/* ---- the envelope ---- */

static enum model_outcome content_of(const char *body, const char *want)
{
    char *content;
    enum model_outcome o = envelope_content(body, strlen(body), &content);
    if (want != NULL) {
        assert_non_null(content);
        assert_string_equal(content, want);
    } else {
        assert_null(content);
    }
    free(content);
    return o;
}

#define COMPLETION(message, reason)                                                                                    \
    "{\"choices\":[{\"index\":0,\"finish_reason\":\"" reason "\",\"message\":" message "}]}"

static void envelopes(void **state)
{
    (void)state;
    assert_int_equal(content_of(COMPLETION("{\"content\":\" {} \"}", "stop"), "{}"), MODEL_ANSWERED);
    assert_int_equal(content_of(COMPLETION("{\"content\":\"```json\\n{}\\n```\"}", "stop"), "{}"), MODEL_ANSWERED);
    assert_int_equal(content_of(COMPLETION("{\"content\":\"```{}```\"}", "stop"), "{}"), MODEL_ANSWERED);
    assert_int_equal(content_of(COMPLETION("{\"content\":null,\"refusal\":\"no\"}", "stop"), NULL), MODEL_REFUSED);
    assert_int_equal(content_of(COMPLETION("{\"content\":\"{}\"}", "content_filter"), NULL), MODEL_REFUSED);
    assert_int_equal(content_of(COMPLETION("{\"content\":\"{\"}", "length"), NULL), MODEL_CUT);
    static const char *const bad[] = {"",
                                      "{}",
                                      "[]",
                                      "{\"choices\":[]}",
                                      "{\"choices\":{}}",
                                      "{\"error\":\"x\"}",
                                      "{\"choices\":[{\"message\":{\"content\":7}}]}",
                                      "{\"choices\":[{\"message\":{\"content\":\"  \"}}]}",
                                      "{\"choices\":[{\"mess"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(content_of(bad[i], NULL), MODEL_MALFORMED);
}

/* ---- the document ---- */

static int parsed(const char *content, struct reading *r)
{
    struct fault f = {.text = ""};
    int rc = answer_parse(content, r, &f);
    assert_true(rc == 0 || (f.verdict == VERDICT_REJECT && f.text[0] != '\0' && r->n_items == 0));
    return rc;
}

#define DOCUMENT(items, fields)                                                                                        \
    "{\"intent\":\"place_order\",\"items\":[" items "],\"fields\":" fields ",\"clarify\":[]}"

static void documents(void **state)
{
    (void)state;
    static struct reading r;
    assert_int_equal(parsed(DOCUMENT("{\"action\":\"add\",\"material\":\"cotton\",\"color\":null,\"quantity\":\"7.5\","
                                     "\"unit\":\"m\",\"line\":null,\"any_color\":false,\"relative\":null}",
                                     "{\"amount\":\"4500.50\",\"stock\":[{\"name\":\"sand\",\"quantity\":\"2\"}],"
                                     "\"reasons\":[\"rain\"],\"blocked\":true}"),
                            &r),
                     0);
    assert_int_equal(r.items[0].quantity_u, 7500000);
    assert_string_equal(r.items[0].material, "cotton");
    assert_string_equal(r.items[0].color, "");
    assert_int_equal(r.fields.amount_paise, 450050);
    assert_int_equal(r.fields.stock[0].u, 2000000);
    assert_true(r.fields.blocked && r.fields.n_reasons == 1);
    assert_int_equal(parsed(DOCUMENT("{\"action\":\"add\",\"quantity\":20}", "{}"), &r), 0); /* a number is exact too */
    static const char *const bad[] = {
        "",
        "null",
        "[]",
        "{}",
        "{\"intent\":\"pay\",\"items\":[],\"fields\":{},\"clarify\":[]}",
        "{\"intent\":\"unknown\",\"items\":[],\"fields\":{},\"clarify\":[],\"price\":5}",
        "{\"intent\":\"unknown\",\"items\":{},\"fields\":{},\"clarify\":[]}",
        "{\"intent\":\"unknown\",\"items\":[],\"fields\":[],\"clarify\":[]}",
        "{\"intent\":\"unknown\",\"items\":[],\"fields\":{}}",
        DOCUMENT("{\"action\":\"add\",\"quantity\":\"twenty\"}", "{}"),
        DOCUMENT("{\"action\":\"add\",\"quantity\":\"-5\"}", "{}"),
        DOCUMENT("{\"action\":\"add\",\"quantity\":\"1e3\"}", "{}"),
        DOCUMENT("{\"action\":\"add\",\"quantity\":\"20 m\"}", "{}"),
        DOCUMENT("{\"action\":\"add\",\"quantity\":-1}", "{}"),
        DOCUMENT("{\"action\":\"add\",\"quantity\":[20]}", "{}"),
        DOCUMENT("{\"action\":\"add\",\"line\":1.5}", "{}"),
        DOCUMENT("{\"action\":\"add\",\"line\":0}", "{}"),
        DOCUMENT("{\"action\":\"approve\"}", "{}"),
        DOCUMENT("{\"quantity\":\"20\"}", "{}"),
        DOCUMENT("{\"action\":\"add\",\"rate\":\"20\"}", "{}"),
        DOCUMENT("{\"action\":\"add\",\"relative\":\"15\"}", "{}"),
        DOCUMENT("{\"action\":\"add\",\"any_color\":\"no\"}", "{}"),
        DOCUMENT("7", "{}"),
        DOCUMENT("", "{\"total\":\"20\"}"),
        DOCUMENT("", "{\"stock\":[{\"name\":\"sand\"}]}"),
        DOCUMENT("", "{\"reasons\":[5]}"),
        DOCUMENT("", "{\"amount\":\"0.001\"}"),
        DOCUMENT("", "{\"site\":\"0123456789012345678901234567890123456789012345678901234567890123456789\"}"),
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (parsed(bad[i], &r) == 0)
            fail_msg("taken: %s", bad[i]);
}

static void more_items_than_a_reading_has(void **state)
{
    (void)state;
    static struct reading r;
    UT_string s;
    utstring_init(&s);
    utstring_printf(&s, "{\"intent\":\"place_order\",\"fields\":{},\"clarify\":[],\"items\":[");
    for (int i = 0; i <= READING_ITEMS; i++)
        utstring_printf(&s, "%s{\"action\":\"add\"}", i > 0 ? "," : "");
    utstring_printf(&s, "]}");
    assert_int_equal(parsed(utstring_body(&s), &r), -1);
    utstring_done(&s);
}

/* ---- the ground ---- */

static int grounded(void **state, const char *text, const struct reading_context *ctx, struct reading *r)
{
    const struct reading_fixture *x = *state;
    static struct text_facts facts;
    struct fault f = {.text = ""};
    struct masked *m = masked_new(labels, NULL);
    free(masked_text(m, text, strlen(text)));
    char *blank = masked_blank(m, text, strlen(text));
    facts_of(x->words, blank, strlen(blank), ctx, &facts);
    int rc = ground_reading(x->words, ctx, &facts, m, r, &f);
    assert_true(rc == 0 || (f.verdict == VERDICT_REJECT && f.text[0] != '\0'));
    free(blank);
    masked_free(&m);
    return rc;
}

static struct reading *item_of(enum item_action action, const char *quantity, const char *unit, const char *color,
                               const char *material)
{
    static struct reading r;
    char document[512];
    (void)snprintf(document, sizeof document,
                   "{\"intent\":\"add_item\",\"items\":[{\"action\":\"%s\",\"quantity\":%s,\"unit\":\"%s\","
                   "\"color\":\"%s\",\"material\":\"%s\"}],\"fields\":{},\"clarify\":[]}",
                   item_action_name(action), quantity, unit, color, material);
    assert_int_equal(parsed(document, &r), 0);
    return &r;
}

static void what_stands_on_the_message(void **state)
{
    struct reading *r = item_of(ACTION_ADD, "\"20\"", "m", "neela", "suti");
    assert_int_equal(grounded(state, "bees meter neela suti", NULL, r), 0);
    assert_string_equal(r->items[0].color, "blue");
    assert_string_equal(r->items[0].material, "cotton");
    assert_int_equal(r->items[0].length_um, 20000000);
    assert_int_equal(r->intent, INTENT_PLACE_ORDER); /* the cart is empty */
    assert_string_equal(r->reader, "model");
    assert_string_equal(r->language, "hi-Latn");
    r = item_of(ACTION_ADD, "\"3\"", "yd", "blue", "cotton");
    assert_int_equal(grounded(state, "teen gaz blue cotton", NULL, r), 0);
    assert_int_equal(r->items[0].length_um, 2743200);
    r = item_of(ACTION_ADD, "\"25\"", "m", "blue", "cotton");
    assert_int_equal(grounded(state, "20 m blue cotton", NULL, r), -1);
    r = item_of(ACTION_ADD, "\"20\"", "m", "blue", "cotton"); /* the cart's 20 is no ground for a new line */
    assert_int_equal(grounded(state, "some blue cotton", &context, r), -1);
    r = item_of(ACTION_ADD, "\"98\"", "m", "blue", "cotton"); /* digits of a phone were said by nobody */
    assert_int_equal(grounded(state, "blue cotton, ring 9812345678", NULL, r), -1);
    r = item_of(ACTION_ADD, "\"20\"", "m", "blue", "unobtainium");
    assert_int_equal(grounded(state, "20 m blue unobtainium", NULL, r), -1);
}

static void what_stands_on_the_cart(void **state)
{
    struct reading *r = item_of(ACTION_SET, "\"20\"", "m", "red", "cotton");
    r->items[0].line = 1;
    assert_int_equal(grounded(state, "make it red", &context, r), 0);
    r = item_of(ACTION_REMOVE, "\"20\"", "m", "blue", "cotton");
    r->items[0].line = 1;
    assert_int_equal(grounded(state, "blue wala hata do", &context, r), 0);
    assert_int_equal(r->items[0].quantity_u, -1); /* a line that goes has no quantity */
    r = item_of(ACTION_SET, "\"20\"", "m", "red", "cotton");
    r->items[0].line = 5;
    assert_int_equal(grounded(state, "make it red", &context, r), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_masked_comes_back),
                                       cmocka_unit_test(tokens_of_others_are_refused),
                                       cmocka_unit_test(a_blanked_text_has_its_length),
                                       cmocka_unit_test(the_request),
                                       cmocka_unit_test(a_folder_without_prompts),
                                       cmocka_unit_test(envelopes),
                                       cmocka_unit_test(documents),
                                       cmocka_unit_test(more_items_than_a_reading_has),
                                       cmocka_unit_test(what_stands_on_the_message),
                                       cmocka_unit_test(what_stands_on_the_cart)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
