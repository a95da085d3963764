/* From drafts and context to lines and one intent. */
#ifndef MUNIM_READING_DECIDE_H
#define MUNIM_READING_DECIDE_H

#include "workers/reading/lines.h"

/* Fills items, clarify and intent from the drafts that speak of lines (orders.c). False when no draft does. */
bool orders_read(const struct scene *s);

/* "Only keep the silk": removes every line that is not named (rest.c). False when the message does not say so. */
bool rest_read(const struct scene *s);

/* Whether a draft is nothing but a passing word (passing.c, as the next three). */
bool draft_idle(const struct scene *s, const struct draft *d);
/* Whether it names what stays as it is, or refuses what nobody ordered. */
bool draft_passes(const struct scene *s, const struct draft *d);
/* Whether it takes what there is of a line. */
bool draft_accepts(const struct scene *s, const struct draft *d);
/* Whether its "remove" is of a part of a line. */
bool draft_takes_off(const struct scene *s, const struct draft *d);
/* Whether something else is asked for, since its line cannot be had. */
bool draft_wants_other(const struct scene *s, const struct draft *d);
/* Whether the message speaks of what it does not name ("the rest") (rest.c). */
bool rest_told(const struct scene *s);
/* Remove, accept, alternative: the line is named, nothing is counted (rest.c). */
void line_name(const struct scene *s, const struct draft *d, enum item_action action);
/* Of several lines short of stock the one of which there is so much; NULL when none or several (rest.c). */
const struct reading_cart_line *line_with_available(const struct scene *s, int64_t u);
/* "red and blue" where one colour was asked for, "50 juhu 50 bandra" where one outlet was: a line of each, and how much
 * of each is asked unless it is told (rest.c). */
bool parts_read(const struct scene *s);
/* Takes what there is of a line (rest.c). */
void line_accept(const struct scene *s, const struct reading_cart_line *line);
/* What tells the lines apart that a draft fits alike: the slot that a clerk asks for (rest.c). */
const char *line_open_slot(const struct scene *s, const struct draft *d);

/* The bare unit that was asked for (options.c). False when none was, or the message names none. */
bool unit_answered(const struct scene *s);

/* "50 pizza box": goods that the shop sells by the piece are counted by their own name (asking.c). */
void item_count(const struct scene *s, struct reading_item *it, const struct draft *d);
/* Completes a new line and puts what is open about it into clarify (asking.c). */
void item_ask(const struct scene *s, struct reading_item *it, const struct draft *d);

/* The intent of a message whose drafts spoke of no line (decide.c). */
void answer_read(const struct scene *s);

/* "milega? rate bhi": a question of stock, and in a sentence behind it one of its price (decide.c). */
bool stock_first(const struct scene *s);

/* A question about price, stock...; INTENT_UNKNOWN when the message is none (decide.c). */
enum intent question_of(const struct scene *s);

#endif
