/* The word-list reader alone: microseconds per message over the evaluation texts.
 *   bench_reader LEXICON_DIR CATALOGUE ROUNDS FILE...     (lines of JSON with "text", and "state" where there is one)
 * prints {"texts","us_per_message","p50_us","p99_us","most_us","read","heap_grew","resident_grew"}: a text's time is
 * the least of its rounds; the heap's and the resident set's growth in bytes is that from the end of the first round to
 * the end of the last, over `read` messages. */
#include "common/base/json.h"
#include "workers/reading/catalogue_file.h"
#include "workers/reading/reader.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MOST = 1 << 20, TEXTS_MOST = 100000 };

struct sample {
    char *text, *state;
    double least_us;
};

static struct sample samples[TEXTS_MOST];
static size_t n_samples;

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void take_file(const char *path)
{
    static char line[LINE_MOST];
    FILE *in = fopen(path, "r");
    if (in == NULL) {
        perror(path);
        exit(1);
    }
    while (fgets(line, sizeof line, in) != NULL && n_samples < TEXTS_MOST) {
        cJSON *o = json_parse(line, strcspn(line, "\n"), &json_limits_default, NULL);
        const char *text = json_str(o, "text"), *state = json_str(o, "state");
        if (text != NULL)
            samples[n_samples++] = (struct sample){strdup(text), strdup(state != NULL ? state : ""), 1e12};
        cJSON_Delete(o);
    }
    (void)fclose(in);
}

static void read_all(const struct shopwords *words)
{
    static struct reading reading;
    for (size_t i = 0; i < n_samples; i++) {
        struct sample *s = &samples[i];
        const struct reading_context ctx = {.state = s->state, .pending_slot = ""};
        double began = now_us();
        read_words(words, s->text, strlen(s->text), &ctx, &reading);
        double spent = now_us() - began;
        if (spent < s->least_us)
            s->least_us = spent;
    }
}

static int by_time(const void *a, const void *b)
{
    double x = ((const struct sample *)a)->least_us, y = ((const struct sample *)b)->least_us;
    return (x > y) - (x < y);
}

struct memory {
    size_t heap, resident;
};

static struct memory memory_now(void)
{
    struct memory m = {.heap = mallinfo2().uordblks};
    size_t pages = 0;
    FILE *statm = fopen("/proc/self/statm", "r");
    if (statm != NULL && fscanf(statm, "%*u %zu", &pages) == 1)
        m.resident = pages * (size_t)sysconf(_SC_PAGESIZE);
    if (statm != NULL)
        (void)fclose(statm);
    return m;
}

static void tell(const struct memory *first, const struct memory *last, size_t rounds)
{
    double sum = 0;
    for (size_t i = 0; i < n_samples; i++)
        sum += samples[i].least_us;
    qsort(samples, n_samples, sizeof *samples, by_time);
    (void)printf("{\"texts\":%zu,\"us_per_message\":%.2f,\"p50_us\":%.2f,\"p99_us\":%.2f,\"most_us\":%.2f,"
                 "\"read\":%zu,\"heap_grew\":%zd,\"resident_grew\":%zd}\n",
                 n_samples, sum / (double)n_samples, samples[n_samples / 2].least_us,
                 samples[n_samples * 99 / 100].least_us, samples[n_samples - 1].least_us, rounds * n_samples,
                 (ssize_t)(last->heap - first->heap), (ssize_t)(last->resident - first->resident));
}

int main(int argc, char **argv)
{
    struct fault f;
    if (argc < 5) {
        (void)fprintf(stderr, "usage: bench_reader LEXICON_DIR CATALOGUE ROUNDS FILE...\n");
        return 64;
    }
    struct lexicon *lexicon = lexicon_new(argv[1], &f);
    FILE *in = fopen(argv[2], "r");
    struct catalogue_file *goods = in != NULL ? catalogue_file_new(in, argv[2], &f) : NULL;
    if (lexicon == NULL || goods == NULL) {
        (void)fprintf(stderr, "bench_reader: the lexicon or the catalogue cannot be read\n");
        return 1;
    }
    (void)fclose(in);
    for (int i = 4; i < argc; i++)
        take_file(argv[i]);
    if (n_samples == 0) {
        (void)fprintf(stderr, "bench_reader: no texts\n");
        return 1;
    }
    struct shopwords *words = shopwords_new(lexicon, goods->entries, goods->n_entries, goods->words, goods->n_words);
    size_t rounds = (size_t)atoi(argv[3]);
    read_all(words);
    struct memory first = memory_now();
    for (size_t round = 1; round < rounds; round++)
        read_all(words);
    struct memory last = memory_now();
    tell(&first, &last, rounds);
    shopwords_free(&words);
    catalogue_file_free(&goods);
    lexicon_free(&lexicon);
    return 0;
}
