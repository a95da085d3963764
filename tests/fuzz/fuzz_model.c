/* What a model answers, as the body of a chat completion or as the document alone: only what stands on the ground of
 * the message becomes a reading, whatever the model says. Input: a byte that chooses the message, then the bytes. */
#include "tests/fuzz/reading_check.h"

#include "workers/reading/check.h"
#include "workers/reading/model/answer.h"
#include "workers/reading/model/envelope.h"
#include "workers/reading/model/ground.h"

static struct lexicon *lexicon;
static struct shopwords *words;
static struct mask_labels *labels;
static struct personal_lists *personal;

static const char *const messages[] = {"20m blue cotton aur do-teen meter laal silk",
                                       "paid 4500 by upi ref 412345678901, bill Sharma Traders ke naam",
                                       "15 meter aur, doosra hata do, call 9812345678",
                                       "Site Green Heights 3rd floor plaster 60% done, cement 40 bags left", ""};
static const struct reading_cart_line cart[] = {
    {.n = 1, .material = "cotton", .color = "blue", .length_um = 20000000, .available_um = 5000000},
    {.n = 2, .material = "silk", .color = "red", .quantity_u = 3000000, .unit = "roll"}};
static const struct reading_option options[] = {{.n = 1, .material = "linen", .color = "white", .line = 2}};
static const struct reading_context context = {.state = "NEGOTIATING",
                                               .cart = cart,
                                               .n_cart = 2,
                                               .pending_slot = "quantity",
                                               .pending_line = 1,
                                               .options = options,
                                               .n_options = 1};

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    struct fault f = {.text = ""};
    words = reading_words(&lexicon);
    labels = mask_labels_new("schema/masks/labels.list", &f);
    personal = personal_lists_new("schema/masks/personal.list", &f);
    ENSURE(labels != NULL && personal != NULL);
    return 0;
}

/* A new line's quantity is one that the message holds. */
static void nothing_invented(const struct text_facts *facts, const struct reading *r)
{
    for (size_t i = 0; i < r->n_items; i++) {
        const struct reading_item *it = &r->items[i];
        if (it->action != ACTION_ADD)
            continue;
        ENSURE(it->quantity_u < 0 || it->relative[0] != '\0' || facts_quantity(facts, it->quantity_u));
        ENSURE(it->quantity_min_u < 0 || facts_quantity(facts, it->quantity_min_u));
        ENSURE(it->quantity_max_u < 0 || facts_quantity(facts, it->quantity_max_u));
    }
    const int64_t paise = r->fields.amount_paise;
    ENSURE(paise < 0 || facts_number(facts, paise * 10000));
}

static void read_document(const char *document, const char *message, const struct reading_context *ctx)
{
    static struct reading r;
    static struct text_facts facts;
    struct fault f = {.text = ""};
    memset(&r, 0x5a, sizeof r);
    if (answer_parse(document, &r, &f) != 0) {
        ENSURE(f.verdict == VERDICT_REJECT && f.text[0] != '\0' && r.n_items == 0);
        return;
    }
    struct masked *m = masked_new(labels, "Ravi");
    masked_personal(m, personal, words, ctx);
    free(masked_message(m, message, strlen(message)));
    char *blank = masked_blank(m, message, strlen(message));
    ENSURE(strlen(blank) == strlen(message));
    facts_of(words, blank, strlen(blank), ctx, &facts);
    if (ground_reading(words, ctx, &facts, m, &r, &f) == 0) {
        reading_holds(lexicon, &r);
        ENSURE(reading_check(words, ctx, &r, &f) == 0);
        nothing_invented(&facts, &r);
        cJSON *o = reading_to_json(&r);
        char *text = json_text(o);
        cJSON *again = json_parse(text, strlen(text), &json_limits_default, &f);
        ENSURE(again != NULL);
        cJSON_Delete(again);
        free(text);
        cJSON_Delete(o);
    } else {
        ENSURE(f.verdict == VERDICT_REJECT && f.text[0] != '\0');
    }
    free(blank);
    masked_free(&m);
}

/* Whatever a message is, masking takes whole characters of it and nothing twice. */
static void mask_message(const char *message, const struct reading_context *ctx)
{
    size_t n = strlen(message);
    struct masked *m = masked_new(labels, "Ravi Kumar");
    masked_personal(m, personal, words, ctx);
    char *seen = masked_message(m, message, n), *blank = masked_blank(m, message, n), *back = malloc(n + 1);
    ENSURE(back != NULL && strlen(blank) == n);
    if (masked_restore(m, seen, back, n + 1)) /* not when the message holds what looks like a token */
        ENSURE(strcmp(back, message) == 0);
    free(seen);
    free(blank);
    free(back);
    masked_free(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    unsigned choice = fuzz_choice(&data, &n, 2 * sizeof messages / sizeof *messages);
    const char *message = messages[choice / 2];
    const struct reading_context *ctx = choice % 2 == 0 ? NULL : &context;
    char *content;
    enum model_outcome o = envelope_content((const char *)data, n, &content);
    ENSURE((o == MODEL_ANSWERED) == (content != NULL));
    ENSURE(o == MODEL_ANSWERED || o == MODEL_REFUSED || o == MODEL_CUT || o == MODEL_MALFORMED);
    if (content != NULL) {
        ENSURE(content[0] != '\0' && strlen(content) <= MODEL_CONTENT);
        read_document(content, message, ctx);
        free(content);
    }
    char *document = fuzz_text(&data, &n);
    read_document(document, message, ctx);
    mask_message(document, ctx);
    free(document);
    return 0;
}
