/* The free stock that a group of turns may touch, read in one query: whole rolls and loose pieces per dye lot, with
 * expired holds counted as free. A snapshot to plan with; the commit checks every counter again. */
#ifndef MUNIM_TURN_STOCK_READ_H
#define MUNIM_TURN_STOCK_READ_H

#include "common/pg/pg.h"
#include "workers/desk/stock.h"
#include "workers/turn/turn.h"

/* Adds the query for turns[0..n) to b; *out is filled by its answers and must live until the batch has ended. A turn's
 * own live holds are not counted as free here. */
void stock_read_add(struct pg_batch *b, struct turn *const *turns, size_t n, struct stock *out);
void stock_clear(struct stock *s);

#endif
