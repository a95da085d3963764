#include "workers/desk/stock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A loose end shorter than this sells badly: another piece is preferred where there is one. */
static const int64_t LEAST_REMNANT_UM = 3000000;

static int64_t largest_piece(const struct stock_batch *b)
{
    int64_t most = 0;
    for (size_t i = 0; i < b->n_pieces; i++)
        if (b->pieces[i].free_um > most)
            most = b->pieces[i].free_um;
    return most;
}

static int64_t whole_rolls(const struct stock_batch *b, int64_t wanted_um)
{
    if (b->roll_um <= 0)
        return 0;
    int64_t fit = wanted_um / b->roll_um;
    return fit < b->rolls_free ? fit : b->rolls_free;
}

/* The largest length up to wanted_um that the lot gives: whole rolls, then one piece or one cut roll. Taking fewer
 * whole rolls never helps, because the rest must then come from a longer piece. */
static int64_t lot_gives(const struct stock_batch *b, int64_t wanted_um)
{
    int64_t rolls = whole_rolls(b, wanted_um);
    int64_t rest = wanted_um - rolls * b->roll_um;
    if (rest == 0 || (b->roll_um > 0 && rolls < b->rolls_free))
        return wanted_um;
    int64_t piece = largest_piece(b);
    return wanted_um - rest + (piece < rest ? piece : rest);
}

/* How good a piece is for a length: 3 exact, 2 leaves a sellable remnant, 1 leaves a useless end, 0 too short. */
static int piece_rank(const struct stock_piece *p, int64_t length_um)
{
    if (p->free_um < length_um)
        return 0;
    if (p->free_um == length_um)
        return 3;
    return p->free_um - length_um >= LEAST_REMNANT_UM ? 2 : 1;
}

static const struct stock_piece *best_piece(const struct stock_batch *b, int64_t length_um)
{
    const struct stock_piece *best = NULL;
    int best_rank = 0;
    for (size_t i = 0; i < b->n_pieces; i++) {
        const struct stock_piece *p = &b->pieces[i];
        int rank = piece_rank(p, length_um);
        if (rank > best_rank || (rank > 0 && rank == best_rank && p->free_um < best->free_um)) {
            best = p;
            best_rank = rank;
        }
    }
    return best;
}

static void take(struct allocation *out, const char *piece_id, int rolls, int64_t length_um)
{
    struct stock_take *t = &out->takes[out->n_takes++];
    (void)snprintf(t->piece_id, sizeof t->piece_id, "%s", piece_id);
    t->rolls = rolls;
    t->length_um = length_um;
    out->length_um += length_um;
}

/* length_um is what lot_gives answered, so every step finds what it looks for. */
static void take_from(const struct stock_batch *b, int64_t length_um, struct allocation *out)
{
    (void)snprintf(out->batch_id, sizeof out->batch_id, "%s", b->batch_id);
    (void)snprintf(out->dye_lot, sizeof out->dye_lot, "%s", b->dye_lot);
    int64_t rolls = whole_rolls(b, length_um);
    int64_t rest = length_um - rolls * b->roll_um;
    if (rolls > 0)
        take(out, "", (int)rolls, rolls * b->roll_um);
    if (rest == 0)
        return;
    const struct stock_piece *piece = best_piece(b, rest);
    if (piece != NULL)
        take(out, piece->piece_id, 0, rest);
    else
        take(out, "", 1, rest);
}

enum stock_status stock_allocate(const struct stock *s, const char *variant_id, int64_t wanted_um,
                                 struct allocation *out)
{
    memset(out, 0, sizeof *out);
    const struct stock_batch *best = NULL;
    int64_t most = 0;
    for (size_t i = 0; s != NULL && wanted_um > 0 && i < s->n_batches && most < wanted_um; i++) {
        const struct stock_batch *b = &s->batches[i];
        if (strcmp(b->variant_id, variant_id) != 0)
            continue;
        int64_t gives = lot_gives(b, wanted_um);
        if (gives > most) {
            best = b;
            most = gives;
        }
    }
    if (best == NULL)
        return STOCK_OUT;
    take_from(best, most, out);
    return most == wanted_um ? STOCK_FULL : STOCK_PARTIAL;
}

void stock_take_off(struct stock *s, const struct allocation *a)
{
    for (size_t i = 0; i < s->n_batches; i++) {
        struct stock_batch *b = &s->batches[i];
        if (a->n_takes == 0 || strcmp(b->batch_id, a->batch_id) != 0)
            continue;
        for (size_t t = 0; t < a->n_takes; t++) {
            b->rolls_free -= a->takes[t].rolls;
            for (size_t p = 0; a->takes[t].rolls == 0 && p < b->n_pieces; p++)
                if (strcmp(b->pieces[p].piece_id, a->takes[t].piece_id) == 0)
                    b->pieces[p].free_um -= a->takes[t].length_um;
        }
    }
}

int64_t stock_roll_length(const struct stock *s, const char *variant_id)
{
    int64_t length = -1;
    for (size_t i = 0; s != NULL && i < s->n_batches; i++) {
        const struct stock_batch *b = &s->batches[i];
        if (strcmp(b->variant_id, variant_id) != 0)
            continue;
        if (length >= 0 && b->roll_um != length)
            return -1;
        length = b->roll_um;
    }
    return length;
}

struct stock *stock_clone(const struct stock *s)
{
    struct stock *copy = calloc(1, sizeof *copy);
    if (copy == NULL)
        abort();
    if (s == NULL || s->n_batches == 0)
        return copy;
    copy->batches = calloc(s->n_batches, sizeof *copy->batches);
    if (copy->batches == NULL)
        abort();
    copy->n_batches = s->n_batches;
    for (size_t i = 0; i < s->n_batches; i++) {
        struct stock_batch *b = &copy->batches[i];
        *b = s->batches[i];
        b->pieces = NULL;
        if (b->n_pieces == 0)
            continue;
        b->pieces = calloc(b->n_pieces, sizeof *b->pieces);
        if (b->pieces == NULL)
            abort();
        memcpy(b->pieces, s->batches[i].pieces, b->n_pieces * sizeof *b->pieces);
    }
    return copy;
}

void stock_free(struct stock **s)
{
    if (*s == NULL)
        return;
    for (size_t i = 0; i < (*s)->n_batches; i++)
        free((*s)->batches[i].pieces);
    free((*s)->batches);
    free(*s);
    *s = NULL;
}
