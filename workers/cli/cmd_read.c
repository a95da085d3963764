#include "workers/cli/cmd_read.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "workers/cli/read_eval.h"
#include "workers/reading/catalogue_file.h"
#include "workers/reading/reader.h"
#include "workers/reading/reading_json.h"

enum { EXIT_OK = 0, EXIT_ERROR = 1, EXIT_WRONG_USE = 2, EXIT_BAD_DATA = 65 };

static const char usage[] =
    "usage: munim read [--catalogue FILE] [--reader words] [--state STATE] [--context FILE] < lines\n"
    "       munim read [--catalogue FILE] --eval FILE [--differences]\n"
    "Each line is {\"id\",\"state\",\"domain\",\"text\",\"context\"}; munim-read(1) tells the rest.\n";

/* The options, and what they name once it is loaded. */
struct job {
    const char *catalogue, *state, *context, *eval;
    bool differences;
    struct catalogue_file *goods;
    cJSON *default_context;
    struct lexicon *lexicon;
    struct shopwords *words;
};

static int options(struct job *j, int argc, char **argv)
{
    static const struct option names[] = {{"catalogue", required_argument, NULL, 'c'},
                                          {"reader", required_argument, NULL, 'r'},
                                          {"state", required_argument, NULL, 's'},
                                          {"context", required_argument, NULL, 'x'},
                                          {"eval", required_argument, NULL, 'e'},
                                          {"differences", no_argument, NULL, 'd'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int o;
    optind = 1;
    while ((o = getopt_long(argc, argv, "h", names, NULL)) != -1) {
        if (o == 'c')
            j->catalogue = optarg;
        else if (o == 's')
            j->state = optarg;
        else if (o == 'x')
            j->context = optarg;
        else if (o == 'e')
            j->eval = optarg;
        else if (o == 'd')
            j->differences = true;
        else if (o == 'r' && strcmp(optarg, "words") == 0)
            continue;
        else if (o == 'r') {
            (void)fprintf(stderr, "munim read: this build has the reader \"words\" only, not \"%s\"\n", optarg);
            return EXIT_WRONG_USE;
        } else {
            (void)fputs(usage, stderr);
            return EXIT_WRONG_USE;
        }
    }
    if (optind < argc) {
        (void)fputs(usage, stderr);
        return EXIT_WRONG_USE;
    }
    return EXIT_OK;
}

static int complain(const struct fault *f, int status)
{
    (void)fprintf(stderr, "munim read: %s\n", f->text);
    return status;
}

static int load_catalogue(struct job *j)
{
    struct fault f;
    FILE *in = fopen(j->catalogue, "re");
    if (in == NULL) {
        (void)fault_set(&f, VERDICT_REJECT, "cannot read %.150s: %s", j->catalogue, strerror(errno));
        return complain(&f, EXIT_ERROR);
    }
    j->goods = catalogue_file_new(in, j->catalogue, &f);
    (void)fclose(in);
    return j->goods != NULL ? EXIT_OK : complain(&f, EXIT_BAD_DATA);
}

static int load_context(struct job *j)
{
    struct fault f;
    char *text = NULL;
    size_t room = 0;
    FILE *in = fopen(j->context, "re");
    if (in == NULL) {
        (void)fault_set(&f, VERDICT_REJECT, "cannot read %.150s: %s", j->context, strerror(errno));
        return complain(&f, EXIT_ERROR);
    }
    ssize_t n = getdelim(&text, &room, '\0', in);
    (void)fclose(in);
    struct fault why = {.text = "it is empty"};
    j->default_context = n > 0 ? json_parse(text, (size_t)n, &json_limits_default, &why) : NULL;
    free(text);
    if (cJSON_IsObject(j->default_context))
        return EXIT_OK;
    (void)fault_set(&f, VERDICT_REJECT, "%.100s is no JSON object: %.120s", j->context, why.text);
    return complain(&f, EXIT_BAD_DATA);
}

static int load(struct job *j)
{
    static const struct catalogue_file none;
    char dir[PATH_MAX];
    struct fault f;
    int status = EXIT_OK;
    if (j->catalogue != NULL)
        status = load_catalogue(j);
    if (status == EXIT_OK && j->context != NULL)
        status = load_context(j);
    if (status != EXIT_OK)
        return status;
    if (lexicon_dir(dir, sizeof dir, &f) != 0 || (j->lexicon = lexicon_new(dir, &f)) == NULL)
        return complain(&f, EXIT_ERROR);
    const struct catalogue_file *c = j->goods != NULL ? j->goods : &none;
    j->words = shopwords_new(j->lexicon, c->entries, c->n_entries, c->words, c->n_words);
    return EXIT_OK;
}

static void unload(struct job *j)
{
    shopwords_free(&j->words);
    lexicon_free(&j->lexicon);
    catalogue_file_free(&j->goods);
    cJSON_Delete(j->default_context);
}

/* The answer to one line that is a JSON object. */
static cJSON *answer(const struct job *j, const cJSON *line)
{
    const char *text = json_str(line, "text"), *state = json_str(line, "state");
    const cJSON *context = json_obj(line, "context");
    static struct reading r;
    static struct context_json ctx;
    struct fault f = {.text = "the line has no text"};
    cJSON *out = NULL;
    state = state != NULL ? state : j->state != NULL ? j->state : "";
    context = context != NULL ? context : j->default_context;
    if (text != NULL && context_from_json(&ctx, context, state, &f) == 0) {
        ctx.ctx.domain = json_str(line, "domain");
        read_words(j->words, text, strlen(text), &ctx.ctx, &r);
        out = reading_to_json(&r);
    } else {
        out = cJSON_CreateObject();
        if (out == NULL)
            abort();
        json_put_str(out, "error", f.text);
    }
    return out;
}

/* Puts the line's id, whatever it is, first. */
static void put_answer(FILE *to, cJSON *out, const cJSON *line)
{
    const cJSON *id = line != NULL ? json_get(line, "id") : NULL;
    cJSON *copy = id != NULL ? cJSON_Duplicate(id, 1) : cJSON_CreateNull();
    cJSON *whole = cJSON_CreateObject();
    if (copy == NULL || whole == NULL || !cJSON_AddItemToObject(whole, "id", copy))
        abort();
    whole->child->next = out->child;
    if (out->child != NULL) {
        whole->child->prev = out->child->prev;
        out->child->prev = whole->child;
    }
    out->child = NULL;
    cJSON_Delete(out);
    char *text = json_text(whole);
    (void)fprintf(to, "%s\n", text);
    free(text);
    cJSON_Delete(whole);
}

static int each_line(const struct job *j, FILE *in, FILE *to)
{
    char *text = NULL;
    size_t room = 0;
    ssize_t n;
    int status = EXIT_OK;
    while ((n = getline(&text, &room, in)) >= 0) {
        struct fault f = {.text = "the line is JSON but no object"};
        size_t len = (size_t)n - (n > 0 && text[n - 1] == '\n' ? 1 : 0);
        cJSON *line = json_parse(text, len, &json_limits_default, &f), *out;
        bool good = cJSON_IsObject(line);
        if (good) {
            out = answer(j, line);
        } else {
            out = cJSON_CreateObject();
            if (out == NULL)
                abort();
            json_put_str(out, "error", f.text);
            status = EXIT_BAD_DATA;
        }
        put_answer(to, out, good ? line : NULL);
        cJSON_Delete(line);
    }
    free(text);
    return fflush(to) == 0 && !ferror(in) ? status : EXIT_ERROR;
}

/* One line of a file with expectations. */
static void eval_line(const struct job *j, struct read_eval *e, const cJSON *line, FILE *to)
{
    cJSON *raw = answer(j, line);
    char *text = json_text(raw); /* numbers are raw until printed */
    cJSON *got = cJSON_Parse(text);
    if (!read_eval_add(e, line, got) && j->differences) {
        char *want = cJSON_PrintUnformatted(json_obj(line, "expect"));
        const char *said = json_str(line, "text");
        (void)fprintf(to, "%s\n  want %s\n  got  %s\n", said != NULL ? said : "", want != NULL ? want : "nothing",
                      text);
        cJSON_free(want);
    }
    cJSON_Delete(got);
    cJSON_Delete(raw);
    free(text);
}

static int eval_file(const struct job *j, FILE *to)
{
    char *text = NULL;
    size_t room = 0;
    ssize_t n;
    struct fault f;
    int status = EXIT_OK;
    unsigned long at = 0;
    FILE *in = fopen(j->eval, "re");
    if (in == NULL) {
        (void)fault_set(&f, VERDICT_REJECT, "cannot read %.150s: %s", j->eval, strerror(errno));
        return complain(&f, EXIT_ERROR);
    }
    struct read_eval *e = read_eval_new();
    while ((n = getline(&text, &room, in)) >= 0) {
        at++;
        cJSON *line = json_parse(text, (size_t)n, &json_limits_default, &f);
        if (json_obj(line, "expect") != NULL) {
            eval_line(j, e, line, to);
        } else {
            (void)fprintf(stderr, "munim read: %s:%lu is no JSON object with \"expect\"\n", j->eval, at);
            status = EXIT_BAD_DATA;
        }
        cJSON_Delete(line);
    }
    read_eval_print(e, to);
    read_eval_free(&e);
    free(text);
    (void)fclose(in);
    return status;
}

int cmd_read_between(int argc, char **argv, FILE *in, FILE *out)
{
    struct job j = {0};
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        (void)fputs(usage, out);
        return EXIT_OK;
    }
    int status = options(&j, argc, argv);
    if (status != EXIT_OK)
        return status;
    status = load(&j);
    if (status == EXIT_OK)
        status = j.eval != NULL ? eval_file(&j, out) : each_line(&j, in, out);
    unload(&j);
    return status;
}

int cmd_read(int argc, char **argv)
{
    return cmd_read_between(argc, argv, stdin, stdout);
}
