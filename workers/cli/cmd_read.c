#include "workers/cli/cmd_read.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "workers/cli/read_eval.h"
#include "workers/cli/read_lines.h"
#include "workers/reading/catalogue_file.h"
#include "workers/reading/reading_json.h"

enum { EXIT_OK = 0, EXIT_ERROR = 1, EXIT_WRONG_USE = 2, EXIT_BAD_DATA = 65 };
enum { TEXTS_AT_ONCE = 16 };

static const char usage[] =
    "usage: munim read [--catalogue FILE] [--reader words|model|both] [--state STATE] [--context FILE] < lines\n"
    "       munim read [--catalogue FILE] [--reader words|model|both] --eval FILE [--differences]\n"
    "Each line is {\"id\",\"state\",\"domain\",\"text\",\"context\"}; munim-read(1) tells the rest.\n";

/* The options, and what they name once it is loaded. */
struct job {
    const char *catalogue, *state, *context, *eval;
    bool differences;
    bool model_wanted, fallback;
    struct settings *settings; /* of the model; NULL without one */
    struct event_base *base;
    struct model *model;
    struct catalogue_file *goods;
    cJSON *default_context;
    struct lexicon *lexicon;
    struct shopwords *words;
};

/* "words" needs no settings, and a broken settings file does not stop it. */
static int choose_reader(struct job *j, const char *name)
{
    bool both = strcmp(name, "both") == 0, model = strcmp(name, "model") == 0;
    if (!both && !model && strcmp(name, "words") != 0) {
        (void)fprintf(stderr, "munim read: there is no reader \"%s\": words, model or both\n", name);
        return EXIT_WRONG_USE;
    }
    j->model_wanted = both || model;
    j->fallback = both;
    return EXIT_OK;
}

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
        else if (o == 'r') {
            if (choose_reader(j, optarg) != EXIT_OK)
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
    if (!j->model_wanted)
        return EXIT_OK;
    j->base = event_base_new();
    if (j->base == NULL)
        abort();
    j->model = model_new(j->base, j->settings, dir, &f);
    return j->model != NULL ? EXIT_OK : complain(&f, EXIT_WRONG_USE);
}

static void unload(struct job *j)
{
    model_free(&j->model);
    if (j->base != NULL)
        event_base_free(j->base);
    settings_free(&j->settings);
    shopwords_free(&j->words);
    lexicon_free(&j->lexicon);
    catalogue_file_free(&j->goods);
    cJSON_Delete(j->default_context);
}

struct output {
    FILE *to;
    bool at_once; /* an answer that took a second is not kept back in a buffer */
};

/* Puts the line's id, whatever it is, first. */
static void put_answer(void *arg, const cJSON *line, const cJSON *answer)
{
    const struct output *o = arg;
    FILE *to = o->to;
    cJSON *out = cJSON_Duplicate(answer, 1);
    const cJSON *id = line != NULL ? json_get(line, "id") : NULL;
    cJSON *copy = id != NULL ? cJSON_Duplicate(id, 1) : cJSON_CreateNull();
    cJSON *whole = cJSON_CreateObject();
    if (out == NULL || copy == NULL || whole == NULL || !cJSON_AddItemToObject(whole, "id", copy))
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
    if (o->at_once)
        (void)fflush(to);
}

/* A program that writes a line and waits for its answer must get it: only a file is read ahead. */
static size_t window_for(FILE *in)
{
    struct stat st;
    int fd = fileno(in);
    return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? TEXTS_AT_ONCE : 1;
}

static struct read_lines *lines_new(const struct job *j, FILE *in, read_answer_fn *on_answer, void *arg)
{
    const struct read_setup setup = {.words = j->words,
                                     .base = j->base,
                                     .model = j->model,
                                     .fallback = j->fallback,
                                     .window = j->model != NULL ? window_for(in) : 1,
                                     .state = j->state,
                                     .context = j->default_context,
                                     .on_answer = on_answer,
                                     .arg = arg};
    return read_lines_new(&setup);
}

static int each_line(const struct job *j, FILE *in, FILE *to)
{
    char *text = NULL;
    size_t room = 0;
    ssize_t n;
    int status = EXIT_OK;
    struct output o = {.to = to, .at_once = j->model != NULL};
    struct read_lines *lines = lines_new(j, in, put_answer, &o);
    while ((n = getline(&text, &room, in)) >= 0) {
        struct fault f = {.text = "the line is JSON but no object"};
        size_t len = (size_t)n - (n > 0 && text[n - 1] == '\n' ? 1 : 0);
        cJSON *line = json_parse(text, len, &json_limits_default, &f);
        if (!cJSON_IsObject(line)) {
            cJSON_Delete(line);
            line = NULL;
            status = EXIT_BAD_DATA;
        }
        read_lines_put(lines, line, &f);
    }
    read_lines_end(&lines);
    free(text);
    return fflush(to) == 0 && !ferror(in) ? status : EXIT_ERROR;
}

struct evaluation {
    const struct job *j;
    struct read_eval *e;
    FILE *to;
};

/* One line of a file with expectations. */
static void eval_answer(void *arg, const cJSON *line, const cJSON *answer)
{
    const struct evaluation *v = arg;
    char *text = json_text(answer); /* numbers are raw until printed */
    cJSON *got = cJSON_Parse(text);
    if (!read_eval_add(v->e, line, got) && v->j->differences) {
        char *want = cJSON_PrintUnformatted(json_obj(line, "expect"));
        const char *said = json_str(line, "text");
        (void)fprintf(v->to, "%s\n  want %s\n  got  %s\n", said != NULL ? said : "", want != NULL ? want : "nothing",
                      text);
        cJSON_free(want);
    }
    cJSON_Delete(got);
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
    struct evaluation v = {.j = j, .e = read_eval_new(), .to = to};
    struct read_lines *lines = lines_new(j, in, eval_answer, &v);
    while ((n = getline(&text, &room, in)) >= 0) {
        at++;
        cJSON *line = json_parse(text, (size_t)n, &json_limits_default, &f);
        if (json_obj(line, "expect") != NULL) {
            read_lines_put(lines, line, &f);
            continue;
        }
        (void)fprintf(stderr, "munim read: %s:%lu is no JSON object with \"expect\"\n", j->eval, at);
        status = EXIT_BAD_DATA;
        cJSON_Delete(line);
    }
    read_lines_end(&lines);
    read_eval_print(v.e, to);
    read_eval_free(&v.e);
    free(text);
    (void)fclose(in);
    return status;
}

/* The settings' own flags are taken out before the options are read. */
static int settings_for_model(struct job *j, int *argc, char **argv)
{
    struct fault f;
    bool wanted = false;
    for (int i = 1; i < *argc; i++) {
        const char *name = strncmp(argv[i], "--reader=", 9) == 0               ? argv[i] + 9
                           : strcmp(argv[i], "--reader") == 0 && i + 1 < *argc ? argv[i + 1]
                                                                               : "";
        wanted = wanted || strcmp(name, "model") == 0 || strcmp(name, "both") == 0;
    }
    if (!wanted)
        return EXIT_OK;
    j->settings = settings_new(argc, argv, &f);
    return j->settings != NULL ? EXIT_OK : complain(&f, EXIT_WRONG_USE);
}

int cmd_read_between(int argc, char **argv, FILE *in, FILE *out)
{
    struct job j = {0};
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        (void)fputs(usage, out);
        return EXIT_OK;
    }
    int status = settings_for_model(&j, &argc, argv);
    if (status == EXIT_OK)
        status = options(&j, argc, argv);
    if (status == EXIT_OK)
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
