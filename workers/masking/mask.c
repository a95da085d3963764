#include "workers/masking/mask_text.h"

#include <stdlib.h>

enum { NEAR_IFSC = 60 };

/* An account number has no check digit: without a label it is one when an IFSC stands near. */
static void accounts_near_ifsc(const struct cells *t, const struct label *labels, size_t n, struct candidates *all)
{
    size_t known = all->n;
    for (size_t k = 0; k < known; k++) {
        struct candidate c = all->list[k];
        if (c.type != MASK_IFSC)
            continue;
        size_t i = c.from > NEAR_IFSC ? c.from - NEAR_IFSC : 0;
        for (; i < t->n && i < c.to + NEAR_IFSC; i++) {
            size_t to = i;
            if (!cell_digit(t, i) || (i > 0 && cell_word(t, i - 1)))
                continue;
            while (cell_digit(t, to))
                to++;
            if (to - i >= 9 && to - i <= 18 && !cell_word(t, to) &&
                label_of(t, labels, n, i, to, MASK_BANK_ACCOUNT) != LABEL_KEEP &&
                label_of(t, labels, n, i, to, MASK_PHONE) != MASK_PHONE)
                candidate_add(all, i, to, MASK_BANK_ACCOUNT, false);
            i = to;
        }
    }
}

/* Longest first, then labelled, then the earlier. */
static int by_claim(const void *pa, const void *pb)
{
    const struct candidate *a = pa, *b = pb;
    size_t na = a->to - a->from, nb = b->to - b->from;
    if (na != nb)
        return na > nb ? -1 : 1;
    if (a->labelled != b->labelled)
        return a->labelled ? -1 : 1;
    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    return (int)a->type - (int)b->type;
}

static int by_place(const void *pa, const void *pb)
{
    const struct mask_span *a = pa, *b = pb;
    return a->at < b->at ? -1 : a->at > b->at;
}

/* Each cell is taken once. */
static size_t choose(const struct cells *t, struct candidates *all, struct mask_span **out)
{
    bool *taken = calloc(t->n + 1, sizeof *taken);
    struct mask_span *spans = malloc((all->n + 1) * sizeof *spans);
    size_t n = 0;
    if (taken == NULL || spans == NULL)
        abort();
    if (all->n > 0)
        qsort(all->list, all->n, sizeof *all->list, by_claim);
    for (size_t k = 0; k < all->n; k++) {
        const struct candidate *c = &all->list[k];
        bool free_place = true;
        for (size_t i = c->from; i < c->to && free_place; i++)
            free_place = !taken[i];
        for (size_t i = c->from; i < c->to && free_place; i++)
            taken[i] = true;
        if (free_place)
            spans[n++] =
                (struct mask_span){.at = t->at[c->from], .len = t->at[c->to] - t->at[c->from], .type = c->type};
    }
    free(taken);
    qsort(spans, n, sizeof *spans, by_place);
    if (n == 0) {
        free(spans);
        spans = NULL;
    }
    *out = spans;
    return n;
}

size_t mask_find(const struct mask_labels *l, const char *text, size_t n, struct mask_span **out)
{
    struct cells t;
    struct label *labels;
    struct candidates all = {0};
    cells_make(&t, text, n);
    size_t n_labels = labels_find(l, &t, &labels);
    find_words(&t, labels, n_labels, &all);
    find_numbers(&t, labels, n_labels, &all);
    accounts_near_ifsc(&t, labels, n_labels, &all);
    size_t found = choose(&t, &all, out);
    free(all.list);
    free(labels);
    cells_free(&t);
    return found;
}
